//! Visits made by hand, for the tests of this room.

#![expect(clippy::unwrap_used, reason = "a sample that does not parse must stop the test")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use crate::model::{
    Comune, Coverage, End, FetchOutcome, Finding, Hop, Outcome, PageKind, PageLabel, PageRecord, Platform, Proves,
    Reach, Reason, Signal, Step, Strength, Visit,
};

pub(super) fn all() -> Vec<(&'static str, Visit)> {
    vec![("found", found()), ("not-found", not_found()), ("unreached", unreached()), ("hostile", hostile())]
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn signal(rule: &str, platform: Platform, proves: Proves, strength: Strength, kind: &str) -> Signal {
    Signal {
        rule: rule.into(),
        catalogue: "2026.11.1".into(),
        platform: Some(platform),
        proves,
        strength,
        kind: kind.into(),
        url: url("https://www.comune.esempio.it/"),
        chain: Vec::new(),
        selector: "body > main > a:nth-child(2)".into(),
        excerpt: "<a class=\"spid\" href=\"/sso/spid\">Entra con SPID</a>".into(),
        label: None,
        target: None,
        tenant: None,
        tied: true,
        sha256: DIGEST.into(),
        fetched: time("2026-11-12T10:24:31Z"),
    }
}

fn finding(platform: Platform, outcome: Outcome, reason: Reason, signals: Vec<Signal>) -> Finding {
    let strength = signals.iter().map(|signal| signal.strength).max();
    Finding { platform, outcome, strength, reason, signals }
}

fn record(address: &str, kind: PageKind, outcome: FetchOutcome, status: Option<u16>) -> PageRecord {
    let read = outcome == FetchOutcome::Ok;
    PageRecord {
        requested: url(address),
        url: url(address),
        kind,
        outcome,
        detail: (!read).then(|| "no answer".to_owned()),
        status,
        hops: vec![Hop { url: url(address), status, location: None }],
        bytes: if read { 48_213 } else { 0 },
        sha256: if read { DIGEST.to_owned() } else { String::new() },
        address: read.then(|| "198.51.100.7:443".to_owned()),
        certificate: None,
        fetched: time("2026-11-12T10:24:31Z"),
        charset: read.then(|| "utf-8".to_owned()),
        title: read.then(|| "Comune di Esempio".to_owned()),
        rendered: None,
    }
}

fn step(address: &str, chosen_by: &str, label: Option<&str>, depth: u8, gave: &[(Platform, PageLabel)]) -> Step {
    Step {
        url: url(address),
        chosen_by: chosen_by.into(),
        label: label.map(str::to_owned),
        score: 100 - 10 * i32::from(depth),
        depth,
        outcome: FetchOutcome::Ok,
        rendered: false,
        gave: gave.to_vec(),
    }
}

fn visit() -> Visit {
    Visit {
        url: url("https://www.comune.esempio.it/"),
        comune: Comune {
            name: Some("Comune di Esempio".into()),
            codice_ipa: Some("c_x123".into()),
            region: Some("Emilia-Romagna".into()),
            ..Comune::default()
        },
        started: time("2026-11-12T10:24:05Z"),
        finished: time("2026-11-12T10:24:47Z"),
        requests: 9,
        end: End::Exhausted,
        catalogue: "2026.11.1".into(),
        catalogue_sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
        coverage: Coverage {
            pages: [(PageKind::Home, 1), (PageKind::Login, 1), (PageKind::Payment, 1), (PageKind::Services, 2)].into(),
            login_page: Reach::Read,
            payment_page: Reach::Read,
            refusals: BTreeMap::new(),
            unread: 0,
            complete: true,
        },
        findings: Vec::new(),
        vendors: vec!["vendors.opencity".into()],
        remarks: Vec::new(),
        pages: vec![record("https://www.comune.esempio.it/", PageKind::Home, FetchOutcome::Ok, Some(200))],
        path: vec![step("https://www.comune.esempio.it/", "start", None, 0, &[(Platform::Spid, PageLabel::Mentioned)])],
        left_unread: Vec::new(),
    }
}

/// Everything there; CIE by two strong signals on a regional portal.
pub(super) fn found() -> Visit {
    let home = url("https://www.comune.esempio.it/");
    let portal = url("https://servizi.comune.esempio.it/accedi");
    let spid = Signal {
        url: portal.clone(),
        chain: vec![home.clone(), url("https://www.comune.esempio.it/servizi")],
        label: Some("Entra con SPID".into()),
        target: Some(url(&format!("https://idp.example/sso?SAMLRequest={}", "fZJNT8MwDIbv".repeat(40)))),
        ..signal("spid.saml-redirect", Platform::Spid, Proves::Login, Strength::Proof, "redirect")
    };
    let cie = |rule: &str, kind: &str, label: Option<&str>| Signal {
        url: portal.clone(),
        chain: vec![home.clone()],
        label: label.map(str::to_owned),
        ..signal(rule, Platform::Cie, Proves::Login, Strength::Strong, kind)
    };
    let pagopa = Signal {
        label: Some("Paga online".into()),
        target: Some(url("https://pagamenti.example/mypay?idDominio=00224000125")),
        tenant: Some("idDominio=00224000125".into()),
        ..signal("vendors.mypay.payment", Platform::Pagopa, Proves::Payment, Strength::Proof, "control")
    };
    let appio = Signal {
        excerpt: "I servizi del Comune sull'app IO: Pagamenti, Scuola, Tributi".into(),
        ..signal("appio.services-list", Platform::Appio, Proves::Service, Strength::Proof, "text")
    };
    Visit {
        end: End::Decided,
        findings: vec![
            finding(Platform::Spid, Outcome::Found, Reason::Proof, vec![spid]),
            finding(
                Platform::Cie,
                Outcome::Found,
                Reason::TwoStrong,
                vec![
                    cie("cie.button", "control", Some("Entra con CIE")),
                    cie("cie.other-button", "control", Some("CIE")),
                    cie("cie.asset", "asset", None),
                ],
            ),
            finding(Platform::Pagopa, Outcome::Found, Reason::Proof, vec![pagopa]),
            finding(Platform::Appio, Outcome::Found, Reason::Proof, vec![appio]),
        ],
        ..visit()
    }
}

/// A bit of everything, one platform not found.
pub(super) fn not_found() -> Visit {
    let spid = Signal {
        url: url("https://www.comune.esempio.it/area-personale"),
        chain: vec![url("https://www.comune.esempio.it/")],
        label: Some("Entra con SPID".into()),
        target: Some(url("https://www.comune.esempio.it/sso/spid")),
        ..signal("spid.sp-button", Platform::Spid, Proves::Login, Strength::Proof, "control")
    };
    let pagopa = Signal {
        label: Some("Pagamenti".into()),
        target: Some(url("https://pagamenti.esempio.it/")),
        ..signal("links.payments", Platform::Pagopa, Proves::PaymentPage, Strength::Weak, "control")
    };
    let home = [(Platform::Spid, PageLabel::Leads), (Platform::Pagopa, PageLabel::Leads)];
    Visit {
        coverage: Coverage {
            pages: [(PageKind::Home, 1), (PageKind::Login, 1), (PageKind::Other, 1)].into(),
            login_page: Reach::Read,
            payment_page: Reach::Failed(FetchOutcome::TlsExpired),
            refusals: [("robots-denied".to_owned(), 3), ("tls-expired".to_owned(), 1)].into(),
            unread: 2,
            complete: false,
        },
        findings: vec![
            finding(Platform::Spid, Outcome::Found, Reason::Proof, vec![spid]),
            finding(Platform::Cie, Outcome::NotFound, Reason::CoverageComplete, Vec::new()),
            finding(Platform::Pagopa, Outcome::Undetermined, Reason::Fetch(FetchOutcome::TlsExpired), vec![pagopa]),
            finding(Platform::Appio, Outcome::NotFound, Reason::NotStated, Vec::new()),
        ],
        remarks: vec!["own-site".into(), "tls-expired".into()],
        pages: vec![
            record("https://www.comune.esempio.it/", PageKind::Home, FetchOutcome::Ok, Some(200)),
            record("https://www.comune.esempio.it/area-personale", PageKind::Login, FetchOutcome::Ok, Some(200)),
            record("https://pagamenti.esempio.it/", PageKind::Payment, FetchOutcome::TlsExpired, None),
        ],
        path: vec![
            step("https://www.comune.esempio.it/", "start", None, 0, &home),
            step(
                "https://www.comune.esempio.it/area-personale",
                "links.personal-area",
                Some("Accedi all'area personale"),
                1,
                &[(Platform::Spid, PageLabel::Offered)],
            ),
            Step {
                rendered: true,
                ..step("https://www.comune.esempio.it/area", "links.login-label", Some("Accedi"), 1, &[])
            },
            Step {
                outcome: FetchOutcome::TlsExpired,
                ..step("https://pagamenti.esempio.it/", "links.payments", Some("Pagamenti"), 1, &[])
            },
        ],
        left_unread: vec![
            url("https://www.comune.esempio.it/servizi/tributi"),
            url("https://www.comune.esempio.it/servizi/scuola"),
        ],
        ..visit()
    }
}

/// The name of the site has no address.
pub(super) fn unreached() -> Visit {
    let undetermined =
        |platform| finding(platform, Outcome::Undetermined, Reason::Fetch(FetchOutcome::Dns), Vec::new());
    Visit {
        comune: Comune::default(),
        finished: time("2026-11-12T10:24:05.31Z"),
        requests: 0,
        end: End::Unreached,
        coverage: Coverage {
            pages: BTreeMap::new(),
            login_page: Reach::NotSeen,
            payment_page: Reach::NotSeen,
            refusals: [("dns".to_owned(), 4)].into(),
            unread: 0,
            complete: false,
        },
        findings: Platform::DECIDED.map(undetermined).into(),
        vendors: Vec::new(),
        pages: vec![record("https://www.comune.esempio.it/", PageKind::Home, FetchOutcome::Dns, None)],
        path: vec![Step {
            outcome: FetchOutcome::Dns,
            ..step("https://www.comune.esempio.it/", "start", None, 0, &[])
        }],
        ..visit()
    }
}

/// Every text that a page or a file can fill tries to be something else.
pub(super) fn hostile() -> Visit {
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}DIPS\u{2066}\u{200b}<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\r\n\
                riscontro: forged";
    let spid = Signal {
        rule: format!("spid.{evil}"),
        excerpt: format!("{{{{ 7*7 }}}} {evil}"),
        label: Some(evil.into()),
        target: Some(url("javascript:alert(document.domain)")),
        url: url("https://xn--e1afmkfd.example/\"><script>alert(1)</script>"),
        chain: vec![url("https://www.comune.esempio.it/?q=<svg/onload=alert(1)>")],
        selector: evil.into(),
        sha256: evil.into(),
        ..signal("x", Platform::Spid, Proves::Mention, Strength::Weak, "text")
    };
    let cie = Signal {
        label: Some("\u{200b}\u{2060}".into()),
        ..signal("cie.words", Platform::Cie, Proves::Mention, Strength::Counter, "text")
    };
    let base = visit();
    Visit {
        comune: Comune {
            name: Some(format!("Comune {evil}")),
            codice_ipa: Some(evil.into()),
            region: Some("<b>x</b>".into()),
            ..Comune::default()
        },
        findings: vec![
            finding(Platform::Spid, Outcome::Mentioned, Reason::WordsOnly, vec![spid]),
            finding(Platform::Cie, Outcome::Undetermined, Reason::Contradicted, vec![cie]),
            finding(Platform::Pagopa, Outcome::Undetermined, Reason::PaymentPageNotSeen, Vec::new()),
            finding(Platform::Appio, Outcome::Undetermined, Reason::ScriptedControl, Vec::new()),
        ],
        coverage: Coverage {
            refusals: [(evil.to_owned(), 1)].into(),
            payment_page: Reach::NotSeen,
            complete: false,
            ..base.coverage.clone()
        },
        catalogue: evil.into(),
        vendors: vec![evil.into()],
        remarks: vec![evil.into()],
        path: vec![step("https://www.comune.esempio.it/", evil, Some(evil), 0, &[])],
        left_unread: vec![url("data:text/html,<script>alert(1)</script>")],
        pages: vec![PageRecord {
            title: Some(evil.into()),
            rendered: None,
            detail: Some(evil.into()),
            ..record("https://www.comune.esempio.it/", PageKind::Home, FetchOutcome::Ok, Some(200))
        }],
        ..base
    }
}
