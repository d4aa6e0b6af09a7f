//! `riscontro check`: look at a few sites now, one after the other, and print what is found.

use std::ops::ControlFlow;

use clap::{Args, ValueEnum};

use super::{Context, Exit, Failure, comune, terminal::Spinner, workshop};
use crate::{
    config::Lang,
    crawl::{Visitor, Watcher},
    evidence::{Kept, Tip},
    model::{Comune, Step, Target, Visit},
    report::{
        html,
        json::{self, Rooted},
        mask,
        text::{self, Style},
        view::Remedy,
    },
    run::{Keeper, normalise_site},
    store::{CaseFacts, Looked, Store, VisitId, Wanted},
};

/// How `check` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object a line for each site.
    Json,
    /// One self-contained page for all sites.
    Html,
}

/// Look at sites now and print what is found
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Addresses of sites, or names or codes of comuni known to the database
    #[arg(required = true, value_name = "URL|comune")]
    pub(super) subjects: Vec<String>,
    /// How to print
    #[arg(
        long,
        value_name = "text|json|html",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    /// Store the visits in the database as well
    #[arg(long)]
    pub(super) save: bool,
    /// The site is yours: look past its robots.txt, which is said on the report
    #[arg(long)]
    pub(super) own_site: bool,
    /// Tell the path as well: why each page was chosen, what it gave, what was left unread
    #[arg(long)]
    pub(super) explain: bool,
}

/// Shows the address that is being read.
struct Shown<'a>(&'a Spinner);

impl Watcher for Shown<'_> {
    fn step(&self, step: &Step) {
        self.0.say(&format!("{} {}", step.outcome, step.url));
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let folder = if arguments.save { workshop::evidence_folder(context)? } else { None };
    let catalogue = workshop::catalogue(context)?;
    let visitor = workshop::visitor(std::sync::Arc::clone(&catalogue), arguments.own_site, folder.is_some(), context)?;
    let advice = workshop::remedy(&catalogue, context.lang());
    // Opened before anything is asked of a site: a result that cannot be kept is a request for nothing.
    let store = if arguments.save { Some(workshop::store(context).await?) } else { None };
    let mut targets = Vec::with_capacity(arguments.subjects.len());
    for subject in &arguments.subjects {
        targets.push(target(subject, context).await?);
    }
    let of_keep = |error| workshop::of_keep(&error, context.lang());
    let agent = workshop::agent(context.settings.contact.as_deref());
    let mut keeper = match (&store, &folder) {
        (Some(store), Some(folder)) => Some(Keeper::begin(store, folder, None, &agent).await.map_err(of_keep)?),
        _ => None,
    };
    let (mut visits, mut lines) = (Vec::with_capacity(targets.len()), Vec::new());
    for target in &targets {
        let (visit, kept) = tokio::select! {
            visit = look(&visitor, target, context) => visit,
            () = context.stop.requested() => return Ok(Exit::Interrupted),
        };
        let (visit, rooted) = match (&mut keeper, &store) {
            (Some(keeper), _) => {
                let (visit, id) = keeper.save(visit, kept).await.map_err(of_keep)?;
                (visit, Some(rooted(keeper, id)))
            }
            (None, Some(store)) => {
                store.save_visit(&visit).await.map_err(|error| workshop::of_store(&error, context.lang()))?;
                (visit, None)
            }
            (None, None) => (visit, None),
        };
        // What is stored is as it was seen, what is shown is masked.
        let visit = mask::visit(&visit);
        if let Some(text) = rendered(&visit, rooted.as_ref(), visits.is_empty(), arguments, &advice, context)? {
            context.print(&text)?;
        }
        visits.push(visit);
        lines.extend(rooted.map(|rooted| rooted.line(context.lang())));
    }
    visitor.close().await;
    if let Some(keeper) = keeper {
        keeper.close().await.map_err(of_keep)?;
    }
    if arguments.format == Format::Html {
        context.print(&html::page(&visits, &lines, context.words(), arguments.explain, &advice))?;
    }
    Ok(Exit::of_visits(&visits))
}

/// Where a visit that was just stored is kept.
fn rooted(keeper: &Keeper, visit: VisitId) -> Rooted {
    let Tip { records, link } = keeper.tip();
    Rooted { visit: visit.0, chain: keeper.chain().0, records, root: link }
}

async fn look(visitor: &Visitor, target: &Target, context: &Context) -> (Visit, Kept) {
    let spinner = context.terminal.spinner();
    spinner.say(target.url.as_str());
    visitor.visit_keeping(target, &Shown(&spinner), None).await
}

/// What is printed as soon as a visit is over; a page is printed only when all are.
fn rendered(
    visit: &Visit,
    rooted: Option<&Rooted>,
    first: bool,
    arguments: &Arguments,
    advice: Remedy<'_>,
    context: &Context,
) -> Result<Option<String>, Failure> {
    match arguments.format {
        Format::Text => {
            let style = Style { colour: context.terminal.colour(), explain: arguments.explain };
            let mut text = text::site(visit, context.words(), style, advice);
            if let Some(rooted) = rooted {
                text.push_str(&format!("\n{}\n", rooted.line(context.lang())));
            }
            Ok(Some(if first { text } else { format!("\n{}\n\n{text}", "─".repeat(text::WIDTH)) }))
        }
        Format::Json => json::site(visit, arguments.explain, rooted)
            .map(Some)
            .map_err(|error| Failure::unwritable("json", &error, context.lang())),
        Format::Html => Ok(None),
    }
}

/// The site that a word of the command line means: an address, or a comune that the database knows.
async fn target(subject: &str, context: &Context) -> Result<Target, Failure> {
    let lang = context.lang();
    let error = match normalise_site(subject) {
        Ok((url, scheme_guessed)) => {
            // Facts that an earlier run stored about this site tie a shared portal to it.
            let comune = known(context).await;
            let comune = match &comune {
                Some(store) => store.comune_of(&url).await.ok().flatten(),
                None => None,
            };
            return Ok(Target { url, scheme_guessed, comune: comune.unwrap_or_else(Comune::default) });
        }
        Err(error) => error,
    };
    let usage = Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(subject);
    let Some(store) = known(context).await else {
        return Err(usage.because(lang.pick(error.italian(), error.to_string())));
    };
    let mut found = store.targets_named(subject).await.map_err(|error| workshop::of_store(&error, lang))?;
    match (found.pop(), found.len()) {
        (Some(target), 0) => Ok(target),
        (Some(_), others) => {
            let why = lang.pick(
                format!("{} siti in banca dati hanno questo nome o codice", others + 1),
                format!("{} sites in the database have this name or code", others + 1),
            );
            Err(usage
                .because(why)
                .hint(lang.pick("usate il codice IPA o l'indirizzo", "use the IPA code or the address")))
        }
        (None, _) => {
            let why = lang.pick(
                "non è l'indirizzo di un sito, né un comune presente in banca dati",
                "neither the address of a site nor a comune in the database",
            );
            registered(subject, &store, lang).await?.ok_or_else(|| usage.because(why))
        }
    }
}

/// The site of a comune that the imported registers know, though nobody has visited it yet.
async fn registered(subject: &str, store: &Store, lang: Lang) -> Result<Option<Target>, Failure> {
    let of_store = |error| workshop::of_store(&error, lang);
    let catastale = match store.comune_file(subject).await.map_err(of_store)? {
        Looked::Nobody(near) if near.is_empty() => return Ok(None),
        _ => comune::meant(subject, store, lang).await?.catastale,
    };
    let mut found = None;
    let each = |facts: CaseFacts| {
        found = facts.comune.target();
        ControlFlow::Break(())
    };
    store.for_each_case(&Wanted::Comune(catastale), workshop::today(), &[], each).await.map_err(of_store)?;
    let why = lang.pick("i registri non ne danno il sito", "the registers give no site for it");
    let failure = || Failure::new(Exit::NoInput, lang.pick("comune", "comune")).at(subject).because(why);
    found.map(Some).ok_or_else(failure)
}

/// The database, when there is one already; `check` never makes one just to look.
async fn known(context: &Context) -> Option<Store> {
    workshop::store_for_reading(context).await.ok()
}
