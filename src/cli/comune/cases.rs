//! What can be said of a comune notice by notice: its applications, and the notices to which it has none.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    cli::{Context, Failure, applications, workshop},
    config::Lang,
    notices::{Notice, Notices},
    report::{
        clean,
        verdicts::{self, Told},
        words,
    },
    store::{ApplicationFacts, CaseFacts, Store, Wanted},
};

/// The cases of one comune.
#[derive(Debug)]
pub(super) struct Cases<'a> {
    /// One for each application.
    pub(super) applied: Vec<Told<'a>>,
    /// One for each measure without a live application, judged by its first notice.
    pub(super) without: Vec<Told<'a>>,
    lang: Lang,
}

impl Cases<'_> {
    /// What the sum of an application says, where its notice is known.
    pub(super) fn reading(&self, application: &ApplicationFacts) -> Option<String> {
        let told = self.applied.iter().find(|told| told.facts.application.as_ref() == Some(application))?;
        told.case.sum.as_ref().map(|sum| words::verdicts::sum(self.lang, told.case.notice, sum))
    }
}

/// Judges every application of a comune, and what is seen of the measures that it did not apply to: who has everything
/// already cannot apply, and is no worse for it.
pub(super) async fn cases<'a>(
    catastale: &str,
    as_of: Date,
    notices: &'a Notices,
    store: &Store,
    context: &Context,
) -> Result<Cases<'a>, Failure> {
    let applied = applications::told(&Wanted::Of(catastale.to_owned()), as_of, notices, store, context).await?;
    let live = |told: &&Told<'_>| told.facts.application.as_ref().is_some_and(|one| one.state.is_live());
    let measures: BTreeSet<&str> = applied.iter().filter(live).map(|told| told.case.notice.measure.as_str()).collect();
    let mut facts: Option<CaseFacts> = None;
    let dues: Vec<Date> = notices.all().iter().flat_map(|notice| &notice.phases).map(|phase| phase.due).collect();
    let each = |found: CaseFacts| {
        facts = Some(found);
        std::ops::ControlFlow::Break(())
    };
    store
        .for_each_case(&Wanted::Comune(catastale.to_owned()), as_of, &dues, each)
        .await
        .map_err(|error| workshop::of_store(&error, context.lang()))?;
    let Some(facts) = facts else { return Ok(Cases { applied, without: Vec::new(), lang: context.lang() }) };
    let mut first: Vec<&Notice> = notices.all().iter().filter(|notice| reads_something(notice)).collect();
    first.sort_by_key(|notice| (notice.measure.clone(), notice.window.opens));
    first.dedup_by_key(|notice| notice.measure.clone());
    let (region, sigla) = (facts.comune.region.as_deref(), facts.comune.sigla.as_deref());
    first.retain(|notice| {
        !measures.contains(notice.measure.as_str()) && notice.window.opens <= as_of && !notice.excludes(region, sigla)
    });
    let ages = context.settings.register_max_age;
    let without = first.into_iter().map(|notice| Told::new(facts.clone(), notice, as_of, ages)).collect();
    Ok(Cases { applied, without, lang: context.lang() })
}

/// Whether anything that a notice asks for is read from a website or a register.
fn reads_something(notice: &Notice) -> bool {
    notice.criteria.iter().any(|criterion| !criterion.advice && !criterion.reads.is_empty())
}

pub(super) fn text(cases: &Cases<'_>, lang: Lang) -> String {
    let mut out = String::new();
    if !cases.applied.is_empty() {
        out.push_str(lang.pick("\nVerdetti sulle candidature\n", "\nVerdicts on the applications\n"));
    }
    for told in &cases.applied {
        let application = told.facts.application.as_ref();
        let state = application.map_or("", |one| words::verdicts::state(lang, one.state));
        let cup = application.and_then(|one| one.cup.as_deref()).unwrap_or("-");
        out.push_str(&format!("  {} [{}, {state}]: ", told.case.notice.id, clean(cup)));
        out.push_str(&said(told, lang));
    }
    if !cases.without.is_empty() {
        out.push_str(lang.pick(
            "\nSenza candidatura in corso, e che cosa se ne vede\n",
            "\nWithout a live application, and what is seen all the same\n",
        ));
    }
    for told in &cases.without {
        let listed = if told.case.notice.titles.is_empty() {
            lang.pick(" (nessun elenco pubblico di candidature)", " (no public list of applications)")
        } else {
            ""
        };
        out.push_str(&format!("  {}{listed}: ", told.case.notice.measure));
        out.push_str(&said(told, lang));
    }
    if !out.is_empty() {
        out.push_str(&format!("  {}\n", words::verdicts::whose_outcome(lang)));
    }
    out
}

fn said(told: &Told<'_>, lang: Lang) -> String {
    let verdict = words::verdict(lang, told.case.summary.verdict);
    format!("{verdict}\n      {}\n", verdicts::in_short(told, lang))
}
