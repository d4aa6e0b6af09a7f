//! Cases as text: a narrow table of many, and everything about one.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{Layout, Money, Told, Totals};
use crate::{
    config::Lang,
    model::{Bilingual, Euro, Platform, Register, Verdict},
    notices::{Assessed, Before, Decoded, Entry, Judgement, Notice, schema::RegisterKind},
    registry::{RegisterState, band_bounds, near_bound},
    report::{
        clean,
        table::Table,
        text::Page,
        words::{basis, euro, number, observable, register as register_name, register_state, verdict, verdicts, words},
    },
    store::{ApplicationFacts, Found},
};

fn pick(text: &Bilingual, lang: Lang) -> &str {
    lang.pick(&text.it, &text.en)
}

/// A table of many cases, for a terminal.
#[derive(Debug)]
pub struct Overview {
    table: Table,
    layout: Layout,
    lang: Lang,
}

impl Overview {
    /// An empty table.
    pub fn new(layout: Layout, lang: Lang) -> Self {
        let table = match layout {
            Layout::Verdicts => Table::new(lang.pick(
                ["Comune", "CUP", "Stato", "Euro", "Servizi", "Verdetto", "Requisiti letti"],
                ["Comune", "CUP", "State", "Euro", "Services", "Verdict", "Requirements that are read"],
            )),
            Layout::Applications => Table::new(lang.pick(
                ["Comune", "CUP", "Avviso", "Decreto", "Stato", "Euro", "Lettura della somma"],
                ["Comune", "CUP", "Notice", "Decree", "State", "Euro", "Reading of the sum"],
            )),
        };
        Self { table, layout, lang }
    }

    /// Adds a case.
    pub fn row(&mut self, told: &Told<'_>) {
        let (lang, case) = (self.lang, &told.case);
        let comune = &told.facts.comune;
        let sigla = comune.sigla.as_ref().map_or_else(String::new, |sigla| format!(" ({sigla})"));
        let name = format!("{}{sigla}", comune.name);
        let application = told.facts.application.as_ref();
        let cup = application.and_then(|one| one.cup.clone()).unwrap_or_default();
        let state = application.map_or("-", |one| verdicts::state(lang, one.state)).to_owned();
        let sum = application.map_or_else(String::new, |one| euro(lang, one.euro));
        self.table.row(match self.layout {
            Layout::Verdicts => {
                let services = case.sum.as_ref().and_then(Decoded::services);
                let services = services.map_or_else(String::new, |services| services.to_string());
                let verdict = verdict(lang, case.summary.verdict).to_owned();
                [name, cup, state, sum, services, verdict, in_short(told, lang)]
            }
            Layout::Applications => {
                let funded = application.and_then(|one| one.funded).map_or_else(String::new, |day| day.to_string());
                let read = case.sum.as_ref().map_or_else(String::new, |sum| verdicts::sum(lang, case.notice, sum));
                [name, cup, case.notice.id.clone(), funded, state, sum, read]
            }
        });
    }

    /// The table, and below it what was counted.
    pub fn render(&self, totals: &Totals) -> String {
        let lang = self.lang;
        let mut out = if self.table.is_empty() { String::new() } else { self.table.render() + "\n" };
        for line in counted(self.layout, totals, lang) {
            out.push_str(&line);
            out.push('\n');
        }
        if !self.table.is_empty() && self.layout == Layout::Verdicts {
            out.push_str(lang.pick(
                "+ riscontrato, − non riscontrato, ? non determinabile\n",
                "+ supported, − not supported, ? undetermined\n",
            ));
        }
        out
    }
}

/// What was counted in a list, line by line, and whose word the outcome is.
pub fn counted(layout: Layout, totals: &Totals, lang: Lang) -> Vec<String> {
    let count = |of: usize| number(lang, of as u64);
    let parts: Vec<String> =
        Verdict::ALL.iter().map(|one| format!("{} {}", verdict(lang, *one), count(totals.of(*one)))).collect();
    let mut lines = match layout {
        Layout::Verdicts => {
            vec![format!("{} {}: {}", lang.pick("In tutto", "In all"), count(totals.all()), parts.join(", "))]
        }
        Layout::Applications => vec![format!("{} {}", lang.pick("Candidature:", "Applications:"), count(totals.all()))],
    };
    lines.extend(sums(totals, lang));
    let mut also = |of: usize, it: &str, en: &str| {
        if of > 0 {
            lines.push(format!("{}: {}", lang.pick(it, en), count(of)));
        }
    };
    also(totals.disagree, "Sito e registro si contraddicono", "Site and register contradict each other");
    also(totals.already, "Già presenti prima dell'apertura", "There already before the notice opened");
    also(totals.misfits, "Somme che non tornano", "Sums that do not fit");
    also(
        totals.wound_back,
        "Da elenchi più recenti della data chiesta, riportati indietro con le loro date",
        "From lists later than the day asked for, wound back by their own dates",
    );
    also(
        totals.excluded,
        "Lasciati fuori, perché la loro regione o provincia ha un accordo proprio",
        "Left out, as their region or province has an agreement of its own",
    );
    also(
        totals.without_notice,
        "Lasciate fuori, perché di avvisi che qui non ci sono",
        "Left out, as their notices are not known here",
    );
    lines.push(verdicts::whose_outcome(lang).to_owned());
    lines
}

/// What each measure comes to: goals that share a measure, as SPID/CIE and ANPR/ANSC do, are never added up together.
fn sums(totals: &Totals, lang: Lang) -> Vec<String> {
    let of = |count: usize, cents: u64| {
        let sum = Euro::of_cents(cents).map_or_else(|| "?".to_owned(), |sum| euro(lang, sum));
        format!("{} ({sum} euro)", number(lang, count as u64))
    };
    let one = |(measure, money): (&String, &Money)| {
        let waived = if money.waived == 0 {
            String::new()
        } else {
            format!(", {} {}", lang.pick("rinunciate", "waived"), of(money.waived, money.waived_cents))
        };
        let live = of(money.live, money.live_cents);
        format!("  {measure}: {} {live}{waived}", lang.pick("finanziate o pagate", "financed or paid"))
    };
    totals.money.iter().map(one).collect()
}

/// What is said of the requirements that are read, on one line: `+ spid-login; ? No visit up to this date: cie-login`.
pub fn in_short(told: &Told<'_>, lang: Lang) -> String {
    let case = &told.case;
    let read = case.criteria.iter().filter(|one| !one.criterion.reads.is_empty() && !one.criterion.advice);
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for one in read {
        let said = one_in_short(one, lang);
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, ids)) => ids.push(&one.criterion.id),
            None => groups.push((said, vec![&one.criterion.id])),
        }
    }
    let mut parts: Vec<String> = groups.into_iter().map(|(said, ids)| format!("{said} {}", ids.join(", "))).collect();
    if parts.is_empty() {
        parts.push(lang.pick("nessuno", "none").to_owned());
    }
    if case.summary.disagree {
        parts.push(lang.pick("SITO E REGISTRO SI CONTRADDICONO", "SITE AND REGISTER CONTRADICT").to_owned());
    }
    parts.extend(case.summary.already.map(|before| there_already(before, lang)));
    parts.join("; ")
}

/// `+`, `− (13 nel registro)`, `? A questa data nessuna visita:`.
fn one_in_short(one: &Assessed<'_>, lang: Lang) -> String {
    let judged = &one.judgement;
    let mark = verdicts::mark(judged.verdict);
    let counted = match judged.register.and_then(|look| look.from).map(|seen| seen.entry) {
        Some(Entry::Listed { count: Some(count) }) => {
            lang.pick(format!(" ({count} nel registro)"), format!(" ({count} in the register)"))
        }
        _ => String::new(),
    };
    match judged.verdict {
        Verdict::Undetermined => {
            let why = basis(lang, judged.basis, one.criterion.reads.site.unwrap_or(Platform::Spid));
            format!("{mark} {}{counted}:", why.trim_end_matches('.'))
        }
        _ => format!("{mark}{counted}"),
    }
}

fn there_already(before: Before, lang: Lang) -> String {
    let counted = if before.counted {
        lang.pick(", ma l'avviso conta da prima", ", though the notice counts from earlier")
    } else {
        ""
    };
    lang.pick(
        format!("già presente il {}, prima dell'apertura{counted}", before.on),
        format!("there already on {}, before it opened{counted}", before.on),
    )
}

/// Everything about one case.
pub fn case(told: &Told<'_>, lang: Lang) -> String {
    let mut page = Page { text: String::new(), colour: false };
    let notice = told.case.notice;
    page.line(&format!("{} [{}]", pick(&notice.name, lang), notice.id));
    if let Some(application) = &told.facts.application {
        money(&mut page, told, application, lang);
    } else {
        let text = lang.pick("nessuna candidatura negli elenchi importati", "no application in the imported lists");
        row(&mut page, lang.pick("candidatura", "application"), text);
    }
    overall(&mut page, told, lang);
    for one in &told.case.criteria {
        requirement(&mut page, told, one, lang);
    }
    page.text
}

fn row(page: &mut Page, label: &str, text: &str) {
    page.wrapped(&format!("  {label:<14} "), &" ".repeat(17), &clean(text));
}

fn money(page: &mut Page, told: &Told<'_>, application: &ApplicationFacts, lang: Lang) {
    row(page, "CUP", application.cup.as_deref().unwrap_or("-"));
    row(page, lang.pick("somma", "sum"), &format!("{} euro", euro(lang, application.euro)));
    if let Some(sum) = &told.case.sum {
        let bounds = band_bounds(std::slice::from_ref(told.case.notice));
        let near = told.facts.comune.population.and_then(|people| near_bound(people, &bounds));
        let near = near.map_or_else(String::new, |bound| {
            let bound = number(lang, u64::from(bound));
            lang.pick(
                format!(" (abitanti vicini al limite di {bound})"),
                format!(" (residents near the bound of {bound})"),
            )
        });
        row(page, "", &format!("{}{near}", verdicts::sum(lang, told.case.notice, sum)));
    }
    let since = application
        .state_date
        .map_or_else(String::new, |day| lang.pick(format!(" dal {day}"), format!(" since {day}")));
    row(page, lang.pick("stato", "state"), &format!("{}{since}", verdicts::state(lang, application.state)));
    if let Some(funded) = application.funded {
        let decree = application.decree.as_ref().map_or_else(String::new, |decree| format!(", {decree}"));
        row(page, lang.pick("decreto", "decree"), &format!("{funded}{decree}"));
    }
    let back = if application.wound_back {
        lang.pick(" riportato indietro con le sue date", " wound back by its own dates")
    } else {
        ""
    };
    let old = if told.list_stale { lang.pick(", vecchio", ", old") } else { "" };
    row(page, lang.pick("elenco", "list"), &format!("{} {}{back}{old}", lang.pick("del", "of"), application.dated));
}

fn overall(page: &mut Page, told: &Told<'_>, lang: Lang) {
    let summary = &told.case.summary;
    let read = summary.supported + summary.not_supported + summary.undetermined;
    let text = lang.pick(
        format!(
            "{}: riscontrati {} dei {read} requisiti letti; {} non esaminati, {} non osservabili",
            verdict(lang, summary.verdict),
            summary.supported,
            summary.not_examined,
            summary.not_observable
        ),
        format!(
            "{}: {} of the {read} requirements that are read are supported; {} not examined, {} not observable",
            verdict(lang, summary.verdict),
            summary.supported,
            summary.not_examined,
            summary.not_observable
        ),
    );
    row(page, lang.pick("verdetto", "verdict"), &text);
    row(page, lang.pick("al", "as of"), &told.as_of.to_string());
    if let Some(before) = summary.already {
        row(page, "", &there_already(before, lang));
    }
}

fn requirement(page: &mut Page, told: &Told<'_>, one: &Assessed<'_>, lang: Lang) {
    let (criterion, judged) = (one.criterion, &one.judgement);
    let due = one.due.map_or_else(String::new, |day| lang.pick(format!(", entro il {day}"), format!(", due {day}")));
    let advice = if criterion.advice { lang.pick(", raccomandazione", ", advice") } else { "" };
    let part = if judged.partial { lang.pick(", in parte", ", in part") } else { "" };
    page.line("");
    let seen = observable(lang, criterion.observable);
    page.line(&format!("  {} [{seen}{due}{advice}]: {}{part}", criterion.id, verdict(lang, judged.verdict)));
    let mut text = |text: &str| page.wrapped("      ", "      ", text);
    text(pick(&criterion.what, lang));
    if !criterion.reads.is_empty() {
        let platform = criterion.reads.site.unwrap_or(Platform::Spid);
        text(&basis(lang, judged.basis, platform));
        site(&mut text, told, one, lang);
        register(&mut text, told, judged, lang);
        if judged.disagree {
            text(lang.pick("Sito e registro si contraddicono.", "Site and register contradict each other."));
        }
        if let Some(before) = one.already {
            text(&there_already(before, lang));
        }
    }
    if let Some(limit) = &criterion.limit {
        text(pick(limit, lang));
    }
}

fn site(text: &mut impl FnMut(&str), told: &Told<'_>, one: &Assessed<'_>, lang: Lang) {
    let Some(platform) = one.criterion.reads.site else { return };
    let name = platform.name();
    let Some(found) = told.found(one) else {
        text(&lang.pick(format!("sito, {name}: nessuna visita"), format!("site, {name}: no visit")));
        return;
    };
    let outcome = (words(lang).outcome)(platform, found.sighting.outcome);
    let on = found.sighting.on;
    text(&lang.pick(
        format!("sito, {name}: {outcome}, visita {} del {on}", found.visit),
        format!("site, {name}: {outcome}, visit {} of {on}", found.visit),
    ));
    text(&place(found));
    if let Some(since) = told.since(one) {
        let reason = (words(lang).reason)(platform, since.sighting.reason);
        let on = since.sighting.on;
        text(&lang.pick(
            format!("la visita del {on} non ha potuto dire: {reason}"),
            format!("the visit of {on} could not tell: {reason}"),
        ));
    }
}

/// Page, rule and digest of the strongest match, or the address of the visit.
fn place(found: &Found) -> String {
    match (&found.page, &found.rule, &found.sha256) {
        (Some(page), Some(rule), Some(sha256)) => {
            format!("{} [{} {}, sha256 {sha256}]", clean(page), rule, found.catalogue)
        }
        _ => clean(&found.url).into_owned(),
    }
}

fn register(text: &mut impl FnMut(&str), told: &Told<'_>, judged: &Judgement, lang: Lang) {
    let Some(look) = judged.register else { return };
    let Some(seen) = look.from else {
        text(lang.pick("registro: non importato a questa data", "register: not imported up to this date"));
        return;
    };
    let wanted = match (seen.entry, told.case.sum.as_ref().and_then(Decoded::services)) {
        (Entry::Listed { count: Some(_) }, Some(services)) => {
            lang.pick(format!(", finanziati {services}"), format!(", {services} paid for"))
        }
        _ => String::new(),
    };
    let part = if seen.complete { "" } else { lang.pick(", estratto", ", an extract") };
    let old = if look.stale { lang.pick(", vecchio", ", old") } else { "" };
    text(&format!(
        "{}: {}{wanted} ({}{part}{old})",
        register_name(lang, seen.register.register()),
        verdicts::entry(lang, seen.entry),
        dated(seen.on, lang)
    ));
}

fn dated(on: Date, lang: Lang) -> String {
    format!("{} {on}", lang.pick("dati del", "data of"))
}

/// What a list is about, and the registers that it rests on, each with its day.
pub fn heading(
    layout: Layout,
    notices: &[&Notice],
    as_of: Date,
    registers: &[RegisterState],
    lang: Lang,
) -> Vec<String> {
    let what = match layout {
        Layout::Verdicts => lang.pick("Verdetti", "Verdicts"),
        Layout::Applications => lang.pick("Candidature", "Applications"),
    };
    let mut lines = vec![lang.pick(format!("{what} al {as_of}"), format!("{what} as of {as_of}"))];
    lines.extend(notices.iter().map(|notice| format!("{} [{}]", pick(&notice.name, lang), notice.id)));
    lines.extend(rests_on(layout, notices, registers, lang));
    lines
}

/// The registers that a list rests on, each with its day, and those without any data.
pub fn rests_on(layout: Layout, notices: &[&Notice], registers: &[RegisterState], lang: Lang) -> Vec<String> {
    let mut used = vec![Register::Candidature, Register::Istat, Register::Ipa];
    if layout == Layout::Verdicts {
        let criteria = notices.iter().flat_map(|notice| &notice.criteria);
        used.extend(criteria.filter_map(|criterion| criterion.reads.register).map(RegisterKind::register));
        if notices.iter().all(|notice| notice.titles.is_empty()) {
            used.remove(0);
        }
    }
    let mut told = HashSet::new();
    used.retain(|register| told.insert(*register));
    let mut lines = Vec::new();
    for register in used {
        let before = lines.len();
        let of = |one: &&RegisterState| one.register == register && concerns(notices, one);
        lines.extend(registers.iter().filter(of).map(|one| register_state(lang, one)));
        if lines.len() == before {
            let never = lang.pick("nessun dato fino a questa data", "no data up to this date");
            lines.push(format!("{}: {never}", register_name(lang, register)));
        }
    }
    lines
}

/// Lists of applications come by measure; those of other measures say nothing here.
fn concerns(notices: &[&Notice], state: &RegisterState) -> bool {
    state.register != Register::Candidature
        || notices.is_empty()
        || state.part.split('+').any(|part| notices.iter().any(|notice| notice.measure.starts_with(part)))
}
