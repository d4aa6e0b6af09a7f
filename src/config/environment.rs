//! The process environment, read once and passed on as a value.

use std::{collections::BTreeMap, path::PathBuf};

use super::defaults;

/// The variables that the program may look at. Tests build their own.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Prefix of the program's own variables.
    pub const PREFIX: &'static str = "RISCONTRO_";

    /// The variables of this process: the one place that reads them. Bytes that are not UTF-8 are replaced.
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// The value of a variable; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The program's own variables that are set, by name without the prefix.
    pub fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(name, value)| Some((name.strip_prefix(Self::PREFIX)?, value.as_str())))
    }

    /// A folder of the XDG base directory specification: the variable when it is absolute, else `fallback` below the
    /// home folder.
    fn base(&self, variable: &str, fallback: &str) -> Option<PathBuf> {
        let named = self.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(PathBuf::from(self.get("HOME")?).join(fallback)))
    }

    /// Where the program keeps its data; `None` without a home folder.
    pub fn data_folder(&self) -> Option<PathBuf> {
        Some(self.base("XDG_DATA_HOME", ".local/share")?.join(defaults::FOLDER))
    }

    /// Where the user's configuration file is looked for; `None` without a home folder.
    pub fn config_file(&self) -> Option<PathBuf> {
        Some(self.base("XDG_CONFIG_HOME", ".config")?.join(defaults::FOLDER).join(defaults::FILE))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
