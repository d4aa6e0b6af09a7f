//! Every kind of document that is written for people, out of made-up values: what is said in it is either plain, for reading,
//! or payloads, in each place that a page or a register can reach.

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use jiff::{Timestamp, civil::Date};
use riscontro::{
    config::{Lang, MaxAges},
    evidence::sha256,
    history::{self, History},
    model::{
        ApplicationState, CatalogueId, Comune, Confirm, Coverage, End, Euro, FetchOutcome, Finding, Hop, Look, Outcome,
        PageKind, PageLabel, PageRecord, Platform, Proves, Reach, Reason, Register, Signal, Step, Strength, Visit,
    },
    notices::{Entry, Notice, Notices, Seen, Sighting, schema::RegisterKind},
    registry::RegisterState,
    report::{
        application,
        casefile::{self, CaseFile, CaseVisit, FileEntry, Picture},
        changes::Tally,
        comune::{ComuneReport, Looked},
        document::{self, Document},
        html,
        json::Rooted,
        letter::{Frame, Part, written},
        national,
        notice::{Asked, Builder},
        observations::ChangeRow,
        verdicts::Told,
        view::general,
        words,
    },
    store::{
        ApplicationFacts, CaseFacts, ChainId, ComuneFacts, ComuneFile, Found, HistoryOf, RunId, StampRow, Trust,
        VisitId, Watched,
    },
};
use url::Url;

/// The day of all documents.
pub const TODAY: &str = "2026-11-22";

/// What is written into the places of a document.
#[derive(Debug)]
pub struct Ink<'a> {
    payloads: &'a [&'a str],
    at: Cell<usize>,
}

impl<'a> Ink<'a> {
    /// What stands there anyway.
    pub const fn plain() -> Self {
        Self { payloads: &[], at: Cell::new(0) }
    }

    /// Payloads one after the other, from this one on.
    pub const fn of(payloads: &'a [&'a str], first: usize) -> Self {
        Self { payloads, at: Cell::new(first) }
    }

    fn next(&self) -> Option<&'a str> {
        let at = self.at.get();
        self.at.set(at + 1);
        (!self.payloads.is_empty()).then(|| self.payloads[at % self.payloads.len()])
    }

    fn text(&self, plain: &str) -> String {
        self.next().unwrap_or(plain).to_owned()
    }

    #[expect(clippy::unnecessary_wraps, reason = "most places may be empty")]
    fn some(&self, plain: &str) -> Option<String> {
        Some(self.text(plain))
    }

    /// An address: the payload itself where it is one, else in path, query and fragment.
    fn url(&self, plain: &str) -> Url {
        let Some(payload) = self.next() else { return plain.parse().unwrap() };
        let inside = || Url::parse(&format!("https://www.comune.esempio.it/{payload}?q={payload}#{payload}"));
        Url::parse(payload).or_else(|_| inside()).unwrap_or_else(|_| plain.parse().unwrap())
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn signal(ink: &Ink<'_>, platform: Platform, rule: &str, label: &str) -> Signal {
    Signal {
        rule: ink.text(rule),
        catalogue: "2026.11.1".to_owned(),
        platform: Some(platform),
        proves: Proves::Login,
        strength: Strength::Proof,
        kind: "control".to_owned(),
        url: ink.url("https://www.comune.esempio.it/accedi"),
        chain: vec![ink.url("https://www.comune.esempio.it/")],
        selector: ink.text("body > main > a:nth-child(2)"),
        excerpt: ink.text("<a class=\"btn\" href=\"/sso/spid\">Entra con SPID</a>"),
        label: ink.some(label),
        target: Some(ink.url("https://www.comune.esempio.it/sso/spid")),
        tenant: None,
        tied: true,
        sha256: sha256(b"accedi"),
        fetched: time("2026-11-20T10:24:31Z"),
    }
}

fn record(ink: &Ink<'_>, address: &str, kind: PageKind) -> PageRecord {
    let url = ink.url(address);
    PageRecord {
        requested: url.clone(),
        url: url.clone(),
        kind,
        outcome: FetchOutcome::Ok,
        detail: None,
        status: Some(200),
        hops: vec![Hop { url, status: Some(200), location: None }],
        bytes: 48_213,
        sha256: sha256(b"accedi"),
        address: Some("198.51.100.7:443".to_owned()),
        certificate: None,
        fetched: time("2026-11-20T10:24:31Z"),
        charset: ink.some("utf-8"),
        title: ink.some("Comune di Esempio"),
        rendered: None,
    }
}

/// One visit: SPID found, CIE not found, payment unclear, the app not stated.
pub fn visit(ink: &Ink<'_>) -> Visit {
    let step = |address: &str, by: &str, depth| Step {
        url: ink.url(address),
        chosen_by: ink.text(by),
        label: ink.some("Accedi all'area personale"),
        score: 90,
        depth,
        outcome: FetchOutcome::Ok,
        rendered: false,
        gave: vec![(Platform::Spid, PageLabel::Offered)],
    };
    let finding = |platform, outcome, reason, signals: Vec<Signal>| {
        let strength = signals.iter().map(|signal| signal.strength).max();
        Finding { platform, outcome, strength, reason, signals }
    };
    let pay = Signal {
        proves: Proves::PaymentPage,
        strength: Strength::Weak,
        ..signal(ink, Platform::Pagopa, "links.payments", "Pagamenti")
    };
    Visit {
        url: ink.url("https://www.comune.esempio.it/"),
        comune: Comune {
            name: ink.some("Esempio"),
            codice_ipa: ink.some("c_y123"),
            region: ink.some("Emilia-Romagna"),
            ..Comune::default()
        },
        started: time("2026-11-20T10:24:05Z"),
        finished: time("2026-11-20T10:24:47Z"),
        requests: 9,
        end: End::Exhausted,
        catalogue: "2026.11.1".to_owned(),
        catalogue_sha256: sha256(b"catalogue"),
        coverage: Coverage {
            pages: [(PageKind::Home, 1), (PageKind::Login, 1), (PageKind::Services, 2)].into(),
            login_page: Reach::Read,
            payment_page: Reach::Failed(FetchOutcome::TlsExpired),
            refusals: [(ink.text("robots-denied"), 3), (ink.text("tls-expired"), 1)].into(),
            unread: 2,
            complete: false,
        },
        findings: vec![
            finding(
                Platform::Spid,
                Outcome::Found,
                Reason::Proof,
                vec![signal(ink, Platform::Spid, "spid.sp-button", "Entra con SPID")],
            ),
            finding(Platform::Cie, Outcome::NotFound, Reason::CoverageComplete, Vec::new()),
            finding(Platform::Pagopa, Outcome::Undetermined, Reason::Fetch(FetchOutcome::TlsExpired), vec![pay]),
            finding(Platform::Appio, Outcome::NotFound, Reason::NotStated, Vec::new()),
        ],
        vendors: vec![ink.text("vendors.opencity")],
        remarks: vec![ink.text("tls-expired")],
        pages: vec![
            record(ink, "https://www.comune.esempio.it/", PageKind::Home),
            record(ink, "https://www.comune.esempio.it/accedi", PageKind::Login),
        ],
        path: vec![
            step("https://www.comune.esempio.it/", "start", 0),
            step("https://www.comune.esempio.it/accedi", "links.personal-area", 1),
        ],
        left_unread: vec![ink.url("https://www.comune.esempio.it/servizi/tributi")],
    }
}

/// `check --html` on several sites.
pub fn check(ink: &Ink<'_>, visits: usize, lang: Lang) -> String {
    let visits: Vec<Visit> = (0..visits).map(|_| visit(ink)).collect();
    html::page(&visits, &[ink.text("Visita 7 conservata.")], words(lang), true, &general)
}

/// The page of a case file.
pub fn case_file(ink: &Ink<'_>, visits: usize, lang: Lang) -> String {
    let visits: Vec<CaseVisit> = (1..)
        .take(visits)
        .map(|number| CaseVisit {
            id: VisitId(number),
            visit: visit(ink),
            run: Some(RunId(3)),
            trust: Some(Trust::Clear),
            chain: ChainId(4),
            root: sha256(b"root"),
            stamps: vec![StampRow {
                chain: ChainId(4),
                records: 30,
                root: sha256(b"root"),
                authority: ink.text("http://tsa.example/tsr"),
                stamped: time("2026-11-20T11:00:00Z"),
                policy: ink.text("1.2.3"),
                serial: ink.text("0a"),
                answer: b"tsr".to_vec(),
            }],
            records: (12, 20),
            agent: ink.text("riscontro/0.1.0 (+https://ente.example)"),
            latest: number == 1,
            confirmed: vec![Platform::Spid],
            kept: vec![0, 1],
            pictures: vec![Picture { page: 1, file: "pictures/7-1.png".to_owned(), bytes: DOT.to_vec() }],
        })
        .collect();
    let histories = [told(ink, Platform::Spid, 1)];
    let file = CaseFile { visits: &visits, histories: &histories, as_of: None, masked: true, pages: true };
    casefile::page(&file, &[FileEntry::of("archive/riscontro.warc.gz", b"x")], words(lang))
}

/// A picture of one pixel.
const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

/// The history of a platform of one comune: found three weeks ago (a multiple of three), lost (one more), missed once (two more).
fn told(ink: &Ink<'_>, platform: Platform, number: usize) -> HistoryOf {
    let look = |at: &str, outcome: Outcome, reason: Reason| Look {
        at: time(at),
        outcome,
        strength: (outcome == Outcome::Found).then_some(Strength::Proof),
        reason,
        rules: Some(CatalogueId(1)),
    };
    let found = |at| look(at, Outcome::Found, Reason::Proof);
    let missed = |at| look(at, Outcome::NotFound, Reason::CoverageComplete);
    let unread = |at| look(at, Outcome::Undetermined, Reason::Fetch(FetchOutcome::Timeout));
    let looks = match number % 4 {
        0 => vec![missed("2026-10-20T03:00:00Z"), found("2026-11-10T03:00:00Z"), found("2026-11-20T03:00:00Z")],
        1 => vec![
            found("2026-10-20T03:00:00Z"),
            missed("2026-11-10T03:00:00Z"),
            missed("2026-11-12T03:00:00Z"),
            missed("2026-11-20T03:00:00Z"),
        ],
        2 => vec![found("2026-10-20T03:00:00Z"), missed("2026-11-20T03:00:00Z")],
        _ => vec![found("2026-10-20T03:00:00Z"), unread("2026-11-20T03:00:00Z")],
    };
    HistoryOf {
        whose: Watched {
            codice_ipa: Some(format!("c_y{number:03}")),
            catastale: Some(catastale(number)),
            name: ink.some(NAMES[number % NAMES.len()]),
            region: ink.some(REGIONS[number % REGIONS.len()]),
            url: ink.some("https://www.comune.esempio.it/"),
        },
        platform,
        history: History::of(&looks, Confirm::default()),
        catalogues: Arc::new(BTreeMap::from([(CatalogueId(1), "2026.11.1".to_owned())])),
        roots: BTreeMap::new(),
    }
}

const NAMES: [&str; 4] = ["Alba Finta", "Borgofinto", "Castel Prova", "San Giovanni in Esempio"];
const REGIONS: [&str; 4] = ["Emilia-Romagna", "Friuli-Venezia Giulia", "Piemonte", "Sicilia"];

fn catastale(number: usize) -> String {
    format!("Y{number:03}")
}

/// The notice that all cases are about.
pub fn notice(ink: &Ink<'_>) -> Notice {
    static NOTICES: OnceLock<Notices> = OnceLock::new();
    let notices = NOTICES.get_or_init(|| Notices::embedded().unwrap());
    let mut notice = notices.find("pad2026-144-spid-cie-2022-04").unwrap().clone();
    notice.name.it = ink.text(&notice.name.it);
    notice.name.en = ink.text(&notice.name.en);
    for criterion in &mut notice.criteria {
        criterion.what.it = ink.text(&criterion.what.it);
        criterion.what.en = ink.text(&criterion.what.en);
    }
    notice
}

fn comune_facts(ink: &Ink<'_>, number: usize) -> ComuneFacts {
    ComuneFacts {
        catastale: Some(catastale(number)),
        name: ink.text(NAMES[number % NAMES.len()]),
        sigla: ink.some("XX"),
        region: ink.some(REGIONS[number % REGIONS.len()]),
        codice_ipa: ink.some(&format!("c_y{number:03}")),
        codice_istat: Some(format!("{:06}", 900_000 + number)),
        codice_fiscale: ink.some("00000000000"),
        population: Some(4_321),
        population_dated: Some("2025-12-31".to_owned()),
        url: ink.some("https://www.comune.esempio.it/"),
        scheme_guessed: false,
    }
}

fn case(ink: &Ink<'_>, number: usize, notice: &Notice) -> CaseFacts {
    let found = |platform, outcome, reason| Found {
        sighting: Sighting { platform, outcome, reason, on: date("2026-11-20"), unconfirmed: false },
        visit: 7,
        url: ink.text("https://www.comune.esempio.it/"),
        page: ink.some("https://www.comune.esempio.it/accedi"),
        rule: ink.some("spid.sp-button"),
        sha256: Some(sha256(b"accedi")),
        catalogue: ink.text("2026.11.1"),
        evidence_root: Some(sha256(b"root")),
    };
    let cie = match number % 3 {
        0 => (Outcome::Found, Reason::Proof),
        1 => (Outcome::NotFound, Reason::CoverageComplete),
        _ => (Outcome::Undetermined, Reason::Fetch(FetchOutcome::Timeout)),
    };
    CaseFacts {
        comune: comune_facts(ink, number),
        application: Some(ApplicationFacts {
            avviso: notice.titles[0].clone(),
            measure: "1.4.4".to_owned(),
            euro: Euro::of_cents(1_400_000).unwrap(),
            cup: ink.some(&format!("Y{number:02}F22000000001")),
            state: if number.is_multiple_of(2) { ApplicationState::Financed } else { ApplicationState::Paid },
            state_date: Some(date("2025-03-01")),
            funded: Some(date("2022-08-02")),
            decree: ink.some("28 - 1 / 2022 - PNRR"),
            dated: date("2026-11-12"),
            wound_back: false,
        }),
        found: [found(Platform::Spid, Outcome::Found, Reason::Proof), found(Platform::Cie, cie.0, cie.1)].into(),
        seen: [Seen {
            register: RegisterKind::Spid,
            on: date("2026-11-12"),
            complete: true,
            entry: if number % 3 == 1 { Entry::NotListed } else { Entry::Listed { count: None } },
        }]
        .into(),
    }
}

fn registers(ink: &Ink<'_>) -> Vec<RegisterState> {
    [
        (Register::Istat, "2026-05-29", false),
        (Register::Candidature, "2026-11-12", false),
        (Register::Ipa, "2025-01-09", true),
    ]
    .into_iter()
    .map(|(register, on, stale)| RegisterState {
        register,
        part: if register == Register::Candidature { ink.text("1.4.4") } else { String::new() },
        date: date(on),
        source: ink.text("file.csv"),
        digest: sha256(on.as_bytes()),
        whole: true,
        kept: 7_896,
        age_days: date(on).until(date(TODAY)).unwrap().get_days().into(),
        stale,
    })
    .collect()
}

/// The report on a notice with so many applications, half of which changed.
pub fn notice_report(ink: &Ink<'_>, cases: usize, lang: Lang) -> Document {
    let notice = notice(ink);
    let asked = Asked { as_of: date(TODAY), since: Some(date("2026-11-01")), near_days: 60, regions: Vec::new() };
    let mut report = Builder::new(&[&notice], asked, registers(ink), lang);
    for number in 0..cases {
        let told = told(ink, if number.is_multiple_of(2) { Platform::Cie } else { Platform::Spid }, number);
        let before = told.history.as_known_on(date("2026-11-01")).state();
        if let Some(change) = history::change(&before, &told.history) {
            report.change(ChangeRow::of(&told, &before, change));
        }
    }
    for number in 0..cases {
        report.case(&Told::new(case(ink, number, &notice), &notice, date(TODAY), MaxAges::default()));
    }
    report.finish();
    report.document()
}

/// The report to a comune.
pub fn comune_report(ink: &Ink<'_>, lang: Lang) -> Document {
    let notice = notice(ink);
    let file = ComuneFile {
        catastale: ink.text("Y123"),
        name: ink.text("Borgofinto"),
        full_name: None,
        sigla: ink.some("XX"),
        region: ink.some("Emilia-Romagna"),
        current: true,
        ceased: None,
        codici_istat: Vec::new(),
        codici_ipa: vec![ink.text("c_y123")],
        ipa_by: None,
        codice_fiscale: None,
        pec: None,
        website: None,
        url: None,
        population: None,
        population_dated: None,
        population_source: None,
        names: Vec::new(),
        applications: Vec::new(),
        sums: Vec::new(),
        live_cents: 0,
        live_cents_without_anpr_ansc: 0,
        waived_cents: 0,
        appio: Vec::new(),
        spid: Vec::new(),
        findings: Vec::new(),
    };
    let rooted = Rooted { visit: 7, chain: 4, records: 30, root: ink.text(&sha256(b"root")) };
    let contact = ink.text("verifiche@ente.example");
    let histories = [told(ink, Platform::Spid, 0), told(ink, Platform::Cie, 2), told(ink, Platform::Pagopa, 3)];
    let cases = [Told::new(case(ink, 1, &notice), &notice, date(TODAY), MaxAges::default())];
    let report = ComuneReport {
        file: &file,
        looks: vec![Looked { visit: visit(ink), rooted: Some(rooted) }],
        histories: &histories,
        cases: &cases,
        registers: &registers(ink),
        as_of: date(TODAY),
        contact: Some(&contact),
    };
    report.document(words(lang), &general)
}

/// The first page of the case file of an application.
pub fn application(ink: &Ink<'_>, lang: Lang) -> Document {
    let notice = notice(ink);
    let told = Told::new(case(ink, 1, &notice), &notice, date(TODAY), MaxAges::default());
    application::document(&told, &registers(ink), words(lang))
}

/// The national picture with so many regions.
pub fn national(ink: &Ink<'_>, regions: usize, lang: Lang) -> Document {
    let histories: Vec<HistoryOf> = (0..regions)
        .flat_map(|number| {
            let spid = told(ink, Platform::Spid, number);
            // The same region twice: two platforms of one comune.
            let cie = HistoryOf { platform: Platform::Cie, ..spid.clone() };
            [spid, cie]
        })
        .collect();
    let comuni = histories.iter().filter_map(|told| Some((told.whose.region.clone()?, 120))).collect();
    let mut picture = national::Picture::new(date(TODAY), comuni, registers(ink), lang);
    for told in &histories {
        picture.add(told);
    }
    picture.document()
}

/// Every kind of page.
pub const KINDS: [&str; 7] = ["check", "casefile", "notice", "comune", "application", "national", "letter"];

/// The page of a letter that holds two reports.
fn letter(ink: &Ink<'_>, many: usize, lang: Lang) -> String {
    let part = |document| Part { document, tally: Tally::default(), first: false };
    let parts = vec![part(notice_report(ink, many, lang)), part(comune_report(ink, lang))];
    written(parts, &Frame::default(), lang).html
}

/// A page of a kind; `many` is how long its lists are.
pub fn page(kind: &str, ink: &Ink<'_>, many: usize, lang: Lang) -> String {
    match kind {
        "check" => check(ink, many.div_ceil(20), lang),
        "casefile" => case_file(ink, many.div_ceil(20), lang),
        "notice" => document::html(&notice_report(ink, many, lang)),
        "comune" => document::html(&comune_report(ink, lang)),
        "application" => document::html(&application(ink, lang)),
        "national" => document::html(&national(ink, many, lang)),
        "letter" => letter(ink, many, lang),
        other => panic!("no page of the kind {other}"),
    }
}
