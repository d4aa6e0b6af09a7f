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
    /// A packing that is not read: zip, xlsx, xz and the like.
    #[error("this packing is not read; give the file as published in CSV, JSON or XML, or compressed with gzip")]
    Packing,
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
                "questo formato di archivio non si legge; date il file come pubblicato in CSV, JSON o XML, o compresso con gzip".to_owned()
            }
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
