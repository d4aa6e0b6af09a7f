//! What is said of the requirements of a notice: where they can be seen, what was seen, and why no more.

use super::words;
use crate::{
    config::Lang,
    model::{Basis, Observable, Platform, Verdict},
};

/// Where a requirement can be seen from outside.
pub fn observable(lang: Lang, observable: Observable) -> &'static str {
    match observable {
        Observable::Site => lang.pick("sul sito", "on the site"),
        Observable::Register => lang.pick("in un registro", "in a register"),
        Observable::Partly => lang.pick("in parte", "partly"),
        Observable::Nowhere => lang.pick("non osservabile", "not observable"),
    }
}

/// What findings and registers say of a requirement.
pub fn verdict(lang: Lang, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => lang.pick("riscontrato", "supported"),
        Verdict::NotSupported => lang.pick("non riscontrato", "not supported"),
        Verdict::Undetermined => lang.pick("non determinabile", "undetermined"),
        Verdict::NotObservable => lang.pick("non osservabile", "not observable"),
    }
}

/// Why a verdict is what it is, one sentence; `platform` is the one whose finding the requirement is read from.
pub fn basis(lang: Lang, basis: Basis, platform: Platform) -> String {
    let (it, en) = match basis {
        Basis::SiteSays => ("Lo dice il sito.", "The site says so."),
        Basis::RegisterSays => ("Lo dice il registro.", "The register says so."),
        Basis::BothSay => ("Lo dicono il sito e il registro.", "Site and register both say so."),
        Basis::OutOfSight => ("Da fuori nessuno lo può vedere.", "Nobody can see it from outside."),
        Basis::NotExamined => {
            ("Si potrebbe vedere, ma riscontro non lo legge.", "It could be seen, and riscontro does not read it.")
        }
        Basis::NotVisited => ("A questa data nessuna visita.", "No visit up to this date."),
        Basis::RegisterMissing => {
            ("A questa data il registro non è stato importato.", "The register was not imported up to this date.")
        }
        Basis::RegisterNotJoined => (
            "Non si conosce il codice con cui il registro elenca il comune.",
            "The code by which the register lists the comune is not known.",
        ),
        Basis::RegisterIncomplete => (
            "Il registro è parziale: non esserci non dice nulla.",
            "The register holds a part only: not being in it says nothing.",
        ),
        Basis::RegisterStale => (
            "Il registro è vecchio: ciò che vi manca può esserci oggi.",
            "The register is old: what it lacks may be there today.",
        ),
        Basis::ExpectedUnknown => (
            "Non si sa quanti servizi aspettarsi: la somma non lo dice.",
            "How many services to expect is not known: the sum does not tell.",
        ),
        Basis::BeforeDue => (
            "Guardato solo prima della data richiesta: può essere arrivato dopo.",
            "Looked at only before the date asked for: it may have come later.",
        ),
        Basis::AfterDue => (
            "Guardato solo dopo la data richiesta: non dice com'era quel giorno.",
            "Looked at only after the date asked for: it does not tell how things stood that day.",
        ),
        Basis::Disagreement => ("Sito e registro si contraddicono.", "Site and register contradict each other."),
        Basis::PartNotSeen => (
            "La parte che si potrebbe vedere non si è vista: dell'insieme non dice nulla.",
            "The part that could be seen was not seen: of the whole that says nothing.",
        ),
        Basis::ToBeConfirmed => (
            "C'era, e nelle ultime visite non si è visto: va confermato da altre visite.",
            "It was there, and the last looks missed it: further looks have to confirm that.",
        ),
        Basis::Finding(reason) => return (words(lang).reason)(platform, reason),
    };
    lang.pick(it, en).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    #[test]
    fn every_phrase_is_there_in_both_languages_and_none_judges() {
        let mut pairs = Vec::new();
        let mut add = |it: &str, en: &str| pairs.push((it.to_owned(), en.to_owned()));
        for one in Observable::ALL {
            add(observable(Lang::It, one), observable(Lang::En, one));
        }
        for one in Verdict::ALL {
            add(verdict(Lang::It, one), verdict(Lang::En, one));
        }
        for one in Basis::OWN.into_iter().chain(Reason::OWN.map(Basis::Finding)) {
            let said = Lang::ALL.map(|lang| basis(lang, one, Platform::Spid));
            assert!(said.iter().all(|text| text.ends_with('.')), "{said:?}");
            add(&basis(Lang::It, one, Platform::Spid), &basis(Lang::En, one, Platform::Spid));
        }
        for (it, en) in pairs {
            assert_ne!(it, en);
            for judgement in ["conform", "superat", "fallit", "passed", "failed", "complian"] {
                assert!(!it.contains(judgement) && !en.contains(judgement), "{it} / {en}");
            }
        }
    }
}
