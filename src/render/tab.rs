//! One page in the browser, from its bytes to its document.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide::cdp::{
    browser_protocol::{
        emulation::SetUserAgentOverrideParams,
        fetch::{
            self, EventRequestPaused, FailRequestParams, FulfillRequestParams, HeaderEntry, RequestId, RequestPattern,
        },
        inspector::{self, EventDetached, EventTargetCrashed},
        network::{ErrorReason, ResourceType},
        page::{
            self, AddScriptToEvaluateOnNewDocumentParams, EventJavascriptDialogOpening, EventLoadEventFired,
            HandleJavaScriptDialogParams, NavigateParams,
        },
        target::{EventAttachedToTarget, SetAutoAttachParams},
    },
    js_protocol::runtime::{ExecutionContextId, TerminateExecutionParams},
};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::{
    Cut, Departure, Fault, Given, Outline, Picture, Rendered,
    link::{Incoming, Link},
    parts::{Parts, Reply, Wanted},
    picture,
    reading::{self, Reading},
};

/// Nothing under way for so long, after the page has loaded: it is drawn.
const QUIET: Duration = Duration::from_millis(500);
/// Time kept back from a page's own for reading what it has drawn until then.
const READING: Duration = Duration::from_secs(5);
/// Places that a page may try to go to and be remembered for.
const DEPARTURES: usize = 8;

/// Runs before any script of the page. Shadow roots that a page closes are opened: they are as visible to a citizen as
/// any other part. WebRTC, the one way to the network that no interception sees, is taken away. A socket leads nowhere
/// and no interception sees it either: its use is written on the document, for the reading.
const BEFORE: &str = "{const attach = Element.prototype.attachShadow; \
    Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: 'open' }); }; \
    for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel', 'WebTransport']) { \
    delete window[name]; } \
    const used = () => { try { top.document.documentElement.setAttribute('data-riscontro-socket', ''); } catch { } }; \
    for (const name of ['WebSocket', 'WebSocketStream'].filter((name) => window[name])) { \
    window[name] = new Proxy(window[name], { construct(target, given, as) { \
    used(); return Reflect.construct(target, given, as); } }); }}";

/// A page that was drawn, kept while its picture is taken: what breaks then breaks nothing else.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<Rendered>>);

impl Kept {
    fn put(&self, rendered: &Rendered) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rendered.clone());
    }

    /// What was kept, if it came to that.
    pub(super) fn take(&self) -> Option<Rendered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One page.
pub(super) struct Tab<'a> {
    link: Link,
    /// Id of the main frame, which is the target's.
    frame: String,
    given: Given<'a>,
    parts: &'a Parts<'a>,
    agent: String,
    /// The page itself has been handed over.
    handed: bool,
    loaded: bool,
    departures: Vec<Departure>,
    /// The answer to the command that is waited for.
    awaited: Option<(chromiumoxide::types::CallId, Option<Result<Value, String>>)>,
    /// Nothing more is answered: the page is being read.
    closing: bool,
    /// The world that the reading ran in.
    world: Option<ExecutionContextId>,
    /// Requests that wait for their answer.
    wanted: Vec<(RequestId, Wanted)>,
    active: Instant,
}

/// How the loading of a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Quiet,
    /// The time was over before it was quiet.
    Time,
}

impl<'a> Tab<'a> {
    /// A page of its own connection, nothing loaded yet.
    pub(super) fn new(link: Link, frame: String, given: Given<'a>, parts: &'a Parts<'a>, agent: String) -> Self {
        Self {
            link,
            frame,
            given,
            parts,
            agent,
            handed: false,
            loaded: false,
            departures: Vec::new(),
            awaited: None,
            closing: false,
            world: None,
            wanted: Vec::new(),
            active: Instant::now(),
        }
    }

    /// Loads the page, lets its scripts draw, and reads what they drew, before `deadline`. With `outline` a picture of it is
    /// taken afterwards; `drawn` has the page meanwhile.
    pub(super) async fn render(
        mut self,
        deadline: Instant,
        outline: Option<Outline<'_>>,
        drawn: &Kept,
    ) -> Result<Rendered, Fault> {
        self.prepare().await?;
        let ended = self.load(deadline - READING).await?;
        self.closing = true;
        let (reading, stopped) = self.read(deadline).await?;
        let tally = self.parts.tally();
        let cut = if stopped {
            Some(Cut::Stopped)
        } else if reading.cut {
            Some(Cut::Size)
        } else if ended == Ended::Time {
            Some(Cut::Time)
        } else if tally.over {
            Some(Cut::Requests)
        } else if tally.missing || reading.socket {
            Some(Cut::Parts)
        } else {
            None
        };
        // Scripts may change path, query and fragment of their own page. Anything else is not what was fetched.
        let own = |url: &Url| url.origin() == self.given.url.origin();
        let url = Url::parse(&reading.url).ok().filter(own).unwrap_or_else(|| self.given.url.clone());
        let mut rendered = Rendered {
            url,
            html: reading.html,
            cut,
            layout: !tally.unstyled && !stopped,
            departures: std::mem::take(&mut self.departures),
            requests: tally.requests,
            emptied: tally.emptied,
            refused: tally.refused,
            picture: None,
        };
        // A page whose script had to be stopped, or that left by itself, shows nothing to rely on.
        if let Some(outline) = outline.filter(|_| !stopped && rendered.departures.is_empty()) {
            drawn.put(&rendered);
            rendered.picture = self.picture(outline, &rendered).await?;
        }
        Ok(rendered)
    }

    /// Outlines what was recognised and takes the picture. `None` when it would be too large or nothing came of it.
    async fn picture(&mut self, outline: Outline<'_>, rendered: &Rendered) -> Result<Option<Picture>, Fault> {
        let places = outline(rendered).await;
        let deadline = Instant::now() + picture::TIME;
        let Some(mark) = self.world.and_then(|world| picture::outline(world, &places)) else { return Ok(None) };
        let marked = self.ask(&mark, deadline).await?;
        let told = marked.result.value.as_ref().and_then(Value::as_str);
        let Some(told) = told.and_then(|told| serde_json::from_str::<picture::Outlined>(told).ok()) else {
            return Ok(None);
        };
        for scale in [1.0, 0.5] {
            let taken = self.ask(&picture::capture(&told, scale), deadline).await?;
            let png = STANDARD.decode(AsRef::<[u8]>::as_ref(&taken.data)).unwrap_or_default();
            if picture::is_png(&png) && png.len() <= picture::BYTES {
                return Ok(Some(Picture { png, outlined: told.boxes }));
            }
        }
        Ok(None)
    }

    async fn prepare(&mut self) -> Result<(), Fault> {
        let pattern = RequestPattern::builder().url_pattern("*").build();
        self.link.call(&fetch::EnableParams::builder().pattern(pattern).build()).await?;
        self.link.call(&page::EnableParams::default()).await?;
        self.link.call(&inspector::EnableParams::default()).await?;
        // Workers and windows of the page are held at their start and never run: they would have ways of their own.
        let mut hold = SetAutoAttachParams::new(true, true);
        hold.flatten = Some(true);
        self.link.call(&hold).await?;
        let mut agent = SetUserAgentOverrideParams::new(self.agent.clone());
        agent.accept_language = Some("it-IT,it".to_owned());
        self.link.call(&agent).await?;
        self.link.call(&AddScriptToEvaluateOnNewDocumentParams::new(BEFORE)).await?;
        Ok(())
    }

    /// Runs the page until it is quiet, or until its time is over.
    async fn load(&mut self, deadline: Instant) -> Result<Ended, Fault> {
        self.link.send(&NavigateParams::new(self.given.url.as_str()))?;
        let parts = self.parts;
        let mut flying = FuturesUnordered::new();
        self.active = Instant::now();
        loop {
            // A page that left by itself never loads: it is where it went.
            let done = self.loaded || !self.departures.is_empty();
            let idle = done && flying.is_empty() && self.wanted.is_empty();
            let quiet = self.active + QUIET;
            tokio::select! {
                incoming = self.link.next() => {
                    self.take(incoming?)?;
                    for (id, wanted) in self.wanted.drain(..) {
                        flying.push(async move { (id, parts.answer(&wanted).await) });
                    }
                }
                Some((id, reply)) = flying.next(), if !flying.is_empty() => self.reply(id, reply)?,
                () = sleep_until(quiet), if idle => return Ok(Ended::Quiet),
                () = sleep_until(deadline) => return Ok(Ended::Time),
            }
        }
    }

    /// Reads the document. A script that does not end is stopped first; then `true` comes with it.
    async fn read(&mut self, deadline: Instant) -> Result<(Reading, bool), Fault> {
        let half = Instant::now() + (deadline.saturating_duration_since(Instant::now()) / 2);
        match self.reading(half).await {
            Err(Fault::Time) => {}
            other => return other.map(|reading| (reading, false)),
        }
        // Handled by the browser's own thread, also while the page's is busy.
        self.link.send(&TerminateExecutionParams::default())?;
        self.link.send(&page::StopLoadingParams::default())?;
        self.reading(deadline).await.map(|reading| (reading, true))
    }

    async fn reading(&mut self, deadline: Instant) -> Result<Reading, Fault> {
        let world = self.ask(&reading::world(&self.frame), deadline).await?;
        self.world = Some(world.execution_context_id);
        let read = self.ask(&reading::read(world.execution_context_id), deadline).await?;
        if read.exception_details.is_some() {
            return Err(Fault::Time);
        }
        let text = read.result.value.as_ref().and_then(Value::as_str);
        let reading = text.and_then(|text| serde_json::from_str(text).ok());
        reading.ok_or_else(|| Fault::Crash("the document could not be read".to_owned()))
    }

    /// Sends a command and waits for its answer, while the page's requests are still turned down.
    async fn ask<C: chromiumoxide::types::Command>(
        &mut self,
        command: &C,
        deadline: Instant,
    ) -> Result<C::Response, Fault> {
        let id = self.link.send(command)?;
        self.awaited = Some((id, None));
        loop {
            let incoming = timeout_at(deadline, self.link.next()).await.map_err(|_| Fault::Time)??;
            self.take(incoming)?;
            if let Some((_, Some(result))) = self.awaited.take_if(|(_, result)| result.is_some()) {
                let value = result.map_err(Fault::Crash)?;
                return C::response_from_value(value).map_err(|error| Fault::Crash(error.to_string()));
            }
        }
    }

    /// Takes in one answer or event.
    fn take(&mut self, incoming: Incoming) -> Result<(), Fault> {
        match incoming {
            Incoming::Answer(id, result) => {
                if let Some((_, place)) = self.awaited.as_mut().filter(|(awaited, _)| *awaited == id) {
                    *place = Some(result);
                }
            }
            Incoming::Event(name, said) => match &*name {
                EventRequestPaused::IDENTIFIER => {
                    // One that cannot be read cannot be answered: the page then waits for it until its time is over.
                    if let Ok(paused) = serde_json::from_value(said) {
                        self.paused(&paused)?;
                    }
                }
                EventLoadEventFired::IDENTIFIER => {
                    self.loaded = self.handed;
                    self.active = Instant::now();
                }
                // An alert would hold the page until somebody answers it.
                EventJavascriptDialogOpening::IDENTIFIER => {
                    self.link.send(&HandleJavaScriptDialogParams::new(false))?;
                }
                // Held, and never let go: what a worker would have told its page never comes.
                EventAttachedToTarget::IDENTIFIER => {
                    if matches!(said["targetInfo"]["type"].as_str(), Some("worker" | "shared_worker")) {
                        self.parts.miss();
                    }
                }
                EventTargetCrashed::IDENTIFIER => return Err(Fault::Crash("the page's process ended".to_owned())),
                EventDetached::IDENTIFIER => return Err(Fault::Crash("the page is gone".to_owned())),
                _ => {}
            },
        }
        Ok(())
    }

    /// A request of the page waits for its answer.
    fn paused(&mut self, paused: &EventRequestPaused) -> Result<(), Fault> {
        self.active = Instant::now();
        let id = paused.request_id.clone();
        if self.closing {
            return self.turn_down(id, ErrorReason::Aborted);
        }
        if is_icon(paused) {
            return self.turn_down(id, ErrorReason::Aborted);
        }
        let main = paused.resource_type == ResourceType::Document && paused.frame_id.inner() == &self.frame;
        if !main {
            let wanted = Wanted {
                url: paused.request.url.clone(),
                method: paused.request.method.clone(),
                kind: paused.resource_type.clone(),
            };
            self.wanted.push((id, wanted));
            return Ok(());
        }
        if !self.handed {
            self.handed = true;
            return self.hand_over(id);
        }
        // The page leaves by itself: noted, not followed here.
        if let Ok(mut url) = Url::parse(&paused.request.url)
            && matches!(url.scheme(), "http" | "https")
            && self.departures.len() < DEPARTURES
        {
            url.set_fragment(None);
            let departure = Departure { url, post: paused.request.method == "POST" };
            if !self.departures.contains(&departure) {
                self.departures.push(departure);
            }
        }
        self.turn_down(id, ErrorReason::Aborted)
    }

    /// Gives the page the bytes that were fetched.
    fn hand_over(&mut self, id: RequestId) -> Result<(), Fault> {
        const TOLD: [&str; 3] = ["content-type", "content-language", "content-security-policy"];
        let told = self.given.headers.iter().filter(|(name, _)| TOLD.contains(&name.as_str()));
        let mut headers: Vec<HeaderEntry> = told
            .map(|(name, value)| HeaderEntry::new(name.clone(), String::from_utf8_lossy(value).into_owned()))
            .collect();
        if !headers.iter().any(|header| header.name == "content-type") {
            headers.push(HeaderEntry::new("content-type", "text/html"));
        }
        self.fulfill(id, 200, headers, self.given.body)
    }

    fn reply(&mut self, id: RequestId, reply: Reply) -> Result<(), Fault> {
        self.active = Instant::now();
        match reply {
            Reply::Part(part) => {
                let headers = part.headers.iter().map(|(name, value)| HeaderEntry::new(name.clone(), value.clone()));
                self.fulfill(id, i64::from(part.status), headers.collect(), &part.body)
            }
            Reply::Refused => self.turn_down(id, ErrorReason::BlockedByClient),
            Reply::Failed => self.turn_down(id, ErrorReason::Failed),
        }
    }

    fn fulfill(&mut self, id: RequestId, status: i64, headers: Vec<HeaderEntry>, body: &[u8]) -> Result<(), Fault> {
        let mut answer = FulfillRequestParams::new(id, status);
        answer.response_headers = Some(headers);
        answer.body = Some(STANDARD.encode(body).into());
        self.link.send(&answer).map(drop)
    }

    fn turn_down(&mut self, id: RequestId, reason: ErrorReason) -> Result<(), Fault> {
        self.link.send(&FailRequestParams::new(id, reason)).map(drop)
    }
}

/// The icon of the window, which the browser asks for by itself. Of the same kind `Other` are scripts of workers, modules of
/// data and what is loaded ahead; they do not ask for a picture.
fn is_icon(paused: &EventRequestPaused) -> bool {
    let accepted = paused.request.headers.inner()["Accept"].as_str().unwrap_or_default();
    paused.resource_type == ResourceType::Other && accepted.starts_with("image/")
}
