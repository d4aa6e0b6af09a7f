//! `riscontro comune`: everything that is known of one comune.

mod cases;

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use self::cases::Cases;
use super::{Context, Exit, Failure, Format, Printed, cases::AsOf, notices, rejudge::ByRules, workshop};
use crate::{
    config::{Lang, MaxAges},
    model::{CatalogueId, Euro, Outcome, Platform},
    registry::{Register, RegisterState, band_bounds, near_bound},
    report::{self, Words, clean, observations::ObservationRow, verdicts::Line, words},
    store::{ApplicationFacts, ComuneFile, ComuneName, HistoryOf, Looked, Period, Store},
};

/// Print everything that is known of a comune: codes, applications, registers, findings
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Name of the comune, or one of its codes: IPA, ISTAT, cadastral or fiscal
    #[arg(value_name = "NAME|CODE")]
    subject: String,
    /// Days after which a register is called old, whichever it is (default: those of the settings)
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u32>,
    #[command(flatten)]
    day: AsOf,
    #[command(flatten)]
    by: ByRules,
    #[command(flatten)]
    printed: Printed,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    schema: &'static str,
    #[serde(flatten)]
    file: &'a ComuneFile,
    /// The bound of a population band that the residents are near to: the band is not sure.
    near_bound: Option<u32>,
    registers: Vec<RegisterState>,
    /// Verdicts on its applications.
    verdicts: Vec<Line<'a>>,
    /// What is seen of the measures that it has no live application to.
    without_application: Vec<Line<'a>>,
    /// What held from when to when, platform by platform.
    history: Vec<ObservationRow>,
    /// What other rules, by which visits were judged again, hold to be so today and the rules of each day do not.
    by_other_rules: Vec<Otherwise>,
}

/// What other rules say of what holds.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Otherwise {
    catalogue: String,
    platform: Platform,
    outcome: Outcome,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let store = workshop::store_for_reading(context).await?;
    let today = arguments.day.day(lang)?;
    let file = meant_on(&arguments.subject, arguments.day.or_all(lang)?, &store, lang).await?;
    let by = arguments.by.meant(&store, context).await?.map(|one| one.id);
    let ages = arguments.max_age.map_or(context.settings.register_max_age, MaxAges::all);
    let registers = store.register_states(today, ages).await.map_err(|error| workshop::of_store(&error, lang))?;
    let notices = notices::notices(context)?;
    let cases = cases::cases(&file.catastale, today, &notices, &store, context).await?;
    let bounds = band_bounds(notices.all());
    let histories = histories(&file.catastale, today, by, &store, lang).await?;
    let mut by_other_rules = Vec::new();
    for other in store.catalogues().await.map_err(|error| workshop::of_store(&error, lang))? {
        if other.series && by != Some(other.id) {
            let others = self::histories(&file.catastale, today, Some(other.id), &store, lang).await?;
            by_other_rules.extend(otherwise(&histories, &others, &other.name()));
        }
    }
    let told = Told {
        schema: "riscontro.comune/1",
        file: &file,
        near_bound: file.population.and_then(|people| near_bound(people, &bounds)),
        registers,
        verdicts: cases.applied.iter().map(Line::new).collect(),
        without_application: cases.without.iter().map(Line::new).collect(),
        history: histories.iter().flat_map(|told| ObservationRow::of(told, true)).collect(),
        by_other_rules,
    };
    let text = match arguments.printed.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&told, &cases, &histories, context.words(), lang),
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

/// What held of a comune from when to when, by the rules of each day or by one catalogue.
pub(super) async fn histories(
    catastale: &str,
    as_of: Date,
    by: Option<CatalogueId>,
    store: &Store,
    lang: Lang,
) -> Result<Vec<HistoryOf>, Failure> {
    let mut all = Vec::new();
    let each = |told: HistoryOf| {
        all.push(told);
        std::ops::ControlFlow::Continue(())
    };
    let read = store.for_each_history_by(by, Some(catastale), Period::on(as_of), each).await;
    read.map_err(|error| workshop::of_store(&error, lang))?;
    Ok(all)
}

/// What of the same site holds by other rules, and not by these.
fn otherwise(these: &[HistoryOf], others: &[HistoryOf], catalogue: &str) -> Vec<Otherwise> {
    let holds = |told: &HistoryOf| told.history.standing().map(|one| one.outcome);
    let differs = |other: &&HistoryOf| {
        let same = |one: &&HistoryOf| one.platform == other.platform && one.whose == other.whose;
        holds(other).is_some() && these.iter().find(same).is_none_or(|one| holds(one) != holds(other))
    };
    let one = |other: &HistoryOf| {
        Some(Otherwise { catalogue: catalogue.to_owned(), platform: other.platform, outcome: holds(other)? })
    };
    others.iter().filter(differs).filter_map(one).collect()
}

/// [`meant_on`] whatever day.
pub(super) async fn meant(subject: &str, store: &Store, lang: Lang) -> Result<Box<ComuneFile>, Failure> {
    meant_on(subject, Date::MAX, store, lang).await
}

/// The comune that a name or code means; what is not one comune is told with those that it may mean.
pub(super) async fn meant_on(
    subject: &str,
    as_of: Date,
    store: &Store,
    lang: Lang,
) -> Result<Box<ComuneFile>, Failure> {
    let unclear =
        |why: &str| Failure::new(Exit::NoInput, lang.pick("comune", "comune")).at(subject.to_owned()).because(why);
    match store.comune_file_on(subject, as_of).await.map_err(|error| workshop::of_store(&error, lang))? {
        Looked::One(file) => Ok(file),
        Looked::Several(several) => {
            let why = lang.pick("più comuni hanno questo nome o codice", "several comuni have this name or code");
            let hint = lang.pick("indicate il codice catastale", "give the cadastral code");
            Err(unclear(why).hint(format!("{hint}: {}", list(&several, lang))))
        }
        Looked::Nobody(near) => {
            let why = lang.pick(
                "nessun comune ha questo nome o codice nei registri importati",
                "no comune has this name or code in the imported registers",
            );
            Err(if near.is_empty() {
                unclear(why)
            } else {
                unclear(why).hint(format!("{}: {}", lang.pick("forse", "perhaps"), list(&near, lang)))
            })
        }
    }
}

fn list(comuni: &[ComuneName], lang: Lang) -> String {
    let one = |comune: &ComuneName| {
        let sigla = comune.sigla.as_ref().map_or_else(String::new, |sigla| format!(" ({sigla})"));
        let gone = if comune.current { "" } else { lang.pick(", cessato", ", ceased") };
        format!("{}{sigla} {}{gone}", comune.name, comune.catastale)
    };
    comuni.iter().take(8).map(one).collect::<Vec<_>>().join(", ")
}

fn euro(cents: u64, lang: Lang) -> String {
    Euro::of_cents(cents).map_or_else(|| "?".to_owned(), |sum| words::euro(lang, sum))
}

fn text(told: &Told<'_>, cases: &Cases<'_>, histories: &[HistoryOf], phrases: &Words, lang: Lang) -> String {
    let file = told.file;
    let mut out = head(told, lang);
    out.push_str(&money(file, cases, lang));
    if !file.appio.is_empty() {
        out.push_str(lang.pick("\nServizi visibili su App IO\n", "\nServices visible in the App IO\n"));
        for state in &file.appio {
            let unknown = || lang.pick("ignoto", "unknown").to_owned();
            let services = state.services.map_or_else(unknown, |services| services.to_string());
            out.push_str(&format!("  {}  {services}\n", state.dated));
        }
        if file.appio.iter().any(|state| state.services == Some(0)) {
            let under = lang.pick(
                "0: nessuno sotto il codice fiscale del comune; un altro ente può averne pubblicati per lui",
                "0: none under the comune's fiscal code; another body may have published some for it",
            );
            out.push_str(&format!("  {under}\n"));
        }
    }
    if !file.spid.is_empty() {
        out.push_str(lang.pick("\nFornitori di servizi SPID\n", "\nSPID service providers\n"));
        for state in &file.spid {
            let by = if state.aggregated { lang.pick(" (aggregato)", " (aggregated)") } else { "" };
            out.push_str(&format!("  {}  {}{by}\n", state.dated, clean(&state.entity)));
        }
    }
    if !file.findings.is_empty() {
        out.push_str(lang.pick("\nRiscontri sul sito\n", "\nFindings on the site\n"));
        for finding in &file.findings {
            out.push_str(&format!(
                "  {}  {:<8} {}  {}\n",
                phrases.when(finding.visited),
                finding.platform.code(),
                (phrases.outcome)(finding.platform, finding.outcome),
                clean(&finding.url)
            ));
        }
        let roots: std::collections::BTreeSet<(i64, &str)> =
            file.findings.iter().filter_map(|one| Some((one.visit, one.evidence_root.as_deref()?))).collect();
        for (visit, root) in roots {
            let label = lang.pick("radice delle prove, visita", "root of the evidence, visit");
            out.push_str(&format!("  {label} {visit}: {root}\n"));
        }
    }
    if !histories.is_empty() {
        out.push_str(lang.pick("\nStoria\n", "\nHistory\n"));
        out.push_str(&report::observations::text(histories, lang));
    }
    for one in &told.by_other_rules {
        let (rules, outcome) = (clean(&one.catalogue), (phrases.outcome)(one.platform, one.outcome));
        out.push_str(&format!(
            "  {}: {} {rules} {outcome}\n",
            one.platform.name(),
            lang.pick("invece, secondo le regole", "otherwise, by the rules")
        ));
    }
    out.push_str(&cases::text(cases, lang));
    out.push_str(lang.pick("\nRegistri\n", "\nRegisters\n"));
    for state in &told.registers {
        out.push_str(&format!("  {} [{}]\n", words::register_state(lang, state), clean(&state.source)));
    }
    for register in Register::ALL {
        if !told.registers.iter().any(|state| state.register == register) {
            let name = words::register(lang, register);
            out.push_str(&format!("  {name}: {}\n", lang.pick("mai importato, ignoto", "never imported, unknown")));
        }
    }
    out
}

fn head(told: &Told<'_>, lang: Lang) -> String {
    let file = told.file;
    let sigla = file.sigla.as_ref().map_or_else(String::new, |sigla| format!(" ({sigla})"));
    let mut out = format!("{}{sigla}\n", clean(file.full_name.as_ref().unwrap_or(&file.name)));
    if !file.current {
        let since = file.ceased.as_ref().map_or_else(String::new, |day| format!(" ({day})"));
        out.push_str(&format!("  {}{since}\n", lang.pick("non è più un comune", "no comune any more")));
    }
    let unknown = lang.pick("ignoto", "unknown");
    let residents = file.population.map(|people| {
        let dated = file.population_dated.as_deref().unwrap_or("?");
        let source = file.population_source.as_deref().unwrap_or("?");
        let near = told.near_bound.map_or_else(String::new, |bound| {
            format!("; {} {bound}", lang.pick("vicino al limite di fascia", "near the band's bound"))
        });
        format!("{people} ({source}, {} {dated}{near})", lang.pick("elenco del", "list of"))
    });
    let site = match (&file.url, &file.website) {
        (Some(url), Some(published)) if url.trim_end_matches('/') != published.trim_end_matches('/') => {
            Some(format!("{url} ({}: {published})", lang.pick("nel registro", "in the register")))
        }
        (Some(url), _) => Some(url.clone()),
        (None, Some(published)) => Some(format!("{published} ({})", lang.pick("non è un indirizzo", "is no address"))),
        (None, None) => None,
    };
    let joined = |codes: &[String]| (!codes.is_empty()).then(|| codes.join(", "));
    let rows = [
        (lang.pick("codice catastale", "cadastral code"), Some(file.catastale.clone())),
        (lang.pick("codice ISTAT", "ISTAT code"), joined(&file.codici_istat)),
        (lang.pick("codice IPA", "IPA code"), joined(&file.codici_ipa)),
        (lang.pick("codice fiscale", "fiscal code"), file.codice_fiscale.clone()),
        (lang.pick("regione", "region"), file.region.clone()),
        (lang.pick("abitanti", "residents"), residents),
        (lang.pick("sito", "site"), site),
        ("PEC", file.pec.clone()),
    ];
    for (label, value) in rows {
        out.push_str(&format!("  {label:<18} {}\n", clean(value.as_deref().unwrap_or(unknown))));
    }
    if file.names.len() > 1 {
        out.push_str(lang.pick("\nNomi nel tempo\n", "\nNames over time\n"));
        for name in &file.names {
            let from = name.from.as_deref().unwrap_or("?");
            let until = name.until.as_deref().unwrap_or(lang.pick("oggi", "today"));
            out.push_str(&format!("  {from} – {until}  {}\n", clean(&name.name)));
        }
    }
    out
}

fn money(file: &ComuneFile, cases: &Cases<'_>, lang: Lang) -> String {
    let mut out = String::from(lang.pick("\nCandidature finanziate\n", "\nFinanced applications\n"));
    if file.applications.is_empty() {
        let none = lang.pick("nei file importati non ce ne sono", "none in the imported files");
        out.push_str(&format!("  {none}\n"));
        return out;
    }
    for one in &file.applications {
        out.push_str(&application(one, cases.reading(one), lang));
    }
    out.push_str(lang.pick("\nSomme in euro\n", "\nSums in euro\n"));
    let line = |label: &str, live: u64, waived: u64| {
        let waived = match waived {
            0 => String::new(),
            cents => format!("  {} {}", lang.pick("rinunciate", "waived"), euro(cents, lang)),
        };
        format!("  {:<28} {:>12}{waived}\n", clean(label), euro(live, lang))
    };
    for sum in &file.sums {
        out.push_str(&line(&sum.measure, sum.live_cents, sum.waived_cents));
    }
    out.push_str(&line(lang.pick("finanziate o pagate", "financed or paid"), file.live_cents, file.waived_cents));
    if file.live_cents != file.live_cents_without_anpr_ansc {
        let label = lang.pick("senza ANPR/ANSC", "without ANPR/ANSC");
        out.push_str(&line(label, file.live_cents_without_anpr_ansc, 0));
    }
    out
}

fn application(one: &ApplicationFacts, read: Option<String>, lang: Lang) -> String {
    let funded = one.funded.map_or_else(|| "?".to_owned(), |day| day.to_string());
    let read = read.map_or_else(String::new, |read| format!(" ({read})"));
    format!(
        "  {funded}  {:>12} euro  {:<10} {:<15} {}{read} [{} {}]\n",
        words::euro(lang, one.euro),
        words::verdicts::state(lang, one.state),
        clean(one.cup.as_deref().unwrap_or("-")),
        clean(&one.avviso),
        lang.pick("dati del", "data of"),
        one.dated
    )
}
