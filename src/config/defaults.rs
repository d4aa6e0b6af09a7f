//! The values used where nothing else is said. `--help` and the example file print these same constants.

use crate::model::Register;

/// Seconds between two requests to one host: one a second is what small sites bear without noticing.
pub const DELAY: f64 = 1.0;
/// Seconds between the starts of two requests to one IP address, shared by hundreds of comuni at the big vendors.
pub const ADDRESS_DELAY: f64 = 0.5;
/// Requests that one visit may send.
pub const MAX_REQUESTS: u32 = 40;
/// Seconds that one visit may take.
pub const MAX_TIME: f64 = 600.0;
/// Sites visited at the same time.
pub const CONCURRENCY: usize = 32;
/// Name of the folder below the user's data and configuration folders.
pub const FOLDER: &str = "riscontro";
/// Name of the database file.
pub const DATABASE: &str = "riscontro.db";
/// Name of the configuration file.
pub const FILE: &str = "riscontro.toml";
/// `run` over more sites than this needs a contact: the owners of the servers must be able to write to someone.
pub const SITES_WITHOUT_CONTACT: usize = 10;
/// Visits on different days that must miss a thing before it counts as lost.
pub const CONFIRM_LOOKS: u32 = 3;
/// Hours between the first and the last of them.
pub const CONFIRM_HOURS: u32 = 72;
/// Percentage of sites turning worse above which a run is suspect.
pub const SUSPECT_SHARE: u8 = 10;
/// Port of a resolver given without one.
pub const DNS_PORT: u16 = 53;

/// Days after which a register counts as old: three months for what is published every day (IPA, applications, notices,
/// App IO), a year and a month for what changes with the new year (ISTAT, ANPR) or without a rhythm (SPID metadata).
pub const fn register_max_age(register: Register) -> u32 {
    match register {
        Register::Ipa | Register::Candidature | Register::Avvisi | Register::Appio => 90,
        Register::Istat | Register::Anpr | Register::Spid => 400,
    }
}
/// MiB that a letter may have: what most servers take.
pub const MAIL_MAX_MIB: u32 = 10;
/// Days after which a night visits a site again: a look a day is what confirms a loss soonest.
pub const NIGHT_DAYS: u32 = 1;
