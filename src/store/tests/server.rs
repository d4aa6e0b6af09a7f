//! What only a server can do wrong, and that both schemas are one.

use std::{collections::BTreeMap, path::Path, time::Duration};

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use super::{super::*, Engine, Place, clock, open, plan, visit};

/// How many migrations there are.
const MIGRATIONS: usize = 15;
/// The number of the newest.
const SCHEMA: i64 = 15;

async fn session(place: &Place) -> PgConnection {
    place.address.parse::<PgConnectOptions>().unwrap().connect().await.unwrap()
}

async fn change(place: &Place, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&mut session(place).await).await.unwrap();
}

/// The address with another part: what is to be replaced has to be there.
fn with(place: &Place, change: impl FnOnce(&mut url::Url)) -> String {
    let mut url = url::Url::parse(&place.address).unwrap();
    change(&mut url);
    url.into()
}

#[test]
fn both_folders_have_the_same_numbers_and_names() {
    let names = |folder: &str| -> BTreeMap<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        files.map(|name| (name[..4].to_owned(), name)).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(names("sqlite").len() == MIGRATIONS);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_its_password() {
    let error = Store::open("postgres://user:secret@127.0.0.1:1/db", clock()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().starts_with("postgres://127.0.0.1:1/db: "), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"));
    assert!(matches!(
        Store::open_for_reading("postgres://user:secret@127.0.0.1:1/db", clock()).await,
        Err(StoreError::Unreachable { .. })
    ));
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn what_is_not_there_and_who_may_not_enter_is_told() {
    let place = Engine::Postgres.place().await;
    let missing = with(&place, |url| url.set_path("nowhere"));
    let error = Store::open(&missing, clock()).await.unwrap_err();
    assert!(matches!(error, StoreError::NoDatabase { .. }), "{error:?}");
    let stranger = with(&place, |url| {
        url.query_pairs_mut().append_pair("user", "a_stranger");
    });
    let error = Store::open(&stranger, clock()).await.unwrap_err();
    assert!(matches!(error, StoreError::Login { .. }), "{error:?}");
    // Nothing was made yet.
    let error = Store::open_for_reading(&place.address, clock()).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn another_programs_tables_are_left_alone() {
    let place = Engine::Postgres.place().await;
    change(&place, "CREATE TABLE bookmarks (url TEXT)").await;
    for opened in [
        Store::open(&place.address, clock()).await.map(|_| ()),
        Store::open_for_reading(&place.address, clock()).await.map(|_| ()),
    ] {
        assert!(matches!(opened, Err(StoreError::Foreign { .. })), "{opened:?}");
    }
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut session(&place).await)
        .await
        .unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_newer_and_an_older_schema_are_told_apart() {
    let place = Engine::Postgres.place().await;
    open(&place).await.close().await;
    change(
        &place,
        "UPDATE _sqlx_migrations SET version = 4711 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    let refused = Store::open(&place.address, clock()).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 4711, .. }), "{refused:?}");
    change(&place, "DELETE FROM _sqlx_migrations WHERE version > 1").await;
    let refused = Store::open_for_reading(&place.address, clock()).await.unwrap_err();
    assert!(matches!(refused, StoreError::OlderSchema { found: 1, .. }), "{refused:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn several_that_open_an_empty_database_make_it_once() {
    let place = Engine::Postgres.place().await;
    let all = tokio::join!(open(&place), open(&place), open(&place), open(&place));
    let migrations: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
        .fetch_one(&mut session(&place).await)
        .await
        .unwrap();
    assert_eq!(usize::try_from(migrations).unwrap(), MIGRATIONS);
    assert_eq!(all.3.status().await.unwrap().schema, SCHEMA);
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn who_opens_for_reading_cannot_write() {
    let place = Engine::Postgres.place().await;
    let store = open(&place).await;
    let id = store.save_visit(&visit(1)).await.unwrap();
    let reader = Store::open_for_reading(&place.address, clock()).await.unwrap();
    assert_eq!(reader.visit(id).await.unwrap(), visit(1));
    let refused = reader.save_visit(&visit(2)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
    let later = store.save_visit(&visit(2)).await.unwrap();
    assert_eq!(reader.visit(later).await.unwrap(), visit(2));
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_lock_is_waited_for_and_then_told() {
    let place = Engine::Postgres.place().await;
    open(&place).await.close().await;
    let store = Store::open_waiting(&place.address, clock(), Duration::from_millis(300)).await.unwrap();
    let mut other = session(&place).await;
    let mut transaction = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE visit").execute(&mut *transaction).await.unwrap();
    let refused = store.save_visit(&visit(1)).await;
    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    transaction.rollback().await.unwrap();
    store.save_visit(&visit(1)).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn two_processes_write_one_after_the_other() {
    let place = Engine::Postgres.place().await;
    let (one, other) = tokio::join!(open(&place), open(&place));
    // The same comune and site, new to the database: without the lock both would make them.
    let saved = |store: Store| async move {
        for number in 0..20 {
            store.save_visit(&visit(number)).await.unwrap();
        }
    };
    tokio::join!(saved(one.clone()), saved(other));
    let counts: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM comune), (SELECT count(*) FROM visit), (SELECT count(*) FROM subject)",
    )
    .fetch_one(&mut session(&place).await)
    .await
    .unwrap();
    assert_eq!(counts, (20, 40, 20));
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn the_right_to_run_is_one_and_goes_with_its_connection() {
    let place = Engine::Postgres.place().await;
    let (one, other) = tokio::join!(open(&place), open(&place));
    let now = "2026-11-22T02:00:00Z".parse().unwrap();
    let Held::Ours(first) = one.hold(Right::Run, now).await.unwrap() else { panic!("nobody else is there") };
    let Held::Others(Some(holder)) = other.hold(Right::Run, now).await.unwrap() else { panic!("two at once") };
    assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    drop(first);
    // The server hears of it in its own time.
    for _ in 0..100 {
        if matches!(other.hold(Right::Run, now).await.unwrap(), Held::Ours(_)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the lock outlived its connection");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn connections_that_were_cut_off_are_made_again() {
    let place = Engine::Postgres.place().await;
    let store = open(&place).await;
    let start = store.begin_run(&plan(2)).await.unwrap();
    store.record_visit(start.id, 0, &visit(0)).await.unwrap();
    change(
        &place,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    store.record_visit(start.id, 1, &visit(1)).await.unwrap();
    assert_eq!(store.visits_of_run(start.id).await.unwrap().len(), 2);
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn every_foreign_key_has_an_index_and_every_text_one_order() {
    let place = Engine::Postgres.place().await;
    let _store = open(&place).await;
    let mut outside = session(&place).await;
    let bare: Vec<String> = sqlx::query_scalar(
        "SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND NOT EXISTS (
             SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
    )
    .fetch_all(&mut outside)
    .await
    .unwrap();
    assert_eq!(bare, Vec::<String>::new(), "foreign keys without an index");
    let loose: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations' AND data_type = 'text'
           AND collation_name IS DISTINCT FROM 'C'",
    )
    .fetch_all(&mut outside)
    .await
    .unwrap();
    assert_eq!(loose, Vec::<String>::new(), "text that is ordered as the server likes");
}
