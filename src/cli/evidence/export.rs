//! `riscontro evidence export`: the case file of one comune.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::Serialize;

use super::{Export, bundle::Bundle, load, nothing};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    evidence::{Extract, Note, Record},
    history::day,
    model::{Platform, Target, Visit},
    report::{
        self,
        casefile::{self, CHECK_SCRIPT, CaseFile, CaseVisit, FileEntry, Manifest, Picture},
        mask,
    },
    run::normalise_site,
    store::{ChainId, ChainInfo, HistoryOf, Looked, Period, RecordRow, Records, RunId, Store, Trust, VisitId},
};

/// Path of the records in a case file.
const ARCHIVE: &str = "archive/riscontro.warc.gz";

/// A visit as it is stored, and what it is in the case file for.
struct Chosen {
    id: VisitId,
    visit: Visit,
    latest: bool,
    confirmed: Vec<Platform>,
}

/// The records of a visit, read.
struct Gathered {
    rows: Vec<RecordRow>,
    agent: String,
    kept: Vec<usize>,
    pictures: Vec<Picture>,
}

/// A record on its way into the file, by chain and place.
type Bag = BTreeMap<(ChainId, u64), (Vec<u8>, Record, Timestamp)>;

/// What was written.
#[derive(Debug, Serialize)]
struct Told {
    schema: &'static str,
    path: PathBuf,
    bytes: u64,
    files: usize,
    records: usize,
    visits: Vec<VisitId>,
    masked: bool,
}

/// Writes the case file. `extra` are further files of ours that go into it, by name.
pub(in crate::cli) async fn run(
    export: &Export,
    extra: Vec<(String, String)>,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<Exit, Failure> {
    let lang = context.lang();
    let as_of = export.as_of.as_deref().map(|text| crate::cli::cases::day("--as-of", text, lang)).transpose()?;
    if let Some(target) = &export.out {
        Bundle::may_write(target, export.force, context)?;
    }
    let (chosen, histories) = choose(export, as_of, store, context).await?;
    let Some(first) = chosen.first() else { return Err(nothing(export.subject.clone(), lang)) };
    let title = title(&first.visit);
    let target = export.out.clone().unwrap_or_else(|| {
        let name = lang.pick("fascicolo", "casefile");
        PathBuf::from(format!("{name}-{}-{}.zip", slug(&title), day(first.visit.started)))
    });
    Bundle::may_write(&target, export.force, context)?;
    let at = chosen.iter().map(|chosen| chosen.visit.finished).max().unwrap_or(first.visit.finished);

    let mut bag = Bag::new();
    let mut gathered = Vec::with_capacity(chosen.len());
    for one in &chosen {
        gathered.push(gather(one.id, &mut bag, store, folder, context).await?);
    }
    let visits = described(&chosen, &gathered, export, store, context).await?;
    let file =
        CaseFile { visits: &visits, histories: &histories, as_of, masked: !export.raw, pages: !export.without_pages };
    let own: Vec<Vec<String>> =
        gathered.iter().map(|one| one.rows.iter().map(|row| row.id.clone()).collect()).collect();
    let mut bundle = Bundle::default();
    let mut taken = Vec::new();
    if !export.without_pages {
        let unmade = |error: std::io::Error| Failure::unwritable(ARCHIVE, &error, lang);
        let name = ARCHIVE.rsplit('/').next().unwrap_or(ARCHIVE);
        let mut extract = Extract::new(name, at, &title).map_err(unmade)?;
        for (bytes, record, date) in bag.values() {
            extract.add(bytes, record, *date);
        }
        let (warc, records, index) = extract.finish();
        taken = records;
        bundle.add(ARCHIVE, warc);
        bundle.add("indexes/index.cdx", index);
        let listed = chosen.iter().zip(&gathered).map(|(one, gathered)| (one.id, &one.visit, &gathered.kept[..]));
        bundle.add("pages/pages.jsonl", casefile::page_list(listed));
        for picture in visits.iter().flat_map(|visit| &visit.pictures) {
            bundle.add(&picture.file, picture.bytes.clone());
        }
    }
    let stamps: BTreeMap<String, &[u8]> = visits
        .iter()
        .flat_map(|visit| &visit.stamps)
        .map(|stamp| (casefile::stamp_file(stamp), stamp.answer.as_slice()))
        .collect();
    for (name, answer) in stamps {
        bundle.add(&name, answer);
    }
    for (name, content) in extra {
        bundle.add(&name, content);
    }
    bundle.add("index.html", casefile::page(&file, &bundle.entries(), context.words()));
    let (name, text) = casefile::check_text(&file, lang);
    bundle.add(name, text);
    bundle.add("verify.py", CHECK_SCRIPT);
    if !export.without_pages {
        let package = casefile::data_package(&title, first.visit.url.as_str(), at, &bundle.entries());
        bundle.add("datapackage-digest.json", casefile::digest_of(&package));
        bundle.add("datapackage.json", package);
    }
    let files: Vec<FileEntry> = bundle.entries();
    let archive = (!export.without_pages).then_some(ARCHIVE);
    let manifest = Manifest::new(&file, &title, archive, &own, &files, &taken).json();
    bundle.add("manifest.json", manifest);
    let bytes = bundle.write(&target, at, context)?;
    tell(
        export,
        context,
        Told {
            schema: "riscontro.casefile-written/1",
            path: target,
            bytes,
            files: files.len() + 1,
            records: taken.len(),
            visits: chosen.iter().map(|one| one.id).collect(),
            masked: !export.raw,
        },
    )
}

fn tell(export: &Export, context: &Context, told: Told) -> Result<Exit, Failure> {
    let lang = context.lang();
    let text = match export.printed.format {
        Format::Json => report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => {
            let Told { path, bytes, files, records, visits, .. } = told;
            let (path, visits) = (path.display(), visits.len());
            lang.pick(
                format!("{path}: {files} file, {bytes} byte; visite {visits}, registrazioni {records}\n"),
                format!("{path}: {files} files, {bytes} bytes; visits {visits}, records {records}\n"),
            )
        }
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

fn title(visit: &Visit) -> String {
    let host = visit.url.host_str().unwrap_or(visit.url.as_str());
    report::clean::short(visit.comune.name.as_deref().unwrap_or(host), 120)
}

/// Letters and digits of a name, for the name of a file.
fn slug(name: &str) -> String {
    let folded: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = folded.split('-').filter(|part| !part.is_empty()).collect();
    let slug: String = parts.join("-").chars().take(60).collect();
    if slug.is_empty() { "comune".to_owned() } else { slug }
}

/// The visits that a case file is about, the latest first, and what held over time.
async fn choose(
    export: &Export,
    as_of: Option<jiff::civil::Date>,
    store: &Store,
    context: &Context,
) -> Result<(Vec<Chosen>, Vec<HistoryOf>), Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let mut ids = visits_of(&export.subject, store, context).await?;
    let asked = export.subject.parse().ok().map(VisitId).filter(|_| ids.is_empty());
    if let Some(id) = asked {
        ids.push(id);
    }
    let held = held_runs(store, context).await?;
    let by_chain = chains(store, context).await?;
    let mut seen: Vec<(VisitId, Visit)> = Vec::new();
    let mut wanted: Option<BTreeSet<Timestamp>> = None;
    let mut histories = Vec::new();
    for id in ids.into_iter().rev() {
        let rows = store.evidence_records(&Records::OfVisit(id)).await.map_err(of_store)?;
        let Some(row) = rows.first() else { continue };
        let run = by_chain.get(&row.chain).and_then(|chain| chain.run);
        if asked.is_none() && run.is_some_and(|run| held.get(&run).is_some_and(|trust| !trust.counts())) {
            continue;
        }
        let visit = store.visit(id).await.map_err(of_store)?;
        if as_of.is_some_and(|as_of| day(visit.started) > as_of) {
            continue;
        }
        if seen.is_empty() {
            histories = histories_of(&visit, as_of, store, context).await?;
            let standing = histories.iter().filter_map(|told| told.history.standing());
            wanted = asked.is_none().then(|| standing.map(|one| one.last_confirmed).collect());
        }
        let begun = visit.started;
        if seen.is_empty() || wanted.as_mut().is_some_and(|wanted| wanted.remove(&begun)) {
            wanted.as_mut().map(|wanted| wanted.remove(&begun));
            seen.push((id, visit));
        }
        // Visits are gone over from the last one back.
        if wanted.as_ref().is_none_or(|wanted| wanted.first().is_none_or(|earliest| begun < *earliest)) {
            break;
        }
    }
    seen.sort_by_key(|(id, visit)| std::cmp::Reverse((visit.started, *id)));
    let chosen = seen.into_iter().enumerate().map(|(place, (id, visit))| {
        let standing =
            |told: &&HistoryOf| told.history.standing().is_some_and(|one| one.last_confirmed == visit.started);
        let confirmed = histories.iter().filter(standing).map(|told| told.platform).collect();
        Chosen { id, latest: place == 0 && asked.is_none(), confirmed, visit }
    });
    Ok((chosen.collect(), histories))
}

/// The visits with evidence of a comune: by what the visits know of it, else by what the registers do.
async fn visits_of(subject: &str, store: &Store, context: &Context) -> Result<Vec<VisitId>, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let named = store.targets_named(subject).await.map_err(of_store)?;
    let key = |target: &Target| {
        let comune = &target.comune;
        comune.catastale().or_else(|| comune.codice_ipa.clone()).unwrap_or_else(|| target.url.to_string())
    };
    let comuni: BTreeSet<String> = named.iter().map(key).collect();
    if comuni.len() > 1 {
        let why = lang.pick("più comuni hanno questo nome o codice", "several comuni have this name or code");
        let codes = comuni.into_iter().collect::<Vec<_>>().join(", ");
        let failure = Failure::new(Exit::NoInput, lang.pick("comune", "comune")).at(subject.to_owned()).because(why);
        let hint = lang.pick("indicate il codice o l'indirizzo", "give the code or the address");
        return Err(failure.hint(format!("{hint}: {codes}")));
    }
    let mut spellings = vec![subject.to_owned()];
    spellings.extend(normalise_site(subject).ok().map(|(url, _)| url.to_string()));
    if let Looked::One(file) = store.comune_file(subject).await.map_err(of_store)? {
        spellings.push(file.catastale.clone());
        spellings.extend(file.codici_ipa.iter().cloned().chain(file.url.clone()));
    }
    for spelling in spellings {
        let ids = store.visits_with_evidence(None, Some(&spelling)).await.map_err(of_store)?;
        if !ids.is_empty() {
            return Ok(ids);
        }
    }
    Ok(Vec::new())
}

async fn held_runs(store: &Store, context: &Context) -> Result<BTreeMap<RunId, Trust>, Failure> {
    let runs = store.runs().await.map_err(|error| workshop::of_store(&error, context.lang()))?;
    Ok(runs.into_iter().map(|line| (line.run, line.trust)).collect())
}

async fn chains(store: &Store, context: &Context) -> Result<BTreeMap<ChainId, ChainInfo>, Failure> {
    let chains = store.chains(None).await.map_err(|error| workshop::of_store(&error, context.lang()))?;
    Ok(chains.into_iter().map(|chain| (chain.id, chain)).collect())
}

/// What held of whom a visit is about.
async fn histories_of(
    visit: &Visit,
    as_of: Option<jiff::civil::Date>,
    store: &Store,
    context: &Context,
) -> Result<Vec<HistoryOf>, Failure> {
    let catastale = visit.comune.catastale();
    let url = visit.url.as_str();
    let mut histories = Vec::new();
    let each = |told: HistoryOf| {
        if catastale.is_some() || told.whose.url.as_deref() == Some(url) {
            histories.push(told);
        }
        ControlFlow::Continue(())
    };
    let as_of = as_of.unwrap_or_else(workshop::today);
    let read = store.for_each_history(catastale.as_deref(), Period::on(as_of), each).await;
    read.map_err(|error| workshop::of_store(&error, context.lang()))?;
    Ok(histories)
}

/// Reads the records of a visit, and those whose payloads they refer to, into the bag.
async fn gather(
    id: VisitId,
    bag: &mut Bag,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<Gathered, Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let rows = store.evidence_records(&Records::OfVisit(id)).await.map_err(of_store)?;
    let mut gathered = Gathered { rows: Vec::new(), agent: String::new(), kept: Vec::new(), pictures: Vec::new() };
    let mut without: BTreeSet<usize> = BTreeSet::new();
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    for row in &rows {
        let (bytes, record) = load::raw(row, folder, context)?;
        match row.kind.as_str() {
            "request" if gathered.agent.is_empty() => gathered.agent = agent(&record),
            "response" | "revisit" => kept.extend(row.page),
            "resource" => {
                let page = row.page.unwrap_or_default();
                let file = format!("pictures/{id}-{page}.png");
                gathered.pictures.push(Picture { page, file, bytes: record.block.clone() });
            }
            "metadata" => {
                let note = serde_json::from_slice::<Note>(&record.block).ok();
                let pages = note.into_iter().flat_map(|note| note.pages);
                without.extend(pages.filter(|page| page.without_bodies).map(|page| page.around.page));
            }
            _ => {}
        }
        if let Some(behind) = behind(row, store, context).await? {
            let (bytes, record) = load::raw(&behind, folder, context)?;
            bag.insert((behind.chain, behind.position), (bytes, record, behind.dated));
        }
        bag.insert((row.chain, row.position), (bytes, record, row.dated));
    }
    gathered.kept = kept.difference(&without).copied().collect();
    gathered.rows = rows;
    Ok(gathered)
}

/// The record that holds the payload of a revisit.
async fn behind(row: &RecordRow, store: &Store, context: &Context) -> Result<Option<RecordRow>, Failure> {
    if row.refers_to.is_none() {
        return Ok(None);
    }
    let lang = context.lang();
    let behind = store.evidence_behind(row).await.map_err(|error| workshop::of_store(&error, lang))?;
    let gone = || {
        let why = "the record that it refers to is not there";
        Failure::new(Exit::Data, lang.pick("prove", "evidence")).at(row.id.clone()).because(why)
    };
    behind.map(Some).ok_or_else(gone)
}

/// The name told to the server, out of the head of a request.
fn agent(record: &Record) -> String {
    let head = String::from_utf8_lossy(&record.block);
    head.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap_or_default().trim().to_owned()
}

/// The visits as the case file tells them.
async fn described(
    chosen: &[Chosen],
    gathered: &[Gathered],
    export: &Export,
    store: &Store,
    context: &Context,
) -> Result<Vec<CaseVisit>, Failure> {
    let (by_chain, held) = (chains(store, context).await?, held_runs(store, context).await?);
    let mut visits = Vec::with_capacity(chosen.len());
    for (one, gathered) in chosen.iter().zip(gathered) {
        let Some((first, last)) = gathered.rows.first().zip(gathered.rows.last()) else { continue };
        let chain = by_chain.get(&first.chain);
        let mut stamps = store.stamps(first.chain).await.map_err(|error| workshop::of_store(&error, context.lang()))?;
        stamps.retain(|stamp| stamp.records > last.position);
        let run = chain.and_then(|chain| chain.run);
        let shown = if export.raw { one.visit.clone() } else { mask::visit(&one.visit) };
        visits.push(CaseVisit {
            id: one.id,
            visit: shown,
            run,
            trust: run.and_then(|run| held.get(&run).copied()),
            chain: first.chain,
            root: chain.map(|chain| chain.root.clone()).unwrap_or_default(),
            stamps,
            records: (first.position, last.position),
            agent: gathered.agent.clone(),
            latest: one.latest,
            confirmed: one.confirmed.clone(),
            kept: gathered.kept.clone(),
            pictures: if export.without_pages { Vec::new() } else { gathered.pictures.clone() },
        });
    }
    Ok(visits)
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn names_of_files_are_plain() {
        assert_eq!(slug("Comune di Sant'Àgata/../x"), "comune-di-sant-gata-x");
        assert_eq!(slug("…"), "comune");
    }
}
