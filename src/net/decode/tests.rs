#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::Write as _;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use proptest::prelude::*;

use super::*;

const MIB: usize = 1024 * 1024;
const LIMIT: usize = 8 * MIB;

/// 4 x the page below in brotli, quality 11.
const BROTLI_PAGE: &str =
    "1fe300f08dd3253475d42c9d5baaa4f006041a9b213967f430a7f5e2d385f0228c84fa010615489424adf3b98157a23bdf9db28a32320cfa";
/// 64 MiB of zeros in brotli: 53 bytes.
const BROTLI_BOMB: &str =
    "cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088c32200ddfbfffcffffc73f0110870500baf7ff";
/// 16 zeros in brotli's "large window" format, which asks for a window of 1 GiB and is not HTTP's `br`.
const BROTLI_LARGE: &str = "115e3c00e09f008830020000";

fn page() -> Vec<u8> {
    b"<!doctype html><title>Comune</title><p>Entra con SPID</p>".repeat(4)
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

/// `blocks` x 128 KiB of zeros as zstd run-length blocks (RFC 8878, 3.1.1.2), four bytes each.
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    // Magic; descriptor without content size; window of 128 KiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for block in 0..blocks {
        let header = (128 * 1024_u32) << 3 | 1 << 1 | u32::from(block + 1 == blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

fn undo(raw: &[u8], encodings: &[&str]) -> Decoded {
    decode(raw, encodings.iter().map(|text| text.as_bytes()), LIMIT)
}

#[test]
fn each_encoding_is_undone() {
    let page = page();
    let whole = Decoded { body: page.clone(), fault: None };
    assert_eq!(undo(&page, &[]), whole);
    assert_eq!(undo(&page, &["identity"]), whole);
    assert_eq!(undo(&gzip(&page), &["gzip"]), whole);
    assert_eq!(undo(&gzip(&page), &[" X-GZip "]), whole);
    assert_eq!(undo(&zlib(&page), &["deflate"]), whole);
    assert_eq!(undo(&deflate(&page), &["deflate"]), whole);
    assert_eq!(undo(&hex(BROTLI_PAGE), &["br"]), whole);
    assert_eq!(undo(&zstd(&page), &["zstd"]), whole);
    assert_eq!(undo(&[], &["gzip"]), Decoded { body: Vec::new(), fault: None });
}

#[test]
fn members_and_frames_follow_each_other() {
    let (first, second) = (page(), b"<p>coda</p>".to_vec());
    let both = [first.clone(), second.clone()].concat();
    assert_eq!(undo(&[gzip(&first), gzip(&second)].concat(), &["gzip"]), Decoded { body: both.clone(), fault: None });
    assert_eq!(undo(&[zstd(&first), zstd(&second)].concat(), &["zstd"]), Decoded { body: both, fault: None });
}

#[test]
fn two_layers_are_undone_and_no_more() {
    let page = page();
    let mut stacked = page.clone();
    for layers in 1..=5 {
        stacked = gzip(&stacked);
        let header = vec!["gzip"; layers].join(", ");
        let Decoded { body, fault } = undo(&stacked, &[&header]);
        if layers <= 2 {
            assert_eq!((body, fault), (page.clone(), None), "{layers}");
        } else {
            assert_eq!((body, fault), (Vec::new(), Some(Fault::TooManyLayers)), "{layers}");
        }
    }
    assert_eq!(undo(&gzip(&deflate(&page)), &["deflate", "gzip"]), Decoded { body: page, fault: None });
}

#[test]
fn wrong_labels() {
    let page = page();
    let whole = Decoded { body: page.clone(), fault: None };
    for label in ["gzip", "deflate", "br", "zstd"] {
        assert_eq!(undo(&page, &[label]), whole, "{label}, is plain");
        assert_eq!(undo(&gzip(&page), &[label]), whole, "{label}, is gzip");
    }
    assert_eq!(undo(&page, &["rot13"]).fault, Some(Fault::UnknownEncoding));
    assert_eq!(undo(&page, &["gzip, compress"]).fault, Some(Fault::UnknownEncoding));
    let noise: Vec<u8> = (0..2000_u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    let decoded = undo(&noise, &["br"]);
    assert!(decoded.fault.is_some() && decoded.body.len() < noise.len(), "{:?}", decoded.fault);
}

#[test]
fn damage_keeps_the_prefix() {
    let page: Vec<u8> = (0..40_000_u32).flat_map(|n| format!("<p>riga {n}</p>").into_bytes()).collect();
    for (label, packed) in [("gzip", gzip(&page)), ("deflate", zlib(&page)), ("zstd", zstd(&page))] {
        let decoded = undo(&packed[..packed.len() / 2], &[label]);
        assert_eq!(decoded.fault, Some(Fault::Damaged), "{label} cut");
        assert!(decoded.body.len() > 1000 && page.starts_with(&decoded.body), "{label} cut");
    }
    let mut wrong_sum = gzip(&page);
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 0xff;
    assert_eq!(undo(&wrong_sum, &["gzip"]).fault, Some(Fault::Damaged), "checksum");
    assert!(!undo(&wrong_sum, &["gzip"]).body.is_empty());
    let junk = [gzip(&page), b"<!-- statistics -->".to_vec()].concat();
    assert_eq!(undo(&junk, &["gzip"]), Decoded { body: page, fault: Some(Fault::Damaged) });
    assert_eq!(undo(&gzip(b"x")[..10], &["gzip"]).fault, Some(Fault::Undecodable), "a head and nothing else");
}

#[test]
fn bombs_stop_early_and_keep_their_beginning() {
    let zeros = vec![0; 64 * MIB];
    for (label, bomb) in [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("deflate", deflate(&zeros)),
        ("br", hex(BROTLI_BOMB)),
        ("zstd", zstd_bomb(512)),
    ] {
        let decoded = undo(&bomb, &[label]);
        assert_eq!(decoded.fault, Some(Fault::Ratio), "{label}");
        assert!((MIB..=2 * MIB + 200 * 4096).contains(&decoded.body.len()), "{label}: {}", decoded.body.len());
    }
    let twice = undo(&gzip(&gzip(&zeros)), &["gzip, gzip"]);
    assert!(matches!(twice.fault, Some(Fault::Ratio)) && twice.body.len() < 2 * MIB, "{:?}", twice.fault);
}

#[test]
fn a_large_page_stops_at_the_limit() {
    // Compresses about 6 to 1, so that only the size can stop it.
    let page: Vec<u8> = (0..2_000_000_u32).flat_map(|n| format!("{:x} ", n.wrapping_mul(48271)).into_bytes()).collect();
    let decoded = decode(&gzip(&page), [b"gzip".as_slice()], MIB);
    assert_eq!(decoded.fault, Some(Fault::TooLarge));
    assert_eq!(decoded.body, page[..MIB]);
    assert_eq!(decode(&page, [], MIB), Decoded { body: page[..MIB].to_vec(), fault: Some(Fault::TooLarge) });
    assert_eq!(decode(&page[..MIB], [], MIB).fault, None, "the limit itself is allowed");
    assert_eq!(decode(&gzip(&page[..MIB]), [b"gzip".as_slice()], MIB).fault, None, "the limit itself is allowed");
}

#[test]
fn windows_are_capped() {
    assert!(undo(&hex(BROTLI_LARGE), &["br"]).fault.is_some());
    // A frame that declares a window of 1 GiB.
    let greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x03, 0x00, 0x00, 0x41];
    assert!(undo(&greedy, &["zstd"]).fault.is_some_and(Fault::is_total));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_panics_or_passes_the_limit(
        data in prop::collection::vec(any::<u8>(), 0..600),
        start in prop::sample::select(vec![&b""[..], b"\x1f\x8b\x08\0\0\0\0\0\0\0", b"\x28\xb5\x2f\xfd", b"\x78\x9c", b"\x1f\xe3\0\xf0"]),
        label in prop::sample::select(vec!["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate"]),
    ) {
        let raw = [start, &data].concat();
        prop_assert!(decode(&raw, [label.as_bytes()], 10_000).body.len() <= 10_000);
    }

    #[test]
    fn what_was_packed_comes_back(data in prop::collection::vec(any::<u8>(), 1..5000)) {
        prop_assert_eq!(undo(&gzip(&data), &["gzip"]).body, data.clone());
        prop_assert_eq!(undo(&zlib(&data), &["deflate"]).body, data.clone());
        prop_assert_eq!(undo(&zstd(&data), &["zstd"]).body, data);
    }
}
