//! One mistake in the settings: where it stands, what is wrong, what would be right. In both languages.

use std::{io, path::PathBuf};

use super::{Key, Kind, Lang};
use crate::model::Register;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// A line of a file, counted from 1; 0 stands for the file as a whole.
    File(PathBuf, usize),
    /// An environment variable.
    Variable(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl Origin {
    /// The place in words: `riscontro.toml:3`, `RISCONTRO_DELAY`, `--delay`.
    pub fn describe(&self, lang: Lang) -> String {
        match self {
            Self::Default => lang.pick("valore predefinito", "default").to_owned(),
            Self::File(path, 0) => path.display().to_string(),
            Self::File(path, line) => format!("{}:{line}", path.display()),
            Self::Variable(name) => name.clone(),
            Self::Flag(flag) => (*flag).to_owned(),
        }
    }
}

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expected {
    /// Seconds between two bounds, both allowed.
    Seconds(f64, f64),
    /// A whole number between two bounds, both allowed.
    Whole(i64, i64),
    /// `it` or `en`.
    Lang,
    /// `text` or `json`.
    LogFormat,
    /// `auto` or `never`.
    Render,
    /// An e-mail address or a web page.
    Contact,
    /// `sqlite://FILE` or `postgres://...`.
    Database,
    /// The address of a proxy.
    Proxy,
    /// An http or https address.
    WebAddress,
    /// `HOST:PORT:ADDRESS:PORT`.
    ConnectTo,
    /// `ADDRESS:PORT`.
    Resolver,
    /// The name of a host.
    Host,
    /// A path that is not empty.
    Path,
    /// `REGISTER:DAYS`, or `DAYS`.
    MaxAge,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An address of mail, with or without a name.
    Mailbox,
    /// A name to log in with.
    Login,
    /// A folder, or the address of a mailbox.
    Receipts,
}

impl Expected {
    /// What would be right, in words.
    pub fn describe(self, lang: Lang) -> String {
        match self {
            Self::Seconds(low, high) => match lang {
                Lang::It => format!("secondi da {low} a {high}, per esempio 1.5"),
                Lang::En => format!("seconds from {low} to {high}, for example 1.5"),
            },
            Self::Whole(low, high) => match lang {
                Lang::It => format!("un numero intero da {low} a {high}"),
                Lang::En => format!("a whole number from {low} to {high}"),
            },
            Self::Lang => lang.pick("`it` oppure `en`", "`it` or `en`").to_owned(),
            Self::LogFormat => lang.pick("`text` oppure `json`", "`text` or `json`").to_owned(),
            Self::Render => lang.pick("`auto` oppure `never`", "`auto` or `never`").to_owned(),
            Self::Contact => lang
                .pick(
                    "un indirizzo e-mail o l'indirizzo di una pagina web, senza spazi né parentesi",
                    "an e-mail address or the address of a web page, without spaces or parentheses",
                )
                .to_owned(),
            Self::Database => lang
                .pick(
                    "`sqlite://percorso.db` oppure `postgres://utente@host/bancadati`",
                    "`sqlite://path.db` or `postgres://user@host/database`",
                )
                .to_owned(),
            Self::Proxy => lang
                .pick(
                    "l'indirizzo di un proxy http, https, socks5 o socks5h, per esempio `http://127.0.0.1:3128`",
                    "the address of an http, https, socks5 or socks5h proxy, for example `http://127.0.0.1:3128`",
                )
                .to_owned(),
            Self::WebAddress => lang.pick("un indirizzo http o https", "an http or https address").to_owned(),
            Self::ConnectTo => lang
                .pick(
                    "HOST:PORTA:INDIRIZZO:PORTA, per esempio `www.comune.esempio.it:443:127.0.0.1:8443`",
                    "HOST:PORT:ADDRESS:PORT, for example `www.comune.esempio.it:443:127.0.0.1:8443`",
                )
                .to_owned(),
            Self::Resolver => lang
                .pick(
                    "un indirizzo IP con la porta, per esempio `127.0.0.1:53`",
                    "an IP address with its port, for example `127.0.0.1:53`",
                )
                .to_owned(),
            Self::Host => lang
                .pick(
                    "il nome di un host, per esempio `www.comune.esempio.it`",
                    "the name of a host, for example `www.comune.esempio.it`",
                )
                .to_owned(),
            Self::OneOf(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                let (last, first) = words.split_last().map_or(("", [].as_slice()), |(last, first)| (last, first));
                format!("{} {} {last}", first.join(", "), lang.pick("oppure", "or"))
            }
            Self::Mailbox => lang
                .pick(
                    "un indirizzo di posta, per esempio `Verifiche <verifiche@ente.example>`",
                    "an address of mail, for example `Checks <checks@authority.example>`",
                )
                .to_owned(),
            Self::Login => {
                lang.pick("un nome senza caratteri di controllo", "a name without control characters").to_owned()
            }
            Self::Receipts => lang
                .pick(
                    "una cartella, o `imaps://UTENTE@HOST[:PORTA]/CARTELLA` senza password; `imap://`, in chiaro, solo su questa macchina",
                    "a folder, or `imaps://USER@HOST[:PORT]/FOLDER` without a password; `imap://`, in clear, on this machine only",
                )
                .to_owned(),
            Self::Path => lang.pick("un percorso", "a path").to_owned(),
            Self::MaxAge => {
                let codes = Register::ALL.map(Register::code).join(", ");
                match lang {
                    Lang::It => format!("giorni, anche per un solo registro, per esempio `400` o `ipa:90` ({codes})"),
                    Lang::En => format!("days, also for one register only, for example `400` or `ipa:90` ({codes})"),
                }
            }
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The file is not TOML; the parser's own words.
    Syntax(String),
    /// No setting has this name.
    UnknownKey(String),
    /// The value is of another kind (`string`, `array`, ...).
    WrongKind(Key, &'static str),
    /// The value cannot be used.
    Value(Key, String, Expected),
    /// The file cannot be read.
    Unreadable(io::ErrorKind),
    /// The file is not UTF-8.
    NotUtf8,
    /// The file holds a password, and everybody on the machine may read it.
    Exposed(Key),
}

/// One mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    /// What is wrong, one line, without the place.
    pub fn message(&self, lang: Lang) -> String {
        match &self.fault {
            Fault::Syntax(message) => match lang {
                Lang::It => format!("non è TOML valido: {message}"),
                Lang::En => format!("not valid TOML: {message}"),
            },
            Fault::UnknownKey(name) => match lang {
                Lang::It => format!("impostazione sconosciuta `{name}`"),
                Lang::En => format!("unknown setting `{name}`"),
            },
            Fault::WrongKind(key, got) => match lang {
                Lang::It => format!("`{}` vuole {}, non {}", key.name(), kind(key.kind(), lang), toml_kind(got, lang)),
                Lang::En => {
                    format!("`{}` wants {}, not {}", key.name(), kind(key.kind(), lang), toml_kind(got, lang))
                }
            },
            Fault::Value(key, text, _) => match lang {
                Lang::It => format!("`{}` non può essere `{}`", key.name(), shown(text)),
                Lang::En => format!("`{}` cannot be `{}`", key.name(), shown(text)),
            },
            Fault::Unreadable(kind) => match (lang, kind) {
                (Lang::It, io::ErrorKind::NotFound) => "il file non c'è".to_owned(),
                (Lang::En, io::ErrorKind::NotFound) => "there is no such file".to_owned(),
                (Lang::It, io::ErrorKind::PermissionDenied) => "non si ha il permesso di leggerlo".to_owned(),
                (Lang::En, io::ErrorKind::PermissionDenied) => "no permission to read it".to_owned(),
                (Lang::It, io::ErrorKind::IsADirectory) => "è una cartella, non un file".to_owned(),
                (Lang::En, io::ErrorKind::IsADirectory) => "it is a folder, not a file".to_owned(),
                (Lang::It, other) => format!("non si riesce a leggerlo ({other})"),
                (Lang::En, other) => format!("cannot be read ({other})"),
            },
            Fault::NotUtf8 => lang.pick("il testo non è UTF-8", "the text is not UTF-8").to_owned(),
            Fault::Exposed(key) => match lang {
                Lang::It => format!("`{}` contiene una password e tutti possono leggere il file", key.name()),
                Lang::En => format!("`{}` holds a password and everybody may read the file", key.name()),
            },
        }
    }

    /// What would be right, when there is something to say.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        match &self.fault {
            Fault::UnknownKey(name) => Some(match Key::nearest(name) {
                Some(key) => match lang {
                    Lang::It => format!("forse `{}`", key.name()),
                    Lang::En => format!("perhaps `{}`", key.name()),
                },
                None => lang
                    .pick("`riscontro config example` le elenca tutte", "`riscontro config example` lists them all")
                    .to_owned(),
            }),
            Fault::Value(_, _, expected) => Some(match lang {
                Lang::It => format!("atteso: {}", expected.describe(lang)),
                Lang::En => format!("wanted: {}", expected.describe(lang)),
            }),
            Fault::Exposed(_) => Some(lang.pick("chmod 600 sul file", "chmod 600 on the file").to_owned()),
            Fault::Syntax(_) | Fault::WrongKind(..) | Fault::Unreadable(_) | Fault::NotUtf8 => None,
        }
    }

    /// True when it is a mistake of the command line, and not of a file or the environment.
    pub fn is_usage(&self) -> bool {
        matches!(self.origin, Origin::Flag(_))
    }
}

fn kind(kind: Kind, lang: Lang) -> &'static str {
    match kind {
        Kind::Text => lang.pick("un testo fra virgolette", "a quoted text"),
        Kind::Number => lang.pick("un numero", "a number"),
        Kind::Integer => lang.pick("un numero intero", "a whole number"),
        Kind::List => lang.pick("un elenco di testi, [\"…\"]", "a list of texts, [\"…\"]"),
    }
}

fn toml_kind(name: &'static str, lang: Lang) -> &'static str {
    match name {
        "string" => lang.pick("un testo", "a text"),
        "integer" => lang.pick("un numero intero", "a whole number"),
        "float" => lang.pick("un numero con la virgola", "a number with a fraction"),
        "boolean" => lang.pick("vero o falso", "true or false"),
        "datetime" => lang.pick("una data", "a date"),
        "array" => lang.pick("un elenco", "a list"),
        "table" => lang.pick("una tabella", "a table"),
        other => other,
    }
}

/// A value as an error line may repeat it: no secret, no control character, not endless.
fn shown(text: &str) -> String {
    let text = mask(text);
    let mut out: String = text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(80).is_some() {
        out.push('…');
    }
    out
}

/// The text with what stands between `://` and the last `@` before the path hidden, user and password of an address, and a
/// password among its options.
pub fn mask(text: &str) -> String {
    const OPTION: &str = "password=";
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let masked = match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://***{}", &rest[at..]),
        None => text.to_owned(),
    };
    match masked.find('?').and_then(|options| Some(options + masked[options..].find(OPTION)? + OPTION.len())) {
        Some(at) => {
            let end = masked[at..].find('&').map_or(masked.len(), |end| at + end);
            format!("{}***{}", &masked[..at], &masked[end..])
        }
        None => masked,
    }
}
