//! What clap answers, in our words: one line, a hint, in both languages.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::{Exit, Failure, terminal};
use crate::config::Lang;

/// Prints help and version as asked; turns a mistake into a failure.
pub(super) fn answer(error: &Error, lang: Lang) -> Result<Exit, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => Ok(Exit::Found),
            Err(error) => Err(Failure::unwritable(terminal::STDOUT, &error, lang)),
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Not asked for: goes to standard error, and there is nothing to do if that is gone too.
            let _ = error.print();
            Ok(Exit::Usage)
        }
        _ => Err(failure(error, lang)),
    }
}

fn context(error: &Error, kind: ContextKind) -> Option<String> {
    let text = match error.get(kind)? {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        ContextValue::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

fn failure(error: &Error, lang: Lang) -> Failure {
    let of = |kind| context(error, kind);
    let argument = || of(ContextKind::InvalidArg);
    let (place, why) = match error.kind() {
        ErrorKind::UnknownArgument => (argument(), lang.pick("argomento sconosciuto", "unknown argument").to_owned()),
        ErrorKind::InvalidSubcommand => {
            (of(ContextKind::InvalidSubcommand), lang.pick("comando sconosciuto", "unknown command").to_owned())
        }
        ErrorKind::MissingSubcommand => (None, lang.pick("manca il comando", "a command is missing").to_owned()),
        ErrorKind::MissingRequiredArgument => (argument(), lang.pick("è necessario", "is required").to_owned()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match of(ContextKind::InvalidValue) {
            Some(value) => (argument(), lang.pick(format!("non può essere `{value}`"), format!("cannot be `{value}`"))),
            None => (argument(), lang.pick("manca il valore", "the value is missing").to_owned()),
        },
        ErrorKind::ArgumentConflict => match of(ContextKind::PriorArg)
            .filter(|prior| Some(prior) != argument().as_ref())
        {
            Some(prior) => {
                (argument(), lang.pick(format!("non si può usare con {prior}"), format!("cannot be used with {prior}")))
            }
            None => (argument(), lang.pick("si può dare una volta sola", "can be given only once").to_owned()),
        },
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            (argument(), lang.pick("il numero di valori non è giusto", "wrong number of values").to_owned())
        }
        ErrorKind::NoEquals => (argument(), lang.pick("vuole il segno =", "wants the = sign").to_owned()),
        ErrorKind::InvalidUtf8 => (None, lang.pick("un argomento non è UTF-8", "an argument is not UTF-8").to_owned()),
        _ => (argument(), error.kind().to_string()),
    };
    let mut failure = Failure::new(Exit::Usage, lang.pick("uso", "usage"));
    if let Some(place) = place {
        failure = failure.at(place);
    }
    failure.because(why).hint(hint(error, lang))
}

fn hint(error: &Error, lang: Lang) -> String {
    if let Some(valid) = context(error, ContextKind::ValidValue) {
        return lang.pick(format!("i valori possibili sono {valid}"), format!("possible values are {valid}"));
    }
    let suggestion =
        context(error, ContextKind::SuggestedArg).or_else(|| context(error, ContextKind::SuggestedSubcommand));
    if let Some(suggestion) = suggestion {
        return lang.pick(format!("forse `{suggestion}`"), format!("perhaps `{suggestion}`"));
    }
    let more = lang.pick("`riscontro --help` dice come si usa", "`riscontro --help` tells how it is used");
    more.to_owned()
}
