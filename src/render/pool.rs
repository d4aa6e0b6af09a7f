//! The one browser that pages share: started when needed, started anew after so many pages or a fault.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use chromiumoxide::cdp::browser_protocol::{
    browser::{BrowserContextId, GetVersionParams, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams},
    target::{CreateBrowserContextParams, CreateTargetParams, DisposeBrowserContextParams},
};
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, sleep},
};

use super::{
    About, Fault, Given, Manners, Outline, Rendered, Settings,
    launch::Process,
    link::{ANSWER, Link},
    memory,
    parts::Parts,
    print,
    shelf::Shelf,
    tab::{Kept, Tab},
};
use crate::clock::Clock;

/// How often the memory of the browser is looked at while it renders.
const WATCH: Duration = Duration::from_millis(250);

/// Places for pages, and the browser behind them.
pub(super) struct Pool {
    program: PathBuf,
    settings: Settings,
    clock: Arc<dyn Clock>,
    places: Semaphore,
    shelf: Shelf,
    browser: Mutex<Option<Arc<Browser>>>,
}

/// A browser that runs.
struct Browser {
    process: Mutex<Process>,
    link: Mutex<Link>,
    id: Option<u32>,
    /// `ws://127.0.0.1:PORT`.
    host: String,
    version: String,
    agent: String,
    sandbox: bool,
    /// Not to be used for another page.
    worn: AtomicBool,
    /// Pages given to it so far.
    pages: AtomicU32,
    guests: Guests,
}

/// The pages in a browser, counted.
#[derive(Debug, Default)]
struct Guests {
    open: AtomicU32,
    /// That ever came.
    came: AtomicU32,
}

/// What a page found when it came.
#[derive(Debug)]
struct Guest {
    joined: bool,
    number: u32,
}

impl Guests {
    fn enter(&self) -> Guest {
        let joined = self.open.fetch_add(1, Ordering::SeqCst) > 0;
        Guest { joined, number: self.came.fetch_add(1, Ordering::SeqCst) + 1 }
    }

    /// Whether it was the last.
    fn leave(&self) -> bool {
        self.open.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// Whether another page was there at any moment of the stay. It may have left before this one: what brings a browser
    /// down is often the first to notice.
    fn company_of(&self, guest: &Guest) -> bool {
        guest.joined || self.came.load(Ordering::SeqCst) > guest.number
    }
}

/// A page's stay in a browser. One that did not end well, or was given up in the middle, leaves a browser that nobody
/// else gets: it is killed when the last page has left it.
struct Stay<'a> {
    browser: &'a Browser,
    guest: Guest,
    /// It was brought down between being chosen and being entered.
    worn: bool,
    well: bool,
}

impl<'a> Stay<'a> {
    fn enter(browser: &'a Browser) -> Self {
        let guest = browser.guests.enter();
        Self { browser, guest, worn: browser.worn.load(Ordering::SeqCst), well: false }
    }

    /// Whether what went wrong may be another page's doing.
    fn company(&self) -> bool {
        self.worn || self.browser.guests.company_of(&self.guest)
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        // Before it leaves: who comes after must see it.
        if !self.well {
            self.browser.worn.store(true, Ordering::SeqCst);
        }
        let last = self.browser.guests.leave();
        if last
            && self.browser.worn.load(Ordering::Relaxed)
            && let Ok(mut process) = self.browser.process.try_lock()
        {
            process.stop();
        }
    }
}

impl Pool {
    pub(super) fn new(program: PathBuf, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let places = Semaphore::new(settings.pages.max(1));
        Self { program, settings, clock, places, shelf: Shelf::default(), browser: Mutex::default() }
    }

    pub(super) async fn render(
        &self,
        given: Given<'_>,
        manners: Manners<'_>,
        outline: Option<Outline<'_>>,
    ) -> Result<Rendered, Fault> {
        let closed = |_| Fault::Crash("the browser was closed".to_owned());
        let place = self.places.acquire().await.map_err(closed)?;
        let (result, company) = self.once(given, manners, outline).await;
        match result {
            Err(Fault::Crash(_) | Fault::Memory) if company => {}
            other => return other,
        }
        // It went down together with another page, and either may have been the cause: once more, alone.
        drop(place);
        let all = u32::try_from(self.settings.pages.max(1)).unwrap_or(1);
        let _alone = self.places.acquire_many(all).await.map_err(closed)?;
        self.once(given, manners, outline).await.0
    }

    /// One attempt, and whether another page was open in the same browser meanwhile.
    async fn once(
        &self,
        given: Given<'_>,
        manners: Manners<'_>,
        outline: Option<Outline<'_>>,
    ) -> (Result<Rendered, Fault>, bool) {
        let browser = match self.browser().await {
            Ok(browser) => browser,
            Err(fault) => return (Err(fault), false),
        };
        let mut stay = Stay::enter(&browser);
        let deadline = Instant::now() + self.settings.time;
        // What was drawn, once it is, whatever becomes of its picture.
        let drawn = Kept::default();
        let result = tokio::select! {
            result = self.page(&browser, given, manners, (outline, &drawn), deadline) => result,
            () = self.too_much(&browser) => Err(Fault::Memory),
            () = sleep(self.settings.time + ANSWER) => Err(Fault::Time),
        };
        if result == Err(Fault::Memory) {
            // What eats memory is not waited for.
            browser.process.lock().await.kill().await;
        }
        stay.well = result.is_ok();
        let result = result.or_else(|fault| drawn.take().ok_or(fault));
        (result, stay.company())
    }

    /// Renders in a context of its own, so that nothing of one page is left for the next.
    async fn page(
        &self,
        browser: &Browser,
        given: Given<'_>,
        manners: Manners<'_>,
        (outline, drawn): (Option<Outline<'_>>, &Kept),
        deadline: Instant,
    ) -> Result<Rendered, Fault> {
        let end = self.clock.instant() + self.settings.time;
        let parts = Parts::new(manners, &self.shelf, self.clock.as_ref(), &self.settings, end);
        let Opened { context, frame, link } = browser.open().await?;
        let agent = format!("{} {}", browser.agent, self.settings.agent);
        let rendered = Tab::new(link, frame, given, &parts, agent).render(deadline, outline, drawn).await;
        if rendered.is_ok() {
            browser.link.lock().await.call(&DisposeBrowserContextParams::new(context)).await?;
        }
        rendered
    }

    /// A page of ours on paper, under the same watch.
    pub(super) async fn print(&self, html: &str) -> Result<Vec<u8>, Fault> {
        let closed = |_| Fault::Crash("the browser was closed".to_owned());
        let _place = self.places.acquire().await.map_err(closed)?;
        let browser = self.browser().await?;
        let mut stay = Stay::enter(&browser);
        let printed = async {
            let Opened { context, frame, link } = browser.open().await?;
            let pdf = print::print(link, &frame, html).await?;
            browser.link.lock().await.call(&DisposeBrowserContextParams::new(context)).await?;
            Ok(pdf)
        };
        let result = tokio::select! {
            result = printed => result,
            () = self.too_much(&browser) => Err(Fault::Memory),
            () = sleep(print::TIME) => Err(Fault::Time),
        };
        if result == Err(Fault::Memory) {
            browser.process.lock().await.kill().await;
        }
        stay.well = result.is_ok();
        result
    }

    /// Ends when the browser holds more memory than it may.
    async fn too_much(&self, browser: &Browser) {
        loop {
            sleep(WATCH).await;
            let Some(id) = browser.id else { continue };
            let resident = tokio::task::spawn_blocking(move || memory::resident(id)).await.ok().flatten();
            if resident.is_some_and(|bytes| bytes > self.settings.memory) {
                return;
            }
        }
    }

    /// The browser, started when there is none, or when the one there is has done its pages.
    async fn browser(&self) -> Result<Arc<Browser>, Fault> {
        let mut kept = self.browser.lock().await;
        if let Some(browser) = kept.as_ref() {
            let fresh = browser.pages.fetch_add(1, Ordering::Relaxed) < self.settings.restart_after;
            if fresh && !browser.worn.load(Ordering::Relaxed) && browser.process.lock().await.runs() {
                return Ok(Arc::clone(browser));
            }
            // Whoever still renders in it keeps it alive until the page is done.
            *kept = None;
        }
        let browser = Arc::new(Browser::start(&self.program).await?);
        *kept = Some(Arc::clone(&browser));
        Ok(browser)
    }

    pub(super) async fn about(&self) -> Result<About, Fault> {
        let browser = self.browser().await?;
        Ok(About { program: self.program.clone(), version: browser.version.clone(), sandbox: browser.sandbox })
    }

    pub(super) async fn close(&self) {
        if let Some(browser) = self.browser.lock().await.take() {
            browser.process.lock().await.kill().await;
        }
    }
}

/// A page that was opened.
struct Opened {
    context: BrowserContextId,
    /// Id of its main frame, which is the target's.
    frame: String,
    link: Link,
}

impl Browser {
    /// An empty page in a context of its own that downloads nothing.
    async fn open(&self) -> Result<Opened, Fault> {
        let context = CreateBrowserContextParams::builder().dispose_on_detach(true).build();
        let mut link = self.link.lock().await;
        let context = link.call(&context).await?.browser_context_id;
        let mut deny = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
        deny.browser_context_id = Some(context.clone());
        link.call(&deny).await?;
        let mut target = CreateTargetParams::new("about:blank");
        target.browser_context_id = Some(context.clone());
        let frame = link.call(&target).await?.target_id.inner().clone();
        drop(link);
        let link = Link::open(&format!("{}/devtools/page/{frame}", self.host)).await?;
        Ok(Opened { context, frame, link })
    }

    async fn start(program: &std::path::Path) -> Result<Self, Fault> {
        let process = Process::start(program).await?;
        let mut link = Link::open(&process.socket).await?;
        let version = link.call(&GetVersionParams::default()).await?;
        let host = process.socket.split("/devtools/").next().unwrap_or_default().to_owned();
        tracing::debug!(version = version.product, sandbox = process.sandbox, "browser started");
        Ok(Self {
            id: process.id(),
            sandbox: process.sandbox,
            process: Mutex::new(process),
            link: Mutex::new(link),
            host,
            version: version.product,
            // Some pages show nothing to a browser that calls itself headless.
            agent: version.user_agent.replace("HeadlessChrome", "Chrome"),
            worn: AtomicBool::new(false),
            pages: AtomicU32::new(1),
            guests: Guests::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_left_first_was_company_all_the_same() {
        let guests = Guests::default();
        let alone = guests.enter();
        assert!(!guests.company_of(&alone));
        let other = guests.enter();
        assert!(guests.company_of(&alone) && guests.company_of(&other));
        assert!(!guests.leave());
        assert!(guests.company_of(&alone), "the other one is gone, and what it did is not");
        assert!(guests.leave());
        assert!(!guests.company_of(&guests.enter()), "what was before is no company");
    }
}
