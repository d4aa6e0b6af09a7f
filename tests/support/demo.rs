//! The main job without the internet: starts the local web of made-up comuni, runs the binary against it, and prints
//! each command as it would be typed, with what it says.
//!
//! ```text
//! cargo run --release --example demo              # a few visits, a run, an export
//! cargo run --release --example demo -- Borgofinto Sassolieve   # the way that a visit of these takes
//! cargo run --release --example demo -- --table       # found and requests over all comuni: docs/requests.md
//! cargo run --release --example demo -- --table --no-render     # the same without a browser
//! cargo run --release --example demo -- --serve       # only the web, to look at its pages with a browser
//! cargo run --release --example demo -- --requests    # every request of every comune, or of those named
//! ```

#![allow(clippy::print_stdout, reason = "a demonstration speaks to a person")]

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

#[path = "mod.rs"]
mod support;

use support::{
    Comune, Riscontro, Web, comuni,
    measure::{Answered, everyone},
    run::{Ended, shell_line},
    table::Table,
};

/// Exit codes with which a visit ends as it should: all found, something not found, something undetermined.
const VISITED: [i32; 3] = [0, 1, 3];

fn main() -> ExitCode {
    let Some(binary) = binary() else {
        println!("The riscontro binary could not be built: see above.");
        return ExitCode::FAILURE;
    };
    let mut asked: Vec<String> = std::env::args().skip(1).collect();
    let draw = !asked.iter().any(|word| word == "--no-render");
    asked.retain(|word| word != "--no-render");
    if let Some(flag) = asked.first().filter(|flag| ["--table", "--requests"].contains(&flag.as_str())) {
        let chosen =
            comuni::all().into_iter().filter(|one| asked.len() == 1 || asked[1..].contains(&one.name.to_owned()));
        return measured(&binary, &chosen.collect::<Vec<_>>(), flag == "--requests", draw);
    }
    let everyone = comuni::all();
    let web = Web::of(comuni::sites(&everyone));
    let riscontro = Riscontro::new(&binary, &web);

    if asked.first().is_some_and(|flag| flag == "--serve") {
        println!("http {}\nhttps {}\nends with the standard input", web.http(), web.https());
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        return ExitCode::SUCCESS;
    }
    println!("A local web of {} made-up comuni, on this machine only:", everyone.len());
    println!("  http  {}\n  https {}\n", web.http(), web.https());
    println!("Every name leads there by these flags, which the commands below leave out:");
    println!("  {}\n", riscontro.network_flags().join(" "));

    let mut shown = Shown { binary, good: true };
    if !asked.is_empty() {
        for name in asked {
            let comune = comuni::named(&name);
            println!("# {name}: {}\n# true of it: {:?}", comune.note, comune.expected);
            let arguments = ["check".to_owned(), comune.url(), "--explain".to_owned()];
            shown.show(&arguments, &riscontro.run(&arguments), &VISITED, None);
        }
        return if shown.good { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    for name in ["Borgofinto", "Roccasonora", "Vicofermo"] {
        let comune = comuni::named(name);
        println!("# {name}: {}", comune.note);
        let arguments = ["check".to_owned(), comune.url()];
        shown.show(&arguments, &riscontro.run(&arguments), &VISITED, None);
    }

    println!("# All of them, into a database");
    let targets = riscontro.path("comuni.csv");
    if let Err(error) = std::fs::write(&targets, comuni::targets_csv(&everyone)) {
        println!("cannot write {}: {error}", targets.display());
        return ExitCode::FAILURE;
    }
    let database = riscontro.database("dimostrazione.db");
    let run = ["run", "--targets", &targets.display().to_string(), "--db", &database].map(str::to_owned);
    shown.show(&run, &riscontro.run(&run), &VISITED, None);

    println!("# What was found, for a spreadsheet");
    let export = ["export", "findings", "--format", "csv", "--db", &database].map(str::to_owned);
    shown.show(&export, &riscontro.local(&export), &[0], Some(10));

    let log = web.log();
    println!("The local web counted {} requests to {} hosts;", log.all().len(), log.hosts().len());
    println!("most at the same moment to one host: {}.", most_open(&web));
    if shown.good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Visits each comune alone and prints the figures, or every request with its answers.
fn measured(binary: &Path, comuni: &[Comune], each: bool, draw: bool) -> ExitCode {
    let measured = everyone(binary, comuni, draw);
    if !each {
        println!("{}", Table(&measured));
        return ExitCode::SUCCESS;
    }
    for one in &measured {
        println!("{} ({}), {} requests: {}", one.comune.name, one.comune.number, one.requests.len(), one.comune.note);
        for answered in &one.answers {
            let Answered { platform, outcome, reason, expected, until } = answered;
            let right = expected.accepts(outcome, reason);
            let mark = if right { ' ' } else { '!' };
            let until = until.map(|until| format!(", after {until}")).unwrap_or_default();
            println!("    {mark} {platform}: {outcome} ({reason}{until}); true is {expected:?}");
        }
        print!("{}", one.ways());
    }
    ExitCode::SUCCESS
}

/// What has been shown so far.
struct Shown {
    binary: PathBuf,
    good: bool,
}

impl Shown {
    /// Prints a command as it would be typed, what it said, and what went wrong if something did.
    fn show(&mut self, arguments: &[String], ended: &Ended, codes: &[i32], lines: Option<usize>) {
        let pipe = lines.map(|lines| format!(" | head -n {lines}")).unwrap_or_default();
        println!("$ {}{pipe}", shell_line(&self.binary, arguments));
        ended.stdout.lines().take(lines.unwrap_or(usize::MAX)).for_each(|line| println!("{line}"));
        let silent = ended.stdout.trim().is_empty();
        if ended.code().is_none_or(|code| !codes.contains(&code)) || silent {
            self.good = false;
            println!("{}\n^ this command did not work: {}", ended.stderr, ended.status);
        } else {
            println!("(exit code {}, {:.1} s)", ended.code().unwrap_or_default(), ended.took.as_secs_f64());
        }
        println!();
    }
}

fn most_open(web: &Web) -> usize {
    web.log().hosts().iter().map(|host| web.log().max_open(host)).max().unwrap_or_default()
}

/// The binary of the same profile: `target/<profile>/riscontro` beside `target/<profile>/examples/demo`. It is always
/// handed to cargo first, which does nothing when it is up to date.
fn binary() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.parent()?.to_path_buf();
    let binary = folder.join("riscontro");
    let profile = match folder.file_name()?.to_str()? {
        "debug" => "dev",
        other => other,
    };
    let built = Command::new("cargo")
        // Together with this example, so that both are built with the same features and nothing is compiled twice.
        .args(["build", "--bin", "riscontro", "--example", "demo", "--profile", profile])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    // Without cargo (the example copied elsewhere) the binary beside it is what there is.
    let usable = built.map_or(binary.is_file(), |status| status.success() && binary.is_file());
    usable.then_some(binary)
}
