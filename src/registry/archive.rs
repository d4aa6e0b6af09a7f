//! Zip archives: the one register file inside, or a spreadsheet, under limits that hold before anything is trusted.

use std::{
    borrow::Cow,
    io::{Cursor, Read as _},
};

use zip::{ZipArchive, result::ZipError};

use super::{
    RegistryError,
    unpack::{MAX_INFLATED, MAX_RATIO},
};

/// Most entries of an archive; a spreadsheet has some dozens.
const MOST_ENTRIES: usize = 1_000;
/// Largest archive, in bytes: its list of entries is read whole.
const LARGEST: usize = 32 << 20;
/// Most bytes that the parts of a spreadsheet may have together, unpacked. The whole IPA has some 40 MB.
const LARGEST_WORKBOOK: usize = 64 << 20;
/// Most texts that the cells of a spreadsheet may share.
const MOST_STRINGS: usize = 2_000_000;
/// Files that may be a register, by the end of their names.
const REGISTERS: [&str; 6] = [".csv", ".tsv", ".txt", ".json", ".xml", ".xlsx"];
/// Names told of an archive that holds several.
const TOLD: usize = 8;

/// What is in a file, after its packing.
pub(super) enum Opened<'a> {
    /// Text, or a tar archive.
    Plain(Cow<'a, [u8]>),
    /// A spreadsheet (xlsx), looked through and found bounded.
    Workbook(Cow<'a, [u8]>),
}

/// An archive, with its size in bytes.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    bytes: usize,
}

/// Looks inside a zip archive; everything else is handed back as it is.
pub(super) fn open(bytes: Cow<'_, [u8]>) -> Result<Opened<'_>, RegistryError> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return Ok(Opened::Plain(bytes));
    }
    let (mut archive, names) = listed(&bytes)?;
    if is_workbook(&names) {
        look_through(&mut archive)?;
        return Ok(Opened::Workbook(bytes));
    }
    let inside = member(&mut archive, &names)?;
    if !inside.starts_with(b"PK\x03\x04") {
        return Ok(Opened::Plain(Cow::Owned(inside)));
    }
    let (mut archive, names) = listed(&inside)?;
    if !is_workbook(&names) {
        return Err(RegistryError::Packing);
    }
    look_through(&mut archive)?;
    Ok(Opened::Workbook(Cow::Owned(inside)))
}

fn of_zip(error: &ZipError) -> RegistryError {
    match error {
        // Encrypted, or packed by a method that hardly anybody uses.
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => RegistryError::Packing,
        _ => RegistryError::Damaged,
    }
}

/// The archive and the names of its files, in order.
fn listed(bytes: &[u8]) -> Result<(Archive<'_>, Vec<String>), RegistryError> {
    if bytes.len() > LARGEST {
        return Err(RegistryError::TooLarge);
    }
    // The end record says how many entries there are. Without one the archive is cut; asked here, because room is made
    // for all of them before the first is seen.
    let tail = &bytes[bytes.len().saturating_sub(22 + 65_535)..];
    let end = tail.windows(4).rposition(|four| four == b"PK\x05\x06").ok_or(RegistryError::Damaged)?;
    let said = tail.get(end + 10..end + 12).ok_or(RegistryError::Damaged)?;
    if usize::from(u16::from_le_bytes([said[0], said[1]])) > MOST_ENTRIES {
        return Err(RegistryError::TooManyEntries);
    }
    let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| of_zip(&error))?;
    if zip.len() > MOST_ENTRIES {
        return Err(RegistryError::TooManyEntries);
    }
    let name = |place| match zip.name_for_index(place) {
        Some(Ok(name)) => name.into_owned(),
        _ => String::new(),
    };
    let names = (0..zip.len()).map(name).collect();
    Ok((Archive { zip, bytes: bytes.len() }, names))
}

fn is_workbook(names: &[String]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case("xl/workbook.xml"))
}

/// The one file that may be a register.
fn member(archive: &mut Archive<'_>, names: &[String]) -> Result<Vec<u8>, RegistryError> {
    let is_register = |name: &str| {
        let last = name.rsplit('/').next().unwrap_or_default().to_lowercase();
        !last.starts_with('.') && !name.starts_with("__MACOSX/") && REGISTERS.iter().any(|end| last.ends_with(end))
    };
    let mut places: Vec<usize> = (0..names.len()).filter(|place| is_register(&names[*place])).collect();
    // A licence or a note beside the data.
    if places.len() > 1 && places.iter().any(|place| !names[*place].to_lowercase().ends_with(".txt")) {
        places.retain(|place| !names[*place].to_lowercase().ends_with(".txt"));
    }
    match places.as_slice() {
        [place] => inflate(archive, *place, MAX_INFLATED),
        [] => Err(RegistryError::NoMember),
        _ => Err(RegistryError::Several {
            found: places.iter().take(TOLD).map(|place| names[*place].chars().take(80).collect()).collect(),
        }),
    }
}

/// One file of the archive, at most `room` bytes of it.
fn inflate(archive: &mut Archive<'_>, place: usize, room: usize) -> Result<Vec<u8>, RegistryError> {
    let whole = archive.bytes;
    let mut file = archive.zip.by_index(place).map_err(|error| of_zip(&error))?;
    // What the archive says of a file's packed size may be a lie, but no file is larger than the archive.
    let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX).min(whole);
    let by_ratio = packed.saturating_mul(MAX_RATIO).max(1 << 20);
    let limit = by_ratio.min(room);
    let mut out = Vec::new();
    file.by_ref().take(limit as u64 + 1).read_to_end(&mut out).map_err(|_| RegistryError::Damaged)?;
    if out.len() > limit {
        return Err(if limit == room { RegistryError::TooLarge } else { RegistryError::Ratio });
    }
    Ok(out)
}

/// Unpacks every part of a spreadsheet once, under limits: the reader of spreadsheets has none.
fn look_through(archive: &mut Archive<'_>) -> Result<(), RegistryError> {
    let mut room = LARGEST_WORKBOOK;
    for place in 0..archive.zip.len() {
        let part = inflate(archive, place, room)?;
        room -= part.len();
        let has = |word: &[u8]| part.windows(word.len()).any(|window| window == word);
        if has(b"<!DOCTYPE") || has(b"<!ENTITY") {
            return Err(RegistryError::Xml("a document type".to_owned()));
        }
        if part.windows(3).filter(|window| *window == b"<si").count() > MOST_STRINGS {
            return Err(RegistryError::TooLarge);
        }
    }
    Ok(())
}
