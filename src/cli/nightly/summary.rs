//! What a night did, for people.

use super::{Night, is_held};
use crate::{
    cli::{Context, Exit},
    model::Verdict,
    report::{
        clean,
        words::{duration, number, verdict},
    },
};

/// The summary: one paragraph for each part.
pub(super) fn text(night: &Night, context: &Context) -> String {
    let lang = context.lang();
    let count = |count: usize| number(lang, count as u64);
    let mut out = String::new();
    if night.dry_run {
        out.push_str(lang.pick("Notte di prova: nulla è fatto.\n", "A dry night: nothing is done.\n"));
    }
    let mut line = |label: &str, said: String| out.push_str(&format!("{label:<11} {said}\n"));

    let visits = &night.visits;
    let known = lang.pick(
        format!("{} siti nei registri, {} da visitare", count(visits.known), count(visits.due)),
        format!("{} sites in the registers, {} due", count(visits.known), count(visits.due)),
    );
    let without = match visits.without_address {
        0 => String::new(),
        some => lang.pick(
            format!("; {} comuni senza indirizzo", count(some)),
            format!("; {} comuni without an address", count(some)),
        ),
    };
    let run = visits.run.as_ref().map_or_else(String::new, |run| {
        let (done, requests, took) = (count(run.finished), number(lang, run.totals.requests), duration(run.elapsed));
        lang.pick(
            format!("; visita d'insieme {}: visitati {done}, {requests} richieste, {took}", run.run),
            format!("; run {}: {done} visited, {requests} requests, {took}", run.run),
        )
    });
    line(lang.pick("Visite", "Visits"), format!("{known}{without}{run}"));
    for register in &visits.stale_registers {
        line("", register.clone());
    }
    if is_held(night) {
        line("", crate::report::summary::what_to_do(lang).to_owned());
    }
    if let Some(counts) = &night.verdicts {
        let said = Verdict::ALL.map(|one| format!("{} {}", verdict(lang, one), count(counts.of(one))));
        line(lang.pick("Verdetti", "Verdicts"), said.join(", "));
    }
    if let Some(told) = &night.reports {
        let said = if told.held.is_empty() {
            lang.pick(
                format!(
                    "iscrizioni da servire {}, lettere {}, senza novità {}",
                    count(told.due),
                    count(told.letters),
                    count(told.nothing)
                ),
                format!(
                    "subscriptions due {}, letters {}, nothing to tell {}",
                    count(told.due),
                    count(told.letters),
                    count(told.nothing)
                ),
            )
        } else {
            let runs = told.held.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            lang.pick(
                format!("fermi: la visita d'insieme {runs} aspetta una decisione"),
                format!("held: run {runs} waits for a decision"),
            )
        };
        line(lang.pick("Rapporti", "Reports"), said);
        for (to, subject) in &told.subjects {
            line("", format!("{to}: {}", clean(subject)));
        }
        for untold in &told.untold {
            line(
                "",
                format!("{} {}: {}", lang.pick("iscrizione", "subscription"), untold.subscription, clean(&untold.why)),
            );
        }
    }
    if let Some(mail) = &night.mail {
        let all = &mail.summary.all;
        line(
            lang.pick("Posta", "Mail"),
            lang.pick(
                format!(
                    "{}: inviate {}, da inviare {}, fallite {}, incerte {}",
                    mail.transport, mail.summary.sent, all.waiting, all.failed, all.unsure
                ),
                format!(
                    "{}: sent {}, to be sent {}, failed {}, unsure {}",
                    mail.transport, mail.summary.sent, all.waiting, all.failed, all.unsure
                ),
            ),
        );
        if let Some(trouble) = &mail.summary.trouble {
            line("", clean(&trouble.detail).into_owned());
        }
    }
    if let Some(receipts) = &night.receipts {
        line(lang.pick("Ricevute", "Receipts"), receipts.in_short(lang));
    }
    if let Some(pruned) = &night.pruned {
        line(
            lang.pick("Tolti", "Removed"),
            lang.pick(
                format!(
                    "{} registrazioni di prove, dettagli di {} visite, {} lettere",
                    pruned.records, pruned.details, pruned.letters
                ),
                format!(
                    "{} records of evidence, details of {} visits, {} letters",
                    pruned.records, pruned.details, pruned.letters
                ),
            ),
        );
    }
    let took = duration(std::time::Duration::try_from_secs_f64(night.elapsed_seconds).unwrap_or_default());
    let end = match night.ends() {
        Exit::Found => lang.pick("tutto fatto", "all done"),
        Exit::Suspect => lang.pick("fatto; qualcosa aspetta una persona", "done; something waits for a person"),
        Exit::TemporaryFailure => {
            lang.pick("fatto in parte; il resto alla prossima", "done in part; the rest next time")
        }
        Exit::Interrupted => lang.pick("fermato", "stopped"),
        _ => lang.pick("qualcosa non è riuscito", "something failed"),
    };
    line(lang.pick("Esito", "End"), format!("{end}, {took}"));
    out
}
