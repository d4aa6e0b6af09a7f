#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;
use crate::model::{Coverage, End, Finding, Outcome, Platform, Reach, Reason, Visit};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("riscontro").chain(line.split_whitespace()))
}

/// The failure that a wrong command line ends in, as printed.
fn wrong(line: &str, lang: Lang) -> String {
    let error = parse(line).unwrap_err();
    let failure = usage::answer(&error, lang).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    failure.render(lang)
}

#[test]
fn the_definitions_hold_together_in_both_languages() {
    for lang in Lang::ALL {
        command(lang).debug_assert();
    }
}

#[test]
fn the_promised_commands_parse() {
    let lines = [
        "check https://www.comune.esempio.it/",
        "check www.comune.esempio.it c_a116 --format json --save --own-site --explain",
        "check a.it --format html --lang en --db sqlite://x.db --connect-to :443:127.0.0.1:8443 --connect-to a:1:127.0.0.1:2",
        "--lang en check a.it",
        "inspect page.html --url https://a.it/ --format json --content-type text/html",
        "inspect - --url https://a.it/",
        "run",
        "run list --format json",
        "run release 3",
        "run discard 3 --format json",
        "diff --from 2026-01-01",
        "diff --from 2026-01-01 --to 2026-02-01 --region Lazio --format csv --rfc4180 --output d.csv",
        "export observations --all --as-of 2026-01-01 --format jsonl",
        "run --targets sites.csv --limit 5 --fresh --format json --contact a@b.it --concurrency 8 -q",
        "import ipa amministrazioni.txt --date 2018-07-26 --report quality.json --format json",
        "import appio services.json.gz --partial",
        "comune Agliè --format json --max-age 30",
        "export findings --format csv --run 1 --output out.csv --rfc4180",
        "export findings --format jsonl",
        "rules list",
        "rules lint --selectors dir",
        "rules test",
        "rules explain spid.sp-button",
        "rules schema",
        "notices list",
        "notices show fondo-innovazione-2020 --format json",
        "notices lint --notices dir",
        "notices schema",
        "doctor",
        "doctor --format json",
        "doctor guard http://a.it/ --answer 127.0.0.1 ::1",
        "doctor guard http://a.it/ --answer 127.0.0.1 --answer 10.0.0.1 --format json",
        "doctor robots robots.txt --agent riscontro /a /b",
        "config show --format json",
        "config check",
        "config example",
        "send",
        "send --limit 5 --format json",
        "send --dry-run",
        "send --redirect-to a@b.it --limit 1",
        "send --test a@b.it",
        "outbox list --state failed --state unsure --to a@b.it --limit 3 --format json",
        "outbox show 1 --raw",
        "outbox resend 1 2 --format json",
        "outbox discard 1",
        "outbox receipts folder --format json",
        "outbox receipts",
        "outbox receipts imaps://a@b.it/INBOX --again",
        "evidence list --visit 1",
        "evidence show 1/0 --body",
        "evidence verify --run 1",
        "evidence replay --run 1 --format json",
        "db status",
        "db migrate",
        "check a.it --delay 0.5 --address-delay 0 --max-requests 3 --max-time 9 --resolver 127.0.0.1:53 --proxy http://p:1 \
         --ca-certificate ca.pem --log-format json -vv --config c.toml",
    ];
    for line in lines {
        if let Err(error) = parse(line) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn commands_of_later_do_not_exist_yet() {
    for line in ["serve", "worker", "import pagopa x", "verdicts", "report", "evidence export", "generate man", "help"]
    {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn mistakes_of_usage_are_one_line_and_a_hint() {
    let cases = [
        (
            "check",
            "riscontro: uso: <URL|comune>...: è necessario\n",
            "riscontro: usage: <URL|comune>...: is required\n",
        ),
        (
            "chekc a.it",
            "riscontro: uso: chekc: comando sconosciuto\n  suggerimento: forse `check`\n",
            "riscontro: usage: chekc: unknown command\n  hint: perhaps `check`\n",
        ),
        (
            "check a.it --fromat x",
            "riscontro: uso: --fromat: argomento sconosciuto\n  suggerimento: forse `--format`\n",
            "riscontro: usage: --fromat: unknown argument\n  hint: perhaps `--format`\n",
        ),
        (
            "check a.it --format xml",
            "riscontro: uso: --format <text|json|html>: non può essere `xml`\n  suggerimento: i valori possibili sono text, json, html\n",
            "riscontro: usage: --format <text|json|html>: cannot be `xml`\n  hint: possible values are text, json, html\n",
        ),
        (
            "inspect p.html",
            "riscontro: uso: --url <URL>: è necessario\n",
            "riscontro: usage: --url <URL>: is required\n",
        ),
        (
            "run --limit many",
            "riscontro: uso: --limit <N>: non può essere `many`\n",
            "riscontro: usage: --limit <N>: cannot be `many`\n",
        ),
        (
            "run --limit",
            "riscontro: uso: --limit <N>: manca il valore\n",
            "riscontro: usage: --limit <N>: the value is missing\n",
        ),
        (
            "run --db a --db b",
            "riscontro: uso: --db <URL>: si può dare una volta sola\n",
            "riscontro: usage: --db <URL>: can be given only once\n",
        ),
        (
            "run -q -v",
            "riscontro: uso: --quiet: non si può usare con --verbose...\n",
            "riscontro: usage: --quiet: cannot be used with --verbose...\n",
        ),
    ];
    for (line, it, en) in cases {
        let (said_it, said_en) = (wrong(line, Lang::It), wrong(line, Lang::En));
        assert!(said_it.starts_with(it), "{line}: {said_it}");
        assert!(said_en.starts_with(en), "{line}: {said_en}");
        assert_eq!(said_it.lines().count(), 2, "{line}: {said_it}");
    }
}

#[test]
fn the_language_is_known_before_parsing() {
    let decide = |line: &str, variables: &[(&str, &str)]| {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        language(&arguments, &variables.iter().copied().collect())
    };
    assert_eq!(decide("riscontro check", &[]), Lang::It);
    assert_eq!(decide("riscontro check --lang en", &[]), Lang::En);
    assert_eq!(decide("riscontro --lang=en --bad", &[]), Lang::En);
    assert_eq!(decide("riscontro --lang it", &[("LANG", "en_US")]), Lang::It);
    assert_eq!(decide("riscontro --lang xx", &[("LANG", "en_US")]), Lang::En);
    assert_eq!(decide("riscontro check", &[("RISCONTRO_LANG", "en"), ("LANG", "it_IT")]), Lang::En);
    assert_eq!(decide("riscontro check -- --lang en", &[]), Lang::It);
    assert_eq!(decide("--lang en", &[]), Lang::It, "the program's own name is no argument");
}

#[test]
fn flags_reach_the_settings() {
    let line = "run --delay 2.5 --connect-to :80:127.0.0.1:1 --connect-to :81:127.0.0.1:2 -vvvvv --contact a@b.it";
    let loaded = load(&Environment::default(), &parse(line).unwrap().shared.flags()).unwrap();
    assert_eq!(loaded.settings.delay.as_millis(), 2500);
    assert_eq!(loaded.settings.connect_to.len(), 2);
    assert_eq!(loaded.settings.verbosity, 3);
    let quiet = load(&Environment::default(), &parse("-q run").unwrap().shared.flags()).unwrap();
    assert_eq!(quiet.settings.verbosity, -1);
}

#[test]
fn a_wrong_flag_is_usage_and_a_wrong_variable_is_configuration() {
    let flags = parse("run --delay -1").unwrap().shared.flags();
    let error = load(&Environment::default(), &flags).unwrap_err();
    let failure = Failure::of_settings(&error, Lang::It);
    assert_eq!(failure.exit, Exit::Usage);
    assert_eq!(
        failure.render(Lang::It),
        "riscontro: impostazioni: --delay: `delay` non può essere `-1`\n  \
         suggerimento: atteso: secondi da 0 a 3600, per esempio 1.5\n"
    );
    let environment = [("RISCONTRO_MAX_REQUESTS", "none")].into_iter().collect();
    let failure = Failure::of_settings(&load(&environment, &flags).unwrap_err(), Lang::En);
    assert_eq!((failure.exit, failure.lines.len()), (Exit::Config, 2));
}

#[test]
fn a_run_over_many_sites_needs_a_contact() {
    let mut settings = load(&Environment::default(), &Flags::default()).unwrap().settings;
    assert_eq!(run::refuse_without_contact(10, &settings), Ok(()));
    let failure = run::refuse_without_contact(11, &settings).unwrap_err();
    assert_eq!(failure.exit, Exit::Config);
    assert!(failure.render(Lang::It).starts_with("riscontro: manca il contatto: --contact: per visitare 11 siti"));
    settings.contact = Some("a@b.it".into());
    assert_eq!(run::refuse_without_contact(7_896, &settings), Ok(()));
}

fn visit(outcomes: &[Outcome]) -> Visit {
    let finding = |outcome: &Outcome| Finding {
        platform: Platform::Spid,
        outcome: *outcome,
        strength: None,
        reason: Reason::Proof,
        signals: Vec::new(),
    };
    Visit {
        url: "https://a.it/".parse().unwrap(),
        comune: crate::model::Comune::default(),
        started: jiff::Timestamp::UNIX_EPOCH,
        finished: jiff::Timestamp::UNIX_EPOCH,
        requests: 0,
        end: End::Decided,
        catalogue: String::new(),
        catalogue_sha256: String::new(),
        coverage: Coverage {
            pages: std::collections::BTreeMap::new(),
            login_page: Reach::NotSeen,
            payment_page: Reach::NotSeen,
            refusals: std::collections::BTreeMap::new(),
            unread: 0,
            complete: false,
        },
        findings: outcomes.iter().map(finding).collect(),
        vendors: Vec::new(),
        remarks: Vec::new(),
        pages: Vec::new(),
        path: Vec::new(),
        left_unread: Vec::new(),
    }
}

#[test]
fn the_exit_code_tells_the_strongest_lack() {
    use Outcome::{Found, Mentioned, NotFound, Undetermined};
    let cases: [(&[Outcome], u8); 8] = [
        (&[], 0),
        (&[Found, Found], 0),
        (&[Found, NotFound], 1),
        (&[Found, Mentioned], 1),
        (&[Undetermined, Found], 3),
        (&[Undetermined, NotFound], 1),
        (&[NotFound, Undetermined], 1),
        (&[Undetermined, Undetermined], 3),
    ];
    for (outcomes, code) in cases {
        assert_eq!(Exit::of_visits([&visit(outcomes)]).code(), code, "{outcomes:?}");
    }
    assert_eq!(Exit::of_visits([&visit(&[Undetermined]), &visit(&[NotFound])]), Exit::NotFound);
    assert_eq!(Exit::of_visits([&visit(&[NotFound]), &visit(&[Found])]), Exit::NotFound);
}

#[test]
fn a_reader_that_went_away_is_no_failure_to_tell() {
    let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    let failure = Failure::unwritable("stdout", &gone, Lang::It);
    assert_eq!((failure.exit, failure.render(Lang::It).as_str()), (Exit::Pipe, ""));
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let failure = Failure::unwritable("out.csv", &full, Lang::It);
    assert_eq!(failure.render(Lang::It), "riscontro: non si riesce a scrivere: out.csv: il disco è pieno\n");
    assert_eq!(failure.exit, Exit::Full);
}

#[test]
fn a_failure_cannot_be_forged_by_what_it_repeats() {
    let failure = Failure::new(Exit::Data, "riga").at("x\nriscontro: tutto bene\u{1b}[2J").because("y");
    assert_eq!(failure.render(Lang::It), "riscontro: riga: x riscontro: tutto bene\u{fffd}[2J: y\n");
}

/// The whole letter, as it leaves.
#[test]
fn the_letter_that_tries_out_the_settings() {
    for lang in Lang::ALL {
        let from: crate::model::Mailbox = "Verifica dei siti <verifiche@ente.example>".parse().unwrap();
        let envelope = crate::mail::Envelope {
            message_id: crate::mail::message_id("test", &from.address),
            reply_to: None,
            to: "prova@ente.example".parse().unwrap(),
            date: "2026-11-23T02:00:00Z".parse().unwrap(),
            from,
        };
        let bytes = crate::mail::compose(&send::trial_letter(lang), &envelope).unwrap();
        let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n").replace(crate::VERSION, "VERSION");
        insta::assert_snapshot!(format!("trial-letter.{lang}"), text);
    }
}

#[test]
fn help_pages() {
    for lang in Lang::ALL {
        // A fixed width: the terminal that the tests run in must not matter.
        let mut command = command(lang).term_width(100);
        command.build();
        insta::assert_snapshot!(format!("help.{lang}"), command.render_help().to_string());
        let check = command.find_subcommand_mut("check").unwrap();
        insta::assert_snapshot!(format!("help-check.{lang}"), check.render_help().to_string());
    }
}

#[tokio::test]
async fn a_stop_that_nobody_asks_for_never_comes() {
    let stop = Stop::never();
    assert!(!stop.is_requested());
    let waited = tokio::time::timeout(std::time::Duration::from_millis(20), stop.requested()).await;
    assert!(waited.is_err());
}
