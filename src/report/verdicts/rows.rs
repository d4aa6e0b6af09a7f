//! Cases as flat rows: a sheet with a row for each application, and one with a row for each requirement.

use std::io::{self, Write};

use super::Told;
use crate::{
    config::Lang,
    model::Platform,
    notices::{Assessed, Before, Decoded, Entry},
    report::{
        Cell,
        csv::{Dialect, Writer},
        words::{self, basis, observable, verdict, verdicts},
        xlsx::{SheetId, Workbook},
    },
};

/// A column: its code, which is a promise, and its title in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Stable name, the head of a CSV.
    pub code: &'static str,
    it: &'static str,
    en: &'static str,
}

impl Column {
    /// The title for people.
    pub const fn title(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::It => self.it,
            Lang::En => self.en,
        }
    }
}

const fn column(code: &'static str, it: &'static str, en: &'static str) -> Column {
    Column { code, it, en }
}

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// One for each application, or comune without one.
    Cases,
    /// One for each of its requirements.
    Requirements,
}

/// What tells an application from another; first in both sheets.
const SUBJECT: [Column; 17] = [
    column("notice", "Avviso", "Notice"),
    column("region", "Regione", "Region"),
    column("sigla", "Provincia", "Province"),
    column("comune", "Comune", "Comune"),
    column("codice_ipa", "Codice IPA", "IPA code"),
    column("catastale", "Codice catastale", "Cadastral code"),
    column("population", "Abitanti", "Residents"),
    column("cup", "CUP", "CUP"),
    column("state", "Stato", "State"),
    column("state_date", "Stato dal", "State since"),
    column("funded", "Decreto del", "Decree of"),
    column("euro", "Euro", "Euro"),
    column("band", "Fascia", "Band"),
    column("services", "Servizi finanziati", "Services paid for"),
    column("sum_check", "Lettura della somma", "Reading of the sum"),
    column("list_dated", "Elenco delle candidature del", "List of applications of"),
    column("list_stale", "Elenco vecchio", "List old"),
];

const CASES: [Column; 10] = [
    column("verdict", "Verdetto", "Verdict"),
    column("supported", "Riscontrati", "Supported"),
    column("not_supported", "Non riscontrati", "Not supported"),
    column("undetermined", "Non determinabili", "Undetermined"),
    column("not_examined", "Non esaminati", "Not examined"),
    column("not_observable", "Non osservabili", "Not observable"),
    column("disagree", "Sito e registro si contraddicono", "Site and register contradict"),
    column("already_since", "Già presente dal", "There already since"),
    column("site", "Sito", "Site"),
    column("as_of", "Al", "As of"),
];

const REQUIREMENTS: [Column; 27] = [
    column("criterion", "Requisito", "Requirement"),
    column("what", "Che cosa chiede", "What it asks"),
    column("phase", "Fase", "Phase"),
    column("due", "Entro il", "Due"),
    column("observable", "Dove si vede", "Where it shows"),
    column("advice", "Raccomandazione", "Advice"),
    column("verdict", "Verdetto", "Verdict"),
    column("basis", "Motivo", "Why"),
    column("partial", "Solo in parte", "In part only"),
    column("disagree", "Sito e registro si contraddicono", "Site and register contradict"),
    column("site_platform", "Piattaforma", "Platform"),
    column("site_outcome", "Sul sito", "On the site"),
    column("site_reason", "Perché sul sito", "Why on the site"),
    column("site_date", "Visita del", "Visit of"),
    column("site_page", "Pagina", "Page"),
    column("site_rule", "Regola", "Rule"),
    column("site_sha256", "SHA-256 della pagina", "SHA-256 of the page"),
    column("site_since", "Visita dopo, senza risposta, del", "Later visit without an answer"),
    column("register", "Registro", "Register"),
    column("register_date", "Registro del", "Register of"),
    column("register_entry", "Nel registro", "In the register"),
    column("register_count", "Servizi nel registro", "Services in the register"),
    column("register_complete", "Registro completo", "Register complete"),
    column("register_stale", "Registro vecchio", "Register old"),
    column("already_since", "Già presente dal", "There already since"),
    column("case_verdict", "Verdetto della candidatura", "Verdict of the application"),
    column("as_of", "Al", "As of"),
];

impl Sheet {
    /// The columns.
    pub fn columns(self) -> Vec<Column> {
        let own: &[Column] = match self {
            Self::Cases => &CASES,
            Self::Requirements => &REQUIREMENTS,
        };
        SUBJECT.iter().chain(own).copied().collect()
    }

    /// A table of it, for programs.
    pub fn table<W: Write>(self, out: W, dialect: Dialect) -> io::Result<Writer<W>> {
        let codes: Vec<&str> = self.columns().iter().map(|column| column.code).collect();
        Writer::new(out, dialect, &codes)
    }

    /// Writes a case into such a table.
    pub fn to_table<W: Write>(self, told: &Told<'_>, table: &mut Writer<W>) -> io::Result<()> {
        self.rows(told, None).iter().try_for_each(|row| table.row(row))
    }

    /// A sheet of it in a workbook, for people.
    pub fn in_book(self, book: &mut Workbook, lang: Lang) -> io::Result<SheetId> {
        let name = match self {
            Self::Cases => lang.pick("Candidature", "Applications"),
            Self::Requirements => lang.pick("Requisiti", "Requirements"),
        };
        let titles: Vec<&str> = self.columns().iter().map(|column| column.title(lang)).collect();
        book.sheet(name, &titles)
    }

    /// Writes a case into such a sheet.
    pub fn to_book(self, told: &Told<'_>, book: &mut Workbook, id: SheetId, lang: Lang) -> io::Result<()> {
        self.rows(told, Some(lang)).iter().try_for_each(|row| book.row(id, row))
    }

    /// The rows of a case. With a language words for people, without one codes.
    pub fn rows<'a>(self, told: &'a Told<'_>, lang: Option<Lang>) -> Vec<Vec<Cell<'a>>> {
        match self {
            Self::Cases => {
                let mut row = Vec::from(subject(told, lang));
                row.extend(whole(told, lang));
                vec![row]
            }
            Self::Requirements => {
                let of = |one| {
                    let mut row = Vec::from(subject(told, lang));
                    row.extend(requirement(told, one, lang));
                    row
                };
                told.case.criteria.iter().map(of).collect()
            }
        }
    }
}

fn subject<'a>(told: &'a Told<'_>, lang: Option<Lang>) -> [Cell<'a>; 17] {
    let comune = &told.facts.comune;
    let application = told.facts.application.as_ref();
    let sum = told.case.sum.as_ref();
    let state =
        |state| lang.map_or_else(|| crate::model::ApplicationState::code(state), |lang| verdicts::state(lang, state));
    let read = |sum: &Decoded| {
        lang.map_or_else(|| verdicts::sum_code(sum).to_owned(), |lang| verdicts::sum(lang, told.case.notice, sum))
    };
    [
        told.case.notice.id.as_str().into(),
        comune.region.as_ref().into(),
        comune.sigla.as_ref().into(),
        (&comune.name).into(),
        comune.codice_ipa.as_ref().into(),
        comune.catastale.as_ref().into(),
        comune.population.into(),
        application.and_then(|one| one.cup.as_ref()).into(),
        application.map(|one| state(one.state)).into(),
        application.and_then(|one| one.state_date).into(),
        application.and_then(|one| one.funded).into(),
        application.map(|one| one.euro).into(),
        sum.and_then(Decoded::band)
            .map(|id| lang.map_or_else(|| id.to_owned(), |lang| verdicts::band(lang, told.case.notice, id)))
            .into(),
        sum.and_then(Decoded::services).into(),
        sum.map(read).into(),
        application.map(|one| one.dated).into(),
        application.map(|_| told.list_stale).into(),
    ]
}

fn whole<'a>(told: &'a Told<'_>, lang: Option<Lang>) -> [Cell<'a>; 10] {
    let summary = &told.case.summary;
    [
        lang.map_or_else(|| summary.verdict.code(), |lang| verdict(lang, summary.verdict)).into(),
        summary.supported.into(),
        summary.not_supported.into(),
        summary.undetermined.into(),
        summary.not_examined.into(),
        summary.not_observable.into(),
        summary.disagree.into(),
        since(summary.already),
        Cell::link(told.facts.comune.url.as_ref()),
        told.as_of.into(),
    ]
}

fn since(before: Option<Before>) -> Cell<'static> {
    before.map(|before| before.on).into()
}

fn requirement<'a>(told: &'a Told<'_>, one: &'a Assessed<'_>, lang: Option<Lang>) -> [Cell<'a>; 27] {
    let (criterion, judged) = (one.criterion, &one.judgement);
    let platform = criterion.reads.site;
    let found = told.found(one);
    let seen = judged.register.and_then(|look| look.from);
    let why = |lang| basis(lang, judged.basis, platform.unwrap_or(Platform::Spid));
    let outcome = |found: &crate::store::Found| {
        let sighting = found.sighting;
        lang.map_or_else(
            || sighting.outcome.code(),
            |lang| (words::words(lang).outcome)(sighting.platform, sighting.outcome),
        )
    };
    let reason = |found: &crate::store::Found| {
        let sighting = found.sighting;
        lang.map_or_else(
            || sighting.reason.code().to_owned(),
            |lang| (words::words(lang).reason)(sighting.platform, sighting.reason),
        )
    };
    let entry = |entry: Entry| {
        lang.map_or_else(
            || {
                let code = match entry {
                    Entry::Listed { .. } => "listed",
                    Entry::NotListed => "not-listed",
                    Entry::NotJoined => "not-joined",
                };
                code.to_owned()
            },
            |lang| verdicts::entry(lang, entry),
        )
    };
    let count = |entry: Entry| match entry {
        Entry::Listed { count } => count,
        Entry::NotListed | Entry::NotJoined => None,
    };
    [
        (&criterion.id).into(),
        lang.unwrap_or(Lang::It).pick(criterion.what.it.as_str(), criterion.what.en.as_str()).into(),
        criterion.phase.as_ref().into(),
        one.due.into(),
        lang.map_or_else(|| criterion.observable.code(), |lang| observable(lang, criterion.observable)).into(),
        criterion.advice.into(),
        lang.map_or_else(|| judged.verdict.code(), |lang| verdict(lang, judged.verdict)).into(),
        lang.map_or_else(|| judged.basis.code().to_owned(), why).into(),
        judged.partial.into(),
        judged.disagree.into(),
        platform.map(|platform| if lang.is_some() { platform.name() } else { platform.code() }).into(),
        found.map(outcome).into(),
        found.map(reason).into(),
        found.map(|found| found.sighting.on).into(),
        Cell::link(found.map(|found| found.page.as_ref().unwrap_or(&found.url))),
        found.and_then(|found| found.rule.as_ref()).into(),
        found.and_then(|found| found.sha256.as_ref()).into(),
        told.since(one).map(|found| found.sighting.on).into(),
        criterion
            .reads
            .register
            .map(|kind| lang.map_or_else(|| kind.code(), |lang| words::register(lang, kind.register())))
            .into(),
        seen.map(|seen| seen.on).into(),
        seen.map(|seen| entry(seen.entry)).into(),
        seen.and_then(|seen| count(seen.entry)).into(),
        seen.map(|seen| seen.complete).into(),
        judged.register.map(|look| look.stale).into(),
        since(one.already),
        lang.map_or_else(|| told.case.summary.verdict.code(), |lang| verdict(lang, told.case.summary.verdict)).into(),
        told.as_of.into(),
    ]
}
