//! The report as a document.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Builder, Counts, Disagreement, IN_LETTER, Listed, MOST, NAMED, Near};
use crate::{
    config::Lang,
    model::{Euro, Platform, Verdict},
    notices::Entry,
    report::{
        changes,
        document::{Bar, Bars, Block, Document, Fact, Grid, Section, listing, share},
        observations::ChangeRow,
        words::{
            self, euro, number, register_state,
            reports::{ReportWords, report_words},
            verdict, verdicts,
        },
    },
};

/// Some of many, named; of more their number.
fn named(all: &BTreeSet<String>, nothing: &str, lang: Lang) -> Vec<String> {
    if all.is_empty() {
        return vec![nothing.to_owned()];
    }
    let mut shown: Vec<String> = all.iter().take(NAMED).cloned().collect();
    if all.len() > NAMED {
        let more = number(lang, (all.len() - NAMED) as u64);
        shown.push(lang.pick(format!("e altre {more}"), format!("and {more} more")));
    }
    shown
}

impl Builder<'_> {
    /// The document.
    pub fn document(&self) -> Document {
        let mut document = self.with_at_most(MOST);
        document.sections.push(self.list(report_words(self.lang)));
        document
    }

    /// The same for a workbook that has a sheet of its own with every case: without the list, and with all of the rest.
    pub fn tables(&self) -> Document {
        self.with_at_most(usize::MAX)
    }

    /// The same for a letter: without the list, and with few rows of the rest.
    pub fn brief(&self) -> Document {
        self.with_at_most(IN_LETTER)
    }

    /// Everything but the list of cases; tables have at most so many rows.
    fn with_at_most(&self, most: usize) -> Document {
        let (lang, words) = (self.lang, report_words(self.lang));
        let about = match self.notices.as_slice() {
            [one] => format!("{} [{}]", one.name, one.id),
            many => lang.pick(format!("{} avvisi", many.len()), format!("{} notices", many.len())),
        };
        let title = ("near", words.near, most);
        let near = listing(title, words.no_near, words.near_head, &self.near, |one| self.near_row(one, words));
        let title = ("disagreements", words.disagreements, most);
        let against = listing(title, words.no_disagreements, words.disagreements_head, &self.disagreements, |one| {
            self.disagreement_row(one, words)
        });
        let nothing = if self.asked.since.is_none() { words.no_since } else { words.no_changes };
        let rows: Vec<&ChangeRow> = self.changes.iter().map(|one| &one.row).collect();
        let mut sections = vec![changes::section(&rows, nothing, most, lang)];
        sections.extend(self.verdict_changes.as_ref().map(|rows| changes::verdict_section(rows, most, lang)));
        sections.extend([near, against, self.totals(words)]);
        let disclaimer = verdicts::whose_outcome(lang);
        Document { lang, title: words.notice_title.to_owned(), about, disclaimer, basis: self.basis(words), sections }
    }

    fn basis(&self, words: &ReportWords) -> Vec<Fact> {
        let lang = self.lang;
        let day = |day: Date| words::day(lang, day);
        let mut basis = vec![Fact::text(words.as_of, day(self.asked.as_of))];
        basis.push(match self.asked.since {
            Some(since) => Fact::text(words.since, day(since)),
            None => Fact::text(words.since, words.no_since),
        });
        if !self.asked.regions.is_empty() {
            basis.push(Fact::text(words.only_regions, self.asked.regions.join(", ")));
        }
        let sites = self.sites;
        let share = share(sites.read as u64, sites.comuni as u64, lang);
        let (with, visited) = (number(lang, sites.with_address as u64), number(lang, sites.visited as u64));
        basis.push(Fact::text(
            words.readable,
            lang.pick(
                format!("{share} dei comuni con una candidatura; con un indirizzo {with}, visitati {visited}"),
                format!("{share} of the comuni with an application; with an address {with}, visited {visited}"),
            ),
        ));
        basis.push(Fact::lines(words.registers, self.registers.iter().map(|state| register_state(lang, state))));
        basis.push(Fact::lines(words.catalogues, named(&self.catalogues, words.no_catalogue, lang)));
        basis.push(Fact::lines(words.roots, named(&self.roots, words.no_roots, lang)));
        basis.push(Fact::text(words.rule, words.rule_text));
        basis
    }

    fn near_row(&self, one: &Near, words: &ReportWords) -> [String; 6] {
        let left = self.asked.as_of.until(one.due).map_or(0, |span| span.get_days());
        let missing = one.missing.iter().map(|(id, said)| format!("{id} ({})", verdict(self.lang, *said)));
        [
            one.whom.name(),
            one.whom.region.clone().unwrap_or_default(),
            one.notice.clone(),
            one.cup.clone().unwrap_or_default(),
            format!("{} ({left} {})", one.due, words.days_left),
            missing.collect::<Vec<_>>().join(", "),
        ]
    }

    fn disagreement_row(&self, one: &Disagreement, words: &ReportWords) -> [String; 5] {
        let lang = self.lang;
        let outcome = |outcome| (words::words(lang).outcome)(one.platform.unwrap_or(Platform::Spid), outcome);
        let entry = if one.listed { Entry::Listed { count: one.register } } else { Entry::NotListed };
        [
            one.whom.name(),
            one.whom.region.clone().unwrap_or_default(),
            one.notice.clone(),
            one.criterion.clone(),
            format!(
                "{}: {}; {}: {}",
                words.site,
                one.site.map_or("–", outcome),
                words.register,
                verdicts::entry(lang, entry)
            ),
        ]
    }

    fn totals(&self, words: &ReportWords) -> Section {
        let lang = self.lang;
        let mut section = Section::new("totals", words.totals);
        let of = |one: Verdict| self.notices.iter().map(|of| of.verdicts.of(one)).sum::<usize>() as u64;
        let whole: u64 = Verdict::ALL.into_iter().map(of).sum();
        let bars = Verdict::ALL.map(|one| Bar::new(verdict(lang, one), of(one), whole));
        section.add(Block::Bars(Bars { caption: words.totals.to_owned(), bars: bars.to_vec() }));
        let head = |first: &str| {
            let verdicts = Verdict::ALL.map(|one| verdict(lang, one).to_owned());
            [first.to_owned()].into_iter().chain(verdicts).chain([words.all.to_owned()]).collect::<Vec<_>>()
        };
        let mut by_notice = head(words.list_head[2]);
        by_notice.push(words.live_sum.to_owned());
        let mut grid = Grid::new(words.by_notice, by_notice).with_numbers(1..=6);
        for of in self.notices.iter().filter(|of| of.verdicts.all() > 0 || self.notices.len() == 1) {
            let mut row = self.counts(&format!("{} [{}]", of.name, of.id), of.verdicts);
            row.push(Euro::of_cents(of.live_cents).map_or_else(|| "?".to_owned(), |sum| euro(lang, sum)));
            grid.row(row);
        }
        section.add(Block::Table(grid));
        let mut grid = Grid::new(words.by_region, head(words.region)).with_numbers(1..=5);
        for (region, counts) in &self.regions {
            grid.row(self.counts(if region.is_empty() { words.no_region } else { region }, *counts));
        }
        section.add(Block::Table(grid));
        if let [of] = self.notices.as_slice() {
            let mut grid = Grid::new(words.by_band, head(words.band)).with_numbers(1..=5);
            for (band, counts) in &of.bands {
                let name = match (band.as_str(), self.by_id.get(of.id.as_str())) {
                    ("", _) => words.no_band.to_owned(),
                    (band, Some((notice, _))) => verdicts::band(lang, notice, band),
                    (band, None) => band.to_owned(),
                };
                grid.row(self.counts(&name, *counts));
            }
            section.add(Block::Table(grid));
        }
        section
    }

    fn counts(&self, name: &str, counts: Counts) -> Vec<String> {
        let mut row = vec![name.to_owned()];
        row.extend(Verdict::ALL.map(|one| number(self.lang, counts.of(one) as u64)));
        row.push(number(self.lang, counts.all() as u64));
        row
    }

    fn list(&self, words: &ReportWords) -> Section {
        let mut section = Section::new("list", words.list);
        // What needs a person comes first.
        for one in [Verdict::NotSupported, Verdict::Undetermined, Verdict::Supported, Verdict::NotObservable] {
            let Some(listed) = self.listed.get(&one) else { continue };
            let all: usize = self.notices.iter().map(|of| of.verdicts.of(one)).sum();
            let caption = format!("{}: {}", verdict(self.lang, one), number(self.lang, all as u64));
            let mut grid = Grid::new(caption, words.list_head).with_numbers([5]);
            for row in listed {
                grid.row(self.list_row(row));
            }
            grid.more = all.saturating_sub(listed.len());
            section.add(Block::Table(grid));
        }
        section
    }

    fn list_row(&self, one: &Listed) -> [String; 7] {
        [
            one.whom.name(),
            one.whom.region.clone().unwrap_or_default(),
            one.notice.clone(),
            one.cup.clone().unwrap_or_default(),
            one.state.map_or("–", |state| verdicts::state(self.lang, state)).to_owned(),
            one.euro.map(|sum| euro(self.lang, sum)).unwrap_or_default(),
            one.said.clone(),
        ]
    }
}
