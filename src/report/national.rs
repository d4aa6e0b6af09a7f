//! The national picture: in how many comuni each platform was found, by region and over time.
//!
//! Histories come one by one ([`Picture::add`]); what is held is counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan as _, civil::Date};
use serde::Serialize;

use super::{
    document::{Bar, Bars, Block, Document, Fact, Grid, Section},
    words::{
        self, number, register_state,
        reports::{national_words, report_words},
        verdicts,
    },
};
use crate::{
    config::Lang,
    model::{Outcome, Platform},
    registry::RegisterState,
    store::HistoryOf,
};

/// Name and version of the JSON format.
pub const SCHEMA: &str = "riscontro.national/1";
/// Months that the picture goes back.
const MONTHS: i64 = 12;

/// Comuni by what holds of one platform.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Standing {
    /// Found.
    pub found: u64,
    /// Mentioned, without a way in.
    pub mentioned: u64,
    /// Not found, on pages that were read.
    pub not_found: u64,
    /// Seen, and no look could tell.
    pub undetermined: u64,
}

impl Standing {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Found => self.found += 1,
            Outcome::Mentioned => self.mentioned += 1,
            Outcome::NotFound => self.not_found += 1,
            Outcome::Undetermined => self.undetermined += 1,
        }
    }

    const fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Found => self.found,
            Outcome::Mentioned => self.mentioned,
            Outcome::NotFound => self.not_found,
            Outcome::Undetermined => self.undetermined,
        }
    }
}

/// A picture in the making, and then the picture.
#[derive(Debug, Serialize)]
pub struct Picture {
    schema: &'static str,
    #[serde(skip)]
    lang: Lang,
    as_of: Date,
    /// Comuni that exist, by region.
    comuni: BTreeMap<String, u64>,
    /// Whole country.
    standing: BTreeMap<Platform, Standing>,
    /// By region.
    regions: BTreeMap<String, BTreeMap<Platform, Standing>>,
    /// Comuni in which each platform held on days of before.
    over_time: BTreeMap<Date, BTreeMap<Platform, u64>>,
    catalogues: BTreeSet<String>,
    registers: Vec<RegisterState>,
}

impl Picture {
    /// An empty one. `comuni` are those that exist, by region.
    pub fn new(as_of: Date, comuni: BTreeMap<String, u64>, registers: Vec<RegisterState>, lang: Lang) -> Self {
        // Ends of months: the same days whenever it is asked.
        let first = as_of.first_of_month();
        let ends = (0..MONTHS).filter_map(|back| first.checked_sub(back.months()).ok()?.yesterday().ok());
        let days: BTreeSet<Date> = ends.chain([as_of]).collect();
        Self {
            schema: SCHEMA,
            lang,
            as_of,
            comuni,
            standing: BTreeMap::new(),
            regions: BTreeMap::new(),
            over_time: days.into_iter().map(|day| (day, BTreeMap::new())).collect(),
            catalogues: BTreeSet::new(),
            registers,
        }
    }

    /// Counts the history of one platform of one comune. Sites of which nobody has said whose they are, are not counted.
    pub fn add(&mut self, told: &HistoryOf) {
        if told.whose.catastale.is_none() {
            return;
        }
        let region = told.whose.region.clone().unwrap_or_default();
        let standing = told.history.standing();
        let outcome = standing.map_or(Outcome::Undetermined, |one| one.outcome);
        self.standing.entry(told.platform).or_default().add(outcome);
        self.regions.entry(region).or_default().entry(told.platform).or_default().add(outcome);
        let rules = standing.and_then(|one| told.catalogues.get(&one.rules?));
        self.catalogues.extend(rules.cloned());
        for (day, counts) in &mut self.over_time {
            let then = told.history.as_known_on(*day);
            if then.standing().is_some_and(|one| one.outcome == Outcome::Found) {
                *counts.entry(told.platform).or_default() += 1;
            }
        }
    }

    fn all(&self) -> u64 {
        self.comuni.values().sum()
    }

    /// The document.
    pub fn document(&self) -> Document {
        let (lang, words, own) = (self.lang, report_words(self.lang), national_words(self.lang));
        let mut basis = vec![
            Fact::text(words.as_of, words::day(lang, self.as_of)),
            Fact::text(own.denominator, format!("{} {}", number(lang, self.all()), own.comuni)),
        ];
        basis.push(Fact::lines(words.registers, self.registers.iter().map(|state| register_state(lang, state))));
        let catalogues: Vec<String> = self.catalogues.iter().cloned().collect();
        let catalogues = if catalogues.is_empty() { vec![words.no_catalogue.to_owned()] } else { catalogues };
        basis.push(Fact::lines(words.catalogues, catalogues));
        basis.push(Fact::text(words.rule, words.rule_text));
        Document {
            lang,
            title: own.title.to_owned(),
            about: String::new(),
            disclaimer: verdicts::whose_outcome(lang),
            basis,
            sections: vec![self.country(), self.by_region(), self.by_time()],
        }
    }

    fn country(&self) -> Section {
        let (lang, own) = (self.lang, national_words(self.lang));
        let mut section = Section::new("country", own.country);
        let bars = Platform::DECIDED.map(|platform| {
            let found = self.standing.get(&platform).copied().unwrap_or_default().found;
            Bar::new(platform.name(), found, self.all())
        });
        section.add(Block::Bars(Bars { caption: own.found_in[0].to_owned(), bars: bars.to_vec() }));
        let outcomes = Outcome::ALL;
        let head = [own.platform.to_owned()]
            .into_iter()
            .chain(outcomes.iter().map(|one| (words::words(lang).outcome)(Platform::Spid, *one).to_owned()))
            .chain([own.not_visited.to_owned()]);
        let mut grid = Grid::new(own.country, head).with_numbers(1..=5);
        for platform in Platform::DECIDED {
            let standing = self.standing.get(&platform).copied().unwrap_or_default();
            let seen: u64 = outcomes.iter().map(|one| standing.of(*one)).sum();
            let mut row = vec![platform.name().to_owned()];
            row.extend(outcomes.iter().map(|one| number(lang, standing.of(*one))));
            row.push(number(lang, self.all().saturating_sub(seen)));
            grid.row(row);
        }
        section.add(Block::Table(grid));
        section
    }

    fn by_region(&self) -> Section {
        let (lang, words, own) = (self.lang, report_words(self.lang), national_words(self.lang));
        let mut section = Section::new("regions", own.by_region);
        let name = |region: &str| if region.is_empty() { words.no_region.to_owned() } else { region.to_owned() };
        let regions: BTreeSet<&String> = self.comuni.keys().chain(self.regions.keys()).collect();
        let found = |region: &str, platform: Platform| {
            self.regions.get(region).and_then(|of| of.get(&platform)).copied().unwrap_or_default().found
        };
        for platform in Platform::DECIDED {
            let bar = |region: &&String| {
                let all = self.comuni.get(*region).copied().unwrap_or_default();
                Bar::new(name(region), found(region, platform), all)
            };
            let bars = regions.iter().map(bar).collect();
            let caption = format!("{}: {}", platform.name(), own.found_in[1]);
            section.add(Block::Bars(Bars { caption, bars }));
        }
        let head = [words.region, own.comuni_head].into_iter().chain(Platform::DECIDED.iter().map(|one| one.name()));
        let mut grid = Grid::new(own.by_region, head).with_numbers(1..=5);
        for region in regions {
            let mut row = vec![name(region), number(lang, self.comuni.get(region).copied().unwrap_or_default())];
            row.extend(Platform::DECIDED.iter().map(|platform| number(lang, found(region, *platform))));
            grid.row(row);
        }
        section.add(Block::Table(grid));
        section
    }

    fn by_time(&self) -> Section {
        let (lang, own) = (self.lang, national_words(self.lang));
        let mut section = Section::new("time", own.over_time);
        section.say(own.over_time_text);
        let head = [own.day].into_iter().chain(Platform::DECIDED.iter().map(|one| one.name()));
        let mut grid = Grid::new(own.over_time, head).with_numbers(1..=4);
        for (day, counts) in &self.over_time {
            let mut row = vec![day.to_string()];
            let of = |platform: &Platform| number(lang, counts.get(platform).copied().unwrap_or_default());
            row.extend(Platform::DECIDED.iter().map(of));
            grid.row(row);
        }
        for platform in Platform::DECIDED {
            let bar = |(day, counts): (&Date, &BTreeMap<Platform, u64>)| {
                Bar::new(day.to_string(), counts.get(&platform).copied().unwrap_or_default(), self.all())
            };
            let bars = self.over_time.iter().map(bar).collect();
            let caption = format!("{}: {}", platform.name(), own.found_in[1]);
            section.add(Block::Bars(Bars { caption, bars }));
        }
        section.add(Block::Table(grid));
        section
    }
}
