//! `riscontro doctor`: is everything in place, and what would the guard or a robots.txt say.

use std::{
    fs::File,
    io::{self, Read as _},
    net::IpAddr,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde::Serialize;
use url::Url;

use super::{
    Context, Exit, Failure, Format, Printed, send,
    workshop::{self, Absent},
};
use crate::{
    config::Lang,
    mail::Transport,
    net::{
        Route, Transport as _,
        guard::{self, Verdict},
    },
    polite::robots,
    report::{self, clean},
};

/// Tell whether everything is in place; ask the address guard or a robots.txt
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) printed: Printed,
    #[command(subcommand)]
    pub(super) what: Option<What>,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    Guard(Guard),
    Robots(Robots),
}

/// Tell whether an address would be dialled, given what its name resolves to
#[derive(Debug, Args)]
pub(super) struct Guard {
    /// The address
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// What the name resolves to, in place of asking the resolver; may be repeated
    #[arg(long, value_name = "IP", num_args = 1..)]
    pub(super) answer: Vec<IpAddr>,
    #[command(flatten)]
    pub(super) printed: Printed,
}

/// Tell what a robots.txt says of addresses
#[derive(Debug, Args)]
pub(super) struct Robots {
    /// The robots.txt, - for standard input
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
    /// Addresses or paths
    #[arg(value_name = "URL", required = true)]
    pub(super) urls: Vec<String>,
    /// Product name of the agent (default: riscontro)
    #[arg(long, value_name = "AGENT", default_value = "riscontro", hide_default_value = true)]
    pub(super) agent: String,
    #[command(flatten)]
    pub(super) printed: Printed,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.what {
        None => everything(arguments.printed.format, context).await,
        Some(What::Guard(guard)) => self::guard(guard, context).await,
        Some(What::Robots(robots)) => self::robots(robots, context),
    }
}

/// One thing that a run needs, and whether it is there.
#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    detail: String,
}

/// The browser with its version, or why there is none: then pages that scripts draw stay unread.
async fn browser(context: &Context) -> Result<Result<String, String>, Failure> {
    let lang = context.lang();
    let renderer = match workshop::renderer(context)? {
        Ok(renderer) => renderer,
        Err(Absent::Off) => {
            return Ok(Ok(lang.pick("spento dalle impostazioni", "switched off by the settings").to_owned()));
        }
        Err(absent) => {
            let without =
                lang.pick("le pagine disegnate da script restano non lette", "pages that scripts draw stay unread");
            return Ok(Err(format!("{absent}: {without} (render = \"never\")")));
        }
    };
    let about = renderer.about().await;
    renderer.close().await;
    Ok(about.map_err(|fault| fault.to_string()).map(|about| {
        let sandbox = if about.sandbox {
            lang.pick("in recinto", "sandboxed")
        } else {
            lang.pick(
                "senza recinto: questo sistema non lo permette",
                "without its sandbox: this system does not allow one",
            )
        };
        format!("{}, {}, {sandbox}", about.program.display(), about.version)
    }))
}

/// Where letters would go. Nothing is contacted: `send --test` does that.
fn mail(context: &Context) -> Result<String, Failure> {
    let lang = context.lang();
    Ok(match send::transport(context)? {
        Transport::Smtp(smtp) => format!("smtp {}, {}", smtp.name(), send::sender(context)?),
        Transport::Folder(folder) => {
            let only = lang.pick("solo file", "files only");
            format!("{only}: {}", folder.path().display())
        }
        Transport::None => lang.pick("spenta dalle impostazioni", "switched off by the settings").to_owned(),
    })
}

async fn everything(format: Format, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let lines = |failure: &Failure| {
        failure.lines.iter().filter_map(|line| line.why.clone().or(line.place.clone())).collect::<Vec<_>>().join("; ")
    };
    let mut checks = Vec::new();
    let mut note = |what, result: Result<String, String>| {
        let (ok, detail) = match result {
            Ok(detail) => (true, detail),
            Err(detail) => (false, detail),
        };
        checks.push(Check { what, ok, detail });
    };
    let rules = workshop::catalogue(context);
    note("rules", rules.as_ref().map(|c| format!("{} {}", c.version(), c.digest())).map_err(&lines));
    note(
        "network",
        workshop::fetcher(context).map(|_| workshop::agent(context.settings.contact.as_deref())).map_err(|f| lines(&f)),
    );
    note("browser", browser(context).await.map_err(|f| lines(&f)).and_then(|told| told));
    let missing =
        lang.pick("manca: `run` su più di 10 siti non parte", "missing: `run` over more than 10 sites will not start");
    note("contact", context.settings.contact.clone().ok_or_else(|| missing.to_owned()));
    let store = match workshop::store(context).await {
        Ok(store) => store.status().await.map_err(|error| error.to_string()),
        Err(failure) => Err(lines(&failure)),
    };
    note("database", store.map(|status| format!("{}, schema {}", status.path, status.schema)));
    note("mail", mail(context).map_err(|f| lines(&f)));
    let mut text = String::new();
    for check in &checks {
        match format {
            Format::Json => text.push_str(&json(check, context)?),
            Format::Text => {
                let mark = if check.ok { "ok" } else { "!!" };
                text.push_str(&format!("{mark}  {:<10} {}\n", check.what, clean(&check.detail)));
            }
        }
    }
    context.print(&text)?;
    Ok(if checks.iter().all(|check| check.ok) { Exit::Found } else { Exit::Config })
}

/// What the guard says: of the answers given, or of what the resolver says now.
async fn guard(arguments: &Guard, context: &Context) -> Result<Exit, Failure> {
    let entries = &context.settings.connect_to;
    let verdict = if arguments.answer.is_empty() {
        match Url::parse(&arguments.url) {
            Ok(url) => {
                let client = workshop::client(context)?;
                match client.route(&url).await {
                    Ok(Route::Direct(addresses)) => Verdict { allowed: true, reason: "ok".to_owned(), addresses },
                    Ok(Route::Proxy) => Verdict { allowed: true, reason: "proxy".to_owned(), addresses: Vec::new() },
                    Err(refusal) => Verdict { allowed: false, reason: refusal.detail, addresses: Vec::new() },
                }
            }
            Err(_) => guard::judge(&arguments.url, &[], entries),
        }
    } else {
        guard::judge(&arguments.url, &arguments.answer, entries)
    };
    let addresses: Vec<String> = verdict.addresses.iter().map(ToString::to_string).collect();
    let text = match arguments.printed.format {
        Format::Json => json(
            &serde_json::json!({"url": arguments.url, "allowed": verdict.allowed, "reason": verdict.reason, "addresses": addresses}),
            context,
        )?,
        Format::Text => {
            let word = match (verdict.allowed, context.lang()) {
                (true, Lang::It) => "consentito",
                (true, Lang::En) => "allowed",
                (false, Lang::It) => "rifiutato",
                (false, Lang::En) => "refused",
            };
            format!("{word}  {}  {}  {}\n", clean(&arguments.url), clean(&verdict.reason), addresses.join(" "))
        }
    };
    context.print(&text)?;
    Ok(if verdict.allowed { Exit::Found } else { Exit::NotFound })
}

/// What a robots.txt says of addresses; exit code 1 when one of them is denied.
fn robots(arguments: &Robots, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let bytes = read(&arguments.file).map_err(|error| Failure::unreadable(&arguments.file, &error, lang))?;
    let robots = robots::Robots::parse(&bytes);
    let base = Url::parse("https://sito.example/").map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let mut text = String::new();
    let mut denied = false;
    let delay = robots.crawl_delay(&arguments.agent).map(|delay| delay.as_secs_f64());
    for address in &arguments.urls {
        let url = base.join(address).map_err(|error| {
            Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(address.clone()).because(error.to_string())
        })?;
        let decision = robots.check(&arguments.agent, &url);
        denied |= !decision.allowed;
        match arguments.printed.format {
            Format::Json => text.push_str(&json(
                &serde_json::json!({
                    "url": address,
                    "agent": arguments.agent,
                    "allowed": decision.allowed,
                    "line": decision.line.as_ref().map(|(number, _)| number),
                    "rule": decision.line.as_ref().map(|(_, rule)| rule),
                    "crawl_delay": delay,
                    "sitemaps": robots.sitemaps(),
                }),
                context,
            )?),
            Format::Text => {
                let word = match (decision.allowed, lang) {
                    (true, Lang::It) => "consentito",
                    (true, Lang::En) => "allowed",
                    (false, Lang::It) => "vietato",
                    (false, Lang::En) => "denied",
                };
                let rule =
                    decision.line.map(|(number, rule)| format!("  {number}: {}", clean(&rule))).unwrap_or_default();
                text.push_str(&format!("{word}  {}{rule}\n", clean(address)));
            }
        }
    }
    context.print(&text)?;
    Ok(if denied { Exit::NotFound } else { Exit::Found })
}

/// At most 1 MiB: twice what is ever read of a robots.txt, so that its own limit is seen at work.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(1 << 20).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(1 << 20).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn json<T: Serialize>(value: &T, context: &Context) -> Result<String, Failure> {
    report::json::line(value).map_err(|error| Failure::unwritable("json", &error, context.lang()))
}
