//! What is said of applications, sums and registers beside a verdict.

use super::number;
use crate::{
    config::Lang,
    model::{ApplicationState, Verdict},
    notices::{Decoded, Entry, Misfit, Notice},
};

/// What became of an application.
pub fn state(lang: Lang, state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Financed => lang.pick("finanziata", "financed"),
        ApplicationState::Waived => lang.pick("rinunciata", "waived"),
        ApplicationState::Paid => lang.pick("pagata", "paid"),
    }
}

/// What a register holds on a comune.
pub fn entry(lang: Lang, entry: Entry) -> String {
    match entry {
        Entry::Listed { count: Some(1) } => lang.pick("1 servizio", "1 service").to_owned(),
        Entry::Listed { count: Some(count) } => lang.pick(format!("{count} servizi"), format!("{count} services")),
        Entry::Listed { count: None } => lang.pick("elencato", "listed").to_owned(),
        Entry::NotListed => lang.pick("non elencato", "not listed").to_owned(),
        Entry::NotJoined => lang.pick("codice non noto", "code not known").to_owned(),
    }
}

/// A population band of a notice: its name where it has one, else its bounds; nothing where every comune is alike.
pub fn band(lang: Lang, notice: &Notice, id: &str) -> String {
    let Some(band) = notice.bands.iter().find(|band| band.id == id) else { return id.to_owned() };
    let residents = |count: u32| number(lang, u64::from(count));
    match (&band.name, band.from, band.to) {
        (Some(name), _, _) => lang.pick(format!("fascia {name}"), format!("band {name}")),
        (None, 0, None) => lang.pick("fascia unica", "one band").to_owned(),
        (None, 0, Some(to)) => {
            lang.pick(format!("fino a {} abitanti", residents(to)), format!("up to {} residents", residents(to)))
        }
        (None, from, Some(to)) => lang.pick(
            format!("{}-{} abitanti", residents(from), residents(to)),
            format!("{}-{} residents", residents(from), residents(to)),
        ),
        (None, from, None) => {
            lang.pick(format!("da {} abitanti", residents(from)), format!("from {} residents", residents(from)))
        }
    }
}

/// What a sum says when it is read back against its notice.
pub fn sum(lang: Lang, notice: &Notice, sum: &Decoded) -> String {
    let band = |id: &str| band(lang, notice, id);
    let services = |services: Option<u32>| match services {
        None => String::new(),
        Some(1) => lang.pick(", 1 servizio", ", 1 service").to_owned(),
        Some(number) => lang.pick(format!(", {number} servizi"), format!(", {number} services")),
    };
    match sum {
        Decoded::Fits { reading, agrees, confirmed } => {
            let other = match agrees {
                Some(false) => lang.pick("; altra fascia che per gli abitanti", "; another band than by the residents"),
                _ => "",
            };
            let doubt = if *confirmed { "" } else { lang.pick("; importi non confermati", "; figures not confirmed") };
            format!("{}{}{other}{doubt}", band(&reading.band), services(reading.services))
        }
        Decoded::Ambiguous { readings } => {
            let all: Vec<String> =
                readings.iter().map(|one| format!("{}{}", band(&one.band), services(one.services))).collect();
            format!("{}: {}", lang.pick("più letture", "several readings"), all.join(lang.pick(" o ", " or ")))
        }
        Decoded::Misfit { why, .. } => {
            let why = match why {
                Misfit::TooFewServices => lang.pick("meno servizi del minimo", "fewer services than the least"),
                Misfit::TooManyServices => lang.pick("più servizi del massimo", "more services than the most"),
                Misfit::NoBandPaysIt => lang.pick("nessuna fascia la paga", "no band pays it"),
            };
            format!("{}: {why}", lang.pick("la somma non torna", "the sum does not fit"))
        }
        Decoded::Unconfirmed => {
            lang.pick("non si legge: importi non confermati", "cannot be read: figures not confirmed").to_owned()
        }
        Decoded::Undisclosed => {
            lang.pick("non si legge: importi unitari non noti", "cannot be read: its parts are not known").to_owned()
        }
    }
}

/// The code of what a sum says, for tables.
pub const fn sum_code(sum: &Decoded) -> &'static str {
    match sum {
        Decoded::Fits { agrees: Some(false), .. } => "other-band",
        Decoded::Fits { .. } => "fits",
        Decoded::Ambiguous { .. } => "ambiguous",
        Decoded::Misfit { why, .. } => why.code(),
        Decoded::Unconfirmed => "unconfirmed",
        Decoded::Undisclosed => "undisclosed",
    }
}

/// A verdict as one character, for narrow tables.
pub const fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Supported => '+',
        Verdict::NotSupported => '−',
        Verdict::Undetermined => '?',
        Verdict::NotObservable => '·',
    }
}

/// The sentence that stands on every report with verdicts.
pub fn whose_outcome(lang: Lang) -> &'static str {
    lang.pick(
        "Dice ciò che si vede da fuori, e quando; l'esito della verifica spetta all'asseveratore.",
        "It says what can be seen from outside, and when; the outcome of the check belongs to the asseveratore.",
    )
}
