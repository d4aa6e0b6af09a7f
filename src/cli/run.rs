//! `riscontro run`: visit many sites, store what is found, go on where the last run ended.

use std::{
    collections::{BTreeMap, HashSet},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use clap::Args;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;

use super::{Context, Exit, Failure, Format, Printed, evidence, notices, runs, terminal::complain, workshop};
use crate::{
    VERSION,
    config::{Lang, Settings, defaults},
    crawl::{self, Journal},
    evidence::Kept,
    model::{ApplicationState, Register, Target, Visit},
    net::BoxFuture,
    report::{self, clean, words},
    run::{
        self, KeepPlan, LockError, Plan, Progress, RunError, RunPlan, RunSummary, Tally, TargetList, TargetsError,
        read_targets,
    },
    store::{CaseFacts, RunState, StampRow, Store, Trust, Wanted},
};

/// Rows with a problem that are told one by one.
const PROBLEMS_SHOWN: usize = 20;

/// Visit many sites and store what is found; goes on where it was stopped
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) what: Option<runs::What>,
    /// Table of sites: `codice_ipa,name,url,population,region`; only `url` is needed
    #[arg(long, value_name = "CSV")]
    pub(super) targets: Option<PathBuf>,
    /// Visit the comuni with a live application to this notice, at the addresses that the registers give
    #[arg(long, value_name = "ID", conflicts_with = "targets")]
    pub(super) notice: Option<String>,
    /// Visit at most this many sites
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Begin anew: visit the finished sites as well
    #[arg(long)]
    pub(super) fresh: bool,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Refuses a run over many sites that nobody could be written to about. `sites` is how many will be visited.
pub(super) fn refuse_without_contact(sites: usize, settings: &Settings) -> Result<(), Failure> {
    if sites <= defaults::SITES_WITHOUT_CONTACT || settings.contact.is_some() {
        return Ok(());
    }
    let limit = defaults::SITES_WITHOUT_CONTACT;
    let lang = settings.lang;
    let what = lang.pick("manca il contatto", "the contact is missing");
    let why = lang.pick(
        format!("per visitare {sites} siti (più di {limit}) occorre dire ai loro gestori a chi scrivere"),
        format!("to visit {sites} sites (more than {limit}) their owners must be told whom to write to"),
    );
    let hint = lang.pick(
        "`--contact verifiche@ente.example`, oppure `contact` nelle impostazioni",
        "`--contact checks@agency.example`, or `contact` in the settings",
    );
    Err(Failure::new(Exit::Config, what).at("--contact").because(why).hint(hint))
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    if let Some(what) = &arguments.what {
        return runs::run(what, context).await;
    }
    let mut list = match (&arguments.targets, &arguments.notice) {
        (Some(path), _) => of_file(path, context)?,
        (None, Some(id)) => of_notice(id, context).await?,
        (None, None) => {
            let why = lang.pick("manca l'elenco dei siti", "the list of sites is missing");
            let hint = lang.pick(
                "`--targets siti.csv`, con almeno una colonna `url`, oppure `--notice AVVISO`",
                "`--targets sites.csv`, with at least a column `url`, or `--notice ID`",
            );
            return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--targets").because(why).hint(hint));
        }
    };
    if let Some(limit) = arguments.limit {
        list.targets.truncate(limit);
    }
    let work = Work::new(list, arguments.fresh, context)?;
    let store = workshop::store(context).await?;
    let Visited { summary, stamp } = work.run(&store, context).await?;
    store.close().await;
    let text = match arguments.printed.format {
        Format::Text => report::summary::text(&summary, stamp.as_ref(), context.words(), store.name()),
        Format::Json => report::summary::json(&summary, stamp.as_ref())
            .map_err(|error| Failure::unwritable("json", &error, lang))?,
    };
    context.print(&text)?;
    Ok(exit_of(&summary))
}

/// How a command ends that visited.
pub(super) fn exit_of(summary: &RunSummary) -> Exit {
    match summary.state {
        RunState::Finished if summary.weighed.trust == Trust::Suspect => Exit::Suspect,
        RunState::Finished => Exit::Found,
        RunState::Running | RunState::Interrupted => Exit::Interrupted,
    }
}

/// A list of sites, and all that it takes to visit them. What is wrong with the settings is told before anything is opened.
pub(super) struct Work {
    plan: Plan,
    visitor: crawl::Visitor,
}

/// What came of a run.
pub(super) struct Visited {
    pub(super) summary: RunSummary,
    /// The time stamp of its root.
    pub(super) stamp: Option<StampRow>,
}

impl Work {
    /// Refuses many sites without a contact.
    pub(super) fn new(list: TargetList, fresh: bool, context: &Context) -> Result<Self, Failure> {
        let settings = &context.settings;
        refuse_without_contact(list.targets.len(), settings)?;
        let folder = workshop::evidence_folder(context)?;
        let catalogue = workshop::catalogue(context)?;
        let visitor = workshop::visitor(std::sync::Arc::clone(&catalogue), false, folder.is_some(), context)?;
        let work = RunPlan {
            targets: list.targets,
            catalogue: catalogue.version().to_owned(),
            catalogue_sha256: catalogue.digest().to_owned(),
            agent: VERSION.to_owned(),
            // Only what changes what a visit sees: a run with another pace is the same work.
            settings: serde_json::json!({
                "max_requests": settings.max_requests,
                "render": settings.render,
                "max_time": settings.max_time.as_secs(),
                "proxy": settings.proxy.is_some(),
            }),
            fresh,
        };
        let agent = workshop::agent(settings.contact.as_deref());
        let plan = Plan {
            concurrency: settings.concurrency,
            skipped_rows: list.skipped,
            suspect_share: settings.suspect_share,
            evidence: folder.map(|folder| KeepPlan { folder, agent }),
            journals: Some(workshop::journals(context)?),
            ..Plan::new(work)
        };
        Ok(Self { plan, visitor })
    }

    /// Visits, stores, has the root stamped.
    pub(super) async fn run(self, store: &Store, context: &Context) -> Result<Visited, Failure> {
        let mut bar = Bar::new(context);
        let browser = self.visitor.clone();
        let visitor = std::sync::Arc::new(Crawler(self.visitor));
        let ended = run::run(store, visitor, &self.plan, &mut bar, context.stop.receiver()).await;
        bar.clear();
        browser.close().await;
        let summary = ended.map_err(|error| of_run(&error, context.lang()))?;
        let stamp = evidence::stamp::after_a_run(store, summary.run, context).await?;
        Ok(Visited { summary, stamp })
    }
}

fn of_file(path: &Path, context: &Context) -> Result<TargetList, Failure> {
    let lang = context.lang();
    let list = read_targets(path).map_err(|error| of_targets(&error, lang))?;
    tell_problems(&list, path, context);
    if list.targets.is_empty() {
        let why = lang.pick("nessuna riga dà un sito da visitare", "no row gives a site to visit");
        return Err(Failure::new(Exit::Data, lang.pick("elenco dei siti", "list of sites"))
            .at(path.display().to_string())
            .because(why));
    }
    Ok(list)
}

/// The comuni with a live application to a notice, by the imported registers. Those without an address are told and skipped.
async fn of_notice(id: &str, context: &Context) -> Result<TargetList, Failure> {
    let lang = context.lang();
    let notices = notices::notices(context)?;
    let notice = notices::find(&notices, id, lang)?;
    let refuse = |why: &str| Failure::new(Exit::Usage, lang.pick("avviso", "notice")).at(id.to_owned()).because(why);
    if notice.titles.is_empty() {
        let why = lang.pick(
            "nessun registro ne elenca le candidature; date i siti con --targets",
            "no register lists its applications; give the sites with --targets",
        );
        return Err(refuse(why));
    }
    let store = workshop::store_for_reading(context).await?;
    let of_store = |error| workshop::of_store(&error, lang);
    let titles = notices::titles(&notices, &store, |one| one.id == notice.id).await.map_err(of_store)?;
    let states = ApplicationState::ALL.into_iter().filter(|state| state.is_live()).collect();
    let today = workshop::today();
    let registers = store.register_states(today, context.settings.register_max_age).await.map_err(of_store)?;
    for state in registers.iter().filter(|state| matches!(state.register, Register::Candidature | Register::Ipa)) {
        if state.stale {
            let register = words::register_state(lang, state);
            tracing::warn!(register, age_days = state.age_days, "the list of sites comes from an old register");
        }
    }
    let list = sites(&Wanted::Applications { titles, states }, today, &store, context).await?;
    store.close().await;
    if list.targets.is_empty() {
        let why = lang.pick(
            "nessuna candidatura in corso con un sito, nei registri importati",
            "no live application with a site, in the imported registers",
        );
        return Err(Failure { exit: Exit::NoInput, ..refuse(why) });
    }
    Ok(list)
}

/// The sites of comuni, each once. Comuni without an address are told, and counted as skipped.
pub(super) async fn sites(
    wanted: &Wanted,
    today: Date,
    store: &Store,
    context: &Context,
) -> Result<TargetList, Failure> {
    let lang = context.lang();
    let (mut seen, mut list, mut without) = (HashSet::new(), TargetList::default(), BTreeMap::new());
    let each = |facts: CaseFacts| {
        match facts.comune.target() {
            Some(target) if seen.insert(target.url.clone()) => list.targets.push(target),
            // The same comune again, or a site that several share: one visit is for all of them.
            Some(_) => {}
            None => {
                let key = facts.comune.catastale.clone().unwrap_or_else(|| facts.comune.name.clone());
                without.insert(key, facts.comune.name);
            }
        }
        ControlFlow::Continue(())
    };
    store.for_each_case(wanted, today, &[], each).await.map_err(|error| workshop::of_store(&error, lang))?;
    list.skipped = without.len();
    if !without.is_empty() && context.settings.verbosity >= 0 {
        let names = without.values().take(PROBLEMS_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if without.len() > PROBLEMS_SHOWN { ", …" } else { "" };
        let count = without.len();
        complain(&lang.pick(
            format!("riscontro: {count} comuni senza un indirizzo nei registri, saltati: {}{more}\n", clean(&names)),
            format!(
                "riscontro: {count} comuni without an address in the registers, skipped: {}{more}\n",
                clean(&names)
            ),
        ));
    }
    Ok(list)
}

/// The crawl, as a run wants it.
struct Crawler(crawl::Visitor);

impl run::Visitor for Crawler {
    fn visit<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Visit> {
        Box::pin(self.0.visit(target))
    }

    fn visit_keeping<'a>(
        &'a self,
        target: &'a Target,
        journal: Option<PathBuf>,
    ) -> BoxFuture<'a, (Visit, Option<Kept>)> {
        Box::pin(async move {
            let journal = match journal {
                Some(path) => tokio::task::spawn_blocking(move || Journal::open(&path, workshop::now())).await.ok(),
                None => None,
            };
            let (visit, kept) = self.0.visit_keeping(target, &crawl::Unwatched, journal).await;
            (visit, Some(kept))
        })
    }
}

/// Rows that gave no site, or not all of it; the rest of the list goes on.
fn tell_problems(list: &TargetList, path: &Path, context: &Context) {
    let lang = context.lang();
    let mut lines = String::new();
    for problem in list.problems.iter().take(PROBLEMS_SHOWN) {
        let reason = lang.pick(problem.reason.italian(), problem.reason.to_string());
        let fate = match (problem.kept, lang) {
            (true, Lang::It) => "il sito è visitato",
            (true, Lang::En) => "the site is visited",
            (false, Lang::It) => "riga saltata",
            (false, Lang::En) => "row skipped",
        };
        let text = clean(&problem.text);
        lines.push_str(&format!("riscontro: {}:{}: {reason} («{text}»): {fate}\n", path.display(), problem.line));
    }
    let more = list.problems.len().saturating_sub(PROBLEMS_SHOWN);
    if more > 0 {
        let rest = lang.pick(format!("altre {more} righe con un problema"), format!("{more} more rows with a problem"));
        lines.push_str(&format!("riscontro: {}: {rest}\n", path.display()));
    }
    if !lines.is_empty() && context.settings.verbosity >= 0 {
        complain(&lines);
    }
}

fn of_targets(error: &TargetsError, lang: Lang) -> Failure {
    let what = lang.pick("elenco dei siti", "list of sites");
    let data = |path: &Path, it: &str| {
        // The English text of the error begins with the path, which stands before it here.
        let english = error.to_string();
        let english = english.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&english).to_owned();
        Failure::new(Exit::Data, what).at(path.display().to_string()).because(lang.pick(it.to_owned(), english))
    };
    match error {
        TargetsError::Read { path, source } => Failure::unreadable(path, source, lang),
        TargetsError::TooLarge { path } => data(path, "più grande di 64 MiB: non è un elenco di siti"),
        TargetsError::TooMany { path } => data(path, "più di 100.000 siti; dividete l'elenco"),
        TargetsError::NotText { path } => data(path, "non è un file di testo; salvate la tabella come CSV"),
        TargetsError::Empty { path } => data(path, "non contiene righe"),
        TargetsError::NoUrlColumn { path, line, columns } => data(
            path,
            &format!(
                "nessuna colonna `url` alla riga {line} (colonne: {}); valgono anche `sito_istituzionale` e `domain_used`",
                columns.join(", ")
            ),
        ),
    }
}

pub(super) fn of_run(error: &RunError, lang: Lang) -> Failure {
    match error {
        RunError::Locked(LockError::Held { at, holder }) => Failure::locked(at.clone(), holder.clone(), lang),
        RunError::Locked(LockError::Io { path, source }) => Failure::uncreatable(path, source, lang),
        RunError::Store(error) | RunError::Locked(LockError::Server(error)) => workshop::of_store(error, lang),
        RunError::Evidence(error) => workshop::of_write(error, lang),
    }
}

/// The progress of a run on a terminal: one bar, the rate, the time that is left.
struct Bar {
    bar: ProgressBar,
    lang: Lang,
}

impl Bar {
    fn new(context: &Context) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: context.terminal.progress().add(ProgressBar::new(0).with_style(style)), lang: context.lang() }
    }

    fn show(&self, tally: &Tally) {
        self.bar.set_length(tally.targets as u64);
        self.bar.set_position((tally.already + tally.finished) as u64);
        let rate = tally.per_minute().map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}"));
        let left = tally.remaining().map_or_else(|| "–".to_owned(), report::words::duration);
        self.bar.set_message(self.lang.pick(
            format!("{rate} siti/min, mancano {left}, in corso {}", tally.running),
            format!("{rate} sites/min, {left} left, {} under way", tally.running),
        ));
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begun(&mut self, tally: &Tally, resumed: bool) {
        if resumed {
            tracing::info!(already = tally.already, targets = tally.targets, "taking up a run that was cut short");
        }
        self.show(tally);
    }

    fn started(&mut self, _: &Target, tally: &Tally) {
        self.show(tally);
    }

    fn finished(&mut self, _: &Target, _: &Visit, tally: &Tally) {
        self.show(tally);
    }

    fn stopping(&mut self, tally: &Tally) {
        tracing::warn!(under_way = tally.running, "stopping: visits under way may end");
    }
}
