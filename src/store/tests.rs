//! The store against real files, looked at from outside with a second raw connection.
#![expect(clippy::unwrap_used, reason = "tests")]

mod export;
mod faults;
mod judgements;
mod observations;
mod registers;
mod runs;
mod visits;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::Timestamp;
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use url::Url;

use crate::{
    clock::{Clock, SystemClock},
    model::{
        Comune, Coverage, End, FetchOutcome, Finding, Hop, Outcome, PageKind, PageLabel, PageRecord, Platform, Proves,
        Reach, Reason, Signal, Step, Strength, Target, Visit,
    },
};

use super::{RunPlan, Store, sql::Pool};

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

async fn open(folder: &tempfile::TempDir) -> Store {
    Store::open(folder.path().join("r.db").to_str().unwrap(), clock()).await.unwrap()
}

/// The connection that a file is written through, for settings of SQLite alone.
fn file_writer(store: &Store) -> &sqlx::SqlitePool {
    match &store.writer {
        Pool::Sqlite(pool) => pool,
        Pool::Postgres(_) => panic!("not a file"),
    }
}

/// A connection that knows nothing of the store.
async fn witness(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

/// From here on the database refuses every visit after so many, as a failing disk would.
pub(crate) async fn refuse_visits_after(store: &Store, visits: u32) {
    let mut witness = witness(store.file().unwrap()).await;
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON visit WHEN (SELECT count(*) FROM visit) >= {visits}
         BEGIN SELECT raise(ABORT, 'refused by the test'); END"
    )))
    .execute(&mut witness)
    .await
    .unwrap();
}

/// SQLite's own checks, from outside.
async fn assert_sound(path: &Path) {
    let mut witness = witness(path).await;
    let integrity: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut witness).await.unwrap();
    assert_eq!(integrity, "ok");
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut witness).await.unwrap();
    assert!(orphans.is_empty());
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn comune(number: usize) -> Comune {
    Comune {
        name: Some(format!("Comune di Prova d'Esempio n. {number} è qui")),
        codice_ipa: Some(format!("c_x{number:03}")),
        codice_istat: Some(format!("{number:06}")),
        codice_catastale: Some(format!("X{number:03}")),
        codice_fiscale: Some(format!("{number:011}")),
        population: Some(u32::try_from(number).unwrap() * 100),
        region: Some("Valle d'Aosta/Vallée d'Aoste".to_owned()),
    }
}

fn target(number: usize) -> Target {
    Target { url: url(&format!("https://www.comune.prova{number}.it/")), scheme_guessed: true, comune: comune(number) }
}

fn plan(targets: usize) -> RunPlan {
    RunPlan {
        targets: (0..targets).map(target).collect(),
        catalogue: "2026.1".to_owned(),
        catalogue_sha256: "ab".repeat(32),
        agent: "0.1.0".to_owned(),
        settings: serde_json::json!({"max_requests": 40}),
        fresh: false,
    }
}

fn signal(number: usize, platform: Platform, strength: Strength) -> Signal {
    Signal {
        rule: format!("{}.button-login-link", platform.code()),
        catalogue: "2026.1".to_owned(),
        platform: Some(platform),
        proves: Proves::Login,
        strength,
        kind: "control".to_owned(),
        url: url(&format!("https://servizi.comune.prova{number}.it/portal/accesso?ente=prova")),
        chain: vec![
            url(&format!("https://www.comune.prova{number}.it/")),
            url(&format!("https://servizi.comune.prova{number}.it/")),
        ],
        selector: "main > div.login-options > div:nth-child(2) > a.spid-button".to_owned(),
        excerpt: "<a class=\"btn btn-primary spid-button\" href=\"/portal/saml/login\">Entra con SPID</a>".to_owned(),
        label: Some("Entra con SPID".to_owned()),
        target: Some(url(&format!("https://servizi.comune.prova{number}.it/portal/saml/login"))),
        tenant: None,
        tied: true,
        sha256: "cd".repeat(32),
        fetched: time("2026-11-22T02:00:03.25Z"),
    }
}

/// A visit as an ordinary comune gives it: ten pages, four findings, eight signals, all fields in use.
fn visit(number: usize) -> Visit {
    let home = format!("https://www.comune.prova{number}.it/");
    let page = |index: usize| PageRecord {
        requested: url(&format!("{home}it/page/servizi-e-accesso-area-personale-{index}")),
        url: url(&format!(
            "{home}it/page/servizi-e-accesso-area-personale-{index}{}",
            if index == 4 { "/" } else { "" }
        )),
        kind: if index == 0 { PageKind::Home } else { PageKind::Services },
        outcome: if index == 9 { FetchOutcome::TlsExpired } else { FetchOutcome::Ok },
        detail: (index == 9).then(|| "certificate expired on 2026-01-01".to_owned()),
        status: (index != 9).then_some(200),
        // The fourth page was redirected, the others answered at once.
        hops: if index == 4 {
            vec![
                Hop {
                    url: url(&format!("{home}it/page/servizi-e-accesso-area-personale-{index}")),
                    status: Some(301),
                    location: Some(url(&format!("{home}it/page/servizi-e-accesso-area-personale-{index}/"))),
                },
                Hop {
                    url: url(&format!("{home}it/page/servizi-e-accesso-area-personale-{index}/")),
                    status: Some(200),
                    location: None,
                },
            ]
        } else {
            vec![Hop {
                url: url(&format!("{home}it/page/servizi-e-accesso-area-personale-{index}")),
                status: (index != 9).then_some(200),
                location: None,
            }]
        },
        bytes: 84_211 + index as u64,
        sha256: "ef".repeat(32),
        address: Some("203.0.113.17:443".to_owned()),
        certificate: Some("01".repeat(32)),
        fetched: time("2026-11-22T02:00:01.123456789Z"),
        charset: Some("windows-1252".to_owned()),
        title: Some("Servizi, Comune di Prova: città \u{1f3db}".to_owned()),
        rendered: None,
    };
    let finding = |platform, outcome, strength, reason, signals: usize| Finding {
        platform,
        outcome,
        strength,
        reason,
        signals: (0..signals).map(|_| signal(number, platform, strength.unwrap_or(Strength::Weak))).collect(),
    };
    Visit {
        url: url(&home),
        comune: comune(number),
        started: time("2026-11-22T02:00:00.000000001Z"),
        finished: time("2026-11-22T02:01:40Z"),
        requests: 14,
        end: End::Exhausted,
        catalogue: "2026.1".to_owned(),
        catalogue_sha256: "ab".repeat(32),
        coverage: Coverage {
            pages: BTreeMap::from([(PageKind::Home, 1), (PageKind::Services, 8)]),
            login_page: Reach::Failed(FetchOutcome::TlsExpired),
            payment_page: Reach::NotSeen,
            refusals: BTreeMap::from([("tls-expired".to_owned(), 1)]),
            unread: 2,
            complete: false,
        },
        findings: vec![
            finding(Platform::Spid, Outcome::Found, Some(Strength::Proof), Reason::Proof, 3),
            finding(Platform::Cie, Outcome::Mentioned, Some(Strength::Weak), Reason::WordsOnly, 3),
            finding(Platform::Pagopa, Outcome::NotFound, None, Reason::CoverageComplete, 0),
            finding(
                Platform::Appio,
                Outcome::Undetermined,
                Some(Strength::Strong),
                Reason::Fetch(FetchOutcome::TlsExpired),
                2,
            ),
        ],
        vendors: vec!["vendor.opencity".to_owned()],
        remarks: vec!["tls-expired".to_owned()],
        pages: (0..10).map(page).collect(),
        path: (0..10)
            .map(|index| Step {
                url: url(&format!("{home}it/page/servizi-e-accesso-area-personale-{index}")),
                chosen_by: "links.login-label".to_owned(),
                label: Some("Accedi all'area personale".to_owned()),
                score: -7,
                depth: 2,
                outcome: FetchOutcome::Ok,
                rendered: index == 3,
                gave: vec![(Platform::Spid, PageLabel::Offered), (Platform::Cie, PageLabel::Absent)],
            })
            .collect(),
        left_unread: vec![url(&format!("{home}it/novita"))],
    }
}
