//! What a notice's file may say. These types are the format: the JSON Schema for editors is made from them.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Bilingual, Euro, Observable, Platform, Register};

/// One notice. A file may say `like = "ID"` and only what differs from that notice: each of its top-level keys takes the
/// place of the other's as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Unique id, lower-case letters, digits and hyphens; stable, as programs name notices by it.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// What it belongs to (`fondo-innovazione`, `1.2`, `1.4.1`, `1.4.3-appio`, `1.4.3-pagopa`, `1.4.4-spid-cie`,
    /// `1.4.4-anpr-ansc`, or a measure of later).
    pub measure: String,
    /// How registers write its title; several when they changed it. No two notices share one.
    #[serde(default)]
    pub titles: Vec<String>,
    /// Who published it.
    pub publisher: String,
    /// Where the money comes from.
    pub fund: String,
    /// When applications were taken.
    pub window: Window,
    /// What was set aside.
    #[serde(default)]
    pub appropriation: Option<Appropriation>,
    /// How a sum comes about.
    pub sums: Sums,
    /// Population bands, smallest first, without gaps and overlaps.
    #[serde(rename = "band")]
    pub bands: Vec<Band>,
    /// Payments, where there is more than one.
    #[serde(default, rename = "phase")]
    pub phases: Vec<Phase>,
    /// Shares other than the whole.
    #[serde(default, rename = "adjustment")]
    pub adjustments: Vec<Adjustment>,
    /// Territories that could not apply, because an agreement of their own has the same aims.
    #[serde(default, rename = "excluded")]
    pub exclusions: Vec<Exclusion>,
    /// Who could not apply, or only in part.
    #[serde(default, rename = "limit")]
    pub limits: Vec<Statement>,
    /// Dates and durations.
    #[serde(default, rename = "term")]
    pub terms: Vec<Term>,
    /// What has to be there in the end.
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
    /// What a reader of these data has to know.
    #[serde(default, rename = "note")]
    pub notes: Vec<Statement>,
}

/// A region, or a province, whose comuni could not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Name of the region, as ISTAT has it before any `/`.
    #[serde(default)]
    pub region: Option<String>,
    /// Letters of the province.
    #[serde(default)]
    pub sigla: Option<String>,
    /// Where this comes from.
    pub source: String,
}

impl Notice {
    /// Whether the comuni of a region or province could not apply. What is not known of a comune excludes nobody.
    pub fn excludes(&self, region: Option<&str>, sigla: Option<&str>) -> bool {
        let first = |name: &str| name.split('/').next().unwrap_or_default().trim().to_lowercase();
        let same = |excluded: &Option<String>, known: Option<&str>| {
            excluded.as_deref().zip(known).is_some_and(|(excluded, known)| first(excluded) == first(known))
        };
        self.exclusions.iter().any(|one| same(&one.region, region) || same(&one.sigla, sigla))
    }
}

/// When applications were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    #[schemars(with = "String")]
    pub opens: Date,
    /// Last day.
    #[schemars(with = "String")]
    pub closes: Date,
    /// What was done before this day is not counted by the notice, where it says so.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub counts_from: Option<Date>,
    /// Where the dates come from.
    pub source: String,
}

impl Window {
    /// From this day on things count: before it, what is there was there already.
    pub fn begins(&self) -> Date {
        self.counts_from.unwrap_or(self.opens)
    }
}

/// What was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Appropriation {
    /// The sum, in euro.
    pub euro: Euro,
    /// Where it comes from.
    pub source: String,
}

/// Whether sums can be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SumsKind {
    /// `base + unit × services` of the band.
    Known,
    /// The parts are not known, so no sum is wrong and none tells a number of services.
    Undisclosed,
}

/// How a sum comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Whether sums can be taken apart.
    pub kind: SumsKind,
    /// False where the figures are taken over from a similar notice and nobody confirmed them: a sum that does not fit them is
    /// then no sign of a mistake.
    #[serde(default = "yes")]
    pub confirmed: bool,
    /// Which count of residents decides the band.
    pub population: Bilingual,
    /// Where the figures come from.
    pub source: String,
}

fn yes() -> bool {
    true
}

/// A population band with what it is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Id inside the notice.
    pub id: String,
    /// Its name in the notice, where it has one.
    #[serde(default)]
    pub name: Option<String>,
    /// Fewest residents.
    pub from: u32,
    /// Most residents; none for the last band.
    #[serde(default)]
    pub to: Option<u32>,
    /// Paid whatever the number of services, in euro.
    #[serde(default)]
    pub base: Option<Euro>,
    /// Paid for each service, in euro.
    #[serde(default)]
    pub unit: Option<Euro>,
    /// Fewest services that can be applied for.
    #[serde(default)]
    pub min: Option<u32>,
    /// Most services that can be applied for.
    #[serde(default)]
    pub max: Option<u32>,
}

impl Band {
    /// Whether so many residents are inside.
    pub fn holds(&self, residents: u32) -> bool {
        residents >= self.from && self.to.is_none_or(|to| residents <= to)
    }
}

/// One of several payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Id inside the notice.
    pub id: String,
    /// Hundredths of the whole sum; those of all phases make 100.
    pub share: u32,
    /// The day on which its requirements are looked at.
    #[schemars(with = "String")]
    pub due: Date,
    /// Where this comes from.
    pub source: String,
}

/// A share other than the whole: a reduced sum, or one on top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// Id inside the notice.
    pub id: String,
    /// Hundredths of the whole sum.
    pub share: u32,
    /// True when it is paid beside the whole sum, false when it takes its place (and that of each phase).
    pub on_top: bool,
    /// The bands that it is for; all when empty.
    #[serde(default)]
    pub bands: Vec<String>,
    /// What it is for.
    pub what: Bilingual,
    /// Where this comes from.
    pub source: String,
}

/// A sentence with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The sentence.
    pub what: Bilingual,
    /// Where it comes from.
    pub source: String,
}

/// A date or a duration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What has to happen, and from when days are counted.
    pub what: Bilingual,
    /// So many days; none where the notice gives a date, or where the number is not known.
    #[serde(default)]
    pub days: Option<u32>,
    /// By this day.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    /// Where this comes from.
    pub source: String,
}

/// A register that says something of requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RegisterKind {
    /// Services visible in the app IO, by body.
    Appio,
    /// Service providers of SPID.
    Spid,
}

impl RegisterKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Appio => "appio",
            Self::Spid => "spid",
        }
    }

    /// The register as it is imported.
    pub const fn register(self) -> Register {
        match self {
            Self::Appio => Register::Appio,
            Self::Spid => Register::Spid,
        }
    }
}

/// How many entries of a register are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AtLeast {
    /// So many.
    Number(u32),
    /// As many as the application's sum pays for.
    Sum(PaidFor),
}

/// Written as `"paid-for"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PaidFor {
    /// As many as the application's sum pays for.
    PaidFor,
}

/// What riscontro reads a requirement from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    /// The finding on the website that speaks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Platform>,
    /// The register that speaks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterKind>,
    /// How many entries are asked for; being listed is enough when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<AtLeast>,
}

impl Reads {
    /// Nothing that riscontro reads speaks of it.
    pub const fn is_empty(&self) -> bool {
        self.site.is_none() && self.register.is_none()
    }
}

/// A requirement of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Id inside the notice.
    pub id: String,
    /// What is asked for.
    pub what: Bilingual,
    /// The phase it belongs to, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// True for what a notice only recommends: judged like the others, and left out when they are summed up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advice: bool,
    /// Where it can be seen from outside.
    pub observable: Observable,
    /// What riscontro reads it from. Empty for something that could be seen and is not read yet: it stays undetermined.
    #[serde(default, skip_serializing_if = "Reads::is_empty")]
    pub reads: Reads,
    /// What an observation leaves open; never missing where a requirement is not seen as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Bilingual>,
    /// Where this comes from.
    pub source: String,
}
