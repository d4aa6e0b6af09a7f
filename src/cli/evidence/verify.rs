//! `riscontro evidence verify`.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use serde::Serialize;

use super::{Verify, a_run};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    evidence::{Expected, Kind, Member, Note, Verifier, stamp_of},
    model::Visit,
    report::{self, clean},
    store::{ChainInfo, Records, StampRow, Store, VisitId},
};

/// What came of one chain.
#[derive(Debug, Serialize)]
struct Checked {
    schema: &'static str,
    #[serde(flatten)]
    chain: ChainInfo,
    sound: bool,
    /// The first place that is wrong: file and byte, and what.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<WrongPlace>,
    /// Bytes behind what was committed, as a crash leaves them.
    tails: u64,
    /// Records whose bytes were let go (`prune`); their digests are part of the chain still.
    gone: usize,
    /// The stamps of its roots, each of which is held against its record.
    stamps: Vec<StampRow>,
}

#[derive(Debug, Serialize)]
struct WrongPlace {
    file: String,
    offset: u64,
    record: usize,
    what: String,
}

pub(super) async fn run(verify: &Verify, store: &Store, folder: &Path, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let run = a_run(verify.run.as_deref(), store, lang).await?;
    let chains = store.chains(run).await.map_err(|error| workshop::of_store(&error, lang))?;
    let mut sound = true;
    for chain in chains {
        let checked = check(chain, store, folder, context).await?;
        sound &= checked.sound;
        let text = match verify.printed.format {
            Format::Json => report::json::line(&checked).map_err(|error| Failure::unwritable("json", &error, lang))?,
            Format::Text => text(&checked, context),
        };
        context.print(&text)?;
    }
    Ok(if sound { Exit::Found } else { Exit::Data })
}

async fn check(chain: ChainInfo, store: &Store, folder: &Path, context: &Context) -> Result<Checked, Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let (expected, visits) = store.expected_evidence(chain.id).await.map_err(of_store)?;
    let stamps = store.stamps(chain.id).await.map_err(of_store)?;
    let misplaced = stamps.iter().find_map(|stamp| misplaced(stamp, &expected));
    let mut verifier = Verifier::new(folder, expected);
    let mut read: HashSet<String> = HashSet::new();
    let mut behind = Behind::default();
    let wrong = loop {
        match verifier.read() {
            Ok(None) => break None,
            Err(wrong) => {
                let place = wrong.place;
                break Some(WrongPlace {
                    file: place.file,
                    offset: place.offset,
                    record: place.record,
                    what: wrong.fault.to_string(),
                });
            }
            Ok(Some((place, member))) => {
                read.extend(member.record.digest(crate::evidence::BODY).map(str::to_owned));
                let visit = visits.get(place).copied().flatten();
                if let Some(what) = said(&member, visit, &mut read, &mut behind, store, context).await? {
                    let file = member.record.field("WARC-Filename").unwrap_or_default().to_owned();
                    break Some(WrongPlace { file, offset: member.offset, record: place, what });
                }
            }
        }
    };
    let wrong = wrong.or(misplaced);
    Ok(Checked {
        schema: "riscontro.evidence-check/1",
        chain,
        sound: wrong.is_none(),
        wrong,
        tails: verifier.tails(),
        gone: verifier.gone(),
        stamps,
    })
}

/// What is wrong with a stamp: it must be of the root that the chain had after so many records.
fn misplaced(stamp: &StampRow, expected: &Expected) -> Option<WrongPlace> {
    let record = usize::try_from(stamp.records).unwrap_or(usize::MAX).saturating_sub(1);
    let of = expected.records.get(record);
    let what = match stamp_of(&stamp.answer, &stamp.root) {
        Err(error) => format!("the time stamp: {error}"),
        Ok(read) if (read.time, &read.serial, &read.policy) != (stamp.stamped, &stamp.serial, &stamp.policy) => {
            "the time stamp says something else than the database".to_owned()
        }
        Ok(_) if of.is_none_or(|record| record.link != stamp.root) => {
            "the time stamp is of a root that the chain did not have".to_owned()
        }
        Ok(_) => return None,
    };
    let file = of.and_then(|record| expected.files.get(record.file)).map(|file| file.name.clone());
    Some(WrongPlace { file: file.unwrap_or_default(), offset: of.map_or(0, |record| record.offset), record, what })
}

/// Records that revisits refer to, by payload: looked up once.
type Behind = HashMap<String, HashSet<String>>;

/// What a record says of other things, held against them: what a revisit refers to is there; the visit that is stored is
/// the one that was recorded, and what its signals were read in is among its bytes. An answer is what is wrong.
async fn said(
    member: &Member,
    visit: Option<VisitId>,
    read: &mut HashSet<String>,
    behind: &mut Behind,
    store: &Store,
    context: &Context,
) -> Result<Option<String>, Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let record = &member.record;
    if record.kind == Kind::Revisit {
        let payload = record.digest("WARC-Payload-Digest").unwrap_or_default().to_owned();
        if !behind.contains_key(&payload) {
            let rows = store.evidence_records(&Records::WithDigest(payload.clone())).await.map_err(of_store)?;
            let held = rows.into_iter().filter(|row| row.kind == "response" && row.payload.as_ref() == Some(&payload));
            behind.insert(payload.clone(), held.map(|row| format!("<{}>", row.id)).collect());
        }
        let refers = record.field("WARC-Refers-To").unwrap_or_default();
        if !behind.get(&payload).is_some_and(|ids| ids.contains(refers)) {
            return Ok(Some("the record that it refers to is not there".to_owned()));
        }
    }
    if record.kind != Kind::Metadata {
        return Ok(None);
    }
    let read = std::mem::take(read);
    let Ok(note) = serde_json::from_slice::<Note>(&record.block) else {
        return Ok(Some("what it says of the visit cannot be read".to_owned()));
    };
    if !note.pages.iter().any(|page| page.without_bodies) {
        let signals = note.visit.findings.iter().flat_map(|finding| &finding.signals);
        let without =
            signals.filter(|signal| !read.contains(&signal.sha256)).map(|signal| signal.sha256.as_str()).next();
        if let Some(digest) = without {
            return Ok(Some(format!("a signal was read in {digest}, which is not among the bytes of its visit")));
        }
    }
    let Some(id) = visit else { return Ok(None) };
    let stored = store.visit(id).await.map_err(of_store)?;
    // What is known of the comune may have grown since, and details may have been let go.
    let stored = Visit { comune: note.visit.comune.clone(), ..stored };
    let noted = if store.is_pared(id).await.map_err(of_store)? { pared(note.visit) } else { note.visit };
    Ok((stored != noted).then(|| format!("visit {id} is stored otherwise in the database")))
}

/// A visit without its details.
fn pared(mut visit: Visit) -> Visit {
    visit.pages.clear();
    visit.path.clear();
    visit.left_unread.clear();
    for finding in &mut visit.findings {
        finding.signals.clear();
    }
    visit
}

fn text(checked: &Checked, context: &Context) -> String {
    let lang = context.lang();
    let chain = &checked.chain;
    let name = match chain.run {
        Some(run) => lang.pick(format!("visita d'insieme {run}"), format!("run {run}")),
        None => lang.pick(format!("catena {}", chain.id), format!("chain {}", chain.id)),
    };
    let mut out = match &checked.wrong {
        None => lang.pick(
            format!("{name}: integra, {} registrazioni, {} byte, radice {}\n", chain.records, chain.bytes, chain.root),
            format!("{name}: sound, {} records, {} bytes, root {}\n", chain.records, chain.bytes, chain.root),
        ),
        Some(wrong) => {
            let (file, what) = (clean(&wrong.file).into_owned(), clean(&wrong.what).into_owned());
            lang.pick(
                format!("{name}: ALTERATA: {file}, byte {}, registrazione {}: {what}\n", wrong.offset, wrong.record),
                format!("{name}: ALTERED: {file}, byte {}, record {}: {what}\n", wrong.offset, wrong.record),
            )
        }
    };
    for StampRow { records, stamped, authority, serial, .. } in &checked.stamps {
        let authority = clean(authority);
        out.push_str(&lang.pick(
            format!("  radice dopo {records} registrazioni marcata {stamped} da {authority}, numero {serial}\n"),
            format!("  root after {records} records stamped {stamped} by {authority}, number {serial}\n"),
        ));
    }
    if checked.gone > 0 {
        out.push_str(&lang.pick(
            format!("  di {} registrazioni restano le sole impronte (conservazione)\n", checked.gone),
            format!("  of {} records the digests alone are left (retention)\n", checked.gone),
        ));
    }
    if checked.tails > 0 {
        out.push_str(&lang.pick(
            format!("  {} byte in coda non appartengono a nessuna visita (interruzione)\n", checked.tails),
            format!("  {} bytes at the end belong to no visit (a crash)\n", checked.tails),
        ));
    }
    out
}
