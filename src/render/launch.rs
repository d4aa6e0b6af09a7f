//! The browser as a process: how it is started, how it ends.

use std::{os::unix::fs as unix, path::Path, process::Stdio, time::Duration};

use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use super::{Fault, program::is_program};

/// Time that a browser may take to start.
const START: Duration = Duration::from_secs(20);

/// The user that a browser started by root runs as: it reads pages from strangers, and Chromium refuses to run its
/// sandbox as root.
const NOBODY: u32 = 65_534;

/// A running browser and its profile. Dropping it kills the process and removes the profile.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Address of its debugging socket, `ws://127.0.0.1:PORT/devtools/browser/...`.
    pub(super) socket: String,
    /// Chromium's own sandbox is on.
    pub(super) sandbox: bool,
    /// The profile folder; goes with the process.
    _profile: tempfile::TempDir,
}

impl Process {
    /// Starts the browser; without its sandbox where the system does not allow one (some containers), said in
    /// [`Process::sandbox`].
    pub(super) async fn start(program: &Path) -> Result<Self, Fault> {
        match Self::attempt(program, true).await {
            Ok(process) => Ok(process),
            Err(first) => Self::attempt(program, false).await.map_err(|_| first),
        }
    }

    async fn attempt(program: &Path, sandbox: bool) -> Result<Self, Fault> {
        let fault = |what: &str, error: std::io::Error| Fault::Start(format!("{what}: {error}"));
        let profile =
            tempfile::Builder::new().prefix("riscontro-browser-").tempdir().map_err(|e| fault("profile", e))?;
        let root = is_root();
        let setpriv = Path::new("/usr/bin/setpriv");
        let wrapped = is_program(setpriv);
        let mut command = if wrapped {
            let mut command = Command::new(setpriv);
            // The browser dies with us, however we die.
            command.args(["--pdeathsig", "KILL", "--no-new-privs"]);
            if root {
                let nobody = NOBODY.to_string();
                command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
                unix::chown(profile.path(), Some(NOBODY), Some(NOBODY)).map_err(|e| fault("profile", e))?;
            }
            command.arg("--").arg(program);
            command
        } else {
            Command::new(program)
        };
        // As root, and without a way to become somebody else, Chromium refuses to start with its sandbox.
        let sandbox = sandbox && (wrapped || !root);
        command.args(arguments(profile.path()));
        if !sandbox {
            command.arg("--no-sandbox");
        }
        command
            .arg("about:blank")
            .env_clear()
            .env("HOME", profile.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "it_IT.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .process_group(0);
        let mut child = command.spawn().map_err(|e| fault("start", e))?;
        let socket = socket(profile.path(), &mut child).await?;
        Ok(Self { child, socket, sandbox, _profile: profile })
    }

    /// Process id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// True while the process runs.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it without waiting.
    pub(super) fn stop(&mut self) {
        let _ = self.child.start_kill();
    }

    /// Kills it and waits until it is gone, at most five seconds.
    pub(super) async fn kill(&mut self) {
        self.stop();
        let _ = timeout(Duration::from_secs(5), self.child.wait()).await;
    }
}

/// Waits until the browser has written the address of its socket into its profile.
async fn socket(profile: &Path, child: &mut Child) -> Result<String, Fault> {
    let file = profile.join("DevToolsActivePort");
    let end = Instant::now() + START;
    while Instant::now() < end {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(Fault::Start(status.to_string()));
        }
        if let Ok(text) = tokio::fs::read_to_string(&file).await
            && let Some((port, path)) = text.split_once('\n')
            && let (Ok(port), path) = (port.trim().parse::<u16>(), path.trim())
            && path.starts_with('/')
        {
            return Ok(format!("ws://127.0.0.1:{port}{path}"));
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(Fault::Start("no debugging socket within its time".to_owned()))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// What the browser is started with. No argument is taken from a page.
fn arguments(profile: &Path) -> Vec<String> {
    /// Parts of the browser that talk to somebody, or that make a second process for a frame, whose requests would not
    /// pass through the page's interception.
    const OFF: &str = "AutofillServerCommunication,BackForwardCache,CertificateTransparencyComponentUpdater,\
        DialMediaRouteProvider,InterestFeedContentSuggestions,IsolateOrigins,MediaRouter,NetworkPrediction,\
        OptimizationHints,Prerender2,SpareRendererForSitePerProcess,Translate,site-per-process";
    const PLAIN: &[&str] = &[
        "--headless=new",
        "--remote-debugging-port=0",
        // The second wall. Nothing resolves, address literals included, and the proxy's name never will (RFC 6761).
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--proxy-server=http://closed.invalid:9",
        "--proxy-bypass-list=<-loopback>",
        // WebRTC knows neither: without a proxied way it stays silent. (Its interface is taken away besides.)
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--no-pings",
        "--dns-prefetch-disable",
        // The browser's own talk.
        "--disable-background-networking",
        "--disable-breakpad",
        "--disable-client-side-phishing-detection",
        "--disable-component-extensions-with-background-pages",
        "--disable-component-update",
        "--disable-crash-reporter",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-extensions",
        "--disable-sync",
        "--metrics-recording-only",
        "--no-default-browser-check",
        "--no-first-run",
        "--no-service-autorun",
        "--password-store=basic",
        // What a page may not do.
        "--block-new-web-contents",
        "--deny-permission-prompts",
        "--disable-notifications",
        "--disable-speech-api",
        "--mute-audio",
        "--disable-site-isolation-trials",
        "--renderer-process-limit=4",
        "--js-flags=--max-old-space-size=256",
        // No screen, little shared memory.
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--lang=it-IT",
        "--accept-lang=it-IT,it",
        "--window-size=1280,1024",
    ];
    let mut arguments: Vec<String> = PLAIN.iter().map(|&plain| plain.to_owned()).collect();
    arguments.push(format!("--disable-features={OFF}"));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}
