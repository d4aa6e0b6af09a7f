//! Pages that scripts draw: a headless Chromium without a network of its own.
//!
//! A page is handed to the browser as the bytes that were fetched. Whatever else the page asks for is stopped inside
//! the browser and answered by [`polite::Fetcher`](crate::polite::Fetcher), which knows the guard, robots.txt and the
//! pace: scripts, style sheets and GET calls; pictures, fonts, films and trackers are answered empty, everything else
//! is refused. Names do not resolve inside the browser and its proxy does not exist, so that what slips past the
//! interception (a WebSocket, a beacon, a preconnect) ends there.
//!
//! Without the cargo feature `render`, or without Chromium on the machine, [`Renderer::find`] says so and pages that
//! need a browser stay unread.

#[cfg(feature = "render")]
mod launch;
#[cfg(feature = "render")]
mod link;
#[cfg(feature = "render")]
mod memory;
#[cfg(feature = "render")]
mod parts;
#[cfg(feature = "render")]
mod picture;
#[cfg(feature = "render")]
mod pool;
#[cfg(feature = "render")]
mod print;
mod program;
#[cfg(feature = "render")]
mod reading;
#[cfg(feature = "render")]
mod shelf;
#[cfg(feature = "render")]
mod tab;

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use url::Url;

use crate::{
    clock::Clock,
    polite::{Fetcher, StopAt},
};

/// How far rendering goes. The defaults are what the documentation promises.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program; `None` looks for `chromium` and its other names on the search path.
    pub program: Option<PathBuf>,
    /// Pages rendered at the same time, at least 1.
    pub pages: usize,
    /// Time for one page, waiting for its parts included.
    pub time: Duration,
    /// Requests that one page may cause, robots.txt of other hosts included.
    pub requests: u32,
    /// Bytes of all parts of one page, decoded.
    pub bytes: usize,
    /// Resident memory of the browser with all its processes, in bytes; above it the browser is killed.
    pub memory: u64,
    /// Pages after which the browser is started anew.
    pub restart_after: u32,
    /// The agent's name, added to the browser's own for scripts that ask; servers are told by the fetcher.
    pub agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            program: None,
            pages: 2,
            time: Duration::from_secs(20),
            requests: 200,
            bytes: 32 << 20,
            memory: 1_536 << 20,
            restart_after: 50,
            agent: format!("riscontro/{}", crate::VERSION),
        }
    }
}

/// What a page is rendered from: the answer as it was fetched.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The address that answered.
    pub url: &'a Url,
    /// Its headers, names in lower case.
    pub headers: &'a [(String, Vec<u8>)],
    /// The decoded body.
    pub body: &'a [u8],
}

/// By what manners the parts of a page are fetched.
#[derive(Clone, Copy)]
pub struct Manners<'a> {
    /// The way to the web.
    pub fetcher: &'a Fetcher,
    /// Redirects that are recognised and not followed, also for parts.
    pub stop_at: Option<StopAt<'a>>,
    /// The host whose owner runs this visit.
    pub own_host: Option<&'a str>,
    /// Tells the hosts that only count visitors: answered empty.
    pub is_tracker: &'a (dyn Fn(&Url) -> bool + Send + Sync),
    /// Told how many were sent, also when the page could not be drawn.
    pub sent: &'a AtomicU32,
}

/// Somewhere the page tried to go by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// Where to.
    pub url: Url,
    /// True when it was a form sent with POST: recognised, never sent.
    pub post: bool,
}

/// Why a drawn page is not the whole page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A script did not end, and was stopped.
    Stopped,
    /// The document is larger or deeper than is read.
    Size,
    /// It was not quiet within its time.
    Time,
    /// It asked for more than [`Settings::requests`] or [`Settings::bytes`] allow.
    Requests,
    /// Something that may draw was refused or did not come.
    Parts,
}

impl Cut {
    /// Its name in records.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Size => "size",
            Self::Time => "time",
            Self::Requests => "requests",
            Self::Parts => "parts",
        }
    }
}

/// A page as its scripts drew it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its address, as scripts may have changed it (never its host).
    pub url: Url,
    /// The document, UTF-8, at most 8 MiB: elements of open shadow roots in place, what the layout hides marked.
    pub html: String,
    /// Why it is not the whole page.
    pub cut: Option<Cut>,
    /// All style sheets came, so that the marks say what a reader sees.
    pub layout: bool,
    /// Where the page tried to go.
    pub departures: Vec<Departure>,
    /// Requests that left, robots.txt included.
    pub requests: u32,
    /// Requests answered empty (pictures, fonts, trackers).
    pub emptied: u32,
    /// Requests refused (other methods, other schemes, over a limit).
    pub refused: u32,
    /// What it looked like, when that was asked for and could be had.
    pub picture: Option<Picture>,
}

/// A picture of a page as it was drawn.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The picture, PNG: 1280 pixels wide or half of it, at most 4,000 high, at most 1.5 MiB.
    pub png: Vec<u8>,
    /// Places that are outlined in it.
    pub outlined: u32,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("bytes", &self.png.len()).field("outlined", &self.outlined).finish()
    }
}

/// Asked, once a page is drawn, for the places to outline in its picture: CSS paths in [`Rendered::html`].
pub type Outline<'a> = &'a (dyn Fn(&Rendered) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>> + Send + Sync);

/// A page could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The browser did not start, or not within its time.
    #[error("the browser did not start: {0}")]
    Start(String),
    /// The page neither ended nor could be read within its time.
    #[error("the page was not ready within its time")]
    Time,
    /// The page, or the browser with it, broke down.
    #[error("the page broke down: {0}")]
    Crash(String),
    /// The browser took more memory than it may.
    #[error("the page took more memory than the limit")]
    Memory,
    /// A document is too large to be printed.
    #[error("the document is larger than the limit")]
    Size,
}

/// Why there is no browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// This program was built without the feature `render`.
    #[error("built without the feature `render`")]
    NotBuilt,
    /// No Chromium on the search path.
    #[error("no Chromium found ({0})")]
    NotFound(String),
    /// The given program is not there or cannot be run.
    #[error("{0} is not a program")]
    NotAProgram(PathBuf),
}

/// Renders pages. Clones share one browser, which starts with the first page and ends with the last clone.
#[derive(Clone)]
pub struct Renderer {
    #[cfg(feature = "render")]
    pool: Arc<pool::Pool>,
    #[cfg(not(feature = "render"))]
    never: std::convert::Infallible,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").finish_non_exhaustive()
    }
}

impl Renderer {
    /// Looks for the browser and does not start it.
    #[cfg(feature = "render")]
    pub fn find(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, Missing> {
        let program = program::find(settings.program.as_deref())?;
        Ok(Self { pool: Arc::new(pool::Pool::new(program, settings, clock)) })
    }

    /// Says that there is none.
    #[cfg(not(feature = "render"))]
    pub fn find(settings: Settings, _clock: Arc<dyn Clock>) -> Result<Self, Missing> {
        program::find(settings.program.as_deref())?;
        Err(Missing::NotBuilt)
    }

    /// Renders one page. Waits for a free place first; [`Settings::time`] counts from there.
    #[cfg(feature = "render")]
    pub async fn render(&self, given: Given<'_>, manners: Manners<'_>) -> Result<Rendered, Fault> {
        self.pool.render(given, manners, None).await
    }

    /// The same with a picture. A picture that cannot be had spoils nothing: the page is given without it.
    #[cfg(feature = "render")]
    pub async fn render_pictured(
        &self,
        given: Given<'_>,
        manners: Manners<'_>,
        outline: Outline<'_>,
    ) -> Result<Rendered, Fault> {
        self.pool.render(given, manners, Some(outline)).await
    }

    /// Never called: without the feature there is no value of this type.
    #[cfg(not(feature = "render"))]
    #[expect(clippy::unused_async, reason = "the same shape with and without the feature")]
    pub async fn render_pictured(
        &self,
        _given: Given<'_>,
        _manners: Manners<'_>,
        _outline: Outline<'_>,
    ) -> Result<Rendered, Fault> {
        match self.never {}
    }

    /// Never called: without the feature there is no value of this type.
    #[cfg(not(feature = "render"))]
    #[expect(clippy::unused_async, reason = "the same shape with and without the feature")]
    pub async fn render(&self, _given: Given<'_>, _manners: Manners<'_>) -> Result<Rendered, Fault> {
        match self.never {}
    }

    /// A document of ours as PDF: tagged, with an outline, of the size and with the margins that its style sheet says. The page
    /// has to be whole in itself, at most 32 MiB: it runs no script and gets nothing it asks for. At most three minutes, and
    /// 128 MiB of PDF.
    #[cfg(feature = "render")]
    pub async fn print(&self, html: &str) -> Result<Vec<u8>, Fault> {
        self.pool.print(html).await
    }

    /// Never called: without the feature there is no value of this type.
    #[cfg(not(feature = "render"))]
    #[expect(clippy::unused_async, reason = "the same shape with and without the feature")]
    pub async fn print(&self, _html: &str) -> Result<Vec<u8>, Fault> {
        match self.never {}
    }

    /// Starts the browser if it does not run, and tells its version and whether its sandbox is on, for people.
    #[cfg(feature = "render")]
    pub async fn about(&self) -> Result<About, Fault> {
        self.pool.about().await
    }

    /// Never called: without the feature there is no value of this type.
    #[cfg(not(feature = "render"))]
    #[expect(clippy::unused_async, reason = "the same shape with and without the feature")]
    pub async fn about(&self) -> Result<About, Fault> {
        match self.never {}
    }

    /// Ends the browser and waits until it is gone. Dropping the last clone ends it too, without waiting.
    #[cfg(feature = "render")]
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Never called: without the feature there is no value of this type.
    #[cfg(not(feature = "render"))]
    #[expect(clippy::unused_async, reason = "the same shape with and without the feature")]
    pub async fn close(&self) {
        match self.never {}
    }
}

/// What a browser says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The program file.
    pub program: PathBuf,
    /// Name and version.
    pub version: String,
    /// Chromium's own sandbox stands between pages and the machine. It cannot in some containers.
    pub sandbox: bool,
}
