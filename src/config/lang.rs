//! The two languages.

use std::{fmt, str::FromStr};

use super::Environment;

/// Language of what a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum Lang {
    /// Italian.
    #[default]
    It,
    /// English.
    En,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::It, Self::En];

    /// Code for `--lang` and for the `lang` attribute of HTML.
    pub const fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// One of two texts, the Italian one first.
    pub fn pick<T>(self, it: T, en: T) -> T {
        match self {
            Self::It => it,
            Self::En => en,
        }
    }

    /// The language of the user's locale, by the order of POSIX: `LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is
    /// not empty. Italian when none is set or when it is `C` or `POSIX`; English for every other language.
    pub fn of_locale(environment: &Environment) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| environment.get(name));
        let Some(locale) = locale else { return Self::It };
        let language = locale.split(['_', '.', '@', '-']).next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "" | "c" | "posix" | "it" => Self::It,
            _ => Self::En,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Lang {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|lang| lang.code() == text).ok_or(())
    }
}
