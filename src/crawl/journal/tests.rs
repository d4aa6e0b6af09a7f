#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn now() -> Timestamp {
    "2026-11-22T02:00:00Z".parse().unwrap()
}

fn url(path: &str) -> Url {
    Url::parse("https://comune.ala.to.it").unwrap().join(path).unwrap()
}

fn answer(status: u16, body: &[u8]) -> Exchange {
    Exchange {
        status: Some(status),
        headers: vec![("x-odd".to_owned(), vec![0xff, b'a'])],
        raw: body.to_vec(),
        body: body.to_ascii_uppercase(),
        address: Some("192.0.2.7:443".parse().unwrap()),
        certificate: Some("ab".repeat(32)),
        detail: None,
        ..Exchange::failed(FetchOutcome::Ok, "", now(), Duration::from_millis(3))
    }
}

fn page(path: &str, body: &[u8]) -> Fetched {
    Fetched {
        url: url(path),
        hops: vec![Hop { url: url("/via"), status: Some(302), location: Some(url(path)) }],
        outcome: FetchOutcome::Ok,
        detail: None,
        stopped_at: None,
        exchange: Some(answer(200, body)),
        earlier: vec![answer(302, b"")],
    }
}

async fn write(path: &Path, pages: &[&str]) {
    let journal = Journal::open(path, now());
    for (page_path, sent) in pages.iter().zip(2..) {
        journal.remember(&url(page_path), &page(page_path, b"<p>corpo</p>"), now(), sent).await;
    }
}

#[tokio::test]
async fn what_was_answered_comes_back_once_and_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/run-000001-00000");
    write(&path, &["/", "/accedi"]).await;
    let journal = Journal::open(&path, now() + Duration::from_mins(5));
    assert_eq!(journal.since(), Some(now()));
    let there = journal.recall(&url("/accedi")).unwrap();
    assert_eq!((there.sent, there.at), (3, now()));
    assert_eq!(format!("{:?}", there.fetched), format!("{:?}", page("/accedi", b"<p>corpo</p>")));
    assert!(journal.recall(&url("/accedi")).is_none());
    assert!(journal.recall(&url("/altro")).is_none());
    drop(journal);
    let again = Journal::open(&path, now());
    assert!(again.recall(&url("/accedi")).is_some(), "cut a second time, it is still there");
}

#[tokio::test]
async fn old_answers_and_those_of_tomorrow_are_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    for other in [now() + FRESH + Duration::from_secs(1), now() - Duration::from_secs(1)] {
        write(&path, &["/"]).await;
        let journal = Journal::open(&path, other);
        assert!(journal.recall(&url("/")).is_none() && journal.since().is_none());
    }
}

#[tokio::test]
async fn a_fault_without_an_answer_is_not_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let failed = Fetched { exchange: None, outcome: FetchOutcome::Timeout, ..page("/", b"") };
    Journal::open(&path, now()).remember(&url("/"), &failed, now(), 1).await;
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

/// Wherever a kill cuts the file, and whichever byte a disk turns: what is whole before it is read, nothing else, and what
/// is written afterwards can be read too.
#[tokio::test]
async fn a_cut_or_damaged_journal_gives_what_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    write(&path, &["/", "/accedi"]).await;
    let whole = fs::read(&path).unwrap();
    let first = frame(&url("/"), &page("/", b"<p>corpo</p>"), now(), 2).len();
    for at in (0..whole.len()).step_by(41) {
        fs::write(&path, &whole[..at]).unwrap();
        let cut = Journal::open(&path, now());
        assert_eq!(cut.recall(&url("/")).is_some(), at >= first, "{at}");
        assert!(cut.recall(&url("/accedi")).is_none(), "{at}");
        cut.remember(&url("/nuova"), &page("/nuova", b"x"), now(), 9).await;
        assert!(Journal::open(&path, now()).recall(&url("/nuova")).is_some(), "{at}");

        let mut flipped = whole.clone();
        flipped[at] ^= 0x40;
        fs::write(&path, &flipped).unwrap();
        let damaged = Journal::open(&path, now());
        assert_eq!(damaged.recall(&url("/")).is_some(), at >= first, "{at}");
        assert!(damaged.recall(&url("/accedi")).is_none(), "{at}");
    }
}

#[tokio::test]
async fn where_nothing_can_be_written_there_is_no_journal_and_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let journal = Journal::open(&folder.path().join("file/a"), now());
    journal.remember(&url("/"), &page("/", b""), now(), 1).await;
    assert!(journal.recall(&url("/")).is_none());
}
