//! Questions and answers; the answer in `stamp.tsr` was made by `openssl ts -reply` for the question below.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

const ANSWER: &[u8] = include_bytes!("stamp.tsr");

fn root() -> String {
    "ab".repeat(32)
}

fn query() -> Query {
    Query { root: [0xab; 32], nonce: [0x41, 1, 2, 3, 4, 5, 6, 7] }
}

#[test]
fn a_question_is_of_the_root_and_never_the_same_twice() {
    let now: Timestamp = "2026-11-23T02:45:16Z".parse().unwrap();
    let (one, later) =
        (Query::new(&root(), now).unwrap(), Query::new(&root(), now + jiff::Span::new().nanoseconds(1)).unwrap());
    assert_ne!(one.nonce, later.nonce);
    let der = one.der();
    assert_eq!((der.len(), usize::from(der[1])), (69, 67));
    assert_eq!(der[24..56], [0xab; 32]);
    assert!((0x40..0x80).contains(&one.nonce[0]));
    for bad in ["", "ab", &"zz".repeat(32), &"é".repeat(32)] {
        assert_eq!(Query::new(bad, now), Err(StampError::Root), "{bad}");
    }
}

#[test]
fn an_answer_with_fractions_of_seconds_is_read() {
    let stamp = query().answered(ANSWER).unwrap();
    assert_eq!(stamp.time.to_string(), "2026-11-23T02:45:16.327Z");
    assert_eq!((stamp.policy.as_str(), stamp.serial.as_str()), ("1.2.3.4.1", "02"));
    assert_eq!(stamp_of(ANSWER, &root()).unwrap(), stamp);
}

#[test]
fn an_answer_to_something_else_is_refused() {
    assert_eq!(stamp_of(ANSWER, &"ac".repeat(32)), Err(StampError::OtherDigest));
    assert_eq!(Query { root: [0xac; 32], ..query() }.answered(ANSWER), Err(StampError::OtherDigest));
    assert_eq!(Query { nonce: [0x41; 8], ..query() }.answered(ANSWER), Err(StampError::OtherNonce));
}

#[test]
fn a_refusal_says_why() {
    // PKIStatusInfo { rejection, { "no" }, badAlg }, without a token.
    let refused = [0x30, 0x0f, 0x30, 0x0d, 2, 1, 2, 0x30, 4, 0x0c, 2, b'n', b'o', 3, 2, 7, 0x80];
    let said = query().answered(&refused).unwrap_err();
    assert_eq!(said, StampError::Refused { status: 2, text: "no".to_owned() });
}

#[test]
fn whatever_an_authority_sends_is_an_answer_or_an_error() {
    for length in 0..ANSWER.len() {
        assert!(query().answered(&ANSWER[..length]).is_err(), "cut at {length}");
    }
    // A changed byte may be in the certificate or the signature, which are not ours to judge; it never breaks the reader.
    for at in 0..ANSWER.len() {
        for bit in 0..8 {
            let mut other = ANSWER.to_vec();
            other[at] ^= 1 << bit;
            if let Ok(stamp) = query().answered(&other) {
                assert!(stamp.policy.len() < 64 && stamp.serial.len() < 64);
            }
        }
    }
    let nested = [0x30, 0x80].repeat(100_000);
    assert!(query().answered(&nested).is_err());
    assert!(query().answered(b"<html>404</html>").is_err());
}
