//! The TOML file, read into items that remember their line.

use std::{fs, io, path::Path};

use toml::{Spanned, de::DeTable, de::DeValue};

use super::{
    Fault, Key, Kind, Origin, Problem,
    layers::{Item, Layer},
};

/// Reads the file. Every mistake lands in `problems`; what is usable is returned.
pub(super) fn read(path: &Path, problems: &mut Vec<Problem>) -> Layer {
    match text(path) {
        Ok(text) => parse(path, &text, problems),
        Err(fault) => {
            problems.push(Problem { origin: Origin::File(path.to_owned(), 0), fault });
            Layer::default()
        }
    }
}

/// The text of a file, without a byte order mark.
pub(super) fn text(path: &Path) -> Result<String, Fault> {
    let bytes = fs::read(path).map_err(|error| Fault::Unreadable(error.kind()))?;
    let text = String::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Line of a byte offset, counted from 1.
fn line(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

pub(super) fn parse(path: &Path, text: &str, problems: &mut Vec<Problem>) -> Layer {
    let at = |offset| Origin::File(path.to_owned(), line(text, offset));
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let offset = error.span().map_or(0, |span| span.start);
        problems.push(Problem { origin: at(offset), fault: Fault::Syntax(error.message().to_owned()) });
    }
    let mut layer = Layer::default();
    let mut entries: Vec<_> = table.into_inner().into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in &entries {
        let Some(key) = Key::from_name(name.get_ref()) else {
            let fault = Fault::UnknownKey(name.get_ref().to_string());
            problems.push(Problem { origin: at(name.span().start), fault });
            continue;
        };
        match items(key, value, &at) {
            Ok(items) => {
                // The address of a mailbox holds a name and no password, or is refused.
                let may_hold = key != Key::MailReceipts;
                if may_hold && items.iter().any(|item| super::mask(&item.text) != item.text) && is_exposed(path) {
                    problems.push(Problem { origin: at(value.span().start), fault: Fault::Exposed(key) });
                }
                layer.insert(key, items);
            }
            Err((offset, got)) => {
                problems.push(Problem { origin: at(offset), fault: Fault::WrongKind(key, got) });
            }
        }
    }
    layer
}

fn items(
    key: Key,
    value: &Spanned<DeValue<'_>>,
    at: &dyn Fn(usize) -> Origin,
) -> Result<Vec<Item>, (usize, &'static str)> {
    let start = value.span().start;
    let wrong = || (start, value.get_ref().type_str());
    if key.kind() == Kind::List {
        let list = value.get_ref().as_array().ok_or_else(wrong)?;
        return list
            .iter()
            .map(|entry| {
                let start = entry.span().start;
                let text = entry.get_ref().as_str().ok_or_else(|| (start, entry.get_ref().type_str()))?;
                Ok(Item { text: text.to_owned(), origin: at(start) })
            })
            .collect();
    }
    let text = match (key.kind(), value.get_ref()) {
        (Kind::Text, DeValue::String(text)) => text.to_string(),
        (Kind::Number | Kind::Integer, DeValue::Integer(number)) if number.radix() == 10 => number.as_str().to_owned(),
        (Kind::Number, DeValue::Float(number)) => number.as_str().to_owned(),
        _ => return Err(wrong()),
    };
    Ok(vec![Item { text, origin: at(start) }])
}

/// True when the file's mode lets every user of the machine read it.
#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let mode: io::Result<u32> = fs::metadata(path).map(|meta| meta.permissions().mode());
    mode.is_ok_and(|mode| mode & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}
