//! What is said of the registers that an answer rests on.

use jiff::civil::Date;

use super::words;
use crate::{config::Lang, model::Register, registry::RegisterState};

/// The name of a register.
pub fn register(lang: Lang, register: Register) -> &'static str {
    match register {
        Register::Ipa => "IPA",
        Register::Istat => "ISTAT",
        Register::Anpr => "ANPR",
        Register::Candidature => lang.pick("candidature PA digitale 2026", "applications of PA digitale 2026"),
        Register::Avvisi => lang.pick("avvisi PA digitale 2026", "notices of PA digitale 2026"),
        Register::Appio => lang.pick("servizi su App IO", "services in the App IO"),
        Register::Spid => lang.pick("fornitori di servizi SPID", "SPID service providers"),
    }
}

/// A day as people write it: `1 luglio 2026`.
pub fn day(lang: Lang, date: Date) -> String {
    let month = usize::try_from(date.month()).unwrap_or(1);
    format!("{} {} {}", date.day(), words(lang).months[month.saturating_sub(1)], date.year())
}

/// A register with its date, and that it is old when it is: `IPA (domini) del 1 luglio 2026, vecchio di 300 giorni`. The
/// source is left to whoever prints it, as it may come from outside.
pub fn register_state(lang: Lang, state: &RegisterState) -> String {
    let part = if state.part.is_empty() { String::new() } else { format!(" ({})", crate::report::clean(&state.part)) };
    let name = register(lang, state.register);
    let date = day(lang, state.date);
    let age = state.age_days;
    match (lang, state.stale) {
        (Lang::It, false) => format!("{name}{part}, dati del {date}"),
        (Lang::It, true) => format!("{name}{part}, dati del {date}: vecchi di {age} giorni"),
        (Lang::En, false) => format!("{name}{part}, data of {date}"),
        (Lang::En, true) => format!("{name}{part}, data of {date}: {age} days old"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::config::MaxAges;

    #[test]
    fn a_register_is_told_with_its_date_and_called_old_when_it_is() {
        let mut state = RegisterState {
            register: Register::Ipa,
            part: "domini".to_owned(),
            date: date(2026, 7, 1),
            source: "enti.csv".to_owned(),
            digest: "0".repeat(64),
            whole: true,
            kept: 8_008,
            age_days: 0,
            stale: false,
        };
        state.look_from(date(2026, 8, 1), MaxAges::default());
        assert_eq!(register_state(Lang::It, &state), "IPA (domini), dati del 1 luglio 2026");
        state.look_from(date(2026, 11, 22), MaxAges::default());
        assert_eq!(register_state(Lang::It, &state), "IPA (domini), dati del 1 luglio 2026: vecchi di 144 giorni");
        assert_eq!(register_state(Lang::En, &state), "IPA (domini), data of 1 July 2026: 144 days old");
        for register_code in Register::ALL {
            assert!(!register(Lang::It, register_code).is_empty() && !register(Lang::En, register_code).is_empty());
        }
    }
}
