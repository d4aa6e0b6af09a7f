//! One application with every requirement and what is said of it: the first page of its case file.

use super::{
    clean,
    document::{Block, Document, Fact, Section},
    verdicts::Told,
    view::Value,
    words::{
        self, Words, basis, euro, observable, register_state,
        reports::{application_words, report_words},
        verdict, verdicts,
    },
};
use crate::{
    model::Platform,
    notices::{Assessed, Decoded},
    registry::RegisterState,
};

/// The document of an application.
pub fn document(told: &Told<'_>, registers: &[RegisterState], words: &Words) -> Document {
    let (lang, general, own) = (words.lang, report_words(words.lang), application_words(words.lang));
    let (comune, notice, case) = (&told.facts.comune, told.case.notice, &told.case);
    let mut basis = vec![Fact::text(general.as_of, words::day(lang, told.as_of))];
    basis.push(Fact::lines(general.registers, registers.iter().map(|state| register_state(lang, state))));
    basis.push(Fact::text(general.rule, general.rule_text));
    let mut money = Section::new("application", own.application);
    let mut facts =
        vec![Fact::text(own.notice, format!("{} [{}]", lang.pick(&notice.name.it, &notice.name.en), notice.id))];
    if let Some(application) = &told.facts.application {
        facts.push(Fact::text("CUP", application.cup.as_deref().unwrap_or("–")));
        facts.push(Fact::text(own.sum, format!("{} euro", euro(lang, application.euro))));
        facts.extend(case.sum.as_ref().map(|sum: &Decoded| Fact::text(own.reading, verdicts::sum(lang, notice, sum))));
        let since = application.state_date.map_or_else(String::new, |day| format!(" ({day})"));
        facts.push(Fact::text(own.state, format!("{}{since}", verdicts::state(lang, application.state))));
        let decree = application.funded.map(|day| day.to_string()).into_iter().chain(application.decree.clone());
        facts.push(Fact::text(own.decree, decree.collect::<Vec<_>>().join(", ")));
    }
    facts.push(Fact::text(own.verdict, verdict(lang, case.summary.verdict)));
    let named = |label, code: &Option<String>| code.as_ref().map(|code| Fact::text(label, code));
    facts.extend(named(own.fiscal_code, &comune.codice_fiscale));
    facts.extend(named(own.site, &comune.url));
    money.add(Block::Facts(own.application.to_owned(), facts));
    let mut requirements = Section::new("requirements", own.requirements);
    for one in &case.criteria {
        requirements.add(Block::Facts(clean(&one.criterion.id).into_owned(), requirement(told, one, words)));
    }
    let sigla = comune.sigla.as_ref().map_or_else(String::new, |sigla| format!(" ({sigla})"));
    Document {
        lang,
        title: clean(&format!("{}: {}{sigla}", own.title, comune.name)).into_owned(),
        about: clean(
            &[&comune.catastale, &comune.codice_ipa, &comune.region]
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        )
        .into_owned(),
        disclaimer: verdicts::whose_outcome(lang),
        basis,
        sections: vec![money, requirements],
    }
}

/// What is said of one requirement, and on what.
fn requirement(told: &Told<'_>, one: &Assessed<'_>, words: &Words) -> Vec<Fact> {
    let (lang, own) = (words.lang, application_words(words.lang));
    let (criterion, judged) = (one.criterion, &one.judgement);
    let platform = criterion.reads.site.unwrap_or(Platform::Spid);
    let mut facts = vec![
        Fact::text(own.asks, lang.pick(&criterion.what.it, &criterion.what.en)),
        Fact::text(own.shows, observable(lang, criterion.observable)),
        Fact::text(own.verdict, verdict(lang, judged.verdict)),
        Fact::text(own.why, basis(lang, judged.basis, platform)),
    ];
    facts.extend(one.due.map(|day| Fact::text(own.due, words::day(lang, day))));
    if let Some(found) = told.found(one) {
        let on = found.sighting.on;
        let outcome = (words.outcome)(found.sighting.platform, found.sighting.outcome);
        facts.push(Fact::text(own.seen, format!("{outcome}, {} {} {} {on}", own.visit, found.visit, own.of)));
        let page = found.page.as_ref().unwrap_or(&found.url);
        let shown = clean(page).into_owned();
        let opens = ["https://", "http://"].iter().any(|scheme| page.starts_with(scheme));
        let page = if opens { Value::Link(shown.clone(), shown) } else { Value::Text(shown) };
        facts.push(Fact { label: own.page, value: page });
        facts.extend(found.rule.as_ref().map(|rule| Fact::text(own.rule, format!("{rule} ({})", found.catalogue))));
        facts.extend(found.sha256.as_ref().map(|digest| Fact::text("SHA-256", digest)));
        facts.extend(found.evidence_root.as_ref().map(|root| Fact::text(own.root, root)));
    }
    if let Some(seen) = judged.register.and_then(|look| look.from) {
        facts.push(Fact::text(own.register, format!("{} ({})", verdicts::entry(lang, seen.entry), seen.on)));
    }
    if judged.disagree {
        facts.push(Fact::text(own.note, report_words(lang).disagreements));
    }
    facts
}
