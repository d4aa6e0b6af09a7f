//! Letters that hold reports, through the built binary: who is told what, once, and not while a run waits for a person.
//! The witnesses are the folder of letters, read by a library of mail, and the database.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{fs, thread, time::Duration};

use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::Value;
use support::{
    database,
    run::Ended,
    world::{SPID_CIE, World},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");
const VERIFIER: &str = "verifica@ente.example";

/// A letter as a reader of mail has it.
#[derive(Debug)]
struct Read {
    to: String,
    subject: String,
    text: String,
    html: String,
    files: Vec<(String, Vec<u8>)>,
    raw: String,
}

/// The letters in the folder, in the order in which they were queued.
fn letters(world: &World) -> Vec<Read> {
    let mut paths: Vec<_> = match fs::read_dir(world.riscontro.path("a.db.mail")) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => return Vec::new(),
    };
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    let mut all: Vec<(String, Read)> = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let message = MessageParser::default().parse(&bytes).unwrap();
        let address = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
        let files = message
            .attachments()
            .map(|part| (part.attachment_name().unwrap_or_default().to_owned(), part.contents().to_vec()));
        let read = Read {
            to: address,
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().into_owned(),
            html: message.body_html(0).unwrap().into_owned(),
            files: files.collect(),
            raw: String::from_utf8(bytes.clone()).unwrap(),
        };
        all.push((message.message_id().unwrap().to_owned(), read));
    }
    let order = database::rows(&world.file(), "SELECT message_id FROM dispatch ORDER BY id");
    let place = |id: &str| order.iter().position(|row| row[0] == format!("<{id}>"));
    all.sort_by_key(|(id, _)| place(id).expect("a letter that is not in the database"));
    all.into_iter().map(|(_, read)| read).collect()
}

/// The world with its registers.
fn world() -> World {
    let world = World::new(BINARY);
    world.registers();
    world
}

#[track_caller]
fn night(world: &World, code: i32) -> Value {
    let ended = world.visiting(&["nightly", "--format", "json"]);
    ended.assert_code(code);
    let night = ended.json();
    assert_eq!(night["exit"], code, "{night:#}");
    assert_eq!(night["schema"], "riscontro.nightly/1");
    night
}

#[track_caller]
fn subscribe(world: &World, arguments: &[&str]) -> Ended {
    let ended = world.local(&[&["subscribe", "add"], arguments].concat());
    ended.assert_code(0);
    ended
}

#[test]
fn the_first_night_tells_how_things_are_and_each_night_after_it_only_what_is_another() {
    let world = world();
    subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE]);
    let first = night(&world, 0);
    // Ala, Bela and Ela have a live application, two of them an address; Ala has a second application, one visit is for both.
    let visits = &first["visits"];
    assert_eq!((&visits["known"], &visits["due"], &visits["without_address"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!((&first["reports"]["letters"], &first["mail"]["sent"]), (&1.into(), &1.into()), "{first:#}");
    assert_eq!(first["verdicts"].as_object().unwrap().values().map(|one| one.as_u64().unwrap()).sum::<u64>(), 6);
    assert!(first["receipts"].is_null() && first["pruned"].is_null(), "the settings ask for neither");
    let told = letters(&world);
    assert_eq!((told.len(), told[0].to.as_str()), (1, VERIFIER));
    assert!(told[0].subject.starts_with("riscontro: primo rapporto – "), "{}", told[0].subject);
    assert!(told[0].raw.contains("List-Unsubscribe: <mailto:test@example.org>"));

    // The same night again: every site was seen today, every subscriber told.
    let again = night(&world, 0);
    assert_eq!((&again["visits"]["due"], &again["reports"]["due"]), (&0.into(), &0.into()), "{again:#}");

    // A night on which all is as it was.
    database::a_day_passes(&world.file());
    let same = night(&world, 0);
    assert_eq!((&same["reports"]["due"], &same["reports"]["nothing"]), (&1.into(), &1.into()), "{same:#}");
    assert_eq!(letters(&world).len(), 1);

    // Ala's way in is gone, Bela has one.
    let world = world.with_ways_in(&["Ala"]);
    database::a_day_passes(&world.file());
    night(&world, 0);
    let told = letters(&world);
    assert_eq!(told.len(), 2);
    let subject = &told[1].subject;
    assert!(subject.starts_with("riscontro: comparso: 2, da confermare: 2, verdetti cambiati: 2 – "), "{subject}");
    // Bela's is supported now; of Ala's nobody can say before the loss is confirmed.
    for body in [&told[1].text, &told[1].html] {
        let (ala, bela) = (body.find("Ala").unwrap(), body.find("Bela").unwrap());
        let rests = body.rfind("Su che cosa poggia").unwrap();
        assert!(ala < rests && bela < rests, "the change comes first");
    }
    assert!(told[1].files.is_empty());

    // What was told is not told again; the two days that are missing for a loss are.
    database::a_day_passes(&world.file());
    night(&world, 0);
    assert_eq!(letters(&world).len(), 2);
    for _ in 0..2 {
        database::a_day_passes(&world.file());
        night(&world, 0);
    }
    let told = letters(&world);
    assert_eq!(told.len(), 3);
    assert!(told[2].subject.contains("non più riscontrato: 2"), "{}", told[2].subject);
    database::assert_whole(&world.file());
}

#[test]
fn a_person_gets_one_letter_for_all_that_concerns_them_and_in_their_language() {
    let world = world();
    subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE, "--attach", "csv,xlsx,html,json"]);
    subscribe(&world, &["--to", VERIFIER, "--national", "--every", "week"]);
    subscribe(&world, &["--to", VERIFIER, "--region", "piemonte", "--lang", "en"]);
    subscribe(&world, &["--to", "sindaco@bela.example", "--comune", "Bela", "--attach", "html"]);
    let first = night(&world, 0);
    assert_eq!((&first["reports"]["due"], &first["reports"]["letters"]), (&4.into(), &3.into()), "{first:#}");
    let told = letters(&world);
    let to: Vec<&str> = told.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(to, ["sindaco@bela.example", VERIFIER, VERIFIER]);
    let mut languages: Vec<bool> = told[1..].iter().map(|one| one.html.contains("<html lang=\"en\">")).collect();
    languages.sort_unstable();
    assert_eq!(languages, [false, true]);
    let both = told.iter().find(|one| one.subject.ends_with("2 rapporti")).unwrap();
    assert!(both.text.contains("Riscontri per avviso") && both.html.contains("part-2-"), "{}", both.text);
    let endings: Vec<&str> = both.files.iter().map(|(name, _)| name.rsplit('.').next().unwrap()).collect();
    assert_eq!(endings, ["html", "xlsx", "csv", "json"]);
    let file = |ending: &str| &both.files.iter().find(|(name, _)| name.ends_with(ending)).unwrap().1;
    assert!(file("csv").starts_with("\u{feff}".as_bytes()) && file("xlsx").starts_with(b"PK"));
    let json: Value = serde_json::from_slice(file("json")).unwrap();
    assert_eq!(json["schema"], "riscontro.notice-report/1");
    assert!(String::from_utf8_lossy(file("html")).contains("</html>"));
    let bela = &told[0];
    assert!(bela.text.contains("Bela") && !bela.text.contains("Ala "), "{}", bela.text);
    assert_eq!(bela.files.len(), 1);
}

#[test]
fn a_comune_without_a_mailbox_in_the_register_is_told_nothing_and_a_person_learns_of_it() {
    let world = world();
    let refused = world.local(&["subscribe", "add", "--comune", "Bela"]);
    refused.assert_code(66);
    // A register that gives one.
    let bela = world.comuni.iter().find(|one| one.name == "Bela").unwrap();
    let row = format!(
        "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Sito_istituzionale,Mail1,Tipo_Mail1\n\
             {},Comune di Bela,{},L6,{},{},comune.bela@pec.example,Pec\n",
        bela.ipa(),
        bela.fiscale(),
        bela.istat(),
        bela.host()
    );
    world.import("ipa", "pec.csv", &row, &support::world::ago(9));
    subscribe(&world, &["--comune", "Bela"]);
    let first = night(&world, 0);
    assert_eq!(first["reports"]["letters"], 1, "{first:#}");
    assert_eq!(letters(&world)[0].to, "comune.bela@pec.example");
    database::change(&world.file(), "UPDATE known_comune SET pec = NULL");
    database::a_day_passes(&world.file());
    let second = night(&world, 4);
    assert_eq!(second["reports"]["untold"].as_array().unwrap().len(), 1, "{second:#}");
    assert_eq!(letters(&world).len(), 1);
}

#[test]
fn while_a_run_waits_for_a_person_nobody_is_told_of_changes_and_the_operator_is_told_once() {
    let world = world();
    subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE, "--always"]);
    night(&world, 0);
    database::a_day_passes(&world.file());
    // As if twelve of twenty sites had turned worse.
    let world = world.with_ways_in(&["Ala"]);
    night(&world, 0);
    assert_eq!(letters(&world).len(), 2);
    database::a_day_passes(&world.file());
    database::change(&world.file(), "UPDATE run SET trust = 'suspect', had = 20, worse = 12 WHERE id = 2");
    for pass in 0..3 {
        let held = night(&world, 4);
        assert_eq!((&held["reports"]["held"], &held["reports"]["letters"]), (&serde_json::json!([2]), &0.into()));
        assert_eq!(held["reports"]["operator"], i32::from(pass == 0));
    }
    let told = letters(&world);
    let operator = &told[2];
    assert_eq!((told.len(), operator.to.as_str()), (3, "test@example.org"));
    assert!(operator.subject.contains("12 siti su 20"), "{}", operator.subject);
    assert!(operator.text.contains("riscontro run release 2") && operator.text.contains("riscontro run discard 2"));
    world.local(&["run", "release", "2"]).assert_code(0);
    let after = night(&world, 0);
    assert_eq!(after["reports"]["letters"], 1, "what had been held back is told now: {after:#}");
}

#[test]
fn a_night_that_is_killed_at_any_moment_tells_everybody_once() {
    let world = world();
    let settings = world.riscontro.path("night.toml");
    fs::write(&settings, "night_sites = \"none\"\n").unwrap();
    let settings = settings.to_str().unwrap().to_owned();
    let people: Vec<String> = (0..8).map(|number| format!("persona{number}@ente.example")).collect();
    for person in &people {
        subscribe(&world, &["--to", person, "--notice", SPID_CIE]);
    }
    let arguments = ["nightly", "--db", &world.db, "--config", &settings];
    for kill in 0..12 {
        let running = world.riscontro.spawn(&arguments);
        thread::sleep(Duration::from_millis(30 + 35 * kill));
        running.kill();
    }
    world.riscontro.run(&arguments);
    world.riscontro.run(&arguments).assert_code(0);
    let mut to: Vec<String> = letters(&world).into_iter().map(|one| one.to).collect();
    to.sort();
    assert_eq!(to, people);
    let told = database::number(&world.file(), "SELECT count(*) FROM subscription WHERE told IS NOT NULL");
    assert_eq!(told, Some(8));
    database::assert_whole(&world.file());
}

#[test]
fn what_fails_in_one_part_keeps_no_other_from_its_work() {
    let world = world();
    subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE]);
    // A mail server that is not there: visits are kept, the letter waits.
    let settings = world.riscontro.path("night.toml");
    fs::write(
        &settings,
        "mail_host = \"127.0.0.1\"\nmail_port = 1\nmail_tls = \"none\"\nmail_from = \"r@ente.example\"\n",
    )
    .unwrap();
    let ended = world.visiting(&["nightly", "--format", "json", "--config", settings.to_str().unwrap()]);
    ended.assert_code(75);
    let night = ended.json();
    assert_eq!(
        (&night["visits"]["run"]["finished"], &night["reports"]["letters"]),
        (&2.into(), &1.into()),
        "{night:#}"
    );
    assert_eq!(night["mail"]["put_off"], 1, "{night:#}");
    assert_eq!(night["faults"].as_array().unwrap().len(), 0);
    // Another run holds the lock: nobody is told what may not last, letters that are ready leave.
    database::a_day_passes(&world.file());
    let lock = fs::File::options().create(true).append(true).open(world.riscontro.path("a.db.lock")).unwrap();
    lock.lock().unwrap();
    let ended = world.visiting(&["nightly", "--format", "json"]);
    ended.assert_code(75);
    let night = ended.json();
    let parts: Vec<&str> =
        night["faults"].as_array().unwrap().iter().map(|one| one["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["visits", "reports"], "{night:#}");
    assert_eq!((&night["mail"]["sent"], letters(&world).len()), (&1.into(), 1), "{night:#}");
    drop(lock);
}

#[test]
fn a_night_that_is_cut_short_is_gone_on_with_on_the_same_day() {
    let mut world = world();
    // One site after the other, slowly enough to be killed between two.
    let slow = |flag: &String| if flag == "0" { "0.4".to_owned() } else { flag.clone() };
    let flags: Vec<String> = world.riscontro.network_flags().iter().map(slow).collect();
    world.riscontro = world.riscontro.network(flags).flag(&["--concurrency", "1"]);
    let running = world.riscontro.spawn(&["nightly", "--db", &world.db]);
    let visits = || database::number(&world.file(), "SELECT count(*) FROM visit");
    while visits().unwrap_or(0) < 1 {
        thread::sleep(Duration::from_millis(10));
    }
    running.kill();
    assert_eq!(visits(), Some(1), "killed between the two");
    let night = night(&world, 0);
    let run = &night["visits"]["run"];
    assert_eq!((&run["run"], &run["resumed"], &run["already"]), (&1.into(), &true.into(), &1.into()), "{night:#}");
    assert_eq!(visits(), Some(2));
}

#[test]
fn a_night_without_registers_says_what_is_missing() {
    let world = World::new(BINARY);
    let ended = world.visiting(&["nightly"]);
    ended.assert_code(66);
    assert!(ended.stderr.contains("riscontro import"), "{}", ended.stderr);
    // Without sites there is still something to do.
    let (settings, receipts) = (world.riscontro.path("night.toml"), world.riscontro.path("receipts"));
    fs::create_dir(&receipts).unwrap();
    fs::write(receipts.join("1.eml"), "Subject: not a receipt\r\n\r\nx\r\n").unwrap();
    fs::write(&settings, "night_sites = \"none\"\nmail_receipts = \"receipts\"\nevidence_days = 30\n").unwrap();
    let ended = world.visiting(&["nightly", "--format", "json", "--config", settings.to_str().unwrap()]);
    ended.assert_code(0);
    assert_eq!((&ended.json()["receipts"]["looked_at"], &ended.json()["pruned"]["records"]), (&1.into(), &0.into()));
}

#[test]
fn a_dry_night_changes_nothing_and_tells_what_it_would_do() {
    let world = world();
    subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE]);
    let before = database::dump(&world.file());
    let ended = world.visiting(&["nightly", "--dry-run", "--format", "json"]);
    ended.assert_code(0);
    let night = ended.json();
    assert_eq!((&night["visits"]["due"], &night["reports"]["letters"]), (&2.into(), &1.into()), "{night:#}");
    assert_eq!(night["reports"]["subjects"][0][0], VERIFIER);
    assert_eq!(database::dump(&world.file()), before);
    assert!(world.web.log().all().is_empty() && letters(&world).is_empty());
    let text = world.visiting(&["nightly", "--dry-run"]).stdout;
    assert!(text.contains("2 siti nei registri, 2 da visitare; 1 comuni senza indirizzo"), "{text}");
}

#[test]
fn subscriptions_are_listed_ended_and_not_doubled() {
    let world = world();
    subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE, "--every", "month", "--always"]);
    let again = subscribe(&world, &["--to", VERIFIER, "--notice", SPID_CIE]);
    assert!(again.stdout.contains("c'era già"), "{}", again.stdout);
    let list = world.local(&["subscribe", "list"]).stdout;
    assert!(list.contains(VERIFIER) && list.contains("ogni mese, sempre") && list.contains(SPID_CIE), "{list}");
    let json = world.local(&["subscribe", "list", "--format", "json"]).json();
    assert_eq!((&json["report"], &json["every"], &json["due"]), (&"notice".into(), &"month".into(), &true.into()));
    for wrong in [
        &["--to", "nessuno", "--notice", SPID_CIE][..],
        &["--to", VERIFIER, "--notice", "no-such-notice"],
        &["--to", VERIFIER, "--region", "atlantide"],
        &["--to", VERIFIER, "--national", "--comune", "Ala"],
        &["--to", VERIFIER, "--comune", "Ala", "--attach", "csv"],
        &["--notice", SPID_CIE],
    ] {
        world.local(&[&["subscribe", "add"], wrong].concat()).assert_code(2);
    }
    world.local(&["subscribe", "remove", "1"]).assert_code(0);
    world.local(&["subscribe", "remove", "1"]).assert_code(66);
    assert!(world.local(&["subscribe", "list"]).stdout.contains("Nessuna iscrizione"));
}
