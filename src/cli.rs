//! The command line: types here, one file for each command, and the way from arguments to an exit code.
//!
//! Standard output is for data, standard error for log lines, progress and mistakes. The compile-time help is English;
//! [`help_it`] turns the built command into Italian. What was typed stays text until [`crate::config`] checks it, so that
//! flags, variables and files obey the same rules.

mod applications;
mod cases;
mod check;
mod comune;
mod config;
mod context;
mod db;
mod diff;
mod doctor;
mod evidence;
mod exit;
mod export;
mod failure;
pub mod help_it;
mod import;
mod inspect;
mod letters;
mod logging;
pub mod measure;
mod nightly;
mod notices;
mod outbox;
mod output;
mod prune;
mod rejudge;
mod report;
mod rules;
mod run;
mod runs;
mod saved;
mod send;
mod stop;
mod store_words;
mod subscribe;
mod terminal;
#[cfg(test)]
mod tests;
mod usage;
mod verdicts;
mod workshop;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{ArgAction, Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub use context::Context;
pub use exit::Exit;
pub use failure::{Failure, Line};
pub use stop::Stop;
pub use terminal::Terminal;

use crate::config::{Environment, Flags, Key, Lang, defaults, load};

/// Says, with evidence, whether the website of a comune offers login with SPID and CIE, payment through pagoPA, and
/// services on App IO.
#[derive(Debug, Parser)]
#[command(
    name = "riscontro",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = EXIT_CODES
)]
pub struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// The exit codes, at the end of `--help`.
const EXIT_CODES: &str = "\
Exit codes of check:
  0  every platform was found
  1  a platform was not found, or only mentioned (App IO: not stated on the site)
  3  no platform was missed, but at least one is undetermined
Of run:
  4  done, and so much turned worse that it waits for a person
Of send, outbox receipts and nightly:
  4  done, and letters failed, or something waits for a person
  75 letters, or what another run kept from being done, are tried again later
Of every command:
  2  wrong usage       70 internal fault   75 another run holds the lock
  65 wrong data        71 disk full        77 no permission
  66 no input          73 cannot create    78 wrong settings
  69 unavailable       74 reading or writing failed";

/// The options that every command takes.
#[expect(clippy::struct_excessive_bools, reason = "flags, one for each switch")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Shared options")]
struct Shared {
    /// Database, `sqlite://FILE` or `postgres://...` (default: a file in the user's data folder)
    #[arg(long, global = true, value_name = "URL")]
    db: Option<String>,
    /// Language of what is read (default: the locale's, Italian if unset)
    #[arg(long, global = true, value_name = "it|en")]
    lang: Option<String>,
    /// Configuration file (default: riscontro/riscontro.toml in the user's configuration folder)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Proxy for every request; proxies named by the environment are not obeyed
    #[arg(long, global = true, value_name = "URL")]
    proxy: Option<String>,
    /// Dial ADDRESS:PORT for HOST:PORT, may be repeated; an empty HOST or PORT matches all
    #[arg(long, global = true, value_name = "HOST:PORT:ADDRESS:PORT")]
    connect_to: Vec<String>,
    /// PEM file with certificate authorities to trust as well, may be repeated
    #[arg(long, global = true, value_name = "FILE")]
    ca_certificate: Vec<String>,
    /// Whom to write to (e-mail or web page), told to servers; needed by `run` over many sites
    #[arg(long, global = true, value_name = "WHO")]
    contact: Option<String>,
    #[arg(long, global = true, value_name = "SECONDS", allow_hyphen_values = true,
          help = format!("Seconds between two requests to one host (default {})", defaults::DELAY))]
    delay: Option<String>,
    #[arg(long, global = true, value_name = "SECONDS", allow_hyphen_values = true,
          help = format!("Seconds between two requests to one IP address (default {})", defaults::ADDRESS_DELAY))]
    address_delay: Option<String>,
    #[arg(long, global = true, value_name = "N", allow_hyphen_values = true,
          help = format!("Requests that one visit may send (default {})", defaults::MAX_REQUESTS))]
    max_requests: Option<String>,
    #[arg(long, global = true, value_name = "SECONDS", allow_hyphen_values = true,
          help = format!("Seconds that one visit may take (default {})", defaults::MAX_TIME))]
    max_time: Option<String>,
    #[arg(long, global = true, value_name = "N", allow_hyphen_values = true,
          help = format!("Sites visited at the same time (default {})", defaults::CONCURRENCY))]
    concurrency: Option<String>,
    /// DNS server to ask in place of the system's
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    resolver: Option<String>,
    /// Folder of rules in place of the built-in ones
    #[arg(long, global = true, value_name = "FOLDER")]
    selectors: Option<String>,
    /// Folder of notices in place of the built-in ones
    #[arg(long, global = true, value_name = "FOLDER")]
    notices: Option<String>,
    /// Do not draw pages that scripts make; they stay unread
    #[arg(long, global = true)]
    no_render: bool,
    /// Keep no pictures of pages that scripts draw
    #[arg(long, global = true)]
    no_pictures: bool,
    /// Chromium program in place of the system's
    #[arg(long, global = true, value_name = "FILE")]
    chromium: Option<String>,
    /// Folder of evidence (default: beside the database)
    #[arg(long, global = true, value_name = "FOLDER", conflicts_with = "no_evidence")]
    evidence: Option<String>,
    /// Do not keep the bytes behind what `run` and `check --save` find
    #[arg(long, global = true)]
    no_evidence: bool,
    /// Form of log lines on standard error
    #[arg(long, global = true, value_name = "text|json")]
    log_format: Option<String>,
    /// Tell errors only, and no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Tell more; -vv and -vvv tell still more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Print this help
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Inspect(inspect::Arguments),
    Run(run::Arguments),
    Import(import::Arguments),
    Comune(comune::Arguments),
    Diff(diff::Arguments),
    Prune(prune::Arguments),
    Send(send::Arguments),
    Subscribe(subscribe::Arguments),
    Nightly(nightly::Arguments),
    Outbox(outbox::Arguments),
    Applications(applications::Arguments),
    Verdicts(verdicts::Arguments),
    Report(report::Arguments),
    Export(export::Arguments),
    Evidence(evidence::Arguments),
    Rejudge(rejudge::Arguments),
    Rules(rules::Arguments),
    Notices(notices::Arguments),
    Doctor(doctor::Arguments),
    Config(config::Arguments),
    Db(db::Arguments),
}

impl Command {
    /// Asked to stop, a command that changes nothing stops where it is; a file that it was writing is then not there. The others end
    /// what is under way, each in its own way.
    const fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Comune(_)
                | Self::Diff(_)
                | Self::Applications(_)
                | Self::Verdicts(_)
                | Self::Report(_)
                | Self::Export(_)
        )
    }
}

/// Output for people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Text.
    #[default]
    Text,
    /// JSON, one object a line.
    Json,
}

/// How a command prints, where text and JSON are all there is.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Printed {
    /// How to print
    #[arg(
        long,
        value_name = "text|json",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) format: Format,
}

impl Shared {
    /// What was typed, for the settings to check.
    fn flags(&self) -> Flags {
        let single = [
            (Key::Db, &self.db),
            (Key::Lang, &self.lang),
            (Key::Proxy, &self.proxy),
            (Key::Contact, &self.contact),
            (Key::Delay, &self.delay),
            (Key::AddressDelay, &self.address_delay),
            (Key::MaxRequests, &self.max_requests),
            (Key::MaxTime, &self.max_time),
            (Key::Concurrency, &self.concurrency),
            (Key::Resolver, &self.resolver),
            (Key::Selectors, &self.selectors),
            (Key::Notices, &self.notices),
            (Key::Chromium, &self.chromium),
            (Key::Evidence, &self.evidence),
            (Key::LogFormat, &self.log_format),
        ];
        let mut values: Vec<(Key, String)> =
            single.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
        values.extend(self.connect_to.iter().map(|value| (Key::ConnectTo, value.clone())));
        values.extend(self.ca_certificate.iter().map(|value| (Key::CaCertificate, value.clone())));
        if self.no_render {
            values.push((Key::Render, "never".to_owned()));
        }
        if self.no_pictures {
            values.push((Key::Pictures, "never".to_owned()));
        }
        if self.no_evidence {
            values.push((Key::Evidence, "never".to_owned()));
        }
        if self.quiet {
            values.push((Key::Verbosity, "-1".to_owned()));
        } else if self.verbose > 0 {
            values.push((Key::Verbosity, self.verbose.min(3).to_string()));
        }
        Flags { values, config: self.config.clone() }
    }
}

/// The command line as clap knows it, with its texts in a language.
pub fn command(lang: Lang) -> clap::Command {
    let command = <Cli as clap::CommandFactory>::command();
    match lang {
        Lang::En => command,
        Lang::It => help_it::translate(command),
    }
}

/// The language before anything is parsed: `--lang` among the arguments, then `RISCONTRO_LANG`, then the locale.
fn language(arguments: &[OsString], environment: &Environment) -> Lang {
    let mut arguments = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        let value = match argument.as_ref() {
            "--" => break,
            "--lang" => arguments.next().map(std::borrow::Cow::into_owned),
            other => other.strip_prefix("--lang=").map(str::to_owned),
        };
        if let Some(lang) = value.and_then(|value| value.parse().ok()) {
            return lang;
        }
    }
    let variable = environment.get("RISCONTRO_LANG").and_then(|value| value.parse().ok());
    variable.unwrap_or_else(|| Lang::of_locale(environment))
}

/// The whole program: parses, runs, prints mistakes, and says how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let environment = Environment::of_process();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut lang = language(&arguments, &environment);
    let exit = match start(&arguments, &environment, &mut lang) {
        Ok(exit) => exit,
        Err(failure) => {
            terminal::complain(&failure.render(lang));
            failure.exit
        }
    };
    ExitCode::from(exit.code())
}

fn start(arguments: &[OsString], environment: &Environment, lang: &mut Lang) -> Result<Exit, Failure> {
    let parsed = command(*lang).try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error, *lang),
    };
    let flags = cli.shared.flags();
    if let Command::Config(arguments) = &cli.command {
        return config::run(arguments, environment, &flags, *lang);
    }
    let loaded = load(environment, &flags).map_err(|error| Failure::of_settings(&error, *lang))?;
    *lang = loaded.settings.lang;
    let terminal = Terminal::new(environment, loaded.settings.verbosity);
    logging::start(&loaded.settings, &terminal);
    for variable in &loaded.unknown_variables {
        tracing::warn!(variable, "no setting has this name");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(Exit::Internal, lang.pick("avvio", "start")).because(Failure::io(&error, *lang))
    })?;
    let context = Context::new(loaded.settings, terminal);
    runtime.block_on(dispatch(cli.command, context))
}

async fn dispatch(command: Command, mut context: Context) -> Result<Exit, Failure> {
    let stop = Stop::listen();
    context.stop = stop.clone();
    let only_reads = command.only_reads();
    let work = Box::pin(perform(command, context));
    if only_reads { stop.unless(work).await.unwrap_or(Ok(Exit::Interrupted)) } else { work.await }
}

async fn perform(command: Command, context: Context) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::run(&arguments, &context).await,
        Command::Inspect(arguments) => inspect::run(&arguments, &context),
        Command::Run(arguments) => run::run(&arguments, &context).await,
        Command::Import(arguments) => import::run(&arguments, &context).await,
        Command::Comune(arguments) => comune::run(&arguments, &context).await,
        Command::Prune(arguments) => prune::run(&arguments, &context).await,
        Command::Send(arguments) => send::run(&arguments, &context).await,
        Command::Subscribe(arguments) => subscribe::run(&arguments, &context).await,
        Command::Nightly(arguments) => nightly::run(&arguments, &context).await,
        Command::Outbox(arguments) => outbox::run(&arguments, &context).await,
        Command::Diff(arguments) => diff::run(&arguments, &context).await,
        Command::Applications(arguments) => applications::run(&arguments, &context).await,
        Command::Verdicts(arguments) => verdicts::run(&arguments, &context).await,
        Command::Report(arguments) => report::run(&arguments, &context).await,
        Command::Export(arguments) => export::run(&arguments, &context).await,
        Command::Evidence(arguments) => evidence::run(&arguments, &context).await,
        Command::Rejudge(arguments) => rejudge::run(&arguments, &context).await,
        Command::Rules(arguments) => rules::run(&arguments, &context),
        Command::Notices(arguments) => notices::run(&arguments, &context),
        Command::Doctor(arguments) => doctor::run(&arguments, &context).await,
        Command::Db(arguments) => db::run(&arguments, &context).await,
        // Answered before the settings are loaded: it must work when they are wrong.
        Command::Config(_) => Ok(Exit::Found),
    }
}
