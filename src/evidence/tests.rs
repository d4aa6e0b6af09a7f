//! Chains written, altered and gone over.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, fs, io::Write as _, path::Path, time::Duration};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use proptest::{prelude::*, sample::Index};
use url::Url;

use super::*;
use crate::{
    model::{
        Comune, Coverage, End, FetchOutcome, Finding, Hop, Outcome, PageKind, PageRecord, Platform, Reach, Reason,
        Visit,
    },
    net::Exchange,
};

const FILE: &str = "run-000001-0001.warc.gz";

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn exchange(status: u16, headers: &[(&str, &str)], raw: &[u8]) -> Exchange {
    Exchange {
        status: Some(status),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect(),
        raw: raw.to_vec(),
        sent: vec![("host".into(), b"www.comune.x.it".to_vec())],
        address: Some("192.0.2.7:443".parse().unwrap()),
        certificate: Some("ab".repeat(32)),
        ..Exchange::failed(FetchOutcome::Ok, "", time(0), Duration::ZERO)
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn page(kind: PageKind, at: &str, body: &[u8]) -> PageRecord {
    PageRecord {
        requested: url(at),
        url: url(at),
        kind,
        outcome: FetchOutcome::Ok,
        detail: None,
        status: Some(200),
        hops: vec![Hop { url: url(at), status: Some(200), location: None }],
        bytes: body.len() as u64,
        sha256: sha256(body),
        address: None,
        certificate: None,
        fetched: time(1),
        charset: None,
        title: None,
        rendered: None,
    }
}

/// A visit of a start page behind a redirect, a drawn login, and a page of no interest.
fn sample() -> (Visit, Kept) {
    let home = b"<html><title>Comune</title>ciao</html>".repeat(20);
    let pages = vec![
        page(PageKind::Home, "https://www.comune.x.it/", &home),
        page(PageKind::Login, "https://www.comune.x.it/accedi", b"<script></script>"),
        page(PageKind::Other, "https://www.comune.x.it/altro", b"altro"),
    ];
    let mut capture = Capture::default();
    let around = |page, sha256: String| Around {
        page,
        arrived: FetchOutcome::Ok,
        sha256,
        chain: Vec::new(),
        origin: Way::default(),
        stopped_at: None,
        drawn_url: None,
        departures: Vec::new(),
    };
    let redirect = exchange(301, &[("location", "https://www.comune.x.it/")], b"");
    let html = [("content-type", "text/html"), ("content-encoding", "gzip"), ("transfer-encoding", "chunked")];
    let hops = vec![
        (url("http://comune.x.it/"), redirect),
        (url("https://www.comune.x.it/"), exchange(200, &html, &gzip(&home))),
    ];
    assert!(capture.add(around(0, sha256(&home)), true, hops, None));
    let drawn = Drawn { html: "<html>disegnata</html>".to_owned(), picture: Some(b"\x89PNG".to_vec()) };
    let login =
        Around { drawn_url: Some(url("https://www.comune.x.it/accedi")), ..around(1, sha256(drawn.html.as_bytes())) };
    let hops = vec![(url("https://www.comune.x.it/accedi"), exchange(200, &html[..1], b"<script></script>"))];
    assert!(capture.add(login, false, hops, Some(drawn)));
    let hops = vec![(url("https://www.comune.x.it/altro"), exchange(200, &html[..1], b"altro"))];
    assert!(capture.add(around(2, sha256(b"altro")), false, hops, None));
    let visit = Visit {
        url: url("http://comune.x.it/"),
        comune: Comune { name: Some("X".into()), ..Comune::default() },
        started: time(0),
        finished: time(9),
        requests: 5,
        end: End::Exhausted,
        catalogue: "1".into(),
        catalogue_sha256: "cd".repeat(32),
        coverage: Coverage {
            pages: BTreeMap::new(),
            login_page: Reach::Read,
            payment_page: Reach::NotSeen,
            refusals: BTreeMap::new(),
            unread: 0,
            complete: false,
        },
        findings: vec![Finding {
            platform: Platform::Spid,
            outcome: Outcome::Undetermined,
            strength: None,
            reason: Reason::OneStrong,
            signals: Vec::new(),
        }],
        vendors: Vec::new(),
        remarks: Vec::new(),
        pages,
        path: Vec::new(),
        left_unread: Vec::new(),
    };
    let reached =
        Reached { home: FetchOutcome::Ok, login: Reach::Read, payment: Reach::NotSeen, services: Reach::NotSeen };
    (visit, Kept { reached, capture })
}

/// Writes the sample as often as asked, and gives what a store would know afterwards.
fn written(folder: &Path, visits: usize, roll: u64) -> Expected {
    let mut writer = Writer::new(folder, Tip::default(), "riscontro/0").unwrap().rolling_at(roll);
    let (mut files, mut records): (Vec<ExpectedFile>, Vec<ExpectedRecord>) = (Vec::new(), Vec::new());
    let mut known = Known::new();
    for _ in 0..visits {
        if writer.wants_file() {
            let name = format!("run-000001-{:04}.warc.gz", files.len() + 1);
            writer.begin_file(u32::try_from(files.len() + 1).unwrap(), &name).unwrap();
            files.push(ExpectedFile { name, bytes: 0, closed: true });
        }
        let (visit, kept) = sample();
        let drafts = compose(&visit, kept.reached, &kept.capture, &known, &writer.tip().link);
        let batch = writer.append(drafts, time(10)).unwrap();
        let file = files.len() - 1;
        files[file].bytes = batch.file_bytes;
        for record in batch.records {
            if record.kind == Kind::Response {
                let key = (record.url.clone().unwrap(), record.payload.clone().unwrap());
                known.entry(key).or_insert(Earlier { id: record.id.clone(), date: record.date });
            }
            records.push(ExpectedRecord {
                file,
                offset: record.offset,
                length: record.length,
                link: record.link,
                payload: record.payload,
                body: record.body,
            });
        }
    }
    Expected { files, records, root: writer.tip().link.clone() }
}

/// Goes over a chain to its end, or to the first place that is wrong.
fn verified(folder: &Path, expected: &Expected) -> Result<Vec<Member>, Wrong> {
    let mut verifier = Verifier::new(folder, expected.clone());
    let mut members = Vec::new();
    while let Some((place, member)) = verifier.read()? {
        assert_eq!(place, members.len());
        members.push(member);
    }
    assert_eq!(verifier.link(), expected.root);
    Ok(members)
}

#[test]
fn a_visit_becomes_records_that_say_all_that_is_needed() {
    use Kind::{Conversion, Metadata, Request, Response, Warcinfo};

    let folder = tempfile::tempdir().unwrap();
    let expected = written(folder.path(), 1, ROLL);
    let members = verified(folder.path(), &expected).unwrap();
    let kinds: Vec<Kind> = members.iter().map(|member| member.record.kind).collect();
    assert_eq!(
        kinds,
        [Warcinfo, Request, Response, Request, Response, Request, Response, Conversion, Metadata],
        "the page of no interest is left out"
    );
    let (visit, _) = sample();
    let home = &members[4].record;
    assert_eq!(home.field("WARC-Target-URI"), Some("https://www.comune.x.it/"));
    assert_eq!(home.field("WARC-IP-Address"), Some("192.0.2.7"));
    assert_eq!(home.digest(CERTIFICATE), Some("ab".repeat(32).as_str()));
    assert_eq!(home.digest(BODY), Some(visit.pages[0].sha256.as_str()), "of what the rules read, not of what was sent");
    let (head, at) = parse_head(&home.block).unwrap();
    assert_eq!(sha256(&decoded(head.status, &head.headers, &home.block[at..])), visit.pages[0].sha256);
    assert_eq!(members[2].record.digest(BODY), Some(sha256(b"301\nhttps://www.comune.x.it/\n").as_str()));
    let note: Note = serde_json::from_slice(&members[8].record.block).unwrap();
    assert_eq!(note.visit, visit);
    assert_eq!(note.pages.len(), 2);
    assert_eq!(note.pages[0].answers, [members[2].record.id().unwrap(), home.id().unwrap()]);
    assert_eq!(note.pages[1].drawn.as_deref(), members[7].record.id());
    let alone = read_at(&folder.path().join(FILE), members[4].offset, members[4].length).unwrap();
    assert_eq!(alone.record, members[4].record);
}

#[test]
fn the_same_payload_is_kept_once_and_files_are_rolled() {
    let folder = tempfile::tempdir().unwrap();
    let expected = written(folder.path(), 3, 1);
    assert_eq!(expected.files.len(), 3, "each visit crosses the line");
    let members = verified(folder.path(), &expected).unwrap();
    let of = |kind| members.iter().filter(|member| member.record.kind == kind).count();
    // The redirect has no payload to be kept once.
    assert_eq!((of(Kind::Warcinfo), of(Kind::Response), of(Kind::Revisit)), (3, 5, 4));
    let revisit = members.iter().find(|member| member.record.kind == Kind::Revisit).unwrap();
    assert_eq!(revisit.record.field("WARC-Refers-To").unwrap(), format!("<{}>", members[4].record.id().unwrap()));
}

#[test]
fn a_chain_is_taken_up_after_what_was_committed_and_tails_are_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let expected = written(folder.path(), 1, ROLL);
    let path = folder.path().join(FILE);
    let bytes = expected.files[0].bytes;
    let open =
        Expected { files: vec![ExpectedFile { closed: false, ..expected.files[0].clone() }], ..expected.clone() };
    let mut torn = fs::read(&path).unwrap();
    torn.extend_from_slice(b"\x1f\x8b half a record");
    fs::write(&path, &torn).unwrap();
    assert!(verified(folder.path(), &open).is_ok(), "what a crash leaves belongs to no chain");
    assert!(
        matches!(verified(folder.path(), &expected).unwrap_err().fault, Fault::Extra),
        "after the end it is too much"
    );

    let tip = Tip { records: expected.records.len() as u64, link: expected.root.clone() };
    let mut writer = Writer::new(folder.path(), tip, "riscontro/0").unwrap();
    assert!(!writer.go_on(1, "missing.warc.gz", 0).unwrap());
    assert!(!writer.go_on(1, FILE, bytes + 1_000).unwrap(), "shorter than it was");
    assert!(writer.go_on(1, FILE, bytes).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().len(), bytes);
    assert_eq!(cut_tail(&path, 0).unwrap(), 0, "somebody is writing it");
    let (visit, kept) = sample();
    let drafts = compose(&visit, kept.reached, &kept.capture, &Known::new(), &writer.tip().link);
    let batch = writer.append(drafts, time(20)).unwrap();
    assert_eq!(batch.records[0].kind, Kind::Request, "a file that goes on has its first record");
    assert_eq!(batch.records[0].position, expected.records.len() as u64);
    drop(writer);
    assert_eq!(cut_tail(&path, bytes).unwrap(), batch.file_bytes - bytes);
    assert!(verified(folder.path(), &expected).is_ok());
}

#[test]
fn a_forger_who_recomputes_everything_in_the_file_does_not_get_to_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let expected = written(folder.path(), 2, ROLL);
    let members = verified(folder.path(), &expected).unwrap();
    let (mut bytes, mut link, mut records) = (Vec::new(), START.to_owned(), Vec::new());
    for (place, member) in members.into_iter().enumerate() {
        let Record { kind, mut fields, mut block } = member.record;
        if place == 4 {
            *block.last_mut().unwrap() ^= 1;
        }
        for (name, value) in &mut fields {
            match name.as_str() {
                PREVIOUS => *value = format!("sha256:{link}"),
                "WARC-Block-Digest" => *value = format!("sha256:{}", sha256(&block)),
                "WARC-Payload-Digest" if place == 4 => {
                    let (_, at) = parse_head(&block).unwrap();
                    *value = format!("sha256:{}", sha256(&block[at..]));
                }
                _ => {}
            }
        }
        let forged = compress(&Record { kind, fields, block }).unwrap();
        link = sha256(&forged);
        let (offset, length) = (bytes.len() as u64, forged.len() as u64);
        records.push(ExpectedRecord { offset, length, link: link.clone(), ..expected.records[place].clone() });
        bytes.extend_from_slice(&forged);
    }
    fs::write(folder.path().join(FILE), &bytes).unwrap();
    // Other digests compress to other lengths: a file that has become longer is told before its first record is read.
    let longer = bytes.len() as u64 > expected.files[0].bytes;
    let Wrong { place, fault } = verified(folder.path(), &expected).unwrap_err();
    let told = if longer { matches!(fault, Fault::Extra) } else { matches!(fault, Fault::Link) && place.record == 4 };
    assert!(told, "{place:?} {fault}");
    // Whoever changes the index too is stopped by the digests that signals carry, and by the root that was given away.
    let files = vec![ExpectedFile { bytes: bytes.len() as u64, ..expected.files[0].clone() }];
    let Wrong { fault, .. } = verified(folder.path(), &Expected { files, records, root: expected.root }).unwrap_err();
    assert!(matches!(fault, Fault::Index(_) | Fault::Digest(_) | Fault::Root(_)), "{fault}");
}

/// One change to a file: bytes, or whole records.
#[derive(Debug, Clone)]
enum Change {
    Edit(Index, u8),
    Delete(Index, usize),
    Insert(Index, Vec<u8>),
    Swap(Index, Index, usize),
    DropRecord(Index),
    RepeatRecord(Index, Index),
    SwapRecords(Index, Index),
    Truncate(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), 1..=255_u8).prop_map(|(place, mask)| Change::Edit(place, mask)),
        1 => (at(), 1..64_usize).prop_map(|(place, count)| Change::Delete(place, count)),
        1 => (at(), proptest::collection::vec(any::<u8>(), 1..64)).prop_map(|(place, bytes)| Change::Insert(place, bytes)),
        1 => (at(), at(), 1..64_usize).prop_map(|(one, other, count)| Change::Swap(one, other, count)),
        1 => at().prop_map(Change::DropRecord),
        1 => (at(), at()).prop_map(|(one, other)| Change::RepeatRecord(one, other)),
        1 => (at(), at()).prop_map(|(one, other)| Change::SwapRecords(one, other)),
        1 => at().prop_map(Change::Truncate),
    ]
}

/// The file after a change.
fn changed(bytes: &[u8], records: &[ExpectedRecord], change: Change) -> Vec<u8> {
    let part = |record: &ExpectedRecord| {
        let start = usize::try_from(record.offset).unwrap();
        bytes[start..start + usize::try_from(record.length).unwrap()].to_vec()
    };
    let mut parts: Vec<Vec<u8>> = records.iter().map(part).collect();
    let mut new = bytes.to_vec();
    match change {
        Change::Edit(place, mask) => new[place.index(bytes.len())] ^= mask,
        Change::Delete(place, count) => {
            let start = place.index(bytes.len());
            new.drain(start..bytes.len().min(start + count));
        }
        Change::Insert(place, inserted) => {
            let start = place.index(bytes.len() + 1);
            new.splice(start..start, inserted);
        }
        Change::Swap(one, other, count) => {
            let (one, other) = (one.index(bytes.len() - count), other.index(bytes.len() - count));
            for step in 0..count {
                new.swap(one + step, other + step);
            }
        }
        Change::DropRecord(place) => {
            parts.remove(place.index(records.len()));
            new = parts.concat();
        }
        Change::RepeatRecord(one, other) => {
            let part = parts[one.index(records.len())].clone();
            parts.insert(other.index(records.len() + 1), part);
            new = parts.concat();
        }
        Change::SwapRecords(one, other) => {
            parts.swap(one.index(records.len()), other.index(records.len()));
            new = parts.concat();
        }
        Change::Truncate(place) => new.truncate(place.index(bytes.len())),
    }
    new
}

#[test]
fn every_edit_deletion_insertion_and_swap_is_noticed() {
    const CHANGES: u32 = 500;
    let folder = tempfile::tempdir().unwrap();
    let expected = written(folder.path(), 2, ROLL);
    let path = folder.path().join(FILE);
    let bytes = fs::read(&path).unwrap();
    assert!(verified(folder.path(), &expected).is_ok());
    let config = ProptestConfig { cases: CHANGES, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let noticed = std::cell::Cell::new(0);
    runner
        .run(&change(), |change| {
            let new = changed(&bytes, &expected.records, change.clone());
            // A swap of a place with itself changes nothing: it does not count.
            prop_assume!(new != bytes);
            fs::write(&path, &new).unwrap();
            let found = verified(folder.path(), &expected);
            prop_assert!(found.is_err(), "not noticed: {change:?}");
            noticed.set(noticed.get() + 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(noticed.get(), CHANGES);
}

#[test]
fn what_inflates_without_end_is_refused_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.warc.gz");
    let mut encoder = GzEncoder::new(fs::File::create(&path).unwrap(), Compression::best());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..64 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap();
    let mut members = Members::open(&path, u64::MAX).unwrap();
    assert!(matches!(members.read().unwrap_err(), Damage::TooLarge));
    fs::write(&path, b"no gzip at all").unwrap();
    assert!(matches!(Members::open(&path, 14).unwrap().read().unwrap_err(), Damage::Gzip(_)));
    fs::write(&path, gzip(b"no record")).unwrap();
    assert!(matches!(Members::open(&path, 99).unwrap().read().unwrap_err(), Damage::Record(_)));
    assert!(Members::open(&path, 0).unwrap().read().unwrap().is_none());
}

#[test]
fn a_visit_holds_so_much_and_says_when_it_was_more() {
    let mut capture = Capture::default();
    let (_, kept) = sample();
    let around = kept.capture.pages[0].around.clone();
    let big = |bytes: usize| vec![(url("https://x.it/"), exchange(200, &[], &vec![b'a'; bytes]))];
    assert!(capture.add(around.clone(), true, big(HELD - 10), None));
    assert!(!capture.add(around.clone(), true, big(11), None));
    assert!(capture.add(around, true, big(10), None), "a smaller page still fits");
    let (without, with) = (&capture.pages[1], &capture.pages[2]);
    assert!(without.without_bodies() && !with.without_bodies());
}
