//! Runs that go well, break, stop, die and go on.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;
use url::Url;

use crate::{
    clock::SystemClock,
    model::{
        Comune, Coverage, End, FetchOutcome, Finding, Outcome, PageKind, PageRecord, Platform, Reach, Reason, Target,
        Visit,
    },
    net::BoxFuture,
    store::{FindingFilter, FindingRow, RunState, Store, StoreError},
};

use super::super::*;

/// What a scripted visitor does with a site.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Answer,
    Panic,
    Hang,
}

/// Visits nothing, and remembers whom it was sent to.
struct Script {
    act: fn(usize) -> Act,
    delay: Duration,
    visited: Mutex<Vec<usize>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Script {
    fn new(act: fn(usize) -> Act) -> Arc<Self> {
        Self::slow(act, Duration::ZERO)
    }

    fn slow(act: fn(usize) -> Act, delay: Duration) -> Arc<Self> {
        let visited = Mutex::new(Vec::new());
        Arc::new(Self { act, delay, visited, open: AtomicUsize::new(0), most_open: AtomicUsize::new(0) })
    }

    fn visited(&self) -> Vec<usize> {
        self.visited.lock().unwrap().clone()
    }
}

impl Visitor for Script {
    fn visit<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Visit> {
        Box::pin(async move {
            let number = number(&target.url);
            self.visited.lock().unwrap().push(number);
            let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_open.fetch_max(open, Ordering::SeqCst);
            tokio::time::sleep(self.delay).await;
            match (self.act)(number) {
                Act::Answer => {}
                Act::Panic => panic!("as the script says"),
                Act::Hang => std::future::pending::<()>().await,
            }
            self.open.fetch_sub(1, Ordering::SeqCst);
            answer(target, number)
        })
    }
}

fn number(url: &Url) -> usize {
    url.path().trim_start_matches('/').parse().unwrap()
}

fn target(number: usize) -> Target {
    Target {
        url: Url::parse(&format!("https://sito.example.it/{number}")).unwrap(),
        scheme_guessed: false,
        comune: Comune { codice_ipa: Some(format!("c_x{number:03}")), ..Comune::default() },
    }
}

/// The answer depends on the site alone, so that two runs can be compared.
fn answer(target: &Target, number: usize) -> Visit {
    let fetched = "2026-11-22T02:00:00Z".parse().unwrap();
    let (outcome, reason) = match number % 3 {
        0 => (Outcome::Found, Reason::Proof),
        1 => (Outcome::NotFound, Reason::CoverageComplete),
        _ => (Outcome::Undetermined, Reason::Fetch(FetchOutcome::Dns)),
    };
    let finding = |platform| Finding { platform, outcome, strength: None, reason, signals: Vec::new() };
    Visit {
        url: target.url.clone(),
        comune: target.comune.clone(),
        started: fetched,
        finished: fetched,
        requests: 3,
        end: End::Exhausted,
        catalogue: "1".to_owned(),
        catalogue_sha256: "aa".to_owned(),
        coverage: Coverage {
            pages: BTreeMap::from([(PageKind::Home, 1)]),
            login_page: Reach::Read,
            payment_page: Reach::NotSeen,
            refusals: BTreeMap::new(),
            unread: 0,
            complete: false,
        },
        findings: Platform::DECIDED.into_iter().map(finding).collect(),
        vendors: Vec::new(),
        remarks: Vec::new(),
        pages: vec![PageRecord {
            requested: target.url.clone(),
            url: target.url.clone(),
            kind: PageKind::Home,
            outcome: FetchOutcome::Ok,
            detail: None,
            status: Some(200),
            hops: Vec::new(),
            bytes: 1,
            sha256: String::new(),
            address: None,
            certificate: None,
            fetched,
            charset: None,
            title: None,
            rendered: None,
        }],
        path: Vec::new(),
        left_unread: Vec::new(),
    }
}

fn plan(targets: usize) -> Plan {
    let work = RunPlan {
        targets: (0..targets).map(target).collect(),
        catalogue: "1".to_owned(),
        catalogue_sha256: "aa".to_owned(),
        agent: "0.1.0".to_owned(),
        settings: serde_json::json!({}),
        fresh: false,
    };
    Plan { concurrency: 4, grace: Duration::from_millis(50), ..Plan::new(work) }
}

async fn open(folder: &tempfile::TempDir) -> Store {
    Store::open(folder.path().join("r.db").to_str().unwrap(), Arc::new(SystemClock)).await.unwrap()
}

fn never() -> watch::Receiver<bool> {
    watch::channel(false).1
}

async fn results(store: &Store, filter: FindingFilter) -> Vec<FindingRow> {
    let mut rows = Vec::new();
    store
        .for_each_latest_finding(filter, |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    rows
}

#[tokio::test]
async fn every_site_is_visited_once_and_no_more_than_allowed_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let script = Script::slow(|_| Act::Answer, Duration::from_millis(2));
    let summary = run(&store, Arc::clone(&script), &plan(50), &mut NoProgress, never()).await.unwrap();
    let mut visited = script.visited();
    assert_ne!(visited, (0..50).collect::<Vec<_>>(), "neighbours in the list are spread");
    visited.sort_unstable();
    assert_eq!(visited, (0..50).collect::<Vec<_>>());
    assert_eq!(script.most_open.load(Ordering::SeqCst), 4);
    assert_eq!((summary.state, summary.finished, summary.already, summary.broken), (RunState::Finished, 50, 0, 0));
    assert_eq!((summary.totals.done, summary.totals.requests, summary.totals.pages), (50, 150, 50));
    assert_eq!(summary.totals.outcomes[&Platform::Cie][&Outcome::Found], 17);
    assert_eq!(results(&store, FindingFilter::default()).await.len(), 200);
}

/// The binary may spawn a run on any thread.
#[test]
fn a_run_may_change_threads() {
    fn sends<T: Send>(_: &T) {}
    let _ = |store: &Store, work: &Plan| {
        sends(&run(store, Script::new(|_| Act::Answer), work, &mut NoProgress, never()));
        sends(&store.for_each_latest_finding(FindingFilter::default(), |_| ControlFlow::Continue(())));
    };
}

#[tokio::test]
async fn the_order_is_the_same_each_time() {
    let mut orders = Vec::new();
    for _ in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let script = Script::new(|_| Act::Answer);
        run(&open(&folder).await, Arc::clone(&script), &plan(40), &mut NoProgress, never()).await.unwrap();
        orders.push(script.visited());
    }
    assert_eq!(orders[0], orders[1]);
}

#[tokio::test]
async fn a_run_that_is_cut_anywhere_goes_on_and_ends_with_the_same_results() {
    let whole = tempfile::tempdir().unwrap();
    let whole = open(&whole).await;
    run(&whole, Script::new(|_| Act::Answer), &plan(60), &mut NoProgress, never()).await.unwrap();
    let expected = results(&whole, FindingFilter::default()).await;

    let folder = tempfile::tempdir().unwrap();
    let script = Script::slow(|_| Act::Answer, Duration::from_millis(1));
    let mut cuts = 0;
    let id = loop {
        // A new store each time, as a new process would have.
        let store = open(&folder).await;
        let work = plan(60);
        let mut progress = NoProgress;
        let running = run(&store, Arc::clone(&script), &work, &mut progress, never());
        match tokio::time::timeout(Duration::from_millis(5 + cuts), running).await {
            Ok(summary) => {
                let summary = summary.unwrap();
                assert!(summary.resumed);
                assert_eq!(summary.already + summary.finished, 60);
                break summary.run;
            }
            Err(_) => cuts += 1,
        }
        // The cut may fall between the end of the run and its summary.
        let id = store.latest_run().await.unwrap();
        if let Some(id) = id
            && store.run_info(id).await.unwrap().state == RunState::Finished
        {
            break id;
        }
    };
    assert!(cuts > 0, "the run was never cut");
    let store = open(&folder).await;
    let totals = store.run_totals(id).await.unwrap();
    assert_eq!((totals.done, totals.targets), (60, 60));
    assert_eq!(store.visits_of_run(id).await.unwrap().len(), 60);
    assert_eq!(results(&store, FindingFilter { run: Some(id), ..FindingFilter::default() }).await, expected);
    // Finished sites are not repeated: only those under way at a cut are, and there are at most four of them.
    let repeats = script.visited().len() as u64 - 60;
    assert!(repeats <= 4 * cuts, "{repeats} repeats in {cuts} cuts");
}

#[tokio::test]
async fn a_finished_run_is_not_taken_up_and_a_fresh_one_repeats_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let script = Script::new(|_| Act::Answer);
    let first = run(&store, Arc::clone(&script), &plan(5), &mut NoProgress, never()).await.unwrap();
    let second = run(&store, Arc::clone(&script), &plan(5), &mut NoProgress, never()).await.unwrap();
    assert_ne!(first.run, second.run);
    assert!(!second.resumed);
    assert_eq!(script.visited().len(), 10);
}

#[tokio::test]
async fn a_visit_that_panics_is_stored_as_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let script = Script::new(|number| if number == 3 { Act::Panic } else { Act::Answer });
    let summary = run(&store, script, &plan(8), &mut NoProgress, never()).await.unwrap();
    assert_eq!((summary.state, summary.broken, summary.finished), (RunState::Finished, 1, 8));
    let id = store.visits_of_run(summary.run).await.unwrap()[3];
    let visit = store.visit(id).await.unwrap();
    assert_eq!((visit.end, visit.remarks.as_slice()), (End::Interrupted, ["internal-error".to_owned()].as_slice()));
    assert_eq!(visit.comune.codice_ipa.as_deref(), Some("c_x003"));
    assert_eq!(visit.findings.len(), Platform::DECIDED.len());
    for finding in visit.findings {
        assert_eq!((finding.outcome, finding.reason), (Outcome::Undetermined, Reason::Interrupted));
    }
}

#[tokio::test]
async fn a_visit_that_never_ends_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let script = Script::new(|number| if number == 1 { Act::Hang } else { Act::Answer });
    let work = Plan { visit_limit: Duration::from_millis(30), ..plan(3) };
    let summary = run(&store, script, &work, &mut NoProgress, never()).await.unwrap();
    assert_eq!((summary.state, summary.broken), (RunState::Finished, 1));
    let id = store.visits_of_run(summary.run).await.unwrap()[1];
    assert_eq!(store.visit(id).await.unwrap().remarks, ["visit-limit"]);
}

/// Asks for a stop after a number of results.
struct StopAfter {
    results: usize,
    stop: watch::Sender<bool>,
    begun_after: Arc<Mutex<Vec<usize>>>,
    stopping: bool,
}

impl Progress for StopAfter {
    fn started(&mut self, target: &Target, _: &Tally) {
        if self.stopping {
            self.begun_after.lock().unwrap().push(number(&target.url));
        }
    }

    fn finished(&mut self, _: &Target, _: &Visit, tally: &Tally) {
        if tally.finished == self.results {
            self.stop.send(true).unwrap();
        }
    }

    fn stopping(&mut self, tally: &Tally) {
        assert!(tally.running <= 4);
        self.stopping = true;
    }
}

#[tokio::test]
async fn a_stop_lets_nothing_begin_and_gives_up_what_does_not_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let (stop, stopped) = watch::channel(false);
    let begun_after = Arc::new(Mutex::new(Vec::new()));
    let mut progress = StopAfter { results: 6, stop, begun_after: Arc::clone(&begun_after), stopping: false };
    // One site hangs for good: the stop must not wait for it.
    let script = Script::slow(|number| if number == 7 { Act::Hang } else { Act::Answer }, Duration::from_millis(1));
    let first = run(&store, script, &plan(30), &mut progress, stopped).await.unwrap();
    assert!(progress.stopping);
    assert_eq!(begun_after.lock().unwrap().as_slice(), [0_usize; 0]);
    assert_eq!(first.state, RunState::Interrupted);
    assert!((6..=10).contains(&first.finished), "{}", first.finished);
    assert_eq!(first.totals.done, first.finished as u64);
    // Nothing is said of the sites that were given up, and the next run takes them up.
    let script = Script::new(|_| Act::Answer);
    let second = run(&store, Arc::clone(&script), &plan(30), &mut NoProgress, never()).await.unwrap();
    assert_eq!((second.run, second.resumed, second.state), (first.run, true, RunState::Finished));
    assert_eq!(second.already, first.finished);
    let visited: BTreeSet<usize> = script.visited().into_iter().collect();
    assert_eq!(visited.len(), 30 - first.finished);
}

#[tokio::test]
async fn a_stop_before_the_start_visits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let (_sender, stopped) = watch::channel(true);
    let script = Script::new(|_| Act::Answer);
    let summary = run(&store, Arc::clone(&script), &plan(30), &mut NoProgress, stopped).await.unwrap();
    assert_eq!((summary.state, summary.finished), (RunState::Interrupted, 0));
    assert_eq!(script.visited().len(), 0);
}

#[tokio::test]
async fn a_second_run_is_refused_at_once_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let lock = RunLock::acquire(&store).await.unwrap();
    let script = Script::new(|_| Act::Answer);
    let refused = run(&store, Arc::clone(&script), &plan(3), &mut NoProgress, never()).await.unwrap_err();
    assert!(matches!(refused, RunError::Locked(LockError::Held { .. })), "{refused:?}");
    assert_eq!(store.latest_run().await.unwrap(), None);
    drop(lock);
    run(&store, Arc::clone(&script), &plan(3), &mut NoProgress, never()).await.unwrap();
    run(&store, script, &plan(3), &mut NoProgress, never()).await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_ends_the_run_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    crate::store::tests::refuse_visits_after(&store, 3).await;
    let work = plan(20);
    let outcome = run(&store, Script::new(|_| Act::Answer), &work, &mut NoProgress, never()).await;
    assert!(matches!(outcome, Err(RunError::Store(StoreError::Query { .. }))), "{outcome:?}");
    let run = store.latest_run().await.unwrap().unwrap();
    assert_eq!(store.visits_of_run(run).await.unwrap().len(), 3);
    assert_eq!(store.begin_run(&work.work).await.unwrap().done.iter().filter(|done| **done).count(), 3);
}

/// Not a promise but a measure: `cargo test --lib -- run::tests::worker::memory --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measure, not a check"]
#[expect(clippy::print_stdout, reason = "a measure is for reading")]
async fn memory_of_a_national_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let work = Plan { concurrency: 32, ..plan(7_896) };
    let summary = run(&store, Script::new(|_| Act::Answer), &work, &mut NoProgress, never()).await.unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
    println!("{} sites in {:?}, {peak}", summary.finished, summary.elapsed);
}

/// Everything that is told, in order.
#[derive(Default)]
struct Told(Vec<String>);

impl Progress for Told {
    fn begun(&mut self, tally: &Tally, resumed: bool) {
        self.0.push(format!("begun {} {} {resumed}", tally.targets, tally.already));
    }

    fn started(&mut self, _: &Target, tally: &Tally) {
        self.0.push(format!("started {}", tally.running));
    }

    fn finished(&mut self, target: &Target, visit: &Visit, tally: &Tally) {
        assert_eq!(target.url, visit.url);
        self.0.push(format!("finished {} {}", tally.finished, tally.pending()));
    }
}

#[tokio::test]
async fn progress_is_told_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let mut told = Told::default();
    let work = Plan { concurrency: 1, ..plan(2) };
    run(&store, Script::new(|_| Act::Answer), &work, &mut told, never()).await.unwrap();
    assert_eq!(told.0, ["begun 2 0 false", "started 1", "finished 1 1", "started 1", "finished 2 0"]);
}
