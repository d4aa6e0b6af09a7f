//! Every phrase that a person reads in a report, in both languages.
//!
//! One type with one constant for each language: a phrase that is missing in one does not compile, and each code of
//! the model is matched without a default arm, so that a new code does not compile without its words. None of them
//! says that a comune passed or failed: the outcome of a check belongs to who is charged with it.

pub mod casefile;
mod en;
pub mod history;
mod it;
pub mod letters;
mod money;
mod notices;
mod registers;
pub mod reports;
mod run;
pub mod verdicts;

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

pub use money::{euro, number};
pub use notices::{basis, observable, verdict};
pub use registers::{day, register, register_state};
pub use run::RunWords;

use crate::{
    config::Lang,
    model::{End, FetchOutcome, Outcome, PageKind, PageLabel, Platform, Proves, Reach, Reason, Strength},
    page::Cut,
};

/// The phrases of one language. Labels carry no colon; sentences end with a full stop.
#[derive(Debug)]
pub struct Words {
    /// The language.
    pub lang: Lang,
    /// Names of months, January first.
    pub months: [&'static str; 12],
    /// Between date and hour (`, ore `).
    pub at: &'static str,
    /// Before the date of a visit.
    pub visit_of: &'static str,
    /// Heading of a report on one site.
    pub title_one: &'static str,
    /// Heading of a report over several sites.
    pub title_many: &'static str,
    /// Words of a table's head and of captions.
    pub platform: &'static str,
    /// Head of the outcome column.
    pub outcome_head: &'static str,
    /// Caption of the table of outcomes.
    pub summary: &'static str,
    /// Heading of the evidence.
    pub evidence: &'static str,
    /// Label of the reason.
    pub why: &'static str,
    /// Label of the page that carries a match.
    pub page: &'static str,
    /// Label of a control's text.
    pub control: &'static str,
    /// Label of an excerpt.
    pub excerpt: &'static str,
    /// Label of where a control leads.
    pub leads_to: &'static str,
    /// Label of the way the page was reached.
    pub via: &'static str,
    /// Label of the rule.
    pub rule: &'static str,
    /// Label of the digest and time of the bytes.
    pub bytes: &'static str,
    /// Label of the advice.
    pub advice_label: &'static str,
    /// Heading of what the visit looked at.
    pub looked_at: &'static str,
    /// Label of the pages read.
    pub pages_read: &'static str,
    /// Label of the login page.
    pub login_page: &'static str,
    /// Label of the payment page.
    pub payment_page: &'static str,
    /// Label of the fetches that gave no page.
    pub refusals: &'static str,
    /// Label of the links left unread.
    pub unread: &'static str,
    /// Label of the coverage.
    pub coverage: &'static str,
    /// The coverage is complete.
    pub complete: &'static str,
    /// The coverage is not complete.
    pub incomplete: &'static str,
    /// Label of how the visit ended.
    pub ended: &'static str,
    /// Label of the requests.
    pub requests: &'static str,
    /// `in`, between requests and duration.
    pub within: &'static str,
    /// Label of the vendors recognised.
    pub vendors: &'static str,
    /// Label of the catalogue.
    pub catalogue: &'static str,
    /// Heading of the remarks.
    pub remarks: &'static str,
    /// Heading of the path.
    pub path: &'static str,
    /// Label of why a step was chosen.
    pub chosen_by: &'static str,
    /// Label of a step's link text.
    pub link: &'static str,
    /// Label of a step's outcome.
    pub result: &'static str,
    /// Beside a result: the page was drawn in a browser.
    pub drawn: &'static str,
    /// Label of what a step gave.
    pub gave: &'static str,
    /// The page gave nothing.
    pub gave_nothing: &'static str,
    /// `click` and `clicks`.
    pub clicks: [&'static str; 2],
    /// Heading of the links left unread.
    pub left_unread: &'static str,
    /// `none`, of things that are feminine in Italian.
    pub none: &'static str,
    /// Label of a page's title.
    pub page_title: &'static str,
    /// Label of the charset.
    pub charset: &'static str,
    /// Label of why a page was read only in part.
    pub cut_label: &'static str,
    /// Heading of the signals of one page.
    pub signals: &'static str,
    /// No signal was seen.
    pub no_signals: &'static str,
    /// Whose the last word is.
    pub disclaimer: &'static str,
    /// Who made the document; followed by name and version.
    pub made_by: &'static str,
    /// The word for an outcome on a platform.
    pub outcome: fn(Platform, Outcome) -> &'static str,
    /// The reason as a sentence.
    pub reason: fn(Platform, Reason) -> String,
    /// What to do, when there is something to do.
    pub advice: fn(Platform, Outcome, Reason) -> Option<&'static str>,
    /// How a fetch ended, as a phrase that can follow a colon.
    pub fetch: fn(FetchOutcome) -> &'static str,
    /// How much a signal is worth.
    pub strength: fn(Strength) -> &'static str,
    /// What a match shows.
    pub proves: fn(Proves) -> &'static str,
    /// What a page alone says of a platform.
    pub label: fn(PageLabel) -> &'static str,
    /// A number of pages of one kind.
    pub kind: fn(PageKind, u32) -> String,
    /// How a visit ended.
    pub end: fn(End) -> &'static str,
    /// Whether a place was reached.
    pub reach: fn(Reach) -> String,
    /// A remark that is not a fetch outcome; `None` for codes of rules and the like.
    pub remark: fn(&str) -> Option<&'static str>,
    /// Why a page was read only in part.
    pub cut: fn(Cut) -> &'static str,
    /// The phrases of a run's summary.
    pub run: &'static RunWords,
    /// Why a step was taken; `None` for rule ids.
    pub choice: fn(&str) -> Option<&'static str>,
}

/// The phrases of a language.
pub fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::It => &it::WORDS,
        Lang::En => &en::WORDS,
    }
}

impl Words {
    /// A time as people write it, in UTC: `12 novembre 2026, ore 10:24 UTC`.
    pub fn when(&self, time: Timestamp) -> String {
        let time: DateTime = Offset::UTC.to_datetime(time);
        let month = usize::try_from(time.month() - 1).ok().and_then(|index| self.months.get(index)).unwrap_or(&"");
        format!("{} {month} {}{}{:02}:{:02} UTC", time.day(), time.year(), self.at, time.hour(), time.minute())
    }

    /// A fetch outcome's code in words, followed by the code; an unknown code as it is.
    pub fn remark_of_fetch(&self, code: &str) -> String {
        FetchOutcome::from_code(code)
            .map_or_else(|| super::clean(code).into_owned(), |outcome| format!("{} ({code})", (self.fetch)(outcome)))
    }

    /// A remark in words: a known code, a fetch outcome, or the code itself.
    pub fn remark_text(&self, code: &str) -> String {
        if let Some(text) = (self.remark)(code) {
            return text.to_owned();
        }
        match FetchOutcome::from_code(code) {
            Some(outcome) if outcome.is_tls() => {
                let fault = (self.fetch)(outcome);
                self.lang.pick(
                    format!("Il collegamento non è verificabile ({fault}): ciò che si vede qui non prova nulla."),
                    format!("The link cannot be verified ({fault}): what is seen there proves nothing."),
                )
            }
            Some(outcome) => (self.fetch)(outcome).to_owned(),
            None => super::clean(code).into_owned(),
        }
    }
}

/// A span of time: `850 ms`, `42 s`, `3 min 5 s`.
pub(super) fn span(from: Timestamp, to: Timestamp) -> String {
    let milliseconds = to.as_millisecond().saturating_sub(from.as_millisecond()).max(0);
    duration(Duration::from_millis(milliseconds.unsigned_abs()))
}

/// A length of time, to the second above one second.
pub fn duration(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0 => format!("{} ms", length.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every phrase of every code, to be looked over for what must hold of all of them.
    fn phrases(words: &Words) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for platform in Platform::DECIDED {
            let reasons = Reason::OWN.into_iter().chain(FetchOutcome::ALL.iter().map(|o| Reason::Fetch(*o)));
            for reason in reasons {
                all.push((format!("reason {platform} {}", reason.code()), (words.reason)(platform, reason)));
                for outcome in Outcome::ALL {
                    if let Some(advice) = (words.advice)(platform, outcome, reason) {
                        all.push((format!("advice {platform} {}", reason.code()), advice.to_owned()));
                    }
                }
            }
            for outcome in Outcome::ALL {
                all.push(("outcome".into(), (words.outcome)(platform, outcome).to_owned()));
            }
        }
        for outcome in FetchOutcome::ALL {
            all.push((format!("fetch {outcome}"), (words.fetch)(*outcome).to_owned()));
        }
        all
    }

    #[test]
    fn no_phrase_is_empty_and_none_judges() {
        for lang in Lang::ALL {
            for (code, phrase) in phrases(words(lang)) {
                assert!(!phrase.trim().is_empty(), "{lang} {code}");
                for judgement in ["conform", "superat", "fallit", "passed", "failed", "complian"] {
                    assert!(!phrase.to_lowercase().contains(judgement), "{lang} {code}: {phrase}");
                }
            }
        }
    }

    #[test]
    fn sentences_end_and_languages_differ() {
        let pairs = phrases(words(Lang::It)).into_iter().zip(phrases(words(Lang::En)));
        for ((code, it), (_, en)) in pairs {
            assert_ne!(it, en, "{code}");
            if code.starts_with("reason") || code.starts_with("advice") {
                assert!(it.ends_with('.') && en.ends_with('.'), "{code}: {it} / {en}");
            }
        }
    }

    #[test]
    fn every_undetermined_outcome_says_what_to_do() {
        let reasons = Reason::OWN.into_iter().chain(FetchOutcome::ALL.iter().map(|o| Reason::Fetch(*o)));
        for reason in reasons {
            for platform in Platform::DECIDED {
                for lang in Lang::ALL {
                    let advice = (words(lang).advice)(platform, Outcome::Undetermined, reason);
                    assert!(advice.is_some(), "{platform} {}", reason.code());
                    assert_eq!((words(lang).advice)(platform, Outcome::Found, reason), None);
                }
            }
        }
    }

    #[test]
    fn times_and_spans() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap_or_default();
        assert_eq!(words(Lang::It).when(at("2026-11-02T09:05:59Z")), "2 novembre 2026, ore 09:05 UTC");
        assert_eq!(words(Lang::En).when(at("2026-11-02T09:05:59Z")), "2 November 2026, 09:05 UTC");
        assert_eq!(span(at("2026-11-02T09:00:00Z"), at("2026-11-02T09:00:00.85Z")), "850 ms");
        assert_eq!(span(at("2026-11-02T09:00:00Z"), at("2026-11-02T09:03:05Z")), "3 min 5 s");
        assert_eq!(span(at("2026-11-02T09:00:00Z"), at("2026-11-02T08:00:00Z")), "0 ms");
    }
}
