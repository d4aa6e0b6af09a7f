//! What was read, repaired and refused: the report that ends every import.

use std::collections::BTreeMap;

use serde::Serialize;

/// Examples kept of each quirk; more are only counted.
const EXAMPLES: usize = 5;
/// Longest example, in characters.
const LONGEST: usize = 80;

/// What happened to a row with a quirk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuirkKind {
    /// A value was put right; the row is kept.
    Repaired,
    /// The row is not used.
    Refused,
    /// The row is kept as it is; whoever uses it should know.
    Noted,
}

macro_rules! quirks {
    ($($name:ident $kind:ident $code:literal $it:literal $en:literal;)*) => {
        /// What can be odd about a row. The list grows; the codes stay.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[non_exhaustive]
        pub enum Quirk {
            $(#[doc = $en] #[serde(rename = $code)] $name,)*
        }

        impl Quirk {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What was done about it.
            pub const fn kind(self) -> QuirkKind {
                match self { $(Self::$name => QuirkKind::$kind,)* }
            }

            /// In Italian.
            pub const fn italian(self) -> &'static str {
                match self { $(Self::$name => $it,)* }
            }

            /// In English.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

quirks! {
    TooFewColumns Refused "too-few-columns" "meno colonne dell'intestazione" "fewer columns than the header";
    TooManyColumns Refused "too-many-columns" "più colonne dell'intestazione" "more columns than the header";
    NoCode Refused "no-code" "manca il codice che identifica la riga" "the code that names the row is missing";
    BadCode Refused "bad-code" "il codice non ha la forma di un codice" "the code does not have the form of a code";
    BadAmount Refused "bad-amount" "l'importo non è una somma in euro" "the amount is not a sum in euro";
    BadDate Refused "bad-date" "la data non è una data" "the date is not a date";
    BadState Refused "bad-state" "lo stato non è A, R o E" "the state is not A, R or E";
    OtherCategory Refused "other-category" "ente di un'altra categoria" "a body of another category";
    OtherBody Refused "other-body" "candidatura di un ente che non è un comune" "an application of a body that is no comune";
    TestCode Refused "test-code" "codice fiscale di prova" "a fiscal code for tests";
    Duplicate Refused "duplicate" "la stessa chiave di una riga precedente" "the same key as an earlier row";
    Unreadable Refused "unreadable" "non si legge" "cannot be read";
    OpenEnd Refused "open-end" "ultima riga senza a capo: può essere tronca" "last row without a line break: it may be cut";
    CodeCase Repaired "code-case" "codice IPA con lettere maiuscole" "IPA code with capital letters";
    CodeBlanks Repaired "code-blanks" "codice con spazi o a capo" "code with blanks or line breaks";
    LeadingZeros Repaired "leading-zeros" "codice senza gli zeri iniziali" "code without its leading zeros";
    SiteRepaired Repaired "site-repaired" "indirizzo del sito corretto" "address of the site put right";
    Province Repaired "province" "sigla della provincia mancante, ricavata dal codice (063: Napoli)" "province letters missing, taken from the code (063: Napoli)";
    NoSite Noted "no-site" "senza sito" "no site";
    SiteEmail Noted "site-email" "un indirizzo e-mail al posto del sito" "an e-mail address in place of the site";
    SiteUnusable Noted "site-unusable" "il sito indicato non è un indirizzo" "the site given is not an address";
    SharedSite Noted "shared-site" "lo stesso sito di un altro ente" "the same site as another body";
    OddCode Noted "odd-code" "codice IPA che non è `c_` con il codice catastale" "IPA code other than `c_` with the cadastral code";
    NotComune Noted "not-comune" "tra i comuni, ma dal nome non è un comune" "filed with the comuni, but by its name no comune";
    NoIstat Noted "no-istat" "senza codice ISTAT" "no ISTAT code";
    NoIpa Noted "no-ipa" "senza codice IPA" "no IPA code";
    NoFiscal Noted "no-fiscal" "senza codice fiscale" "no fiscal code";
    NoCup Noted "no-cup" "senza CUP" "no CUP";
    RepeatedCup Noted "repeated-cup" "CUP già visto: rinuncia e nuova candidatura" "CUP seen before: waived and applied again";
    OtherGoal Noted "other-goal" "1.4.4 ANPR/ANSC: un altro obiettivo, tenuto a parte" "1.4.4 ANPR/ANSC: another goal, kept apart";
    RepeatedName Noted "repeated-name" "nome uguale con codice diverso" "the same name with another code";
    NoService Noted "no-service" "senza servizi" "no services";
}

/// One row with a quirk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Line of the file (or place in the list, for JSON and archives), from 1.
    pub line: u64,
    /// The cell in question, at most 80 characters, without control characters.
    pub text: String,
}

/// A quirk, how often it occurred, and the first rows that have it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Issue {
    /// Rows.
    pub count: u64,
    /// The first five.
    pub examples: Vec<Example>,
}

/// How many rows met their comune in the other registers that are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Join {
    /// What was joined: `comune`, `ipa`.
    pub to: &'static str,
    /// Rows that could join.
    pub of: u64,
    /// Rows that did.
    pub joined: u64,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct QualityReport {
    /// Rows read (organisations of a JSON list, documents of an archive).
    pub rows: u64,
    /// Rows used.
    pub kept: u64,
    /// What was odd, by quirk.
    pub issues: BTreeMap<Quirk, Issue>,
    /// What the rows joined, known after the import.
    pub joins: Vec<Join>,
}

impl QualityReport {
    /// Counts a quirk and keeps the first examples.
    pub fn note(&mut self, quirk: Quirk, line: u64, text: &str) {
        let issue = self.issues.entry(quirk).or_default();
        issue.count += 1;
        if issue.examples.len() < EXAMPLES {
            let text = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            issue.examples.push(Example { line, text });
        }
    }

    /// Rows with this quirk.
    pub fn count(&self, quirk: Quirk) -> u64 {
        self.issues.get(&quirk).map_or(0, |issue| issue.count)
    }

    /// Rows refused, of whatever reason.
    pub fn refused(&self) -> u64 {
        let refused = self.issues.iter().filter(|(quirk, _)| quirk.kind() == QuirkKind::Refused);
        refused.map(|(_, issue)| issue.count).sum()
    }

    /// Rows refused because their cells are not what the titles say; a row of another kind of body is none of them.
    pub(super) fn misshapen(&self) -> u64 {
        use Quirk::{BadAmount, BadCode, BadDate, BadState, NoCode, TooFewColumns, TooManyColumns, Unreadable};
        let shapes = [TooFewColumns, TooManyColumns, NoCode, BadCode, BadAmount, BadDate, BadState, Unreadable];
        shapes.into_iter().map(|quirk| self.count(quirk)).sum()
    }
}
