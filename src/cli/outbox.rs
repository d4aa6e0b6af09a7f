//! `riscontro outbox`: letters looked at and decided about.

pub(super) mod receipts;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{Context, Exit, Failure, Format, Printed, workshop};
use crate::{
    config::Lang,
    report::{json, table::Table},
    store::{Dispatch, DispatchFilter, DispatchId, DispatchState, Store},
};

/// List letters, show one, decide about those that wait, read receipts
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    List(List),
    Show(Show),
    /// Send letters again that failed, were put off, or of which nobody knows; the bytes are the same
    Resend(Decide),
    /// Take letters out of the outbox that have not left; they stay in the database
    Discard(Decide),
    Receipts(Receipts),
}

/// List the letters, newest first
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this state (queued, sending, sent, deferred, failed, unsure, discarded), may be repeated
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
    /// Only to this address
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    #[command(flatten)]
    printed: Printed,
}

/// Tell everything of a letter
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Number of the letter, as `outbox list` tells it
    #[arg(value_name = "LETTER")]
    letter: i64,
    /// Print the message itself, as it leaves
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    printed: Printed,
}

/// Letters.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// Numbers of letters, as `outbox list` tells them
    #[arg(value_name = "LETTER", required = true)]
    letters: Vec<i64>,
    #[command(flatten)]
    printed: Printed,
}

/// Read receipts of certified mail from a folder or a mailbox on a server, and tie them to the letters
#[derive(Debug, Args)]
pub(super) struct Receipts {
    /// A folder, a Maildir, or `imaps://USER@HOST/FOLDER`; nothing in it is changed (default: `mail_receipts` of the settings)
    #[arg(value_name = "FOLDER|IMAPS")]
    place: Option<PathBuf>,
    /// Look at all messages of the mailbox, also at those that were read before
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    printed: Printed,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.what {
        What::List(list) => self::list(list, context).await,
        What::Show(show) => show::run(show, context).await,
        What::Resend(decide) => decided(decide, true, context).await,
        What::Discard(decide) => decided(decide, false, context).await,
        What::Receipts(receipts) => receipts::run(receipts, context).await,
    }
}

async fn list(list: &List, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let states = list.state.iter().map(|code| {
        DispatchState::of_code(code).ok_or_else(|| {
            let known = DispatchState::ALL.map(DispatchState::code).join(", ");
            Failure::new(Exit::Usage, lang.pick("uso", "usage"))
                .at("--state")
                .because(lang.pick(format!("non può essere `{code}`"), format!("cannot be `{code}`")))
                .hint(lang.pick(format!("i valori possibili sono {known}"), format!("possible values are {known}")))
        })
    });
    let filter =
        DispatchFilter { states: states.collect::<Result<_, _>>()?, recipient: list.to.clone(), limit: list.limit };
    let store = workshop::store_for_reading(context).await?;
    let letters = store.dispatches(&filter).await.map_err(|error| workshop::of_store(&error, lang))?;
    context.print(&told(&letters, list.printed.format, lang)?)?;
    Ok(Exit::Found)
}

/// The letters that would leave now.
pub(super) async fn due(limit: Option<u32>, format: Format, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let limit = limit.unwrap_or(context.settings.mail.limit);
    let store = workshop::store_for_reading(context).await?;
    let due = store.due_dispatches(workshop::now(), (limit > 0).then_some(limit)).await.map_err(of_store)?;
    let mut letters = Vec::with_capacity(due.len());
    for id in due {
        letters.extend(store.dispatch(id).await.map_err(of_store)?);
    }
    context.print(&told(&letters, format, lang)?)?;
    Ok(Exit::Found)
}

fn told(letters: &[Dispatch], format: Format, lang: Lang) -> Result<String, Failure> {
    if format == Format::Json {
        let all: Result<String, _> = letters.iter().map(json::line).collect();
        return all.map_err(|error| Failure::unwritable("json", &error, lang));
    }
    if letters.is_empty() {
        return Ok(lang.pick("Nessuna lettera.\n", "No letters.\n").to_owned());
    }
    let mut table = Table::new(lang.pick(
        ["Lettera", "A", "Oggetto", "Stato", "Tentativi", "Quando"],
        ["Letter", "To", "Subject", "State", "Tries", "When"],
    ));
    for letter in letters {
        table.row([
            letter.id.to_string(),
            letter.recipient.clone(),
            crate::report::clean::short(&letter.subject, 50),
            standing(letter, lang),
            letter.attempts.to_string(),
            when(letter, lang),
        ]);
    }
    Ok(table.render())
}

/// How far a letter is, in words.
fn state(state: DispatchState, lang: Lang) -> &'static str {
    match state {
        DispatchState::Queued => lang.pick("da inviare", "queued"),
        DispatchState::Sending => lang.pick("in corso d'invio", "being sent"),
        DispatchState::Sent => lang.pick("inviata", "sent"),
        DispatchState::Deferred => lang.pick("rimandata", "deferred"),
        DispatchState::Failed => lang.pick("fallita", "failed"),
        DispatchState::Unsure => lang.pick("incerta", "unsure"),
        DispatchState::Discarded => lang.pick("scartata", "discarded"),
    }
}

/// The same with what receipts add to it.
fn standing(letter: &Dispatch, lang: Lang) -> String {
    let beside = if letter.undelivered.is_some() {
        Some(lang.pick("non consegnata", "not delivered"))
    } else if letter.delivered.is_some() {
        Some(lang.pick("consegnata", "delivered"))
    } else if letter.accepted.is_some() {
        Some(lang.pick("accettata", "accepted"))
    } else if letter.held {
        Some(lang.pick("trattenuta", "held"))
    } else {
        None
    };
    let state = state(letter.state, lang);
    beside.map_or_else(|| state.to_owned(), |beside| format!("{state}, {beside}"))
}

/// The time that matters most of a letter.
fn when(letter: &Dispatch, lang: Lang) -> String {
    let told = |time: Timestamp| format!("{time:.0}");
    match letter.next_try {
        Some(next) if letter.state == DispatchState::Deferred => {
            lang.pick(format!("di nuovo {}", told(next)), format!("again {}", told(next)))
        }
        _ => told(letter.sent.or(letter.last_try).unwrap_or(letter.queued)),
    }
}

fn no_such(id: DispatchId, lang: Lang) -> Failure {
    Failure::new(Exit::Usage, lang.pick(format!("la lettera {id} non esiste"), format!("there is no letter {id}")))
}

async fn letter(store: &Store, id: DispatchId, lang: Lang) -> Result<Dispatch, Failure> {
    let letter = store.dispatch(id).await.map_err(|error| workshop::of_store(&error, lang))?;
    letter.ok_or_else(|| no_such(id, lang))
}

async fn decided(decide: &Decide, resend: bool, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let store = workshop::store(context).await?;
    let mut letters = Vec::new();
    let mut failure: Option<Failure> = None;
    for id in decide.letters.iter().map(|id| DispatchId(*id)) {
        let done = if resend { store.resend_dispatch(id).await } else { store.discard_dispatch(id).await };
        let refused = match done.map_err(|error| workshop::of_store(&error, lang))? {
            Some(true) => {
                letters.push(letter(&store, id, lang).await?);
                continue;
            }
            None => no_such(id, lang),
            Some(false) => {
                let why = state(letter(&store, id, lang).await?.state, lang);
                Failure::new(Exit::Data, lang.pick(format!("lettera {id}"), format!("letter {id}"))).because(
                    if resend {
                        lang.pick(format!("è {why}: non si rimanda"), format!("it is {why}: not sent again"))
                    } else {
                        lang.pick(format!("è {why}: non si scarta"), format!("it is {why}: not discarded"))
                    },
                )
            }
        };
        match &mut failure {
            Some(failure) => failure.lines.extend(refused.lines),
            None => failure = Some(refused),
        }
    }
    store.close().await;
    if !letters.is_empty() {
        context.print(&told(&letters, decide.printed.format, lang)?)?;
    }
    failure.map_or(Ok(Exit::Found), Err)
}
