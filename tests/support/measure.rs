//! What each made-up comune costs: the built binary visits it alone, in a local web of its own, and the log of that
//! web is counted. So every request belongs to one comune, and each pays for every robots file itself.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    comuni::{self, Comune, Expect},
    database,
    log::Entry,
    run::Riscontro,
    web::Web,
};

/// One visit to one comune.
#[derive(Debug)]
pub struct Measured {
    /// The comune.
    pub comune: Comune,
    /// What was said of each platform, in the order of [`comuni::Expected::each`].
    pub answers: Vec<Answered>,
    /// Every request of the visit, as the local web saw it.
    pub requests: Vec<Entry>,
    /// Requests to hosts that the comune's web does not have.
    pub strays: Vec<String>,
    /// Requests as the product counts them.
    pub own_count: usize,
    /// Pages that a browser drew.
    pub rendered: usize,
}

/// What was said of one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Code of the platform.
    pub platform: &'static str,
    /// What is true.
    pub expected: Expect,
    /// Code of the outcome.
    pub outcome: String,
    /// Code of the reason.
    pub reason: String,
    /// For `found`: how many requests had been sent when the evidence was complete, that request included.
    pub until: Option<usize>,
}

impl Measured {
    /// The answer on one platform.
    #[track_caller]
    pub fn answer(&self, platform: &str) -> &Answered {
        self.answers.iter().find(|answered| answered.platform == platform).unwrap()
    }

    /// True when SPID, CIE and pagoPA all have another outcome than `undetermined`. App IO does not count: a site's
    /// silence on it proves nothing, so it seldom decides.
    pub fn is_decided(&self) -> bool {
        self.answers.iter().all(|answered| answered.platform == "appio" || answered.outcome != "undetermined")
    }

    /// The requests, one a line.
    pub fn ways(&self) -> String {
        self.requests.iter().map(|entry| format!("      {} {}\n", entry.status, entry.url())).collect()
    }
}

/// Visits each comune alone, two or more at the same time. `draw`: with a browser.
pub fn everyone(binary: &Path, comuni: &[Comune], draw: bool) -> Vec<Measured> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(comune) = comuni.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let measured = alone(binary, comune, draw);
                    done.lock().unwrap().push(measured);
                }
            });
        }
    });
    let mut measured = done.into_inner().unwrap();
    measured.sort_by_key(|one| one.comune.number);
    measured
}

/// Visits one comune in a web of its own.
pub fn alone(binary: &Path, comune: &Comune, draw: bool) -> Measured {
    let web = Web::of(comune.sites.clone());
    let riscontro = if draw { Riscontro::drawing(binary, &web) } else { Riscontro::new(binary, &web) };
    let riscontro = riscontro.flag(&["--max-time", "60"]);
    let targets = riscontro.path("comune.csv");
    std::fs::write(&targets, comuni::targets_csv(std::slice::from_ref(comune))).unwrap();
    let arguments =
        ["run", "--targets", targets.to_str().unwrap(), "--db", &riscontro.database("one.db"), "--format", "json"];
    riscontro.run(&arguments).assert_code(0);
    let database = riscontro.path("one.db");
    let requests = web.log().all();
    let strays = web.log().strays().iter().map(Entry::url).collect();
    let found = database::rows(&database, "SELECT platform, outcome, reason FROM finding ORDER BY id");
    let ways = ways_in(&database, &requests);
    let truth = comune.rendered.filter(|_| draw).unwrap_or(comune.expected);
    let answers = truth.each().map(|(platform, expected)| {
        let row = found.iter().find(|row| row[0] == platform).unwrap();
        let until = (row[1] == "found").then(|| complete_after(platform, &ways)).flatten();
        Answered { platform, expected, outcome: row[1].clone(), reason: row[2].clone(), until }
    });
    let count = database::rows(&database, "SELECT CAST(requests AS TEXT) FROM visit");
    let drawn = database::rows(&database, "SELECT CAST(count(*) AS TEXT) FROM page WHERE rendered IS NOT NULL");
    Measured {
        comune: comune.clone(),
        answers: answers.to_vec(),
        requests,
        strays,
        own_count: count[0][0].parse().unwrap(),
        rendered: drawn[0][0].parse().unwrap(),
    }
}

/// A stored way in that may decide, and the place of its page in the log, from 1.
struct Way {
    platform: String,
    proof: bool,
    kind: String,
    page: String,
    selector: String,
    place: usize,
}

fn ways_in(database: &Path, requests: &[Entry]) -> Vec<Way> {
    let rows = database::rows(
        database,
        "SELECT f.platform, s.strength, s.kind, s.url, s.selector FROM signal s JOIN finding f ON f.id = s.finding \
         WHERE s.tied = 1 AND s.strength IN ('strong', 'proof') AND s.proves IN ('login', 'payment', 'service')",
    );
    let way = |row: &Vec<String>| {
        let page = row[3].split('#').next().unwrap_or_default();
        let place = requests.iter().rposition(|entry| entry.url() == page)?;
        Some(Way {
            platform: row[0].clone(),
            proof: row[1] == "proof",
            kind: row[2].clone(),
            page: page.to_owned(),
            selector: row[4].clone(),
            place: place + 1,
        })
    };
    rows.iter().filter_map(way).collect()
}

/// The earliest moment at which the stored signs decide: a proof, or two strong signs that are two facts.
fn complete_after(platform: &str, ways: &[Way]) -> Option<usize> {
    let own: Vec<&Way> = ways.iter().filter(|way| way.platform == platform).collect();
    let proofs = own.iter().filter(|way| way.proof).map(|way| way.place);
    let pairs = own.iter().enumerate().flat_map(|(index, one)| {
        let differs =
            |other: &&&Way| one.kind != other.kind && (one.page != other.page || one.selector != other.selector);
        own[index + 1..].iter().filter(differs).map(|other| one.place.max(other.place)).collect::<Vec<_>>()
    });
    proofs.chain(pairs).min()
}
