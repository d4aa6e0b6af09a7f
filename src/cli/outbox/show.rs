//! `riscontro outbox show`.

use std::io::Write as _;

use serde::Serialize;

use super::{Show, letter, no_such, standing};
use crate::{
    cli::{Context, Exit, Failure, Format, output::Output, workshop},
    config::Lang,
    report::{clean, json},
    store::{Dispatch, DispatchEvent, DispatchId},
};

#[derive(Debug, Serialize)]
struct Told<'a> {
    schema: &'static str,
    #[serde(flatten)]
    letter: &'a Dispatch,
    events: &'a [DispatchEvent],
}

pub(super) async fn run(show: &Show, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let id = DispatchId(show.letter);
    let store = workshop::store_for_reading(context).await?;
    if show.raw {
        if letter(&store, id, lang).await?.gone {
            let why = lang.pick("i suoi byte sono stati tolti da `prune`", "its bytes were removed by `prune`");
            return Err(Failure::new(Exit::NoInput, lang.pick("lettera", "letter")).at(id.to_string()).because(why));
        }
        let bytes = store.dispatch_bytes(id).await.map_err(of_store)?.ok_or_else(|| no_such(id, lang))?;
        let mut out = Output::open(None, context)?;
        out.write_all(&bytes).map_err(|error| out.failed(&error))?;
        out.finish()?;
        return Ok(Exit::Found);
    }
    let letter = letter(&store, id, lang).await?;
    let events = store.dispatch_events(id).await.map_err(of_store)?;
    let text = match show.printed.format {
        Format::Json => json::line(&Told { schema: "riscontro.letter/1", letter: &letter, events: &events })
            .map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => text(&letter, &events, lang),
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

fn text(letter: &Dispatch, events: &[DispatchEvent], lang: Lang) -> String {
    let mut out = String::new();
    let mut line = |it: &str, en: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push_str(&format!("{:<16} {}\n", lang.pick(it, en), clean(&value)));
        }
    };
    let time = |time: Option<jiff::Timestamp>| time.map(|time| format!("{time:.0}"));
    line("Lettera", "Letter", Some(letter.id.to_string()));
    line("A", "To", Some(letter.recipient.clone()));
    line("Oggetto", "Subject", Some(letter.subject.clone()));
    line("Stato", "State", Some(standing(letter, lang)));
    line("Risposta", "Answer", letter.answer.clone());
    line("Chiave", "Key", Some(letter.key.clone()));
    line("Message-ID", "Message-ID", Some(letter.message_id.clone()));
    line("SHA-256", "SHA-256", Some(letter.sha256.clone()));
    line("Byte", "Bytes", Some(letter.size.to_string()));
    line("Tentativi", "Tries", Some(letter.attempts.to_string()));
    line("Accodata", "Queued", time(Some(letter.queued)));
    line("Prossimo", "Next try", time(letter.next_try));
    line("Inviata", "Sent", time(letter.sent));
    line("Accettata", "Accepted", time(letter.accepted));
    line("Consegnata", "Delivered", time(letter.delivered));
    line("Non consegnata", "Not delivered", time(letter.undelivered));
    if !events.is_empty() {
        out.push('\n');
    }
    for event in events {
        let detail = event.detail.as_deref().map(clean).unwrap_or_default();
        out.push_str(format!("{:.0}  {:<18} {detail}", event.at, what(&event.what, lang)).trim_end());
        out.push('\n');
    }
    out
}

/// What happened, in words; an unknown code as it is.
pub(super) fn what(code: &str, lang: Lang) -> &str {
    match code {
        "sent" => lang.pick("inviata", "sent"),
        "deferred" => lang.pick("rimandata", "deferred"),
        "put-off" => lang.pick("server assente", "server away"),
        "failed" => lang.pick("fallita", "failed"),
        "unsure" => lang.pick("incerta", "unsure"),
        "cut" => lang.pick("interrotta", "cut short"),
        "cut-at-end" => lang.pick("interrotta alla fine", "cut at the end"),
        "run-discarded" => lang.pick("visita scartata", "run discarded"),
        "resent-by-setting" => lang.pick("rimandata da sé", "sent again by setting"),
        "resent" => lang.pick("da rimandare", "to be sent again"),
        "discarded" => lang.pick("scartata", "discarded"),
        "let-go" => lang.pick("byte tolti", "bytes removed"),
        "damaged" => lang.pick("byte alterati", "bytes changed"),
        "redirected" => lang.pick("copia inviata", "copy sent"),
        "accepted" => lang.pick("accettata", "accepted"),
        "not-accepted" => lang.pick("non accettata", "not accepted"),
        "delivered" => lang.pick("consegnata", "delivered"),
        "not-delivered" => lang.pick("non consegnata", "not delivered"),
        "not-delivered-yet" => lang.pick("non ancora consegnata", "not delivered yet"),
        "anomaly" => lang.pick("anomalia", "anomaly"),
        "virus" => lang.pick("virus", "virus"),
        other => other,
    }
}
