//! `riscontro evidence list`.

use super::{List, a_run, a_visit, nothing};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    report::{self, mask, table::Table},
    store::{RecordRow, Records, Store, VisitId},
};

pub(super) async fn run(list: &List, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let visits = if let Some(visit) = a_visit(list.visit.as_deref(), lang)? {
        vec![visit]
    } else {
        let run = a_run(list.run.as_deref(), store, lang).await?;
        store.visits_with_evidence(run, list.comune.as_deref()).await.map_err(of_store)?
    };
    let mut any = false;
    for visit in visits {
        let mut rows = store.evidence_records(&Records::OfVisit(visit)).await.map_err(of_store)?;
        for row in &mut rows {
            row.url = row.url.as_deref().map(mask::address);
        }
        if rows.is_empty() {
            continue;
        }
        let text = match list.printed.format {
            Format::Text => text(visit, &rows, any, context),
            Format::Json => rows
                .iter()
                .map(report::json::line)
                .collect::<Result<String, _>>()
                .map_err(|error| Failure::unwritable("json", &error, lang))?,
        };
        context.print(&text)?;
        any = true;
    }
    if any || list.visit.is_none() { Ok(Exit::Found) } else { Err(nothing("--visit", lang)) }
}

/// The answers of a visit; requests and what is said of the visit are in the JSON.
fn text(visit: VisitId, rows: &[RecordRow], later: bool, context: &Context) -> String {
    let lang = context.lang();
    let bytes: u64 = rows.iter().map(|row| row.bytes).sum();
    let site = rows.iter().find(|row| row.kind == "metadata").and_then(|row| row.url.as_deref()).unwrap_or_default();
    let mut table = Table::new(lang.pick(
        ["pagina", "tipo", "indirizzo", "byte", "sha256 di ciò che è stato letto"],
        ["page", "type", "address", "bytes", "sha256 of what was read"],
    ));
    for row in rows.iter().filter(|row| row.body.is_some() || row.kind == "resource") {
        table.row([
            row.page.map(|page| format!("{visit}/{page}")).unwrap_or_default(),
            row.kind.clone(),
            row.url.clone().unwrap_or_default(),
            row.bytes.to_string(),
            row.body.clone().unwrap_or_default(),
        ]);
    }
    let head = lang.pick(
        format!("visita {visit}  {}  {bytes} byte in {} registrazioni", report::clean(site), rows.len()),
        format!("visit {visit}  {}  {bytes} bytes in {} records", report::clean(site), rows.len()),
    );
    format!("{}{head}\n{}", if later { "\n" } else { "" }, table.render())
}
