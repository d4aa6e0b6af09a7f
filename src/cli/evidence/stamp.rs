//! `riscontro evidence stamp`, and the stamp that a run asks for when it is over.

use std::time::Duration;

use serde::Serialize;

use super::{Stamp, a_run};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    net::Limits,
    report::{clean, json},
    run::{Stamping, stamp_roots},
    store::{RunId, StampRow, Store},
};

/// An authority answers at once or is asked another day.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    stamp: &'a StampRow,
}

pub(super) async fn run(arguments: &Stamp, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let run = a_run(arguments.run.as_deref(), store, lang).await?;
    let mut exit = Exit::Found;
    let given = if arguments.list {
        let of_store = |error| workshop::of_store(&error, lang);
        let mut given = Vec::new();
        for chain in store.chains(run).await.map_err(of_store)? {
            given.extend(store.stamps(chain.id).await.map_err(of_store)?);
        }
        given
    } else {
        let Some(done) = ask(store, run, context).await? else {
            let why = lang.pick("nessuna autorità nelle impostazioni", "no authority in the settings");
            let hint = lang
                .pick("`stamp_authority`, un indirizzo http o https", "`stamp_authority`, an http or https address");
            return Err(Failure::new(Exit::Config, lang.pick("marche temporali", "time stamps"))
                .because(why)
                .hint(hint));
        };
        if done.failed.is_some() {
            complain(&done, context);
            exit = Exit::Unavailable;
        }
        done.given
    };
    for stamp in &given {
        let text = match arguments.printed.format {
            Format::Text => text(stamp, context),
            Format::Json => json::line(&Line { schema: "riscontro.stamp/1", stamp })
                .map_err(|error| Failure::unwritable("json", &error, lang))?,
        };
        context.print(&text)?;
    }
    Ok(exit)
}

/// Asks the authority of the settings, when there is one.
async fn ask(store: &Store, run: Option<RunId>, context: &Context) -> Result<Option<Stamping>, Failure> {
    let Some(authority) = &context.settings.stamp_authority else { return Ok(None) };
    let client = workshop::client_with(context, Limits { whole: PATIENCE, ..Limits::default() })?;
    let done = stamp_roots(store, &client, authority, run).await;
    done.map(Some).map_err(|error| workshop::of_store(&error, context.lang()))
}

/// What follows a run: the roots that have no stamp are stamped, where there is an authority. Whatever comes of it, the run
/// is over and well. Gives the stamp of that run.
pub(in crate::cli) async fn after_a_run(
    store: &Store,
    run: RunId,
    context: &Context,
) -> Result<Option<StampRow>, Failure> {
    let Some(done) = ask(store, None, context).await? else { return Ok(None) };
    if done.failed.is_some() {
        complain(&done, context);
    }
    let of_store = |error| workshop::of_store(&error, context.lang());
    let Some(chain) = store.chains(Some(run)).await.map_err(of_store)?.pop() else { return Ok(None) };
    let stamps = store.stamps(chain.id).await.map_err(of_store)?;
    Ok(stamps.into_iter().rfind(|stamp| stamp.root == chain.root))
}

fn complain(done: &Stamping, context: &Context) {
    let why = clean(done.failed.as_deref().unwrap_or_default()).into_owned();
    let left = done.unstamped;
    crate::cli::terminal::complain(&context.lang().pick(
        format!("riscontro: marche temporali: l'autorità non ha risposto ({why}); radici senza marca: {left}\n"),
        format!("riscontro: time stamps: the authority gave none ({why}); roots without a stamp: {left}\n"),
    ));
}

/// One stamp for people.
fn text(stamp: &StampRow, context: &Context) -> String {
    let StampRow { chain, records, root, stamped, serial, .. } = stamp;
    let authority = clean(&stamp.authority);
    context.lang().pick(
        format!("catena {chain}, {records} registrazioni, radice {root}\n  marcata {stamped} da {authority}, numero {serial}\n"),
        format!("chain {chain}, {records} records, root {root}\n  stamped {stamped} by {authority}, number {serial}\n"),
    )
}
