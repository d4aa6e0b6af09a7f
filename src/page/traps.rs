//! Addresses that breed addresses: calendars, facets, growing paths. Pure looks at one address; counting is the
//! visit's business.

use url::Url;

use super::urlkey;

/// Path parts beyond which an address is taken for a trap.
const PARTS: usize = 12;
/// Times that one part may occur in a path.
const REPEATS: usize = 3;
/// Bytes of an address.
const BYTES: usize = 2_048;
/// Names in a query.
const NAMES: usize = 6;

/// Why an address looks like a trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trap {
    /// More than 12 parts in the path.
    Parts,
    /// One part more than 3 times in the path (`a/a/a/a`).
    Repeated,
    /// More than 2,048 bytes.
    Long,
    /// More than 6 names in the query, those that only track apart.
    Names,
}

impl Trap {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parts => "path-parts",
            Self::Repeated => "path-repeats",
            Self::Long => "url-long",
            Self::Names => "query-names",
        }
    }
}

/// Says why an address looks like a trap by its shape alone; `None` when it does not.
pub fn trap(url: &Url) -> Option<Trap> {
    if url.as_str().len() > BYTES {
        return Some(Trap::Long);
    }
    let parts: Vec<&str> = parts(url).collect();
    if parts.len() > PARTS {
        return Some(Trap::Parts);
    }
    let repeats = |part: &&str| parts.iter().filter(|other| other.eq_ignore_ascii_case(part)).count();
    if parts.iter().any(|part| repeats(part) > REPEATS) {
        return Some(Trap::Repeated);
    }
    (urlkey::names(url).len() > NAMES).then_some(Trap::Names)
}

/// The parts of the path that are not empty.
fn parts(url: &Url) -> impl Iterator<Item = &str> {
    url.path().split('/').filter(|part| !part.is_empty())
}

/// What an address has in common with its siblings: its key with runs of digits, names of months and long hexadecimal
/// ids folded. `/notizie/2024/05/123-avviso?id=7` and `/notizie/2023/11/9-avviso?id=8` have one template.
pub fn template(url: &Url) -> String {
    let key = urlkey::key(url);
    // The host's digits are its own.
    let start = key.find("://").and_then(|scheme| key[scheme + 3..].find('/').map(|path| scheme + 3 + path));
    let (host, rest) = key.split_at(start.unwrap_or(key.len()));
    let mut out = host.to_owned();
    let mut rest = rest;
    while let Some(first) = rest.chars().next() {
        let is_word = |character: char| character.is_ascii_alphanumeric();
        let end = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        if end == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        if out.ends_with('%') {
            // An escape is a character, not a number.
            out.push_str(word);
        } else if month_name(word).is_some() || is_id(word) {
            out.push('0');
        } else {
            fold_digits(&mut out, word);
        }
    }
    out
}

/// A long hexadecimal id, as of a session or an object.
fn is_id(word: &str) -> bool {
    word.len() >= 16
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

fn fold_digits(out: &mut String, word: &str) {
    let mut in_digits = false;
    for character in word.chars() {
        let digit = character.is_ascii_digit();
        if !digit {
            out.push(character);
        } else if !in_digits {
            out.push('0');
        }
        in_digits = digit;
    }
}

/// The month that a calendar page is about: year and month (1 to 12).
///
/// In the query: two parameters (`anno=2024&mese=5`, `year=`, `month=`), one that holds both (`data=2024-05-01`,
/// `month=202405`, `dal=01/05/2024`). In the path: `2024/05`, `2024-05` at its end, or anywhere behind a word such as
/// `calendario`, `eventi`, `archivio`; an article `/2024/05/avviso` is no calendar.
pub fn calendar_month(url: &Url) -> Option<(i16, u8)> {
    month_in_query(url).or_else(|| month_in_path(url))
}

fn month_in_query(url: &Url) -> Option<(i16, u8)> {
    let (mut year, mut month) = (None, None);
    for (name, value) in url.query_pairs().take(32) {
        let name = name.to_ascii_lowercase();
        let name = name.rsplit(['[', '-', '_', '.']).find(|part| !part.trim_end_matches(']').is_empty()).unwrap_or("");
        let name = name.trim_end_matches(']');
        match name {
            "anno" | "year" | "yr" | "y" | "jahr" | "annee" => {
                year = year.or(number(&value, 4).and_then(plausible_year));
            }
            "mese" | "month" | "mon" | "m" | "monat" | "mois" if value.len() <= 2 => {
                month = month.or(number(&value, value.len()).and_then(plausible_month));
            }
            "mese" | "month" | "mon" | "m" if month_name(&value).is_some() => month = month.or(month_name(&value)),
            "mese" | "month" | "date" | "data" | "day" | "giorno" | "dal" | "from" | "start" | "calendar"
            | "calendario" | "datum" | "inizio" => {
                if let Some(found) = month_in(&value) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    Some((year?, month?))
}

fn month_in_path(url: &Url) -> Option<(i16, u8)> {
    const WORDS: [&str; 12] = [
        "calendario",
        "calendar",
        "kalender",
        "calendrier",
        "eventi",
        "events",
        "agenda",
        "archivio",
        "archive",
        "appuntamenti",
        "veranstaltungen",
        "evenements",
    ];
    let parts: Vec<&str> = parts(url).take(32).collect();
    let about_dates = parts.iter().any(|part| WORDS.iter().any(|word| part.eq_ignore_ascii_case(word)));
    for (at, part) in parts.iter().enumerate() {
        let (found, used) = match number(part, 4).and_then(plausible_year) {
            Some(year) => {
                let Some(next) = parts.get(at + 1) else { continue };
                let month = number(next, next.len()).filter(|_| next.len() <= 2).and_then(plausible_month);
                let Some(month) = month.or_else(|| month_name(next)) else { continue };
                let day = parts.get(at + 2).is_some_and(|day| day.len() <= 2 && number(day, day.len()).is_some());
                ((year, month), if day { 3 } else { 2 })
            }
            None => match month_in(part) {
                Some(found) => (found, 1),
                None => continue,
            },
        };
        if about_dates || at + used == parts.len() {
            return Some(found);
        }
    }
    None
}

/// Year and month of a date written `2024-05`, `2024-05-31`, `202405`, `20240531`, `31/05/2024` or `31-05-2024`.
fn month_in(text: &str) -> Option<(i16, u8)> {
    let text = text.trim();
    let month_of = |year: &str, month: &str| {
        let month = number(month, month.len()).filter(|_| month.len() <= 2).and_then(plausible_month)?;
        Some((number(year, 4).and_then(plausible_year)?, month))
    };
    let pieces: Vec<&str> = text.split(['-', '/', '.', 'T', ' ']).collect();
    match pieces.as_slice() {
        [year, month, ..] if year.len() == 4 => month_of(year, month),
        [day, month, year, ..] if year.len() == 4 && day.len() <= 2 => {
            number(day, day.len())?;
            month_of(year, month)
        }
        [month, year] => month_of(year, month),
        [digits] if matches!(digits.len(), 6 | 8) && number(digits, digits.len()).is_some() => {
            month_of(digits.get(..4)?, digits.get(4..6)?)
        }
        _ => None,
    }
}

/// A number of exactly this many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn plausible_year(year: u32) -> Option<i16> {
    i16::try_from(year).ok().filter(|year| (1900..=2100).contains(year))
}

fn plausible_month(month: u32) -> Option<u8> {
    u8::try_from(month).ok().filter(|month| (1..=12).contains(month))
}

/// The number of an Italian, English or German month's name.
fn month_name(word: &str) -> Option<u8> {
    const MONTHS: [&[&str]; 12] = [
        &["gennaio", "january", "januar"],
        &["febbraio", "february", "februar"],
        &["marzo", "march", "maerz"],
        &["aprile", "april"],
        &["maggio", "may", "mai"],
        &["giugno", "june", "juni"],
        &["luglio", "july", "juli"],
        &["agosto", "august"],
        &["settembre", "september"],
        &["ottobre", "october", "oktober"],
        &["novembre", "november"],
        &["dicembre", "december", "dezember"],
    ];
    let at = MONTHS.iter().position(|names| names.iter().any(|name| word.eq_ignore_ascii_case(name)))?;
    u8::try_from(at + 1).ok()
}

/// True for the page of a search, a filter or a sort order: endless variations of one list.
pub fn is_search(url: &Url) -> bool {
    const PARTS: [&str; 13] = [
        "search",
        "cerca",
        "ricerca",
        "suche",
        "recherche",
        "risultati-ricerca",
        "advancedsearch",
        "ricerca-avanzata",
        "@@search",
        "search_form",
        "filter",
        "filtra",
        "ordina",
    ];
    let in_path = parts(url).any(|part| {
        let stem = part.split('.').next().unwrap_or(part);
        PARTS.iter().any(|word| stem.eq_ignore_ascii_case(word) || part.eq_ignore_ascii_case(word))
    });
    in_path || urlkey::names(url).iter().any(|name| is_search_name(name))
}

fn is_search_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = lower.split(['[', '%', ':', '.']).next().unwrap_or_default();
    matches!(
        stem,
        "q" | "s"
            | "search"
            | "query"
            | "cerca"
            | "ricerca"
            | "keyword"
            | "keywords"
            | "searchword"
            | "searchabletext"
            | "searchphrase"
            | "search_api_fulltext"
            | "sort"
            | "sortby"
            | "sort_by"
            | "sort_order"
            | "orderby"
            | "order_by"
            | "order"
            | "ordina"
            | "ordinamento"
            | "dir"
            | "f"
            | "facet"
            | "facets"
            | "filter"
            | "filters"
            | "filtro"
            | "filtri"
            | "suche"
            | "recherche"
    ) || stem.starts_with("filter_")
        || stem.starts_with("filtro_")
        || stem.starts_with("facet_")
        || stem.starts_with("sort_")
        || stem.starts_with("search_")
}

#[cfg(test)]
mod tests;
