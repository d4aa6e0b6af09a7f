//! What a night does.

/// Which sites a night visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NightSites {
    /// Those of comuni with a live application to a notice that is known.
    #[default]
    Applications,
    /// Those of every existing comune.
    All,
    /// None.
    None,
}

impl NightSites {
    /// The names used in files.
    pub const NAMES: &'static [&'static str] = &["applications", "all", "none"];

    /// The name used in files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applications => "applications",
            Self::All => "all",
            Self::None => "none",
        }
    }
}

/// What a night does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightSettings {
    /// Which sites it visits.
    pub sites: NightSites,
    /// Days (UTC) after which a site is due again.
    pub days: u32,
    /// Sites that one night visits; 0 for all that are due.
    pub limit: u32,
}
