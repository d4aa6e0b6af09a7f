//! `run` and `export`: many sites, one database, and whatever comes in between.

#![expect(clippy::print_stdout, reason = "what could not be tested is said")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use support::{
    Comune, Riscontro, Web,
    comuni::{
        self, alike,
        markup::{cie_button, home, login_link, login_page, own_site, spid_button},
    },
    database, process,
    run::Ended,
    sound::findings,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

const DONE: &str = "SELECT count(*) FROM run_target WHERE state = 'done'";

/// Twelve comuni, every other one with a way in; each answer takes this long.
fn country(latency: Duration) -> (Vec<Comune>, Web) {
    alike::country(12, latency, |number| number.is_multiple_of(2))
}

/// A list of sites as a file in the home.
fn list(riscontro: &Riscontro, name: &str, text: &str) -> String {
    let path = riscontro.path(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Waits until so many sites are stored, as a second connection sees them.
#[track_caller]
fn wait_for(database: &Path, done: i64) {
    let started = Instant::now();
    while database::number(database, DONE).is_none_or(|count| count < done) {
        assert!(started.elapsed() < Duration::from_mins(1), "{done} sites were never stored");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Hosts of the sites that are stored as done.
fn done_hosts(database: &Path) -> BTreeSet<String> {
    let query = "SELECT url FROM run_target JOIN site ON site.id = run_target.site WHERE state = 'done'";
    let urls = database::rows(database, query);
    urls.iter().map(|row| url::Url::parse(&row[0]).unwrap().host_str().unwrap().to_owned()).collect()
}

/// One line on standard error says what went wrong, and names the place.
#[track_caller]
fn assert_one_line(ended: &Ended, code: i32, place: &str) {
    ended.assert_code(code);
    let lines: Vec<&str> = ended.stderr.lines().filter(|line| !line.starts_with("  ")).collect();
    assert_eq!(lines.len(), 1, "one line for one mistake: {ended}");
    assert!(lines[0].starts_with("riscontro: ") && lines[0].contains(place), "`{place}` is not named: {ended}");
    assert!(!ended.stderr.contains("panicked"), "{ended}");
}

#[test]
fn a_run_stores_every_site_and_tells_what_it_did() {
    let (comuni, web) = country(Duration::ZERO);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db) = (list(&riscontro, "comuni.csv", &comuni::targets_csv(&comuni)), riscontro.database("a.db"));
    let summary = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--format", "json"]);
    summary.assert_code(0);
    let summary = summary.json();
    assert_eq!(summary["schema"], "riscontro.run/1");
    assert_eq!((summary["finished"].as_u64(), summary["already"].as_u64()), (Some(12), Some(0)), "{summary}");
    assert_eq!(summary["state"], "finished", "{summary}");
    let file = riscontro.path("a.db");
    database::assert_whole(&file);
    assert_eq!(database::number(&file, DONE), Some(12));
    assert_eq!(database::number(&file, "SELECT count(*) FROM visit"), Some(12));
    assert_eq!(database::number(&file, "SELECT count(*) FROM finding"), Some(48), "four for each site");
    let found = "SELECT count(*) FROM finding WHERE platform = 'spid' AND outcome = 'found'";
    assert_eq!(database::number(&file, found), Some(6));
    let unproved = "SELECT count(*) FROM finding WHERE outcome = 'found'
                    AND NOT EXISTS (SELECT 1 FROM signal WHERE signal.finding = finding.id AND length(sha256) = 64)";
    assert_eq!(database::number(&file, unproved), Some(0), "every found has its evidence, with its digest");
    // Again: everything is done, and nobody is asked.
    web.log().clear();
    let text = riscontro.run(&["run", "--targets", &targets, "--db", &db]);
    text.assert_code(0);
    assert!(text.stdout.contains("SPID"), "{text}");
}

#[test]
fn a_killed_run_goes_on_without_repeating_what_was_finished() {
    let (comuni, web) = country(Duration::from_millis(60));
    let riscontro = Riscontro::new(BINARY, &web).flag(&["--concurrency", "2"]);
    let targets = list(&riscontro, "comuni.csv", &comuni::targets_csv(&comuni));
    let uncut = riscontro.database("uncut.db");
    riscontro.run(&["run", "--targets", &targets, "--db", &uncut]).assert_code(0);
    let expected = findings(&riscontro, &uncut);

    let (db, file) = (riscontro.database("cut.db"), riscontro.path("cut.db"));
    for done in [2, 5] {
        let running = riscontro.spawn(&["run", "--targets", &targets, "--db", &db]);
        wait_for(&file, done);
        let killed = running.kill();
        assert_eq!(killed.code(), None, "{killed}");
        database::assert_whole(&file);
    }
    let finished = done_hosts(&file);
    assert!((5..12).contains(&finished.len()), "the kill came in the middle: {finished:?}");
    web.log().clear();
    let resumed = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--format", "json"]);
    resumed.assert_code(0);
    let summary = resumed.json();
    assert_eq!(summary["resumed"], true, "{summary}");
    assert_eq!(summary["already"].as_u64(), Some(finished.len() as u64), "{summary}");
    for host in &finished {
        assert_eq!(web.log().of(host).len(), 0, "{host} was finished and asked again:\n{}", web.log().dump());
    }
    // One that was all but stored has nothing left to be asked.
    assert!(web.log().hosts().len() <= 12 - finished.len(), "{}", web.log().dump());
    database::assert_whole(&file);
    assert_eq!(database::number(&file, "SELECT count(*) FROM visit"), Some(12), "one result for each site");
    assert_eq!(findings(&riscontro, &db), expected);
}

#[test]
fn a_run_that_is_asked_to_stop_ends_cleanly_and_goes_on_later() {
    let (comuni, web) = country(Duration::from_millis(60));
    let riscontro = Riscontro::new(BINARY, &web).flag(&["--concurrency", "2"]);
    let targets = list(&riscontro, "comuni.csv", &comuni::targets_csv(&comuni));
    let (db, file) = (riscontro.database("stop.db"), riscontro.path("stop.db"));
    let running = riscontro.spawn(&["run", "--targets", &targets, "--db", &db, "--format", "json"]);
    wait_for(&file, 3);
    process::signal(running.id(), "TERM");
    let stopped = running.wait(Duration::from_secs(40));
    stopped.assert_code(130);
    assert_eq!(stopped.json()["state"], "interrupted", "{stopped}");
    let finished = done_hosts(&file);
    assert!(finished.len() < 12, "it stopped in the middle");
    assert_eq!(database::rows(&file, "SELECT state FROM run"), [["interrupted"]]);
    web.log().clear();
    riscontro.run(&["run", "--targets", &targets, "--db", &db]).assert_code(0);
    assert!(finished.iter().all(|host| web.log().of(host).is_empty()), "{}", web.log().dump());
    assert_eq!(database::number(&file, DONE), Some(12));
}

#[test]
fn a_second_run_on_the_same_database_leaves_at_once() {
    let (comuni, web) = country(Duration::from_millis(250));
    let riscontro = Riscontro::new(BINARY, &web).flag(&["--concurrency", "1"]);
    let (first, second) = comuni.split_at(6);
    let first = list(&riscontro, "first.csv", &comuni::targets_csv(first));
    let others = list(&riscontro, "second.csv", &comuni::targets_csv(second));
    let db = riscontro.database("lock.db");
    let running = riscontro.spawn(&["run", "--targets", &first, "--db", &db]);
    wait_for(&riscontro.path("lock.db"), 1);
    let refused = riscontro.run(&["run", "--targets", &others, "--db", &db]);
    assert_one_line(&refused, 75, "lock.db");
    for comune in second {
        assert_eq!(web.log().of(&comune.host()).len(), 0, "{}", web.log().dump());
    }
    running.kill();
    // The lock goes with its holder, however that ended.
    riscontro.run(&["run", "--targets", &others, "--db", &db, "--limit", "1"]).assert_code(0);
}

#[test]
fn more_than_ten_sites_need_somebody_to_write_to() {
    let (comuni, web) = country(Duration::ZERO);
    let mut flags = web.flags();
    flags.extend(["--delay", "0", "--address-delay", "0"].map(str::to_owned));
    let riscontro = Riscontro::bare(BINARY).network(flags);
    let (db, file) = (riscontro.database("contact.db"), riscontro.path("contact.db"));
    let eleven = list(&riscontro, "eleven.csv", &comuni::targets_csv(&comuni[..11]));
    let refused = riscontro.run(&["run", "--targets", &eleven, "--db", &db]);
    assert_one_line(&refused, 78, "--contact");
    assert_eq!(web.log().connections().len(), 0, "nobody may be asked before it is said whom to write to");
    // Ten are few enough, and a contact in the settings counts as one on the command line.
    riscontro.run(&["run", "--targets", &eleven, "--db", &db, "--limit", "10"]).assert_code(0);
    assert_eq!(database::number(&file, DONE), Some(10));
    let config = list(&riscontro, "riscontro.toml", "contact = \"verifiche@example.org\"\n");
    riscontro.run(&["run", "--targets", &eleven, "--db", &db, "--config", &config]).assert_code(0);
    assert!(web.log().all().iter().any(|entry| entry.agent.contains("verifiche@example.org")));
}

#[test]
fn bad_rows_are_told_with_their_line_and_the_rest_goes_on() {
    let (comuni, web) = country(Duration::ZERO);
    let riscontro = Riscontro::new(BINARY, &web);
    let text = format!(
        "codice_ipa;name;url;population;region\r\nc_y001;Ala;{};1000;Piemonte\r\nc_y002;Bela;sindaco@comune.it;5;Piemonte\r\n\
         c_y003;Cela;javascript:alert(1);5;Piemonte\r\nc_y004;Dela;{};tanti;Piemonte\r\nc_y005;Ela\r\nc_y006;Fela;{};7;Piemonte\r\n\
         c_y007;\u{1b}[31mGela;\u{1b}[2Jhttp://\u{1b};7;Piemonte\r\n",
        comuni[0].url(),
        comuni[3].url(),
        comuni[0].url(),
    );
    let (targets, db) = (list(&riscontro, "rows.csv", &text), riscontro.database("rows.db"));
    let ended = riscontro.run(&["run", "--targets", &targets, "--db", &db, "--format", "json"]);
    ended.assert_code(0);
    for line in [3, 4, 5, 6, 7, 8] {
        assert!(ended.stderr.contains(&format!("rows.csv:{line}: ")), "line {line} is not told: {ended}");
    }
    assert!(!ended.stderr.contains("rows.csv:2: "), "{ended}");
    assert!(!ended.stderr.contains('\u{1b}'), "a row wrote on the terminal: {ended}");
    assert_eq!(ended.json()["finished"], 2, "{ended}");
    assert_eq!(done_hosts(&riscontro.path("rows.db")), [comuni[0].host(), comuni[3].host()].into());
}

#[test]
fn a_list_that_is_no_list_is_one_clear_line() {
    let (_, web) = country(Duration::ZERO);
    let riscontro = Riscontro::new(BINARY, &web);
    let db = riscontro.database("bad.db");
    let run = |targets: &str| riscontro.run(&["run", "--targets", targets, "--db", &db]);
    assert_one_line(&run("manca.csv"), 66, "manca.csv");
    assert_one_line(&run(riscontro.home().to_str().unwrap()), 66, "riscontro-home");
    for (name, text) in [
        ("vuoto.csv", ""),
        ("bianco.csv", "\n\n  \n"),
        ("colonna.csv", "nome,indirizzo\nAla,via Roma\n"),
        ("testata.csv", "url\n"),
        ("binario.csv", "\u{0}\u{1}\u{2}url\u{0}\n"),
    ] {
        assert_one_line(&run(&list(&riscontro, name, text)), 65, name);
    }
    assert_one_line(&riscontro.run(&["run", "--db", &db]), 2, "--targets");
    assert_eq!(web.log().connections().len(), 0);
}

#[test]
fn a_database_that_cannot_be_written_is_said_before_any_site_is_asked() {
    let (comuni, web) = country(Duration::ZERO);
    let riscontro = Riscontro::new(BINARY, &web);
    let targets = list(&riscontro, "one.csv", &comuni::targets_csv(&comuni[..1]));
    let run = |db: &str| riscontro.run(&["run", "--targets", &targets, "--db", db]);
    list(&riscontro, "file", "in the way");
    assert_one_line(&run(&riscontro.database("file/below/a.db")), 73, "file");
    std::fs::create_dir(riscontro.path("folder.db")).unwrap();
    assert_one_line(&run(&riscontro.database("folder.db")), 73, "folder.db");
    list(&riscontro, "page.db", "<html>not a database, and long enough to be read as one: it is a page</html>");
    assert_one_line(&run(&riscontro.database("page.db")), 65, "page.db");
    // Nobody listens there.
    assert_one_line(&run("postgres://user:secret@127.0.0.1:1/riscontro"), 69, "127.0.0.1:1/riscontro");

    let newer = riscontro.path("newer.db");
    riscontro.local(&["db", "migrate", "--db", &riscontro.database("newer.db")]).assert_code(0);
    database::change(&newer, "UPDATE _sqlx_migrations SET version = version + 1000");
    assert_one_line(&run(&riscontro.database("newer.db")), 69, "newer.db");
    let export = riscontro.local(&["export", "findings", "--db", &riscontro.database("newer.db")]);
    assert_one_line(&export, 69, "newer.db");
    let export = riscontro.local(&["export", "findings", "--db", &riscontro.database("none.db")]);
    assert_one_line(&export, 66, "none.db");
    assert!(!riscontro.path("none.db").exists(), "reading makes no database");

    let folder = riscontro.path("readonly");
    std::fs::create_dir(&folder).unwrap();
    let mut rights = std::fs::metadata(&folder).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&folder, rights).unwrap();
    if std::fs::write(folder.join("probe"), "").is_ok() {
        println!("not tested: this user may write into a read-only folder");
    } else {
        let refused = run(&riscontro.database("readonly/a.db"));
        assert!(matches!(refused.code(), Some(73 | 77)), "{refused}");
    }
    assert_eq!(web.log().connections().len(), 0, "a result that cannot be kept is a request for nothing");
}

#[test]
fn limit_and_fresh_do_what_they_say() {
    let (comuni, web) = country(Duration::ZERO);
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db) =
        (list(&riscontro, "comuni.csv", &comuni::targets_csv(&comuni[..4])), riscontro.database("fresh.db"));
    let run = |more: &[&str]| {
        web.log().clear();
        let mut arguments = vec!["run", "--targets", &targets, "--db", &db];
        arguments.extend(more);
        riscontro.run(&arguments).assert_code(0);
        web.log().hosts().len()
    };
    assert_eq!(run(&["--limit", "2"]), 2);
    assert_eq!(run(&["--limit", "2", "--fresh"]), 2, "anew means that finished sites are visited again");
    assert_eq!(run(&[]), 4);
    assert_eq!(database::number(&riscontro.path("fresh.db"), "SELECT count(*) FROM visit"), Some(8));
}

#[test]
fn a_night_in_which_much_turns_worse_is_held() {
    let name = |number: u32| -> &'static str { Box::leak(format!("Paese{number}").into_boxed_str()) };
    let comuni: Vec<Comune> = (1..=24).map(|number| Comune::new(number, name(number), "to", "Piemonte")).collect();
    let site = |comune: &Comune| {
        comuni::login::endpoints(own_site(comune))
            .page("/", home(comune, &login_link("/accedi"), ""))
            .page("/accedi", login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login")))
    };
    let web = Web::of(comuni.iter().map(site));
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db) = (list(&riscontro, "comuni.csv", &comuni::targets_csv(&comuni)), riscontro.database("a.db"));
    let night = ["run", "--targets", &targets, "--db", &db, "--lang", "en"];
    riscontro.run(&night).assert_code(0);
    // Per platform what holds, and since when no visit could tell.
    let held = |riscontro: &Riscontro| {
        let export = riscontro.local(&["export", "observations", "--format", "jsonl", "--db", &db]);
        export.assert_code(0);
        export.stdout
    };
    let before = held(&riscontro);
    // The line is down: nothing answers any more.
    let nowhere = ["--connect-to", ":443:127.0.0.1:9", "--connect-to", ":80:127.0.0.1:9", "--no-render"];
    let pace = ["--delay", "0", "--address-delay", "0", "--contact", "test@example.org"];
    let riscontro = riscontro.network(nowhere.into_iter().chain(pace));
    let down = riscontro.run(&night);
    down.assert_code(4);
    assert!(down.stdout.contains("of 24 sites that had something, 24 turned worse"), "{down}");
    assert!(down.stdout.contains("run release"), "{down}");
    let file = riscontro.path("a.db");
    assert_eq!(held(&riscontro), before, "what it could not see is in no history");
    assert_eq!(database::number(&file, "SELECT count(*) FROM visit"), Some(48), "its visits are kept");
    let released = riscontro.local(&["run", "release", "2", "--db", &db, "--format", "json"]);
    assert_eq!(released.json()["trust"], "released");
    // Of the same day, as a rule: who was seen on it was there on it.
    assert_eq!(
        held(&riscontro).matches("\"outcome\":\"found\"").count(),
        before.matches("\"outcome\":\"found\"").count()
    );
    riscontro.local(&["run", "discard", "2", "--db", &db]).assert_code(0);
    let share = ["run", "--targets", &targets, "--db", &db, "--lang", "en", "--format", "json"];
    let never = riscontro.env("RISCONTRO_SUSPECT_SHARE", "100").run(&share);
    never.assert_code(0);
    let weighed = &never.json()["weighed"];
    assert_eq!((weighed["worse"].as_u64(), weighed["trust"].as_str()), (Some(24), Some("clear")), "{weighed}");
}
