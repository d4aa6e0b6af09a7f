//! The list of sites of a run, read from a file as people and spreadsheets write it.

mod records;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::model::{Comune, Target};

use self::records::Records;
use crate::registry::{SiteError, decode, normalise_site, site::is_nothing};

/// Largest file that is read. The whole country, with every column of the public register, is 2 MB.
const LARGEST: u64 = 64 << 20;
/// Most sites in one list: over ten times the comuni of Italy. Keeps memory bounded.
const MOST: usize = 100_000;
/// Problems that are kept one by one; more are only counted.
const PROBLEMS: usize = 1_000;

/// Why a list could not be read at all. One bad row is a [`RowProblem`], not this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetsError {
    /// The file could not be read.
    #[error("{}: cannot read the list of sites: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than 64 MiB.
    #[error("{}: larger than 64 MiB: this is not a list of sites", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// More than 100,000 sites.
    #[error("{}: more than 100,000 sites; split the list", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
    },
    /// The file is not text.
    #[error("{}: not a text file; save the table as CSV", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// There is no row in it.
    #[error("{}: no row in it", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// No column is known to hold addresses.
    #[error("{}: no column `url` in line {line} (columns: {}); `sito_istituzionale` and `domain_used` are known too", path.display(), columns.join(", "))]
    NoUrlColumn {
        /// The file.
        path: PathBuf,
        /// The line that was read as the header.
        line: u64,
        /// The columns found, at most twenty, each at most 40 characters.
        columns: Vec<String>,
    },
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowReason {
    /// The address is none.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The row ends before the address.
    #[error("{found} columns, the address should be in column {wanted}")]
    TooFewColumns {
        /// Columns in the row.
        found: usize,
        /// Column of the address, from 1.
        wanted: usize,
    },
    /// The row has more columns than the header: values may stand under the wrong name.
    #[error("{found} columns, the header has {wanted}")]
    TooManyColumns {
        /// Columns in the row.
        found: usize,
        /// Columns of the header.
        wanted: usize,
    },
    /// The population is not a number. The site is visited, without its population.
    #[error("the population is not a number")]
    Population,
    /// Another row has the same address.
    #[error("the same site as line {line}")]
    Duplicate {
        /// The row that is kept.
        line: u64,
    },
    /// A quoted cell does not end.
    #[error("a quotation mark that is never closed")]
    OpenQuote,
    /// Longer than 64 KiB.
    #[error("a row longer than 64 KiB")]
    TooLong,
}

impl RowReason {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Site(error) => error.code(),
            Self::TooFewColumns { .. } => "too-few-columns",
            Self::TooManyColumns { .. } => "too-many-columns",
            Self::Population => "population",
            Self::Duplicate { .. } => "duplicate",
            Self::OpenQuote => "open-quote",
            Self::TooLong => "row-too-long",
        }
    }

    /// The same as the English text, for Italian readers.
    pub fn italian(&self) -> String {
        match self {
            Self::Site(error) => error.italian(),
            Self::TooFewColumns { found, wanted } => {
                format!("{found} colonne, l'indirizzo dovrebbe essere nella colonna {wanted}")
            }
            Self::TooManyColumns { found, wanted } => format!("{found} colonne, l'intestazione ne ha {wanted}"),
            Self::Population => "la popolazione non è un numero".to_owned(),
            Self::Duplicate { line } => format!("lo stesso sito della riga {line}"),
            Self::OpenQuote => "virgolette mai chiuse".to_owned(),
            Self::TooLong => "una riga più lunga di 64 KiB".to_owned(),
        }
    }
}

/// A row that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line of the file where the row begins, from 1.
    pub line: u64,
    /// The cell in question, at most 80 characters, without control characters.
    pub text: String,
    /// What is wrong.
    pub reason: RowReason,
    /// True when the site is visited all the same.
    pub kept: bool,
}

/// The sites of a list, and what was wrong with the rest of it.
#[derive(Debug, Clone, Default)]
pub struct TargetList {
    /// The sites in the order of the file, no address twice.
    pub targets: Vec<Target>,
    /// Rows with something wrong, by line; the first thousand.
    pub problems: Vec<RowProblem>,
    /// Rows that gave no target, also those beyond the first thousand problems.
    pub skipped: usize,
}

/// Reads a list of sites from a file; see [`parse_targets`].
pub fn read_targets(path: &Path) -> Result<TargetList, TargetsError> {
    let fail = |source| TargetsError::Read { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(fail)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(fail)?;
    parse_targets(path, &bytes)
}

/// Reads a list of sites. `path` is for messages only.
///
/// The file is CSV with a header (separated by comma, semicolon or tab, columns in any order, only the address is
/// needed), or one address a line without a header. UTF-8 or UTF-16 with a mark, UTF-8 without, else windows-1252.
/// Rows that cannot be used are reported and left out. Of two rows with the same address the one with a regular IPA
/// code of a comune (`c_b300`) stays, else the first: registers list a comune's agencies under the comune's own site.
pub fn parse_targets(path: &Path, bytes: &[u8]) -> Result<TargetList, TargetsError> {
    let path = || path.to_path_buf();
    if bytes.len() as u64 > LARGEST {
        return Err(TargetsError::TooLarge { path: path() });
    }
    let text = decode(bytes);
    if text.contains('\0') {
        return Err(TargetsError::NotText { path: path() });
    }
    let Some(layout) = Layout::sniff(&text) else { return Err(TargetsError::Empty { path: path() }) };
    let layout = layout.map_err(|NoUrl { line, columns }| TargetsError::NoUrlColumn { path: path(), line, columns })?;
    let mut reader = Reader::default();
    let mut records = Records::new(&text, layout.delimiter);
    if layout.header {
        records.next_filled();
    }
    while let Some(record) = records.next_filled() {
        match record.content {
            Ok(content) => reader.row(record.line, content, &layout),
            Err(reason) => reader.skip(record.line, record.start, reason),
        }
        if reader.list.targets.len() > MOST {
            return Err(TargetsError::TooMany { path: path() });
        }
    }
    if reader.list.targets.is_empty() && reader.list.skipped == 0 {
        return Err(TargetsError::Empty { path: path() });
    }
    reader.list.problems.sort_by_key(|problem| problem.line);
    Ok(reader.list)
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// The address; of several such columns the lowest number with a value counts.
    Url(u8),
    CodiceIpa,
    CodiceIstat,
    CodiceCatastale,
    CodiceFiscale,
    Name,
    Population,
    Region,
}

impl Field {
    /// The names that our own format and the public registers use.
    fn of(title: &str) -> Option<Self> {
        let title = title.trim().trim_matches('"').to_lowercase();
        let title =
            title.split([' ', '-', '\n', '\r', '_']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
        Some(match title.as_str() {
            "url" => Self::Url(0),
            "sito_istituzionale" => Self::Url(1),
            "sito" | "sito_web" | "site" | "website" | "indirizzo_web" => Self::Url(2),
            "domain_used" | "dominio" | "domain" => Self::Url(3),
            "codice_ipa" | "cod_amm" | "ipa" => Self::CodiceIpa,
            "codice_istat" | "codice_comune_istat" | "istat" => Self::CodiceIstat,
            "codice_catastale" | "codice_catastale_comune" | "catastale" => Self::CodiceCatastale,
            "codice_fiscale" | "codice_fiscale_ente" | "cf" => Self::CodiceFiscale,
            "name" | "denominazione" | "denominazione_ente" | "des_amm" | "nome" => Self::Name,
            "population" | "popolazione" | "abitanti" => Self::Population,
            "region" | "regione" => Self::Region,
            _ => return None,
        })
    }
}

/// How the file is laid out.
struct Layout {
    /// `None`: one address a line.
    delimiter: Option<u8>,
    header: bool,
    fields: Vec<Option<Field>>,
}

struct NoUrl {
    line: u64,
    columns: Vec<String>,
}

impl Layout {
    /// Looks at the first row that is not empty. `None` when there is none.
    fn sniff(text: &str) -> Option<Result<Self, NoUrl>> {
        let mut best: Option<(usize, Self)> = None;
        let mut columns = Vec::new();
        for delimiter in [b',', b';', b'\t'] {
            let Ok(header) = Records::new(text, Some(delimiter)).next_filled()?.content else { continue };
            let titles = records::cells(header, delimiter);
            let mut fields: Vec<Option<Field>> = titles.iter().map(|title| Field::of(title)).collect();
            // Of two columns of one kind the first counts.
            for index in 1..fields.len() {
                if fields[..index].contains(&fields[index]) {
                    fields[index] = None;
                }
            }
            let known = fields.iter().flatten().count();
            let has_url = fields.iter().any(|field| matches!(field, Some(Field::Url(_))));
            if has_url && best.as_ref().is_none_or(|(most, _)| known > *most) {
                // A single column is not split: addresses may hold commas.
                let delimiter = (fields.len() > 1).then_some(delimiter);
                best = Some((known, Self { delimiter, header: true, fields }));
            }
            if titles.len() > columns.len() {
                columns = titles;
            }
        }
        if let Some((_, layout)) = best {
            return Some(Ok(layout));
        }
        let first = Records::new(text, None).next_filled()?;
        // Without a header nothing says what a column is, so there must be one only.
        let host = first.start.split_once("//").map_or(first.start, |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        if !host.contains([',', ';', '\t']) && normalise_site(first.start).is_ok() {
            return Some(Ok(Self { delimiter: None, header: false, fields: vec![Some(Field::Url(0))] }));
        }
        columns.truncate(20);
        let columns = columns.iter().map(|column| records::excerpt(column, 40)).collect();
        Some(Err(NoUrl { line: first.line, columns }))
    }
}

/// Collects the rows.
#[derive(Default)]
struct Reader {
    list: TargetList,
    /// Address without its scheme, to the place in the list and its line.
    seen: HashMap<String, (usize, u64)>,
}

impl Reader {
    fn skip(&mut self, line: u64, text: &str, reason: RowReason) {
        self.list.skipped += 1;
        self.report(line, text, reason, false);
    }

    fn report(&mut self, line: u64, text: &str, reason: RowReason, kept: bool) {
        if self.list.problems.len() < PROBLEMS {
            self.list.problems.push(RowProblem { line, text: records::excerpt(text, 80), reason, kept });
        }
    }

    fn row(&mut self, line: u64, content: &str, layout: &Layout) {
        let mut cells = match layout.delimiter {
            Some(delimiter) => records::cells(content, delimiter),
            None => vec![content.trim().trim_matches('"').to_owned()],
        };
        let wanted = layout.fields.len();
        while cells.len() > wanted && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.iter().all(String::is_empty) {
            return; // The tail of a spreadsheet.
        }
        if cells.len() > wanted {
            return self.skip(line, content, RowReason::TooManyColumns { found: cells.len(), wanted });
        }
        let (site, place) = address(&cells, &layout.fields);
        if place >= cells.len() {
            let reason = RowReason::TooFewColumns { found: cells.len(), wanted: place + 1 };
            return self.skip(line, content, reason);
        }
        let (url, scheme_guessed) = match normalise_site(site) {
            Ok(read) => read,
            Err(error) => return self.skip(line, if site.is_empty() { content } else { site }, error.into()),
        };
        let (comune, population) = comune(&cells, &layout.fields);
        let target = Target { url, scheme_guessed, comune };
        if let Some(text) = population {
            self.report(line, &text, RowReason::Population, true);
        }
        let key = target.url.as_str().split_once("//").map_or_else(String::new, |(_, rest)| rest.to_owned());
        match self.seen.get(&key).copied() {
            None => {
                self.seen.insert(key, (self.list.targets.len(), line));
                self.list.targets.push(target);
            }
            Some((place, first)) => {
                let known = &mut self.list.targets[place];
                let better = is_regular(&target.comune) && !is_regular(&known.comune);
                let text = target.url.to_string();
                let (dropped, kept) = if better { (first, line) } else { (line, first) };
                if better {
                    *known = target;
                    self.seen.insert(key, (place, line));
                }
                self.skip(dropped, &text, RowReason::Duplicate { line: kept });
            }
        }
    }
}

fn is_regular(comune: &Comune) -> bool {
    comune.codice_ipa.is_some()
        && Comune { codice_ipa: comune.codice_ipa.clone(), ..Comune::default() }.catastale().is_some()
}

/// The first column of an address that has a value, and the place of that column (or of the preferred one).
fn address<'a>(cells: &'a [String], fields: &[Option<Field>]) -> (&'a str, usize) {
    let mut places: Vec<(u8, usize)> = fields
        .iter()
        .enumerate()
        .filter_map(|(place, field)| match field {
            Some(Field::Url(rank)) => Some((*rank, place)),
            _ => None,
        })
        .collect();
    places.sort_unstable();
    let preferred = places.first().map_or(usize::MAX, |(_, place)| *place);
    places
        .into_iter()
        .find_map(|(_, place)| cells.get(place).filter(|cell| !is_nothing(cell)).map(|cell| (cell.as_str(), place)))
        .unwrap_or((cells.get(preferred).map_or("", String::as_str), preferred))
}

/// The facts of a row, and the population when it is not a number.
fn comune(cells: &[String], fields: &[Option<Field>]) -> (Comune, Option<String>) {
    let mut comune = Comune::default();
    let mut odd = None;
    for (cell, field) in cells.iter().zip(fields) {
        let Some(field) = field else { continue };
        if is_nothing(cell) {
            continue;
        }
        match field {
            Field::Url(_) => {}
            Field::CodiceIpa => comune.codice_ipa = Some(cell.to_lowercase()),
            Field::CodiceIstat => comune.codice_istat = Some(leading_zeros(cell, 6)),
            Field::CodiceCatastale => comune.codice_catastale = Some(cell.to_uppercase()),
            Field::CodiceFiscale => comune.codice_fiscale = Some(leading_zeros(cell, 11)),
            Field::Name => comune.name = Some(cell.clone()),
            Field::Region => comune.region = Some(cell.clone()),
            Field::Population => match population(cell) {
                Some(residents) => comune.population = Some(residents),
                None => odd = Some(cell.clone()),
            },
        }
    }
    comune.codice_catastale = comune.catastale();
    (comune, odd)
}

/// Spreadsheets take the zeros away from the front of codes.
fn leading_zeros(code: &str, width: usize) -> String {
    if code.bytes().all(|b| b.is_ascii_digit()) { format!("{code:0>width$}") } else { code.to_owned() }
}

/// `83849`, `83.849`, `83 849`, `83'849`, `83849.0`; nothing above ten million, which no city of Europe has.
fn population(text: &str) -> Option<u32> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    let groups: Vec<&str> = text.split(['.', '\'', '’', ' ', '\u{a0}', ',']).collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !groups.iter().all(digits) || groups.iter().skip(1).any(|group| group.len() != 3) {
        return None;
    }
    groups.concat().parse().ok().filter(|residents| *residents <= 10_000_000)
}
