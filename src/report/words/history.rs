//! What is said of histories and of runs whose looks wait.

use crate::{config::Lang, history::Change, model::Ended, store::Trust};

/// What changed between two days.
pub fn change(lang: Lang, change: Change) -> &'static str {
    match change {
        Change::Found => lang.pick("comparso", "found"),
        Change::Lost => lang.pick("non più riscontrato", "lost"),
        Change::ToBeConfirmed => lang.pick("da confermare", "to be confirmed"),
        Change::Undetermined => lang.pick("non determinabile", "undetermined"),
        Change::WordsChanged => lang.pick("parole cambiate", "words changed"),
        Change::RulesChanged => lang.pick("regole cambiate", "rules changed"),
    }
}

/// Why an answer ended, by its code; an unknown code as it is.
pub fn ended(lang: Lang, code: &'static str) -> &'static str {
    match Ended::ALL.into_iter().find(|one| one.code() == code) {
        Some(Ended::LossConfirmed) => {
            lang.pick("non visto più, e confermato da più visite", "missed since, and confirmed by several looks")
        }
        Some(Ended::Found) => lang.pick("riscontrato da allora", "found since"),
        Some(Ended::WordsChanged) => lang.pick("parole cambiate", "the words changed"),
        Some(Ended::RulesChanged) => lang.pick(
            "le regole sono cambiate, non risulta che sia cambiato il sito",
            "the rules changed, nothing shows that the site did",
        ),
        None => code,
    }
}

/// Whether the looks of a run count.
pub fn trust(lang: Lang, trust: Trust) -> &'static str {
    match trust {
        Trust::Clear => lang.pick("valida", "counts"),
        Trust::Suspect => lang.pick("sospetta, in attesa", "suspect, held"),
        Trust::Released => lang.pick("ammessa", "released"),
        Trust::Discarded => lang.pick("scartata", "discarded"),
    }
}

/// The sentence below every comparison.
pub fn what_counts(lang: Lang) -> &'static str {
    lang.pick(
        "Ciò che era riscontrato vale finché la sua assenza non è confermata; una visita che non può dire non toglie nulla.",
        "What was found stands until its absence is confirmed; a look that could not tell takes nothing away.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_there_in_both_languages_and_none_judges() {
        let mut all: Vec<[&str; 2]> = vec![Lang::ALL.map(what_counts)];
        all.extend(Change::ALL.map(|one| Lang::ALL.map(|lang| change(lang, one))));
        all.extend(Ended::ALL.map(|one| Lang::ALL.map(|lang| ended(lang, one.code()))));
        all.extend(
            [Trust::Clear, Trust::Suspect, Trust::Released, Trust::Discarded]
                .map(|one| Lang::ALL.map(|lang| trust(lang, one))),
        );
        for [one, other] in all {
            assert_ne!(one, other);
            for judgement in ["conform", "superat", "fallit", "passed", "failed", "complian"] {
                assert!(!one.contains(judgement) && !other.contains(judgement), "{one} / {other}");
            }
        }
        assert_eq!(ended(Lang::It, "new-code"), "new-code");
    }
}
