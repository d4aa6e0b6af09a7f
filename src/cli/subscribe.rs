//! `riscontro subscribe`: who gets which report, how often, in which language and form.

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::{Context, Exit, Failure, Format, Printed, cases, comune, notices, send, workshop};
use crate::{
    config::Lang,
    history::day,
    report::{json, table::Table},
    store::{About, Added, Attach, Every, NewSubscription, Store, Subscription, SubscriptionId},
};

/// Say who gets which report by mail, and how often
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Add(Add),
    /// List the subscriptions
    List(Printed),
    Remove(Remove),
}

/// Subscribe an address to a report; the letter is in the language of `--lang`
#[derive(Debug, Args)]
struct Add {
    /// Address of mail (with --comune alone: the certified mailbox that the register gives it)
    #[arg(long, value_name = "ADDRESS", required_unless_present = "comune")]
    to: Option<String>,
    /// Report on this notice, may be repeated (default: every notice whose applications a register lists)
    #[arg(long, value_name = "ID", conflicts_with_all = ["comune", "national"])]
    notice: Vec<String>,
    /// Only comuni of this region, may be repeated
    #[arg(long, value_name = "NAME", conflicts_with_all = ["comune", "national"])]
    region: Vec<String>,
    /// The report to this comune: name or code
    #[arg(long, value_name = "NAME|CODE", conflicts_with = "national")]
    comune: Option<String>,
    /// The report on the whole country
    #[arg(long)]
    national: bool,
    /// How often, at most: a week begins on Monday, a month on the first (default: day)
    #[arg(
        long,
        value_name = "day|week|month",
        default_value = "day",
        hide_default_value = true,
        hide_possible_values = true
    )]
    every: Often,
    /// Attach the whole report in this form, may be repeated or separated by commas
    #[arg(long, value_name = "html|xlsx|pdf|csv|json", value_delimiter = ',', hide_possible_values = true)]
    attach: Vec<Form>,
    /// Write also when nothing changed
    #[arg(long)]
    always: bool,
    #[command(flatten)]
    printed: Printed,
}

/// End subscriptions; letters that are queued still leave
#[derive(Debug, Args)]
struct Remove {
    /// Numbers of subscriptions, as `subscribe list` tells them
    #[arg(value_name = "SUBSCRIPTION", required = true)]
    subscriptions: Vec<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Often {
    Day,
    Week,
    Month,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Html,
    Xlsx,
    Pdf,
    Csv,
    Json,
}

impl Form {
    const fn attach(self) -> Attach {
        match self {
            Self::Html => Attach::Html,
            Self::Xlsx => Attach::Xlsx,
            Self::Pdf => Attach::Pdf,
            Self::Csv => Attach::Csv,
            Self::Json => Attach::Json,
        }
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Add(asked) => add(asked, context).await,
        What::List(printed) => list(printed, context).await,
        What::Remove(asked) => remove(asked, context).await,
    }
}

fn usage(at: &str, why: &str, lang: Lang) -> Failure {
    Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(at).because(why)
}

async fn add(asked: &Add, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let of_store = |error| workshop::of_store(&error, lang);
    let recipient = asked.to.as_deref().map(|text| send::an_address(text, "--to", lang)).transpose()?;
    let every = match asked.every {
        Often::Day => Every::Day,
        Often::Week => Every::Week,
        Often::Month => Every::Month,
    };
    let mut attach: Vec<Attach> = asked.attach.iter().map(|form| form.attach()).collect();
    attach.sort();
    attach.dedup();
    let table = attach.iter().find(|form| match form {
        Attach::Csv => asked.comune.is_some() || asked.national,
        Attach::Xlsx => asked.comune.is_some(),
        Attach::Html | Attach::Pdf | Attach::Json => false,
    });
    if let Some(form) = table {
        let why = lang.pick("questo rapporto non ha una tabella così", "this report has no such table");
        return Err(usage(&format!("--attach {}", form.code()), why, lang));
    }
    let store = workshop::store(context).await?;
    let about = if let Some(subject) = &asked.comune {
        let file = comune::meant(subject, &store, lang).await?;
        if recipient.is_none() && file.pec.is_none() {
            let why = lang.pick(
                "il registro non ne dà la PEC: indicate un indirizzo con --to",
                "the register gives no certified mailbox of it: give an address with --to",
            );
            return Err(Failure::new(Exit::NoInput, file.name.clone()).because(why));
        }
        About::Comune { catastale: file.catastale }
    } else if asked.national {
        About::National
    } else {
        let known = notices::notices(context)?;
        let mut ids: Vec<String> = Vec::new();
        for id in &asked.notice {
            ids.push(notices::find(&known, id, lang)?.id.clone());
        }
        ids.sort();
        ids.dedup();
        let known = store.regions().await.map_err(of_store)?;
        About::Notice { notices: ids, regions: cases::regions(&asked.region, &known, lang)? }
    };
    let wanted = NewSubscription { recipient, about, every, lang, attach, always: asked.always };
    let added = store.subscribe(&wanted).await.map_err(of_store)?;
    let (Added::New(id) | Added::AlreadyThere(id)) = added;
    let made = matches!(added, Added::New(_));
    let one = told(&store, Some(id), asked.printed.format, context).await?;
    store.close().await;
    let note = if made {
        String::new()
    } else {
        lang.pick(
            "Questa iscrizione c'era già; non è cambiata.\n",
            "This subscription was there; it was not changed.\n",
        )
        .to_owned()
    };
    context.print(&if asked.printed.format == Format::Text { format!("{one}{note}") } else { one })?;
    Ok(Exit::Found)
}

async fn list(printed: &Printed, context: &Context) -> Result<Exit, Failure> {
    let store = workshop::store_for_reading(context).await?;
    context.print(&told(&store, None, printed.format, context).await?)?;
    Ok(Exit::Found)
}

async fn remove(asked: &Remove, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let store = workshop::store(context).await?;
    let mut missing = Vec::new();
    for id in &asked.subscriptions {
        let gone = store.unsubscribe(SubscriptionId(*id)).await.map_err(|error| workshop::of_store(&error, lang))?;
        if !gone {
            missing.push(id.to_string());
        }
    }
    store.close().await;
    if missing.is_empty() {
        return Ok(Exit::Found);
    }
    let what = lang.pick("nessuna iscrizione ha questo numero", "no subscription has this number");
    Err(Failure::new(Exit::NoInput, what).at(missing.join(", ")))
}

/// A subscription for programs.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    subscription: &'a Subscription,
    /// Whether the next night tells it something, or finds that there is nothing.
    due: bool,
}

async fn told(
    store: &Store,
    only: Option<SubscriptionId>,
    format: Format,
    context: &Context,
) -> Result<String, Failure> {
    let lang = context.lang();
    let mut all = store.subscriptions().await.map_err(|error| workshop::of_store(&error, lang))?;
    all.retain(|one| only.is_none_or(|only| one.id == only));
    let today = workshop::today();
    if format == Format::Json {
        let line = |subscription: &Subscription| {
            json::line(&Line { schema: "riscontro.subscription/1", subscription, due: subscription.is_due(today) })
        };
        let all: Result<String, _> = all.iter().map(line).collect();
        return all.map_err(|error| Failure::unwritable("json", &error, lang));
    }
    if all.is_empty() {
        return Ok(lang.pick("Nessuna iscrizione.\n", "No subscriptions.\n").to_owned());
    }
    let mut table = Table::new(lang.pick(
        ["N.", "A chi", "Rapporto", "Quando", "Lingua", "Allegati", "Ultima volta"],
        ["No.", "To", "Report", "How often", "Language", "Attached", "Last time"],
    ));
    for one in &all {
        table.row([
            one.id.to_string(),
            one.wanted.recipient.as_ref().map_or_else(
                || lang.pick("la PEC nel registro", "certified mailbox in the register").to_owned(),
                ToString::to_string,
            ),
            about(&one.wanted.about, lang),
            often(&one.wanted, lang),
            one.wanted.lang.code().to_owned(),
            one.wanted.attach.iter().map(|form| form.code()).collect::<Vec<_>>().join(", "),
            one.told.map_or_else(|| "–".to_owned(), |told| day(told).to_string()),
        ]);
    }
    Ok(table.render())
}

fn about(about: &About, lang: Lang) -> String {
    match about {
        About::Notice { notices, regions } => {
            let all = || lang.pick("tutti gli avvisi", "all notices").to_owned();
            let which = if notices.is_empty() { all() } else { notices.join(", ") };
            if regions.is_empty() { which } else { format!("{which} ({})", regions.join(", ")) }
        }
        About::Comune { catastale } => format!("comune {catastale}"),
        About::National => lang.pick("tutto il paese", "the whole country").to_owned(),
    }
}

fn often(wanted: &NewSubscription, lang: Lang) -> String {
    let often = match wanted.every {
        Every::Day => lang.pick("ogni giorno", "every day"),
        Every::Week => lang.pick("ogni settimana", "every week"),
        Every::Month => lang.pick("ogni mese", "every month"),
    };
    let always = if wanted.always { lang.pick(", sempre", ", always") } else { "" };
    format!("{often}{always}")
}
