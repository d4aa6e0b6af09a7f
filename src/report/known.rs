//! What a reader knows: the state of everything as the last letter told it, so that the next one tells what is another.
//!
//! A day would not do as a mark. Looks of one day count as one, suspect runs are released later, and catalogues are run again
//! over old bytes: each of these makes the past another than it was told.

use std::{
    collections::BTreeMap,
    io::{self, Read as _, Write as _},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};

use super::{changes::VerdictChange, observations::ChangeRow, verdicts::Told};
use crate::{
    history::{State, change},
    model::{Platform, Verdict},
    store::{HistoryOf, Watched},
};

/// Largest state that is read back, in bytes: a hundred times that of the whole country.
const MOST: u64 = 1 << 30;
/// Version of the form, the first byte.
const FORM: u8 = 1;

/// What a reader knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// By comune and platform.
    findings: BTreeMap<String, State>,
    /// By application and notice.
    verdicts: BTreeMap<String, Verdict>,
}

impl Known {
    /// For the database.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut out = GzEncoder::new(vec![FORM], Compression::default());
        out.write_all(&serde_json::to_vec(self)?)?;
        out.finish()
    }

    /// What [`Self::bytes`] gave. Fails when it is something else, or larger than any country.
    pub fn of_bytes(bytes: &[u8]) -> io::Result<Self> {
        let Some((&FORM, packed)) = bytes.split_first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a state of this version"));
        };
        let mut text = Vec::new();
        GzDecoder::new(packed).take(MOST).read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }
}

/// The names under which a history may be known, the best one first: registers may say only later whose a site is.
fn names(whose: &Watched) -> impl Iterator<Item = &String> {
    [&whose.catastale, &whose.codice_ipa, &whose.url].into_iter().flatten()
}

fn key(name: &str, platform: Platform) -> String {
    format!("{name} {}", platform.code())
}

fn case_key(told: &Told<'_>) -> String {
    let application = told.facts.application.as_ref().and_then(|one| one.cup.as_ref());
    let name = application.or(told.facts.comune.catastale.as_ref()).unwrap_or(&told.facts.comune.name);
    format!("{name} {}", told.case.notice.id)
}

/// Holds what is seen now against what a reader knows, and remembers it.
#[derive(Debug, Default)]
pub struct Reader {
    before: Option<Known>,
    now: Known,
}

impl Reader {
    /// A reader who knows this; without it one who is told for the first time: to them nothing is a change.
    pub fn new(before: Option<Known>) -> Self {
        Self { before, now: Known::default() }
    }

    /// What is another in a history.
    pub fn change(&mut self, told: &HistoryOf) -> Option<ChangeRow> {
        let best = names(&told.whose).next()?;
        self.now.findings.insert(key(best, told.platform), told.history.state());
        let before = self.before.as_ref()?;
        let known = names(&told.whose).find_map(|name| before.findings.get(&key(name, told.platform)));
        let before = known.copied().unwrap_or_default();
        change(&before, &told.history).map(|change| ChangeRow::of(told, &before, change))
    }

    /// Whether the verdict of a case is another. One that is new has none to differ from.
    pub fn verdict(&mut self, told: &Told<'_>) -> Option<VerdictChange> {
        let (key, verdict) = (case_key(told), told.case.summary.verdict);
        let before = self.before.as_ref().and_then(|known| known.verdicts.get(&key)).copied();
        self.now.verdicts.insert(key, verdict);
        before.filter(|before| *before != verdict).map(|before| VerdictChange::of(told, before))
    }

    /// What the reader knows once told.
    pub fn now(self) -> Known {
        self.now
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::sync::Arc;

    use super::*;
    use crate::{
        history::{Change, History},
        model::{Confirm, Look, Outcome, Reason},
    };

    fn history(looks: &[(&str, Outcome)]) -> HistoryOf {
        let looks: Vec<Look> = looks
            .iter()
            .map(|(at, outcome)| Look {
                at: at.parse().unwrap(),
                outcome: *outcome,
                strength: None,
                reason: Reason::Proof,
                rules: None,
            })
            .collect();
        HistoryOf {
            whose: Watched {
                codice_ipa: None,
                catastale: Some("H501".to_owned()),
                name: None,
                region: None,
                url: Some("https://www.comune.esempio.it/".to_owned()),
            },
            platform: Platform::Spid,
            history: History::of(&looks, Confirm::default()),
            catalogues: Arc::default(),
            roots: BTreeMap::new(),
        }
    }

    fn told(before: &Known, now: &HistoryOf) -> (Option<Change>, Known) {
        let mut reader = Reader::new(Some(Known::of_bytes(&before.bytes().unwrap()).unwrap()));
        let change = reader.change(now).map(|row| row.change);
        (change, reader.now())
    }

    #[test]
    fn the_first_time_nothing_is_a_change_and_the_second_time_only_what_is_another() {
        let seen = history(&[("2026-11-01T02:00:00Z", Outcome::Found)]);
        let mut reader = Reader::new(None);
        assert_eq!(reader.change(&seen), None);
        let known = reader.now();
        assert_eq!(told(&known, &seen), (None, known.clone()));
        let missed = history(&[("2026-11-01T02:00:00Z", Outcome::Found), ("2026-11-02T02:00:00Z", Outcome::NotFound)]);
        let (change, known) = told(&known, &missed);
        assert_eq!(change, Some(Change::ToBeConfirmed));
        assert_eq!(told(&known, &missed).0, None, "told twice");
    }

    #[test]
    fn a_loss_that_was_told_and_did_not_stand_is_taken_back() {
        let night = |day: u8| format!("2026-11-{day:02}T02:00:00Z");
        let nights = [night(1), night(2), night(3), night(6)];
        let mut looks: Vec<(&str, Outcome)> = nights.iter().map(|at| (at.as_str(), Outcome::NotFound)).collect();
        looks[0].1 = Outcome::Found;
        let lost = history(&looks);
        let (_, known) = told(&Known::default(), &lost);
        // A look in the afternoon of the same day saw it: that day, and so the loss, never was.
        looks.push(("2026-11-06T14:00:00Z", Outcome::Found));
        let back = history(&looks);
        assert_eq!(change(&back.history.as_known_on(jiff::civil::date(2026, 11, 6)).state(), &back.history), None);
        assert_eq!(told(&known, &back).0, Some(Change::Found));
    }

    #[test]
    fn a_site_that_a_register_has_named_meanwhile_is_the_same() {
        let mut seen = history(&[("2026-11-01T02:00:00Z", Outcome::Found)]);
        seen.whose.catastale = None;
        let (_, known) = told(&Known::default(), &seen);
        seen.whose.catastale = Some("H501".to_owned());
        assert_eq!(told(&known, &seen).0, None);
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for bytes in [&b""[..], b"\x02", b"\x01", b"\x01not gzip", &Known::default().bytes().unwrap()[..20]] {
            assert!(Known::of_bytes(bytes).is_err(), "{bytes:?}");
        }
    }
}
