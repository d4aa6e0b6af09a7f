//! The report to one comune: what was seen of it and where, what was not and why, what to do, how to answer.
//!
//! For whoever audits their own site, and as what goes along with a letter.

use jiff::civil::Date;
use serde::Serialize;

use super::{
    clean,
    document::{Block, Document, Fact, Grid, Section},
    json::{Rooted, Site},
    mask,
    observations::ObservationRow,
    verdicts::{Told, in_short},
    view::{FindingView, Remedy, Row, SiteView, Value},
    words::{
        self, Words, register_state,
        reports::{comune_words, report_words},
        verdict, verdicts,
    },
};
use crate::{
    history::day,
    model::{Platform, Visit},
    registry::RegisterState,
    store::{ComuneFile, HistoryOf},
};

/// Name and version of the JSON format.
pub const SCHEMA: &str = "riscontro.comune-report/1";

/// The latest look at one of its sites.
#[derive(Debug, Clone)]
pub struct Looked {
    /// What it saw, as stored.
    pub visit: Visit,
    /// Where its bytes are kept.
    pub rooted: Option<Rooted>,
}

/// What a report to a comune is made of.
#[derive(Debug)]
pub struct ComuneReport<'a> {
    /// What the registers know.
    pub file: &'a ComuneFile,
    /// The latest look at each of its sites.
    pub looks: Vec<Looked>,
    /// What held from when to when.
    pub histories: &'a [HistoryOf],
    /// Its applications, judged.
    pub cases: &'a [Told<'a>],
    /// The registers that it rests on.
    pub registers: &'a [RegisterState],
    /// The day whose knowledge counts.
    pub as_of: Date,
    /// Whom to write to.
    pub contact: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    as_of: Date,
    comune: &'a str,
    catastale: &'a str,
    codice_ipa: Option<&'a String>,
    contact: Option<&'a str>,
    standing: Vec<ObservationRow>,
    sites: Vec<Site<'a>>,
    verdicts: Vec<super::verdicts::Line<'a>>,
}

fn facts(rows: Vec<Row>) -> Vec<Fact> {
    rows.into_iter().map(|row| Fact { label: row.label, value: row.value }).collect()
}

impl ComuneReport<'_> {
    /// A report; what pages say is masked here.
    #[must_use]
    pub fn masked(mut self) -> Self {
        for look in &mut self.looks {
            look.visit = mask::visit(&look.visit);
        }
        self
    }

    /// Everything, for programs: one line.
    pub fn json(&self) -> std::io::Result<String> {
        super::json::line(&Line {
            schema: SCHEMA,
            as_of: self.as_of,
            comune: &self.file.name,
            catastale: &self.file.catastale,
            codice_ipa: self.file.codici_ipa.first(),
            contact: self.contact,
            standing: self.histories.iter().flat_map(|told| ObservationRow::of(told, false)).collect(),
            sites: self.looks.iter().map(|look| Site::new(&look.visit, false, look.rooted.as_ref())).collect(),
            verdicts: self.cases.iter().map(super::verdicts::Line::new).collect(),
        })
    }

    /// The document.
    pub fn document(&self, words: &Words, remedy: Remedy<'_>) -> Document {
        let (lang, own) = (words.lang, comune_words(words.lang));
        let sigla = self.file.sigla.as_ref().map_or_else(String::new, |sigla| format!(" ({sigla})"));
        let views: Vec<SiteView> =
            self.looks.iter().map(|look| SiteView::new(&look.visit, words, remedy, false)).collect();
        let mut sections = vec![self.standing(words, &views)];
        for platform in Platform::DECIDED {
            sections.push(platform_section(platform, &views, words));
        }
        sections.push(self.applications(words));
        sections.push(looked_at(&views, words));
        sections.push(self.answer(words));
        let codes = [Some(&self.file.catastale), self.file.codici_ipa.first(), self.file.region.as_ref()];
        Document {
            lang,
            title: clean(&format!("{}: {}{sigla}", own.title, self.file.name)).into_owned(),
            about: clean(&codes.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")).into_owned(),
            disclaimer: verdicts::whose_outcome(lang),
            basis: self.basis(words, &views),
            sections,
        }
    }

    fn basis(&self, words: &Words, views: &[SiteView]) -> Vec<Fact> {
        let (lang, general) = (words.lang, report_words(words.lang));
        let own = comune_words(lang);
        let mut basis = vec![Fact::text(general.as_of, words::day(lang, self.as_of))];
        for (view, look) in views.iter().zip(&self.looks) {
            basis.push(Fact { label: own.site, value: view.url.clone() });
            basis.push(Fact::text(own.visited, words.when(look.visit.started)));
            if let Some(rooted) = &look.rooted {
                basis.push(Fact::text(own.evidence, rooted.said(lang)));
            }
        }
        if views.is_empty() {
            basis.push(Fact::text(own.visited, own.no_visit));
        }
        basis.push(Fact::lines(general.registers, self.registers.iter().map(|one| register_state(lang, one))));
        basis.push(Fact::text(general.rule, general.rule_text));
        basis
    }

    /// What holds, platform by platform: the answer first.
    fn standing(&self, words: &Words, views: &[SiteView]) -> Section {
        let own = comune_words(words.lang);
        let mut section = Section::new("standing", own.in_short);
        let mut grid = Grid::new(own.in_short, own.standing_head);
        for platform in Platform::DECIDED {
            let told = self.histories.iter().find(|told| told.platform == platform);
            let row = told.and_then(|told| ObservationRow::of(told, false).pop());
            let view = views.iter().flat_map(|view| &view.findings).find(|view| view.code == platform.code());
            let on = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, |at| day(at).to_string());
            let (outcome, since, last) = match &row {
                Some(row) => ((words.outcome)(platform, row.outcome), on(row.first_seen), on(row.last_confirmed)),
                None => (view.map_or(own.no_visit, |view| view.word), String::new(), String::new()),
            };
            let mut notes: Vec<String> = Vec::new();
            if let Some(row) = &row {
                if let (Some(since), Some(looks)) = (row.missed_since, row.missed_looks) {
                    let since = day(since);
                    notes.push(words.lang.pick(
                        format!("da confermare: non visto dal {since} (giorni di visita: {looks})"),
                        format!("to be confirmed: not seen since {since} (days of looking: {looks})"),
                    ));
                }
                if let (Some(since), Some(reason)) = (row.undetermined_since, row.undetermined_reason) {
                    let (since, reason) = (day(since), (words.reason)(platform, reason));
                    notes.push(words.lang.pick(
                        format!("dal {since} non si può dire. {reason}"),
                        format!("since {since} no look can tell. {reason}"),
                    ));
                }
            }
            if notes.is_empty() {
                notes.extend(view.map(|view| view.reason.clone()));
            }
            grid.row([platform.name().to_owned(), outcome.to_owned(), since, last, notes.join("; ")]);
        }
        section.add(Block::Table(grid));
        section
    }

    fn applications(&self, words: &Words) -> Section {
        let (lang, own) = (words.lang, comune_words(words.lang));
        let mut section = Section::new("applications", own.applications);
        if self.cases.is_empty() {
            section.say(own.no_applications);
            return section;
        }
        let mut grid = Grid::new(own.applications, own.applications_head).with_numbers([2]);
        for told in self.cases {
            let application = told.facts.application.as_ref();
            let notice = told.case.notice;
            grid.row([
                format!("{} [{}]", lang.pick(&notice.name.it, &notice.name.en), notice.id),
                application.and_then(|one| one.cup.clone()).unwrap_or_default(),
                application.map(|one| words::euro(lang, one.euro)).unwrap_or_default(),
                verdict(lang, told.case.summary.verdict).to_owned(),
                in_short(told, lang),
            ]);
        }
        section.add(Block::Table(grid));
        section
    }

    /// How to answer, and how to look for oneself.
    fn answer(&self, words: &Words) -> Section {
        let (lang, own) = (words.lang, comune_words(words.lang));
        let mut section = Section::new("answer", own.answer);
        section.say(own.answer_text);
        let visits = self.looks.iter().filter_map(|look| look.rooted.as_ref()).map(|rooted| rooted.said(lang));
        let mut lines: Vec<String> = own.answer_steps.iter().map(|step| (*step).to_owned()).collect();
        lines.extend(visits.map(|said| format!("{}: {said}", own.answer_quote)));
        section.add(Block::List(lines.iter().map(|line| clean(line).into_owned()).collect()));
        match self.contact {
            Some(contact) => section.say(format!("{} {contact}", own.write_to)),
            None => section.say(own.write_to_sender),
        };
        section
    }
}

/// One platform: what was seen and where, or not and why, and what to do.
fn platform_section(platform: Platform, views: &[SiteView], words: &Words) -> Section {
    let own = comune_words(words.lang);
    let mut section = Section::new(platform.code(), platform.name());
    let of = |view: &SiteView| view.findings.iter().find(|one| one.code == platform.code()).cloned();
    let found: Vec<(Value, FindingView)> =
        views.iter().filter_map(|view| Some((view.url.clone(), of(view)?))).collect();
    if found.is_empty() {
        section.say(own.no_visit);
    }
    for (url, finding) in found {
        let head = vec![
            Fact { label: own.site, value: url },
            Fact::text(words.outcome_head, finding.word),
            Fact::text(words.why, &finding.reason),
        ];
        section.add(Block::Facts(platform.name().to_owned(), head));
        for evidence in finding.evidence {
            section.add(Block::Facts(own.seen.to_owned(), facts(evidence)));
        }
        if let Some(advice) = finding.advice {
            section.say(format!("{}: {advice}", own.to_do));
        }
    }
    section
}

fn looked_at(views: &[SiteView], words: &Words) -> Section {
    let mut section = Section::new("looked-at", words.looked_at);
    for view in views {
        section.add(Block::Facts(view.visited.clone(), facts(view.coverage.clone())));
        if !view.remarks.is_empty() {
            section.add(Block::List(view.remarks.clone()));
        }
    }
    section
}
