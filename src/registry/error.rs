//! Why a file cannot be taken for a register at all.

/// A file that is refused whole: nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// More than 128 MiB, packed or unpacked.
    #[error("larger than 128 MiB")]
    TooLarge,
    /// The compressed file grows to more than 200 times its size.
    #[error("unpacks to more than 200 times its size")]
    Ratio,
    /// The compressed file ends early or fails its checksum.
    #[error("the compressed file is cut or damaged")]
    Damaged,
    /// A packing that is not read: xz, xls, a password and the like.
    #[error(
        "this packing is not read; give the file as published in CSV, JSON, XML or xlsx, or packed with gzip or zip"
    )]
    Packing,
    /// A zip archive with more than a thousand entries.
    #[error("a zip archive of more than 1000 entries")]
    TooManyEntries,
    /// A zip archive without a file that could be a register.
    #[error("a zip archive without a CSV, JSON, XML or xlsx file in it")]
    NoMember,
    /// A zip archive with several files that could be the register.
    #[error("a zip archive of several files; give the one that is meant: {}", found.join(", "))]
    Several {
        /// Their names, at most eight.
        found: Vec<String>,
    },
    /// A spreadsheet that cannot be read: damaged, protected, or of another kind.
    #[error("the spreadsheet is damaged, protected, or no xlsx")]
    Spreadsheet,
    /// A spreadsheet that reaches too far.
    #[error("the sheet reaches beyond 200000 rows or 512 columns")]
    SheetRange,
    /// Not text.
    #[error("not a text file")]
    NotText,
    /// Text that was decoded in the wrong encoding and saved again, or two encodings in one file.
    #[error("accented letters are broken (line {line}): the file was saved in the wrong encoding")]
    Encoding {
        /// Line of the file, from 1.
        line: u64,
    },
    /// A web page in place of the file.
    #[error("a web page in place of the register")]
    WebPage,
    /// A line longer than 1 MiB.
    #[error("line {line} is longer than 1 MiB")]
    LongLine {
        /// Line of the file, from 1.
        line: u64,
    },
    /// The file ends in the middle of a row.
    #[error("the file ends in the middle of a row (line {line}): it is cut")]
    Cut {
        /// Line of the file, from 1.
        line: u64,
    },
    /// A quotation mark that is never closed has swallowed rows.
    #[error("a quotation mark in line {line} is never closed")]
    OpenQuote {
        /// Line of the file, from 1.
        line: u64,
    },
    /// A column that the register cannot be read without.
    #[error("no column `{column}` (columns: {})", found.join(", "))]
    NoColumn {
        /// The column.
        column: &'static str,
        /// The columns found, at most twelve.
        found: Vec<String>,
    },
    /// Not JSON of the expected shape.
    #[error("not the expected JSON: {0}")]
    Json(String),
    /// Not the expected XML: cut, too deep, too large, or with a document type.
    #[error("not the expected XML: {0}")]
    Xml(String),
    /// Most rows do not have what their columns promise.
    #[error(
        "{refused} of {rows} rows do not hold what the titles of their columns say: columns are swapped, or this is another file"
    )]
    Misshapen {
        /// Rows refused for their shape.
        refused: u64,
        /// Rows read.
        rows: u64,
    },
    /// No row that could be used.
    #[error("no row of this register in it")]
    Empty,
}

impl RegistryError {
    /// The same as the English text, for Italian readers.
    pub fn italian(&self) -> String {
        match self {
            Self::TooLarge => "è più grande di 128 MiB".to_owned(),
            Self::Ratio => "decompresso diventa più di 200 volte più grande".to_owned(),
            Self::Damaged => "il file compresso è tronco o danneggiato".to_owned(),
            Self::Packing => {
                "questo formato di archivio non si legge; date il file come pubblicato in CSV, JSON, XML o xlsx, o compresso con gzip o zip".to_owned()
            }
            Self::TooManyEntries => "è un archivio zip con più di 1000 elementi".to_owned(),
            Self::NoMember => "è un archivio zip senza alcun file CSV, JSON, XML o xlsx".to_owned(),
            Self::Several { found } => {
                format!("è un archivio zip con più file; indicate quello giusto: {}", found.join(", "))
            }
            Self::Spreadsheet => "il foglio di calcolo è danneggiato, protetto o non è xlsx".to_owned(),
            Self::SheetRange => "il foglio va oltre 200000 righe o 512 colonne".to_owned(),
            Self::NotText => "non è un file di testo".to_owned(),
            Self::Encoding { line } => {
                format!("le lettere accentate sono rovinate (riga {line}): il file è stato salvato nella codifica sbagliata")
            }
            Self::WebPage => "è una pagina web al posto del registro".to_owned(),
            Self::LongLine { line } => format!("la riga {line} supera 1 MiB"),
            Self::Cut { line } => format!("il file finisce a metà di una riga (riga {line}): è tronco"),
            Self::OpenQuote { line } => format!("le virgolette aperte alla riga {line} non si chiudono mai"),
            Self::NoColumn { column, found } => format!("manca la colonna `{column}` (colonne: {})", found.join(", ")),
            Self::Json(detail) => format!("non è il JSON atteso: {detail}"),
            Self::Xml(detail) => format!("non è l'XML atteso: {detail}"),
            Self::Misshapen { refused, rows } => format!(
                "{refused} righe su {rows} non contengono ciò che dicono i titoli delle colonne: le colonne sono scambiate, o è un altro file"
            ),
            Self::Empty => "non contiene alcuna riga di questo registro".to_owned(),
        }
    }
}
