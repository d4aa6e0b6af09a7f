//! A browser of the test's own, driven over its debugging socket: what a page does in it is counted.
//!
//! Nothing of the product is in between, and nothing leaves it: every request is stopped and written down.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide::{
    Connection,
    types::{CallId, CdpJsonEventMessage, Message},
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::{runtime::Runtime, time::timeout};

/// Where pages seem to be.
const PLACE: &str = "http://rapporto.invalid/";
/// What scripts of payloads call.
const CANARY: &str = "colpito";
/// By which it is told.
const BINDING: &str = "riscontroColpito";
/// A browser that is well answers sooner.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a page did, or tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Did {
    /// Dialogs opened.
    pub dialogs: usize,
    /// Scripts that ran, as far as they told.
    pub runs: usize,
    /// Addresses asked for, that of the page itself aside; those to which it would have gone marked with `→`.
    pub requests: Vec<String>,
    /// Frames within the page.
    pub frames: usize,
}

impl Did {
    /// Nothing at all.
    pub fn nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The browser with one page.
#[allow(missing_debug_implementations, reason = "holds a connection")]
pub struct Browser {
    runtime: Runtime,
    connection: Connection<CdpJsonEventMessage>,
    child: Child,
    _profile: tempfile::TempDir,
    /// What is answered next.
    given: Option<String>,
    loaded: bool,
    did: Did,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Starts it.
    pub fn start() -> Self {
        let profile = tempfile::Builder::new().prefix("riscontro-look-").tempdir().unwrap();
        let child = Command::new("chromium")
            .args([
                "--headless=new",
                "--remote-debugging-port=0",
                "--no-sandbox",
                "--no-first-run",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--disable-sync",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--proxy-server=http://closed.invalid:9",
                "--proxy-bypass-list=<-loopback>",
                // Frames of other origins stay in the page's own process, where their requests are seen.
                "--disable-features=IsolateOrigins,site-per-process,Translate",
                "--disable-site-isolation-trials",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let until = Instant::now() + PATIENCE;
        let (port, path) = loop {
            let told = fs::read_to_string(profile.path().join("DevToolsActivePort")).unwrap_or_default();
            if let Some((port, path)) = told.split_once('\n').filter(|(_, path)| !path.is_empty()) {
                break (port.to_owned(), path.trim().to_owned());
            }
            assert!(Instant::now() < until, "the browser does not start");
            std::thread::sleep(Duration::from_millis(20));
        };
        let connect = |socket: String| runtime.block_on(Connection::connect(socket)).unwrap();
        let connection = connect(format!("ws://127.0.0.1:{port}{path}"));
        let mut browser =
            Self { runtime, connection, child, _profile: profile, given: None, loaded: false, did: Did::default() };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let page = format!("ws://127.0.0.1:{port}/devtools/page/{}", target["targetId"].as_str().unwrap());
        browser.connection = browser.runtime.block_on(Connection::connect(page)).unwrap();
        browser.call("Fetch.enable", json!({"patterns": [{"urlPattern": "*"}]}));
        browser.call("Page.enable", json!({}));
        browser.call("Runtime.enable", json!({}));
        browser.call("Runtime.addBinding", json!({"name": BINDING}));
        // In every frame, before any script of it.
        let canary = format!("globalThis.{CANARY} = () => {BINDING}('')");
        browser.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": canary}));
        browser
    }

    /// As wide as this, in pixels of the style sheet.
    pub fn width(&mut self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Whether the policy that a page has for itself holds.
    pub fn policy(&mut self, holds: bool) {
        self.call("Page.setBypassCSP", json!({"enabled": !holds}));
    }

    /// Opens a page and waits until it has loaded.
    pub fn open(&mut self, html: &str) {
        self.given = Some(html.to_owned());
        self.loaded = false;
        self.did = Did::default();
        self.call("Page.navigate", json!({"url": PLACE}));
        while !self.loaded {
            self.next(None);
        }
    }

    /// What the page has done since it was opened: what begins a moment after loading, too.
    pub fn did(&mut self) -> Did {
        if self.did.nothing() {
            self.evaluate("new Promise(done => setTimeout(done, 15))");
        }
        self.did.clone()
    }

    /// What an expression comes to in the page, promises waited for. The page's policy does not hold for it.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        // A page that goes elsewhere in the middle is asked again where it is then.
        for _ in 0..10 {
            match self.ask("Runtime.evaluate", asked.clone()) {
                Ok(answer) => {
                    assert_eq!(answer.get("exceptionDetails"), None, "{expression:.200}");
                    return answer["result"]["value"].clone();
                }
                Err(why) => assert!(why.contains("navigated") || why.contains("context"), "{why}"),
            }
        }
        panic!("the page does not stay where it is");
    }

    /// What the page looks like, whole, as PNG.
    pub fn picture(&mut self) -> Vec<u8> {
        let taken = self.call("Page.captureScreenshot", json!({"captureBeyondViewport": true}));
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// Sends a command and waits for its answer.
    fn call(&mut self, method: &'static str, parameters: Value) -> Value {
        self.ask(method, parameters).unwrap_or_else(|why| panic!("{method}: {why}"))
    }

    /// The same where the answer may be that it cannot be done.
    fn ask(&mut self, method: &'static str, parameters: Value) -> Result<Value, String> {
        let id = self.send(method, parameters);
        loop {
            if let Some(answer) = self.next(Some(id)) {
                return answer;
            }
        }
    }

    fn send(&mut self, method: &'static str, parameters: Value) -> CallId {
        self.connection.submit_command(method.into(), None, parameters).unwrap()
    }

    /// Takes in one message; the answer that is waited for is given back.
    fn next(&mut self, waited: Option<CallId>) -> Option<Result<Value, String>> {
        let Self { runtime, connection, .. } = self;
        let message =
            runtime.block_on(async { timeout(PATIENCE, connection.next()).await }).expect("the browser is silent");
        match message.expect("the browser is gone") {
            Ok(Message::Response(answer)) => {
                if waited == Some(answer.id) {
                    let done = answer.error.map_or(Ok(()), |error| Err(error.message));
                    return Some(done.map(|()| answer.result.unwrap_or_default()));
                }
                None
            }
            Ok(Message::Event(event)) => {
                self.event(&event.method, &event.params);
                None
            }
            Err(_) => None,
        }
    }

    fn event(&mut self, name: &str, said: &Value) {
        match name {
            "Fetch.requestPaused" => self.asked(said),
            // Of the page that was given, not of where the one before it went in the end.
            "Page.loadEventFired" => self.loaded = self.given.is_none(),
            "Page.javascriptDialogOpening" => {
                self.did.dialogs += 1;
                self.send("Page.handleJavaScriptDialog", json!({"accept": false}));
            }
            "Runtime.bindingCalled" => self.did.runs += 1,
            "Page.frameAttached" => self.did.frames += 1,
            _ => {}
        }
    }

    fn asked(&mut self, said: &Value) {
        let (id, url) = (&said["requestId"], said["request"]["url"].as_str().unwrap_or_default());
        if url == PLACE
            && let Some(given) = self.given.take()
        {
            let headers = json!([{"name": "content-type", "value": "text/html; charset=utf-8"}]);
            let answer = json!({"requestId": id, "responseCode": 200, "responseHeaders": headers, "body": STANDARD.encode(given)});
            self.send("Fetch.fulfillRequest", answer);
            return;
        }
        // The browser asks for an icon by itself.
        if url != format!("{PLACE}favicon.ico") {
            let goes = said["resourceType"] == "Document";
            self.did.requests.push(format!("{}{url}", if goes { "→ " } else { "" }));
        }
        self.send("Fetch.failRequest", json!({"requestId": id, "errorReason": "BlockedByClient"}));
    }
}

/// What of a page is none of what our templates write, and the text that a reader finds in it. A script; gives
/// `{strange, text}`.
pub const SCAN: &str = r"(() => {
  const tags = new Set('html head meta title style body header main section nav footer h1 h2 h3 p ul ol li a table caption thead tbody tr th td div svg g text rect br span strong figure img figcaption'.split(' '));
  const names = new Set('class id scope href rel role tabindex aria-label aria-labelledby lang charset content name http-equiv xmlns viewBox transform font-size fill x y width height text-anchor src alt'.split(' '));
  const strange = [];
  let said = '';
  const count = {};
  for (const one of document.querySelectorAll('*')) {
    const tag = one.localName;
    count[tag] = (count[tag] || 0) + 1;
    if (!tags.has(tag)) strange.push('<' + tag + '>');
    for (const { name, value } of one.attributes) {
      if (!names.has(name)) strange.push(tag + '[' + name + ']');
      said += ' ' + value;
    }
    if (one.hasAttribute('href')) {
      const href = one.getAttribute('href');
      if (!(tag === 'a' && (href.startsWith('#') || (/^https?:\/\//.test(href) && /^https?:$/.test(one.protocol) && one.rel === 'noopener noreferrer nofollow')))) strange.push(tag + '[href=' + href + ']');
    }
    if (one.hasAttribute('src') && !(tag === 'img' && /^data:image\/png;base64,[A-Za-z0-9+\/=]*$/.test(one.getAttribute('src')))) strange.push(tag + '[src]');
  }
  for (const [tag, most] of [['style', 1], ['meta', 4], ['title', 1], ['h1', 1], ['main', 1], ['body', 1], ['footer', 1]]) {
    if (count[tag] !== most) strange.push((count[tag] || 0) + ' ' + tag);
  }
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION);
  if (walk.nextNode()) strange.push('comment');
  return { strange: [...new Set(strange)], text: document.title + ' ' + (document.documentElement || document).textContent + said };
})()";
