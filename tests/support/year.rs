//! A made-up country visited night after night, of which it is known what was true on each.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use riscontro::{
    clock::SystemClock,
    model::{
        Comune, Coverage, End, FetchOutcome, Finding, Outcome, PageKind, PageRecord, Platform, Proves, Reach, Reason,
        Signal, Strength, Target, Visit,
    },
    store::{RunId, RunPlan, Store, Weighed},
};

/// One in a hundred comuni really changes a night; three in a hundred sites are away; one in two hundred is misread.
const CHANGES: u64 = 100;
const AWAY: u64 = 300;
const MISREAD: u64 = 50;

/// The country, and the night of its mass failure.
#[derive(Debug, Clone, Copy)]
pub struct Country {
    pub comuni: usize,
    pub nights: usize,
    /// The night on which six sites in ten show nothing.
    pub failure: usize,
}

/// A number that looks like chance and is always the same.
fn dice(comune: usize, night: usize, what: u64) -> u64 {
    let mut x = (comune as u64) << 32 ^ (night as u64) << 8 ^ what;
    for _ in 0..2 {
        x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
    }
    x % 10_000
}

/// When a night's visit of a comune starts: within two hours from two o'clock.
pub fn starts(comune: usize, night: usize) -> Timestamp {
    let first: Timestamp = "2025-01-01T02:00:00Z".parse().unwrap();
    let hours = i64::try_from(night).unwrap() * 24;
    let seconds = i64::try_from(dice(comune, night, 9)).unwrap() * 7_200 / 10_000;
    first.checked_add(hours.hours().seconds(seconds)).unwrap()
}

/// The day of a night.
pub fn date(night: usize) -> String {
    starts(0, night).to_zoned(TimeZone::UTC).date().to_string()
}

impl Country {
    /// Whether each platform is really there, night by night.
    pub fn truth(&self, comune: usize) -> Vec<[bool; 4]> {
        let mut now = [0, 1, 2, 3].map(|platform| dice(comune, 0, 100 + platform) < 7_000);
        let each = |night: usize| {
            if night > 0 && dice(comune, night, 1) < CHANGES {
                let platform = usize::try_from(dice(comune, night, 2) % 4).unwrap();
                now[platform] = !now[platform];
            }
            now
        };
        (0..self.nights).map(each).collect()
    }

    /// What a visit finds when this is true: outages and misreadings included.
    pub fn seen(&self, comune: usize, night: usize, truth: [bool; 4]) -> [Outcome; 4] {
        let mass = night == self.failure && dice(comune, night, 3) < 6_000;
        if dice(comune, night, 4) < AWAY || mass && dice(comune, night, 5) < 5_000 {
            return [Outcome::Undetermined; 4];
        }
        let misread = mass || dice(comune, night, 6) < MISREAD;
        truth.map(|there| if there && !misread { Outcome::Found } else { Outcome::NotFound })
    }

    /// The list of its sites.
    pub fn plan(&self) -> RunPlan {
        RunPlan {
            targets: (0..self.comuni).map(target).collect(),
            catalogue: "2026.1".to_owned(),
            catalogue_sha256: "ab".repeat(32),
            agent: "0.1.0".to_owned(),
            settings: serde_json::json!({"max_requests": 40}),
            fresh: true,
        }
    }

    /// Stores one night as `run` would; `pages` is how many pages each visit has.
    pub async fn night(&self, store: &Store, truth: &[Vec<[bool; 4]>], night: usize, pages: usize) -> (RunId, Weighed) {
        let start = store.begin_run(&self.plan()).await.unwrap();
        for (comune, own) in truth.iter().enumerate().take(self.comuni) {
            let seen = self.seen(comune, night, own[night]);
            store.record_visit(start.id, comune, &visit(comune, starts(comune, night), seen, pages)).await.unwrap();
        }
        store.finish_run(start.id).await.unwrap();
        (start.id, store.weigh_run(start.id, 10).await.unwrap())
    }
}

/// An open database.
pub async fn open(path: &std::path::Path) -> Store {
    Store::open(path.to_str().unwrap(), Arc::new(SystemClock)).await.unwrap()
}

/// The cadastral code of a comune: one letter, three digits.
pub fn catastale(comune: usize) -> String {
    format!("{}{:03}", char::from(b'A' + u8::try_from(comune / 1_000).unwrap()), comune % 1_000)
}

pub fn target(comune: usize) -> Target {
    let code = catastale(comune);
    Target {
        url: format!("https://www.comune.prova{comune}.it/").parse().unwrap(),
        scheme_guessed: false,
        comune: Comune {
            name: Some(format!("Comune di Prova {comune:04}")),
            codice_ipa: Some(format!("c_{}", code.to_lowercase())),
            codice_istat: None,
            codice_catastale: Some(code),
            codice_fiscale: None,
            population: Some(5_000),
            region: Some(if comune.is_multiple_of(2) { "Lazio" } else { "Umbria" }.to_owned()),
        },
    }
}

/// A visit that comes to these answers, with so many pages and two signals for each thing found.
pub fn visit(comune: usize, at: Timestamp, seen: [Outcome; 4], pages: usize) -> Visit {
    let Target { url, comune: whose, .. } = target(comune);
    // Each page comes a second or two after the one before, never twice alike.
    let night = usize::try_from(at.as_second() / 86_400).unwrap();
    let mut last = at;
    let mut next = |what: usize| {
        let step = 1_000 + dice(comune, night, 200 + what as u64) / 10;
        last = last.checked_add(i64::try_from(step).unwrap().milliseconds()).unwrap();
        last
    };
    let came: Vec<Timestamp> = (0..pages).map(&mut next).collect();
    let finished = if pages == 0 { at } else { next(pages) };
    let signal = |platform| Signal {
        rule: "spid.button-login-link".to_owned(),
        catalogue: "2026.1".to_owned(),
        platform: Some(platform),
        proves: Proves::Login,
        strength: Strength::Proof,
        kind: "control".to_owned(),
        url: url.join("/portal/accesso?ente=prova").unwrap(),
        chain: vec![url.clone(), url.join("/servizi").unwrap()],
        selector: "main > div.login-options > div:nth-child(2) > a.spid-button".to_owned(),
        excerpt: "<a class=\"btn btn-primary spid-button\" href=\"/portal/saml/login\">Entra con SPID</a>".to_owned(),
        label: Some("Entra con SPID".to_owned()),
        target: Some(url.join("/portal/saml/login").unwrap()),
        tenant: None,
        tied: true,
        sha256: "cd".repeat(32),
        fetched: came[0],
    };
    let finding = |(platform, outcome): (Platform, Outcome)| {
        let (strength, reason, signals) = match outcome {
            Outcome::Found => (Some(Strength::Proof), Reason::Proof, if pages > 0 { 2 } else { 0 }),
            Outcome::Undetermined => (None, Reason::Fetch(FetchOutcome::ConnectTimeout), 0),
            Outcome::Mentioned | Outcome::NotFound => (None, Reason::CoverageComplete, 0),
        };
        Finding { platform, outcome, strength, reason, signals: (0..signals).map(|_| signal(platform)).collect() }
    };
    let page = |index: usize| PageRecord {
        requested: url.join(&format!("/it/page/servizi-e-accesso-area-personale-{index}")).unwrap(),
        url: url.join(&format!("/it/page/servizi-e-accesso-area-personale-{index}")).unwrap(),
        kind: PageKind::Services,
        outcome: FetchOutcome::Ok,
        detail: None,
        status: Some(200),
        hops: Vec::new(),
        bytes: 84_211,
        sha256: "ef".repeat(32),
        address: Some("203.0.113.17:443".to_owned()),
        certificate: Some("01".repeat(32)),
        fetched: came[index],
        charset: Some("utf-8".to_owned()),
        title: Some("Servizi, Comune di Prova".to_owned()),
        rendered: None,
    };
    Visit {
        url: url.clone(),
        comune: whose,
        started: at,
        finished,
        requests: 14,
        end: End::Exhausted,
        catalogue: "2026.1".to_owned(),
        catalogue_sha256: "ab".repeat(32),
        coverage: Coverage {
            pages: BTreeMap::from([(PageKind::Services, u32::try_from(pages).unwrap())]),
            login_page: Reach::Read,
            payment_page: Reach::Read,
            refusals: BTreeMap::new(),
            unread: 0,
            complete: true,
        },
        findings: Platform::DECIDED.into_iter().zip(seen).map(finding).collect(),
        vendors: Vec::new(),
        remarks: Vec::new(),
        pages: (0..pages).map(page).collect(),
        path: Vec::new(),
        left_unread: Vec::new(),
    }
}
