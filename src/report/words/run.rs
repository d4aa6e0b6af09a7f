//! The phrases of a run's summary.

use crate::{run::RunSummary, store::RunState};

/// The phrases of one language.
#[derive(Debug)]
pub struct RunWords {
    /// Head of the platform column.
    pub platform: &'static str,
    /// Head of the outcome column.
    pub outcome: &'static str,
    /// Head of the reason column.
    pub reason: &'static str,
    /// Head of the count of sites.
    pub sites: &'static str,
    /// The first line.
    pub head: fn(&RunSummary) -> String,
    /// The last lines: time taken, database.
    pub foot: fn(&RunSummary, &str, &str) -> String,
}

/// Italian.
pub(super) const IT: RunWords = RunWords {
    platform: "Piattaforma",
    outcome: "Esito",
    reason: "Motivo",
    sites: "Siti",
    head: |summary| {
        let state = match summary.state {
            RunState::Finished => "finita",
            RunState::Running | RunState::Interrupted => "interrotta: lo stesso comando la riprende",
        };
        let mut line = format!(
            "Visita d'insieme {} {state}: {} siti su {}",
            summary.run, summary.totals.done, summary.totals.targets
        );
        if summary.already > 0 {
            line.push_str(&format!(" ({} già visitati prima)", summary.already));
        }
        line
    },
    foot: |summary, span, database| {
        let mut text = format!(
            "{} richieste, {} pagine, {span}. Banca dati: {database}",
            summary.totals.requests, summary.totals.pages
        );
        if summary.skipped_rows > 0 {
            text.push_str(&format!("\nRighe dell'elenco saltate: {}", summary.skipped_rows));
        }
        if summary.broken > 0 {
            text.push_str(&format!("\nVisite interrotte da un errore del programma: {}", summary.broken));
        }
        text
    },
};

/// English.
pub(super) const EN: RunWords = RunWords {
    platform: "Platform",
    outcome: "Outcome",
    reason: "Reason",
    sites: "Sites",
    head: |summary| {
        let state = match summary.state {
            RunState::Finished => "finished",
            RunState::Running | RunState::Interrupted => "interrupted: the same command takes it up",
        };
        let mut line =
            format!("Run {} {state}: {} sites of {}", summary.run, summary.totals.done, summary.totals.targets);
        if summary.already > 0 {
            line.push_str(&format!(" ({} visited before)", summary.already));
        }
        line
    },
    foot: |summary, span, database| {
        let mut text = format!(
            "{} requests, {} pages, {span}. Database: {database}",
            summary.totals.requests, summary.totals.pages
        );
        if summary.skipped_rows > 0 {
            text.push_str(&format!("\nRows of the list skipped: {}", summary.skipped_rows));
        }
        if summary.broken > 0 {
            text.push_str(&format!("\nVisits broken by a fault of the program: {}", summary.broken));
        }
        text
    },
};
