//! The store against real files, looked at from outside with a second raw connection.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cases;
mod export;
mod faults;
mod judgements;
mod observations;
mod outbox;
mod registers;
mod retention;
mod runs;
mod same;
mod server;
mod subscriptions;
mod visits;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::Timestamp;
use sqlx::{ConnectOptions, SqliteConnection, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use url::Url;

use crate::{
    clock::{Clock, SystemClock},
    model::{
        Comune, Coverage, End, FetchOutcome, Finding, Hop, Outcome, PageKind, PageLabel, PageRecord, Platform, Proves,
        Reach, Reason, Signal, Step, Strength, Target, Visit,
    },
};

use super::{Address, RunPlan, Store, sql::Pool};

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

async fn open_file(folder: &tempfile::TempDir) -> Store {
    Store::open(folder.path().join("r.db").to_str().unwrap(), clock()).await.unwrap()
}

/// Which engine a case is run on. A case of [`on_both`] is part of the contract that both keep.
#[derive(Debug, Clone, Copy)]
enum Engine {
    Sqlite,
    Postgres,
}

/// A place for a database of a test's own.
struct Place {
    _folder: tempfile::TempDir,
    address: String,
}

impl Engine {
    /// A file that does not exist yet, or an empty database on the server that `RISCONTRO_POSTGRES` names. The databases stay
    /// there: the server is one for tests.
    async fn place(self) -> Place {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let folder = tempfile::tempdir().unwrap();
        let address = match self {
            Self::Sqlite => folder.path().join("r.db").to_str().unwrap().to_owned(),
            Self::Postgres => {
                let environment = crate::config::Environment::of_process();
                let server =
                    environment.get("RISCONTRO_POSTGRES").expect("RISCONTRO_POSTGRES names a server for tests");
                let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
                let options: PgConnectOptions = server.parse().unwrap();
                let mut connection = options.connect().await.unwrap();
                // A name of letters and digits.
                let make = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
                sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut connection).await.unwrap();
                let mut url = Url::parse(server).unwrap();
                url.set_path(&name);
                url.into()
            }
        };
        Place { _folder: folder, address }
    }
}

/// Makes two tests of each case, one for each engine. Those on PostgreSQL need a server.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod on_sqlite {
            use super::Engine;
            $(#[tokio::test]
            async fn $case() {
                super::$case(Engine::Sqlite).await;
            })+
        }

        mod on_postgres {
            use super::Engine;
            $(#[tokio::test]
            #[ignore = "needs PostgreSQL"]
            async fn $case() {
                super::$case(Engine::Postgres).await;
            })+
        }
    };
}
use on_both;

async fn open(place: &Place) -> Store {
    Store::open(&place.address, clock()).await.unwrap()
}

/// A connection to the same database that knows nothing of the store.
async fn outside(store: &Store) -> Pool {
    match &*store.place {
        Address::File(path) => {
            Pool::Sqlite(sqlx::SqlitePool::connect_lazy_with(SqliteConnectOptions::new().filename(path)))
        }
        Address::Server(server) => Pool::Postgres(sqlx::PgPool::connect_with(server.options.clone()).await.unwrap()),
    }
}

/// SQLite's own checks, from outside. A server holds its references by itself, and its pages are not ours to check.
async fn assert_sound(store: &Store) {
    if let Some(path) = store.file() {
        assert_file_sound(path).await;
    }
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
async fn assert_file_sound(path: &Path) {
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
