//! `riscontro rejudge`: what other rules say of the bytes that are kept, and who is told otherwise by them.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Context, Exit, Failure,
    evidence::{
        load,
        replay::{Difference, changed, difference, signals},
    },
    output::{Destination, Output},
    run::of_run,
    workshop,
};
use crate::{
    crawl,
    model::{Comune, Finding, Signal},
    report::{Cell, clean, csv, json},
    rules::Catalogue,
    run::RunLock,
    store::{CatalogueInfo, Judged, Judgement, RunId, Store, VisitId, catalogue_name},
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.rejudge/1";

/// Judge stored evidence again with other rules: who is told otherwise, and why
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder of the rules (default: those of every command)
    #[arg(long, visible_alias = "rules", value_name = "FOLDER", conflicts_with = "selectors")]
    catalogue: Option<PathBuf>,
    /// Only this run
    #[arg(long, value_name = "ID")]
    run: Option<i64>,
    /// Only this comune: name, code or address
    #[arg(long, value_name = "NAME|CODE|URL", conflicts_with = "run")]
    comune: Option<String>,
    /// Store nothing
    #[arg(long)]
    dry_run: bool,
    /// Form of the list
    #[arg(
        long,
        value_name = "table|csv|json",
        default_value = "table",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Form,
    #[command(flatten)]
    to: Destination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Csv,
    Json,
}

/// One platform of one visit that other rules tell otherwise.
#[derive(Debug, Serialize)]
struct Flip {
    schema: &'static str,
    codice_ipa: Option<String>,
    name: Option<String>,
    url: String,
    visit: VisitId,
    visited: Timestamp,
    /// The rules of the visit, and those that judged it again.
    catalogue: [String; 2],
    #[serde(flatten)]
    what: Difference,
}

/// Names of the columns.
const COLUMNS: [&str; 15] = [
    "codice_ipa",
    "name",
    "url",
    "visit",
    "visited",
    "platform",
    "was",
    "was_reason",
    "is",
    "is_reason",
    "catalogue_was",
    "catalogue_is",
    "rules_lost",
    "rules_new",
    "pages",
];

impl Flip {
    fn write(&self, out: &mut csv::Writer<Output>) -> io::Result<()> {
        let rules = |signals: &[Signal]| {
            let mut rules: Vec<&str> = signals.iter().map(|signal| signal.rule.as_str()).collect();
            rules.dedup();
            rules.join(" ")
        };
        let Difference { was, is, lost, new, platform } = &self.what;
        let mut pages: Vec<String> = lost.iter().chain(new).map(|signal| signal.url.to_string()).collect();
        pages.sort();
        pages.dedup();
        let [catalogue_was, catalogue_is] = &self.catalogue;
        let cells: [Cell<'_>; COLUMNS.len()] = [
            self.codice_ipa.as_ref().into(),
            self.name.as_ref().into(),
            Some(&self.url).into(),
            Some(self.visit.to_string()).into(),
            Some(self.visited.to_string()).into(),
            platform.code().into(),
            was.outcome.code().into(),
            was.reason.code().into(),
            is.outcome.code().into(),
            is.reason.code().into(),
            Some(catalogue_was).into(),
            Some(catalogue_is).into(),
            Some(rules(lost)).into(),
            Some(rules(new)).into(),
            Some(pages.join(" ")).into(),
        ];
        out.row(&cells)
    }

    fn text(&self, context: &Context) -> String {
        let [was, is] = &self.catalogue;
        let name = self.name.as_deref().unwrap_or(&self.url);
        let visit = context.lang().pick("visita", "visit");
        let day = crate::history::day(self.visited);
        let (was, is) = (clean(was), clean(is));
        let head = format!("{}  {visit} {} ({day})  {was} → {is}\n", clean(name), self.visit);
        format!("{head}  {}\n{}", changed(&self.what, context), signals(&self.what))
    }
}

/// How many visits, by what came of them.
#[derive(Debug, Default, Serialize)]
struct Totals {
    /// Judged again.
    judged: usize,
    /// Of those, the ones with another answer on any platform.
    flipped: usize,
    /// Of those, the ones with the same answers for another reason, or out of other signals.
    otherwise: usize,
    /// Judged by these rules when they were made.
    same_rules: usize,
    /// Of which no bytes are kept, or not those of all pages.
    without_bytes: usize,
    /// Whose bytes are not what was written.
    unreadable: usize,
    /// Answers that are now stored, and were not before; none in a trial.
    stored: bool,
}

/// A visit, judged again.
enum Came {
    Judged(Vec<Flip>, bool, Judgement),
    WithoutBytes,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let catalogue = match &arguments.catalogue {
        Some(folder) => Catalogue::from_folder(folder)
            .map_err(|found| workshop::of_diagnostics(&found, lang.pick("regole", "rules")))?
            .into(),
        None => workshop::catalogue(context)?,
    };
    let dialect = arguments.to.dialect(arguments.format == Form::Csv, lang)?;
    let folder = workshop::evidence_lies(context)?;
    let (store, _lock) = if arguments.dry_run {
        (workshop::store_for_reading(context).await?, None)
    } else {
        let store = workshop::store(context).await?;
        let lock = RunLock::acquire(&store).await.map_err(|error| of_run(&error.into(), lang))?;
        (store, Some(lock))
    };
    let visits =
        store.visits_to_judge(arguments.run.map(RunId), arguments.comune.as_deref()).await.map_err(of_store)?;
    let known = store.catalogues().await.map_err(of_store)?;
    let now = known.iter().find(|one| one.version == catalogue.version() && one.sha256 == catalogue.digest());
    let now = now.map(|one| one.id);
    let unwritable = |error: io::Error| arguments.to.failed(&error, lang);
    let out = arguments.to.open(context)?;
    let mut sink = match arguments.format {
        Form::Csv => Sink::Csv(Box::new(csv::Writer::new(out, dialect, &COLUMNS).map_err(unwritable)?)),
        Form::Table => Sink::Text(out),
        Form::Json => Sink::Json(out),
    };
    let mut totals = Totals::default();
    for one in visits.chunk_by(|a, b| a.subject == b.subject) {
        let mut judgements: Vec<Judgement> = Vec::new();
        for Judged { visit, rules, kept, .. } in one {
            if now == Some(*rules) {
                totals.same_rules += 1;
                continue;
            }
            let came =
                if *kept { again(*visit, &catalogue, &store, &folder, context).await } else { Ok(Came::WithoutBytes) };
            match came {
                Ok(Came::WithoutBytes) => totals.without_bytes += 1,
                Ok(Came::Judged(flips, otherwise, judgement)) => {
                    totals.judged += 1;
                    totals.flipped += usize::from(!flips.is_empty());
                    totals.otherwise += usize::from(flips.is_empty() && otherwise);
                    for flip in &flips {
                        sink.write(flip, context).map_err(unwritable)?;
                    }
                    judgements.push(judgement);
                }
                Err(failure) => {
                    tracing::warn!(%visit, "{}", failure.render(lang).trim_end());
                    totals.unreadable += 1;
                }
            }
        }
        if let (Some(first), false) = (one.first(), arguments.dry_run || judgements.is_empty()) {
            let rules = (catalogue.version(), catalogue.digest());
            totals.stored |= store.judge_again(rules, first.subject, &judgements).await.map_err(of_store)?;
        }
    }
    store.close().await;
    sink.close(&totals, &catalogue, arguments.dry_run, context).map_err(unwritable)?.finish()?;
    Ok(if totals.unreadable == 0 { Exit::Found } else { Exit::Data })
}

/// Reads the pages of a visit again.
async fn again(
    id: VisitId,
    catalogue: &Catalogue,
    store: &Store,
    folder: &Path,
    context: &Context,
) -> Result<Came, Failure> {
    let Some((note, pages)) = load::visit(id, store, folder, context).await? else { return Ok(Came::WithoutBytes) };
    if pages.iter().any(Option::is_none) {
        return Ok(Came::WithoutBytes);
    }
    let again = crawl::replay(catalogue, &note, &pages);
    let catalogues = [
        catalogue_name(&note.visit.catalogue, &note.visit.catalogue_sha256),
        catalogue_name(catalogue.version(), catalogue.digest()),
    ];
    let pairs = note.visit.findings.iter().filter_map(|was| {
        let is = again.findings.iter().find(|is| is.platform == was.platform)?;
        difference(was, is, false)
    });
    let (mut flips, mut otherwise) = (Vec::new(), false);
    for what in pairs {
        otherwise = true;
        if what.was.outcome == what.is.outcome {
            continue;
        }
        let Comune { name, codice_ipa, .. } = &note.visit.comune;
        flips.push(Flip {
            schema: SCHEMA,
            codice_ipa: codice_ipa.clone(),
            name: name.clone(),
            url: note.visit.url.to_string(),
            visit: id,
            visited: note.visit.started,
            catalogue: catalogues.clone(),
            what,
        });
    }
    let bare = |finding: Finding| Finding { signals: Vec::new(), ..finding };
    let findings: Vec<Finding> = again.findings.into_iter().map(bare).collect();
    Ok(Came::Judged(flips, otherwise, (id, findings)))
}

/// The list on its way out.
enum Sink {
    Text(Output),
    Csv(Box<csv::Writer<Output>>),
    Json(Output),
}

impl Sink {
    fn write(&mut self, flip: &Flip, context: &Context) -> io::Result<()> {
        match self {
            Self::Text(out) => out.write_all(flip.text(context).as_bytes()),
            Self::Csv(writer) => flip.write(writer),
            Self::Json(out) => out.write_all(json::line(flip)?.as_bytes()),
        }
    }

    fn close(self, totals: &Totals, catalogue: &Catalogue, dry: bool, context: &Context) -> io::Result<Output> {
        match self {
            Self::Text(mut out) => {
                out.write_all(told(totals, catalogue, dry, context).as_bytes())?;
                Ok(out)
            }
            Self::Csv(writer) => writer.finish(),
            Self::Json(mut out) => {
                let line = serde_json::json!({
                    "schema": SCHEMA, "catalogue": [catalogue.version(), catalogue.digest()], "totals": totals,
                });
                out.write_all(json::line(&line)?.as_bytes())?;
                Ok(out)
            }
        }
    }
}

fn told(totals: &Totals, catalogue: &Catalogue, dry: bool, context: &Context) -> String {
    let lang = context.lang();
    let Totals { judged, flipped, otherwise, same_rules, without_bytes, unreadable, stored } = totals;
    let rules = catalogue_name(catalogue.version(), catalogue.digest());
    let mut lines = vec![
        lang.pick(
            format!("{judged} visite rigiudicate con le regole {rules}: {flipped} con un altro esito"),
            format!("{judged} visits judged again with the rules {rules}: {flipped} with another answer"),
        ),
        lang.pick(
            format!("{otherwise} con lo stesso esito per altri segnali; {same_rules} già giudicate con queste regole"),
            format!("{otherwise} with the same answer by other signals; {same_rules} judged with these rules already"),
        ),
    ];
    if *without_bytes > 0 {
        lines.push(lang.pick(
            format!("{without_bytes} visite senza byte, non rigiudicate"),
            format!("{without_bytes} visits without bytes, not judged again"),
        ));
    }
    if *unreadable > 0 {
        lines.push(lang.pick(
            format!("{unreadable} visite i cui byte non sono quelli scritti: vedi `evidence verify`"),
            format!("{unreadable} visits whose bytes are not those that were written: see `evidence verify`"),
        ));
    }
    lines.push(
        match (dry, stored) {
            (true, _) => lang.pick("Prova: nulla è stato conservato.", "A trial: nothing was stored."),
            (false, true) => lang.pick(
                "Conservati accanto ai giudizi di allora, che restano.",
                "Stored beside the judgements of then, which stay.",
            ),
            (false, false) => lang.pick("Nulla di nuovo da conservare.", "Nothing new to store."),
        }
        .to_owned(),
    );
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Rules by which histories are told, in place of those of each day.
#[derive(Debug, Args)]
pub(super) struct ByRules {
    /// Tell it as these rules see all of it, after `rejudge` (default: as each day's rules saw it)
    #[arg(long, value_name = "VERSION|DIGEST")]
    catalogue: Option<String>,
}

impl ByRules {
    /// The rules that were named.
    pub(super) async fn meant(&self, store: &Store, context: &Context) -> Result<Option<CatalogueInfo>, Failure> {
        let lang = context.lang();
        let Some(text) = &self.catalogue else { return Ok(None) };
        let all = store.catalogues().await.map_err(|error| workshop::of_store(&error, lang))?;
        let names = |of: &dyn Fn(&&CatalogueInfo) -> bool| -> String {
            all.iter().filter(of).map(CatalogueInfo::name).collect::<Vec<_>>().join(", ")
        };
        let fail = |why: &str| {
            Failure::new(Exit::NoInput, lang.pick("regole", "rules")).at(format!("--catalogue {text}")).because(why)
        };
        let mut meant: Vec<&CatalogueInfo> = all.iter().filter(|one| one.is_meant(text)).collect();
        if meant.iter().any(|one| one.series) {
            meant.retain(|one| one.series);
        }
        match meant.as_slice() {
            [one] if one.series => Ok(Some((*one).clone())),
            [] => Err(fail(
                lang.pick("nessuna visita è giudicata con queste regole", "no visit was judged by these rules"),
            )
            .hint(names(&|_| true))),
            [_] => {
                let hint = lang.pick(
                    "prima: riscontro rejudge --catalogue CARTELLA",
                    "first: riscontro rejudge --catalogue FOLDER",
                );
                Err(fail(lang.pick(
                    "nessuna visita è rigiudicata con queste regole",
                    "no visit was judged again with these rules",
                ))
                .hint(hint))
            }
            _ => Err(fail(lang.pick(
                "più cataloghi hanno questo nome: indicate l'impronta",
                "several catalogues have this name: give the digest",
            ))
            .hint(names(&|one| one.is_meant(text)))),
        }
    }
}
