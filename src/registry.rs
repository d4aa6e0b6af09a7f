//! The public registers: what they publish, read tolerantly and exactly, and how their codes meet. Pure: bytes in,
//! typed rows and a [`QualityReport`] out; no file, no network, no clock.
//!
//! * **By name, never by place.** Columns are found by their titles, in every spelling the registers have had.
//! * **Codes are text.** They begin with zeros; a cell `NA` is the province of Napoli, and `None` is a comune.
//! * **All or nothing.** A file that is cut, is not what its name says, or breaks a limit is a [`RegistryError`]; one
//!   odd row is a line of the report, and the others are kept.
//! * **What is not listed is unknown** unless the file is the whole register ([`Extract::whole`]).
//!
//! The registers, their addresses and their traps are described in `docs/registers.md`.

mod anpr;
mod appio;
mod archive;
mod avvisi;
mod candidature;
mod codes;
mod error;
mod ipa;
mod istat;
mod join;
pub mod names;
mod quality;
mod sheet;
pub(crate) mod site;
mod spid;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod unpack;

use sha2::{Digest as _, Sha256};

pub use crate::model::Register;
pub use anpr::AnprRow;
pub use appio::{AppIoBody, AppIoService, WHOLE_APP_IO};
pub use avvisi::AvvisoRow;
pub use candidature::{ApplicationRow, aim, wound_back};
pub use codes::{band_bounds, near_bound};
pub use error::RegistryError;
pub use ipa::IpaBody;
pub use istat::IstatComune;
pub use join::{Code, Joined, KnownComune, Published, resolve};
pub use quality::{Example, Issue, Join, QualityReport, Quirk, QuirkKind};
pub use site::{SiteError, normalise_site};
pub use spid::SpidProvider;
pub use state::RegisterState;
pub(crate) use unpack::decode;
pub use unpack::{LONGEST_LINE, MAX_INFLATED, MAX_RATIO};

/// The rows of one file, as far as they could be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Bodies of the IPA that are comuni, or are filed as such.
    Ipa(Vec<IpaBody>),
    /// Comuni of the ISTAT list.
    Istat(Vec<IstatComune>),
    /// Entries of the ANPR archive.
    Anpr(Vec<AnprRow>),
    /// Financed applications of comuni.
    Candidature(Vec<ApplicationRow>),
    /// Notices.
    Avvisi(Vec<AvvisoRow>),
    /// Bodies with services in the App IO.
    Appio(Vec<AppIoBody>),
    /// SPID service providers.
    Spid(Vec<SpidProvider>),
}

/// What one file of a register gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    /// Which register.
    pub register: Register,
    /// Which part of it, where it is published in parts or in several forms: the measure of applications (`1.4.4`), the
    /// form of the IPA (`enti`, `amministrazioni`, `domini`), a provider's entity. Empty for a register in one piece.
    pub part: String,
    /// True when the file is the whole register, so that what it does not list was not in it on that date.
    pub whole: bool,
    /// SHA-256 of the file as given, lower-case hexadecimal.
    pub sha256: String,
    /// The rows.
    pub content: Content,
    /// What was read, repaired and refused.
    pub quality: QualityReport,
}

/// What a reader hands back; [`read`] adds the rest.
pub(crate) struct Reading {
    part: String,
    whole: bool,
    content: Content,
}

/// Reads one file of a register: as published, as a spreadsheet (xlsx), packed with gzip, or alone in a zip archive.
///
/// Of a spreadsheet the first sheet counts whose titles are those of the register.
pub fn read(register: Register, bytes: &[u8]) -> Result<Extract, RegistryError> {
    let sha256 = format!("{:x}", Sha256::digest(bytes));
    let (reading, quality) = match archive::open(unpack::unpack(bytes)?)? {
        archive::Opened::Plain(plain) => read_plain(register, &plain)?,
        archive::Opened::Workbook(_) if matches!(register, Register::Appio | Register::Spid) => {
            return Err(RegistryError::Packing);
        }
        archive::Opened::Workbook(bytes) => read_workbook(register, &bytes)?,
    };
    let Reading { part, whole, content } = reading;
    // A last row that may be cut: then so may be the file.
    let whole = whole && quality.count(Quirk::OpenEnd) == 0;
    Ok(Extract { register, part, whole, sha256, content, quality })
}

fn read_plain(register: Register, plain: &[u8]) -> Result<(Reading, QualityReport), RegistryError> {
    if register == Register::Spid {
        let mut quality = QualityReport::default();
        let reading = spid::read(plain, &mut quality)?;
        return judged(reading, quality);
    }
    read_text(register, &unpack::text(plain)?)
}

fn read_text(register: Register, text: &str) -> Result<(Reading, QualityReport), RegistryError> {
    let mut quality = QualityReport::default();
    let reading = match register {
        Register::Spid => spid::read(text.as_bytes(), &mut quality)?,
        Register::Appio => appio::read(text, &mut quality)?,
        Register::Candidature => candidature::read(text, &mut quality)?,
        Register::Ipa => ipa::read(text, &mut quality)?,
        Register::Istat => istat::read(text, &mut quality)?,
        Register::Anpr => anpr::read(text, &mut quality)?,
        Register::Avvisi => avvisi::read(text, &mut quality)?,
    };
    judged(reading, quality)
}

fn judged(reading: Reading, quality: QualityReport) -> Result<(Reading, QualityReport), RegistryError> {
    // Single rows are odd in every register; when most are, the columns hold something else than their titles say.
    if quality.misshapen() * 2 > quality.rows {
        return Err(RegistryError::Misshapen { refused: quality.misshapen(), rows: quality.rows });
    }
    if quality.kept == 0 {
        let open = quality.issues.get(&Quirk::OpenEnd).and_then(|issue| issue.examples.first());
        return Err(open.map_or(RegistryError::Empty, |example| RegistryError::Cut { line: example.line }));
    }
    Ok((reading, quality))
}

fn read_workbook(register: Register, bytes: &[u8]) -> Result<(Reading, QualityReport), RegistryError> {
    let mut workbook = sheet::Workbook::open(bytes)?;
    let mut first = None;
    for name in workbook.names() {
        match read_text(register, &workbook.table(&name)?) {
            // Another table: a title page, a legend.
            Err(error @ (RegistryError::NoColumn { .. } | RegistryError::Empty)) => {
                first.get_or_insert(error);
            }
            read => return read,
        }
    }
    Err(first.unwrap_or(RegistryError::Empty))
}
