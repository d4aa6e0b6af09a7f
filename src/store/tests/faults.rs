//! What goes wrong has a name, names the file, and loses nothing.

use std::{io::Write as _, time::Duration};

use super::{super::*, assert_file_sound, clock, file_writer, open_file, plan, visit, witness};

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let path = store.file().unwrap().to_path_buf();
    store.close().await;
    let mut outside = witness(&path).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (4711, 'from the future', 1, x'00', 0)",
    )
    .execute(&mut outside)
    .await
    .unwrap();
    drop(outside);
    let address = path.to_str().unwrap();
    let refused = Store::open(address, clock()).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 4711, known: 15, .. }), "{refused:?}");
    assert!(refused.to_string().contains(address), "{refused}");
    assert!(matches!(Store::open_for_reading(address, clock()).await, Err(StoreError::NewerSchema { .. })));
}

#[tokio::test]
async fn another_programs_database_is_not_filled_with_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.db");
    let mut outside = sqlx::ConnectOptions::connect(
        &sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true),
    )
    .await
    .unwrap();
    sqlx::query("CREATE TABLE bookmarks (url)").execute(&mut outside).await.unwrap();
    let address = path.to_str().unwrap();
    assert!(matches!(Store::open(address, clock()).await, Err(StoreError::Foreign { .. })));
    assert!(matches!(Store::open_for_reading(address, clock()).await, Err(StoreError::Foreign { .. })));
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut outside).await.unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn an_edited_migration_is_noticed_when_the_next_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let path = store.file().unwrap().to_path_buf();
    store.close().await;
    let mut outside = witness(&path).await;
    // As if an older program, with another text of migration 1, had made the file.
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 1").execute(&mut outside).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 0").execute(&mut outside).await.unwrap();
    drop(outside);
    let refused = Store::open(path.to_str().unwrap(), clock()).await;
    assert!(matches!(refused, Err(StoreError::Migrate { .. })), "{refused:?}");
    let older = Store::open_for_reading(path.to_str().unwrap(), clock()).await;
    assert!(matches!(older, Err(StoreError::OlderSchema { found: 0, known: 15, .. })), "{older:?}");
}

#[tokio::test]
async fn places_where_no_file_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let below = file.join("deeper").join("r.db");
    let refused = Store::open(below.to_str().unwrap(), clock()).await;
    assert!(matches!(refused, Err(StoreError::Folder { .. })), "{refused:?}");
    let refused = Store::open(folder.path().to_str().unwrap(), clock()).await;
    assert!(matches!(refused, Err(StoreError::Open { .. })), "{refused:?}");
    let made = folder.path().join("new").join("deep").join("r.db");
    Store::open(&format!("sqlite://{}", made.display()), clock()).await.unwrap();
    assert!(made.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_takes_no_files_is_named() {
    // Not writable for anybody, root included.
    let refused = Store::open("/proc/riscontro-test.db", clock()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Open { .. } | StoreError::ReadOnly { .. }), "{refused:?}");
    assert!(refused.to_string().starts_with("/proc/riscontro-test.db: "), "{refused}");
}

#[tokio::test]
async fn a_database_that_may_not_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    sqlx::query("PRAGMA query_only = ON").execute(file_writer(&store)).await.unwrap();
    let refused = store.save_visit(&visit(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
    assert!(refused.to_string().contains("r.db"), "{refused}");
    let refused = store.begin_run(&plan(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_full_disk_loses_one_visit_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let start = store.begin_run(&plan(200)).await.unwrap();
    let mut cut = 0;
    for room in [0, 1, 2, 3, 5, 8, 13, 21] {
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(file_writer(&store)).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + room)))
            .execute(file_writer(&store))
            .await
            .unwrap();
        let done = store.visits_of_run(start.id).await.unwrap().len();
        for place in done..200 {
            match store.record_visit(start.id, place, &visit(place)).await {
                Ok(_) => {}
                Err(StoreError::Full { at, .. }) => {
                    assert_eq!(at, store.name());
                    cut += 1;
                    break;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        let kept = store.visits_of_run(start.id).await.unwrap();
        for (place, id) in kept.iter().enumerate() {
            assert_eq!(store.visit(*id).await.unwrap(), visit(place));
        }
        assert_file_sound(store.file().unwrap()).await;
    }
    assert_eq!(cut, 8, "the disk was full each time");
    // Space again: a new connection has no limit, and one that lived on has it lifted.
    sqlx::query("PRAGMA max_page_count = 1073741823").execute(file_writer(&store)).await.unwrap();
    let again = store.begin_run(&plan(200)).await.unwrap();
    assert!(again.resumed);
    for place in (0..200).filter(|place| !again.done[*place]) {
        store.record_visit(start.id, place, &visit(place)).await.unwrap();
    }
    assert_eq!(store.finish_run(start.id).await.unwrap(), RunState::Finished);
}

#[tokio::test]
async fn a_lock_of_another_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_file(&folder).await);
    let address = folder.path().join("r.db");
    let store = Store::open_waiting(address.to_str().unwrap(), clock(), Duration::from_millis(50)).await.unwrap();
    let mut outside = witness(store.file().unwrap()).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut outside).await.unwrap();
    let refused = store.save_visit(&visit(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused:?}");
    let refused = Store::open_waiting(address.to_str().unwrap(), clock(), Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused:?}");
    sqlx::query("ROLLBACK").execute(&mut outside).await.unwrap();
    store.save_visit(&visit(1)).await.unwrap();
}

#[tokio::test]
async fn damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.db");
    std::fs::write(&text, "This is a shopping list and not a database at all. ".repeat(100)).unwrap();
    let refused = Store::open(text.to_str().unwrap(), clock()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
    assert!(refused.to_string().contains("notes.db"), "{refused}");

    let store = open_file(&folder).await;
    let start = store.begin_run(&plan(50)).await.unwrap();
    for place in 0..50 {
        store.record_visit(start.id, place, &visit(place)).await.unwrap();
    }
    let path = store.file().unwrap().to_path_buf();
    store.close().await;
    let length = std::fs::metadata(&path).unwrap().len();
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xA5; usize::try_from(length).unwrap() - 4096]).unwrap();
    drop(file);
    match Store::open(path.to_str().unwrap(), clock()).await {
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}"),
        Ok(store) => {
            let error = store.save_visit(&visit(1)).await.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let id = store.save_visit(&visit(1)).await.unwrap();
    let mut outside = witness(store.file().unwrap()).await;
    sqlx::query("UPDATE page SET outcome = 'vanished' WHERE position = 3").execute(&mut outside).await.unwrap();
    let error = store.visit(id).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error:?}");
    assert!(error.to_string().contains("vanished"), "{error}");
    // What the schema can refuse, it refuses.
    for edit in [
        "UPDATE finding SET outcome = 'absent'",
        "UPDATE finding SET platform = 'SPID'",
        "UPDATE finding SET reason = 'No idea'",
        "UPDATE visit SET started = 'yesterday'",
        "UPDATE visit SET coverage = '{'",
        "UPDATE signal SET strength = 'sure'",
        "UPDATE visit SET position = 1",
        "UPDATE page SET bytes = 'many'",
    ] {
        assert!(sqlx::query(edit).execute(&mut outside).await.is_err(), "{edit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_one_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("r.db").to_str().unwrap().to_owned();
    let mut opening = tokio::task::JoinSet::new();
    for number in 0..12 {
        let address = address.clone();
        opening.spawn(async move {
            let store = Store::open(&address, clock()).await.unwrap();
            store.save_visit(&visit(number)).await.unwrap();
        });
    }
    while let Some(joined) = opening.join_next().await {
        joined.unwrap();
    }
    let store = open_file(&folder).await;
    let mut rows = 0;
    store
        .for_each_latest_finding(FindingFilter::default(), |_| {
            rows += 1;
            std::ops::ControlFlow::Continue(())
        })
        .await
        .unwrap();
    assert_eq!(rows, 12 * 4);
    assert_file_sound(store.file().unwrap()).await;
}

#[tokio::test]
async fn a_write_that_is_given_up_midway_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_file(&folder).await;
    let start = store.begin_run(&plan(40)).await.unwrap();
    let mut cut = 0;
    for place in 0..40 {
        let given = visit(place);
        let limit = Duration::from_micros(150 * place as u64);
        if tokio::time::timeout(limit, store.record_visit(start.id, place, &given)).await.is_err() {
            cut += 1;
        }
    }
    assert!(cut > 0, "no write was cut");
    let again = store.begin_run(&plan(40)).await.unwrap();
    let kept = store.visits_of_run(start.id).await.unwrap();
    assert_eq!(again.done.iter().filter(|done| **done).count(), kept.len(), "done exactly where there is a visit");
    for id in kept {
        let visit = store.visit(id).await.unwrap();
        assert_eq!((visit.pages.len(), visit.findings.len()), (10, 4), "all of it or nothing");
    }
    assert_file_sound(store.file().unwrap()).await;
}
