//! Runs the binary under test, in a home of its own, against the local web.

use std::{
    ffi::OsString,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use super::web::Web;

/// A run that takes longer than this is stopped and fails its test: nothing may hang.
const PATIENCE: Duration = Duration::from_mins(3);

/// The binary with the surroundings in which tests run it: an empty home, the local web's flags, no delays.
///
/// The path comes from the test, because only the test's own crate knows it:
/// `Riscontro::new(env!("CARGO_BIN_EXE_riscontro"), &web)`.
#[derive(Debug)]
pub struct Riscontro {
    binary: PathBuf,
    home: TempDir,
    network: Vec<String>,
    environment: Vec<(String, String)>,
    patience: Duration,
}

/// How one run ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit status.
    pub status: ExitStatus,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Riscontro {
    /// The binary against a local web, without delays between requests, and without a browser whether there is one or not.
    pub fn new(binary: impl Into<PathBuf>, web: &Web) -> Self {
        Self::drawing(binary, web).flag(&["--no-render"])
    }

    /// The same with a browser, for tests that need one.
    pub fn drawing(binary: impl Into<PathBuf>, web: &Web) -> Self {
        let pace = ["--delay", "0", "--address-delay", "0", "--contact", "test@example.org"];
        let mut network = web.flags();
        network.extend(pace.map(str::to_owned));
        Self::bare(binary).network(network)
    }

    /// The binary alone: an empty home and no network flags.
    pub fn bare(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            home: tempfile::Builder::new().prefix("riscontro-home-").tempdir().unwrap(),
            network: Vec::new(),
            environment: Vec::new(),
            patience: PATIENCE,
        }
    }

    /// Other network flags instead of those of [`Self::new`].
    pub fn network(mut self, flags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.network = flags.into_iter().map(Into::into).collect();
        self
    }

    /// One more flag for every networked command.
    pub fn flag(mut self, flags: &[&str]) -> Self {
        self.network.extend(flags.iter().map(|&flag| flag.to_owned()));
        self
    }

    /// One more variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A shorter or longer patience than three minutes.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The home of this binary, empty at first; databases and files of a test may lie here.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A path inside the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    /// The `--db` value of a database file inside the home.
    pub fn database(&self, name: &str) -> String {
        format!("sqlite://{}", self.path(name).display())
    }

    /// The network flags, as they are given.
    pub fn network_flags(&self) -> &[String] {
        &self.network
    }

    /// Runs a command that visits sites: `arguments`, then the network flags.
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Ended {
        self.finish(self.spawn(arguments))
    }

    /// Runs a command that needs no network.
    pub fn local<S: AsRef<str>>(&self, arguments: &[S]) -> Ended {
        self.finish(self.start(&owned(arguments), None))
    }

    /// Runs a command that needs no network, with this on its standard input.
    pub fn local_with_input<S: AsRef<str>>(&self, arguments: &[S], input: &[u8]) -> Ended {
        self.finish(self.start(&owned(arguments), Some(input)))
    }

    /// Starts a networked command and comes back at once, for tests that interrupt it.
    pub fn spawn<S: AsRef<str>>(&self, arguments: &[S]) -> Running {
        let mut all = owned(arguments);
        all.extend(self.network.iter().cloned());
        self.start(&all, None)
    }

    /// `check --format json` on these sites, parsed: one object for each site.
    pub fn check_json(&self, sites: &[&str]) -> Vec<Value> {
        let mut arguments = vec!["check"];
        arguments.extend(sites);
        arguments.extend(["--format", "json"]);
        self.run(&arguments).json_lines()
    }

    fn start(&self, arguments: &[String], input: Option<&[u8]>) -> Running {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments.iter().map(OsString::from))
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.home())
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("TMPDIR", self.home())
            .env("LANG", "it_IT.UTF-8")
            .env("NO_COLOR", "1")
            .env("RUST_BACKTRACE", "1")
            .envs(self.environment.iter().cloned())
            .current_dir(self.home())
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("cannot start {}: {error}", self.binary.display()));
        if let Some(input) = input {
            // A child that does not read its input closes the pipe: that is its own business.
            let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input);
        }
        let stdout = read_all(child.stdout.take().unwrap());
        let stderr = read_all(child.stderr.take().unwrap());
        Running { child, stdout, stderr, started, line: shell_line(&self.binary, arguments) }
    }

    fn finish(&self, running: Running) -> Ended {
        running.wait(self.patience)
    }
}

fn owned<S: AsRef<str>>(arguments: &[S]) -> Vec<String> {
    arguments.iter().map(|argument| argument.as_ref().to_owned()).collect()
}

fn read_all(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A command that is still running.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    started: Instant,
    line: String,
}

impl Running {
    /// Its process number, for signals.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it the hard way (SIGKILL): what a power cut looks like from inside.
    pub fn kill(mut self) -> Ended {
        let _ = self.child.kill();
        self.wait(Duration::from_secs(10))
    }

    /// True once it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Waits for its end; one that takes longer than `patience` is stopped and fails the test.
    pub fn wait(mut self, patience: Duration) -> Ended {
        let deadline = Instant::now() + patience;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                let (stdout, stderr) = (self.stdout.join().unwrap(), self.stderr.join().unwrap());
                panic!("still running after {patience:?}: {}\n{stdout}\n{stderr}", self.line);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let took = self.started.elapsed();
        Ended { status, stdout: self.stdout.join().unwrap(), stderr: self.stderr.join().unwrap(), took }
    }
}

impl Ended {
    /// The exit code; `None` when a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    /// Standard output as one JSON value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("not JSON ({error}): {line}\n{self}"))
        };
        self.stdout.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
    }

    /// Fails with the whole output when the exit code is another.
    #[track_caller]
    pub fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code(), Some(code), "{self}");
        self
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

/// The outcome and reason of one platform in a site object of `check --format json`.
pub fn finding<'a>(site: &'a Value, platform: &str) -> Option<(&'a str, &'a str)> {
    let finding = site["findings"].as_array()?.iter().find(|finding| finding["platform"] == platform)?;
    Some((finding["outcome"].as_str()?, finding["reason"].as_str().unwrap_or_default()))
}

/// A command as a person would type it.
pub fn shell_line<S: AsRef<str>>(binary: &Path, arguments: &[S]) -> String {
    let name = binary.file_name().unwrap_or(binary.as_os_str()).to_string_lossy();
    let quote = |argument: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            argument.to_owned()
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    };
    std::iter::once(name.into_owned())
        .chain(arguments.iter().map(|argument| quote(argument.as_ref())))
        .collect::<Vec<_>>()
        .join(" ")
}
