//! The built binary ended at every place of a conversation with a mail server. The witness is the server's mailbox.

#![expect(clippy::print_stdout, reason = "where the kills were is worth seeing")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use riscontro::{
    clock::SystemClock,
    mail::{self, Envelope, Letter, message_id},
    model::Mailbox,
    store::Store,
};
use support::{
    Riscontro, TlsFault, database,
    smtp::{Act, Protection, Smtpd, Stage},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");
const PASSWORD: &str = "canarino-segreto-7f3a";

/// Letters of one round.
const LETTERS: usize = 4;

/// The binary with settings that lead to the server.
fn riscontro(server: &Smtpd) -> Riscontro {
    let riscontro = Riscontro::bare(BINARY);
    let file = riscontro.path("password");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    riscontro
        .env("RISCONTRO_MAIL_HOST", "localhost")
        .env("RISCONTRO_MAIL_PORT", &server.port().to_string())
        .env("RISCONTRO_MAIL_CA_CERTIFICATE", server.ca().to_str().unwrap())
        .env("RISCONTRO_MAIL_LOGIN", "verifiche@ente.example")
        .env("RISCONTRO_MAIL_PASSWORD_FILE", file.to_str().unwrap())
        .env("RISCONTRO_MAIL_FROM", "Verifiche <verifiche@ente.example>")
}

fn server(protection: Protection) -> Smtpd {
    Smtpd::with(protection, Some(("verifiche@ente.example", PASSWORD)), 10 << 20, TlsFault::None)
}

fn queue(address: &str, letters: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(address, Arc::new(SystemClock)).await.unwrap();
        for number in 0..letters {
            let from: Mailbox = "Verifiche <verifiche@ente.example>".parse().unwrap();
            let key = format!("letter/{number}");
            let envelope = Envelope {
                message_id: message_id(&key, &from.address),
                reply_to: None,
                to: format!("verifica{number}@comune.example").parse().unwrap(),
                date: "2026-11-23T02:00:00Z".parse().unwrap(),
                from,
            };
            let letter =
                Letter { subject: format!("Lettera {number}"), text: "testo\n".repeat(2000), ..Letter::default() };
            mail::queue(&store, &letter, &envelope, (&key, "test"), None).await.unwrap();
        }
        store.close().await;
    });
}

/// How often the mailbox has each Message-ID.
fn stored(server: &Smtpd) -> BTreeMap<String, usize> {
    let mut stored = BTreeMap::new();
    for mail in server.mailbox() {
        *stored.entry(mail.header("Message-ID").remove(0)).or_default() += 1;
    }
    stored
}

#[test]
fn killed_anywhere_no_letter_is_lost_and_none_is_doubled() {
    // Each stage while the first, second and third letter is on its way; the connection's own stages come once.
    let mut points = Vec::new();
    for stage in [Stage::Greeting, Stage::Ehlo, Stage::StartTls, Stage::Auth, Stage::Quit] {
        points.push((stage, 0, Act::Go));
    }
    for letter in 0..3 {
        for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Half, Stage::Stored] {
            points.push((stage, letter, Act::Go));
        }
        for stage in [Stage::Rcpt, Stage::Data, Stage::Half] {
            points.push((stage, letter, Act::Drop));
        }
        // Killed after the dot; the server stores it, or breaks down as well.
        points.push((Stage::Dot, letter, Act::Go));
        points.push((Stage::Dot, letter, Act::Drop));
    }
    assert!(points.len() >= 30, "{}", points.len());
    let (mut kills, mut ends) = (0, BTreeMap::<String, usize>::new());
    for (stage, letter, then) in points {
        let server = server(Protection::StartTls);
        let riscontro = riscontro(&server).env("RISCONTRO_MAIL_TLS", "starttls");
        let (db, file) = (riscontro.database("r.db"), riscontro.path("r.db"));
        queue(&db, LETTERS);
        let (reached, told) = mpsc::channel();
        let (go, wait) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let count = Mutex::new(0);
        let act = then.clone();
        server.plan(move |moment| {
            if moment.stage == stage {
                let mut count = count.lock().unwrap();
                *count += 1;
                if *count == letter + 1 {
                    reached.send(()).unwrap();
                    // Until the client is dead.
                    let _ = wait.lock().unwrap().recv();
                    return act.clone();
                }
            }
            Act::Go
        });
        let place = format!("{stage:?} of letter {letter}, then {then:?}");
        let running = riscontro.spawn(&["send", "--db", &db]);
        let came = told.recv_timeout(Duration::from_mins(1));
        let killed = running.kill();
        assert!(came.is_ok(), "{place}: never reached: {killed}");
        drop(go);
        kills += 1;
        assert_eq!(killed.code(), None, "{place}: {killed}");
        assert!(!format!("{killed}").contains(PASSWORD));
        server.plan(|_| Act::Go);
        let ended = riscontro.run(&["send", "--db", &db, "--format", "json", "-vvv"]);
        assert!(!format!("{ended}").contains(PASSWORD), "{place}");
        // The server may still be at what it was told last.
        std::thread::sleep(Duration::from_millis(20));
        let stored = stored(&server);
        let rows = database::rows(&file, "SELECT message_id, state FROM dispatch ORDER BY id");
        assert_eq!(rows.len(), LETTERS);
        let unsure = rows.iter().filter(|row| row[1] == "unsure").count();
        for row in &rows {
            let times = stored.get(&row[0]).copied().unwrap_or_default();
            match row[1].as_str() {
                "sent" => assert_eq!(times, 1, "{place}: {rows:?} {stored:?} {ended}"),
                "unsure" => assert!(times <= 1, "{place}: {rows:?} {stored:?} {ended}"),
                other => panic!("{place}: {other} is left: {rows:?} {ended}"),
            }
        }
        // While the server was held in the middle of a letter, the client may have come as far as its end.
        let undecidable = match stage {
            Stage::Dot | Stage::Stored => true,
            Stage::Half => unsure == 1,
            _ => false,
        };
        assert_eq!(unsure, usize::from(undecidable), "{place}: {rows:?} {ended}");
        ended.assert_code(if undecidable { 4 } else { 0 });
        *ends.entry(format!("{unsure} unsure, {} stored", stored.len())).or_default() += 1;
        database::assert_whole(&file);
        // A person decides; there is one Message-ID, whatever happens.
        if undecidable {
            let id = database::rows(&file, "SELECT CAST(id AS TEXT) FROM dispatch WHERE state = 'unsure'")
                .remove(0)
                .remove(0);
            riscontro.local(&["outbox", "resend", &id, "--db", &db]).assert_code(0);
            riscontro.run(&["send", "--db", &db]).assert_code(0);
        }
        let all = self::stored(&server);
        assert_eq!(all.len(), LETTERS, "{place}: none lost: {all:?}");
    }
    println!("{kills} kills: {ends:?}");
}

#[test]
fn only_one_process_sends_and_mail_leaves_during_a_run() {
    let server = server(Protection::Implicit);
    let riscontro = riscontro(&server);
    let db = riscontro.database("r.db");
    queue(&db, 2);
    let (reached, told) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    server.plan(move |moment| {
        if moment.stage == Stage::Greeting && moment.connection == 0 {
            reached.send(()).unwrap();
            let _ = wait.lock().unwrap().recv();
        }
        Act::Go
    });
    let first = riscontro.spawn(&["send", "--db", &db]);
    told.recv_timeout(Duration::from_mins(1)).unwrap();
    let second = riscontro.run(&["send", "--db", &db]);
    second.assert_code(75);
    assert!(second.stderr.contains("un altro comando sta inviando lettere"), "{second}");
    drop(go);
    first.wait(Duration::from_mins(1)).assert_code(0);
    assert_eq!(server.mailbox().len(), 2);
}

#[test]
fn passwords_and_protection_are_not_left_to_chance() {
    let server = server(Protection::Implicit);
    let riscontro = riscontro(&server);
    let db = riscontro.database("r.db");
    queue(&db, 1);
    let shown = riscontro.local(&["config", "show", "--db", &db]);
    shown.assert_code(0);
    assert!(shown.stdout.contains("mail_password_file") && !shown.stdout.contains(PASSWORD));
    riscontro.run(&["send", "--test", "prova@ente.example", "--db", &db]).assert_code(0);
    assert_eq!(server.mailbox().len(), 1, "the letter in the outbox is not touched by a test");
    riscontro.local(&["doctor", "--db", &db]).stdout.lines().find(|line| line.starts_with("ok  mail")).unwrap();

    fs::set_permissions(riscontro.path("password"), fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = riscontro.run(&["send", "--db", &db]);
    exposed.assert_code(78);
    assert!(exposed.stderr.contains("tutti possono leggere"), "{exposed}");
    fs::set_permissions(riscontro.path("password"), fs::Permissions::from_mode(0o600)).unwrap();

    // Without protection on this machine only; a name that is not of this machine needs the long word.
    let riscontro = riscontro.env("RISCONTRO_MAIL_TLS", "none");
    let elsewhere = riscontro.env("RISCONTRO_MAIL_HOST", "smtp.ente.example");
    let refused = elsewhere.run(&["send", "--db", &db]);
    refused.assert_code(78);
    assert!(refused.stderr.contains("mail_tls"), "{refused}");

    // systemd's credentials.
    let credentials = elsewhere.path("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("mail-password"), PASSWORD).unwrap();
    fs::set_permissions(credentials.join("mail-password"), fs::Permissions::from_mode(0o400)).unwrap();
    let riscontro = elsewhere
        .env("RISCONTRO_MAIL_HOST", "localhost")
        .env("RISCONTRO_MAIL_TLS", "implicit")
        .env("RISCONTRO_MAIL_PASSWORD_FILE", "")
        .env("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
    riscontro.run(&["send", "--db", &db]).assert_code(0);
    assert_eq!(server.mailbox().len(), 2);
    let argument = riscontro.run(&["send", "--db", &db]);
    assert!(!format!("{argument}").contains(PASSWORD));
}

#[test]
fn without_a_server_letters_are_files_and_never_two() {
    let riscontro = Riscontro::bare(BINARY);
    let db = riscontro.database("r.db");
    queue(&db, 3);
    let list = riscontro.local(&["send", "--dry-run", "--db", &db, "--format", "json"]);
    assert_eq!(list.assert_code(0).json_lines().len(), 3);
    riscontro.run(&["send", "--limit", "1", "--db", &db]).assert_code(0);
    let folder = riscontro.path("r.db.mail");
    let files = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    assert_eq!(files().len(), 1);
    // A process that died after writing and before saying so: the same file again.
    database::change(
        &riscontro.path("r.db"),
        "UPDATE dispatch SET state = 'sending', sent = NULL WHERE state = 'sent'",
    );
    let sent = riscontro.run(&["send", "--db", &db, "--format", "json"]).assert_code(0).json();
    assert_eq!((sent["sent"].as_u64(), sent["recovered"]["queued"].as_u64()), (Some(3), Some(1)), "{sent}");
    assert_eq!(files().len(), 3);
    for path in files() {
        let bytes = fs::read(&path).unwrap();
        assert!(mail_parser::MessageParser::default().parse(&bytes).unwrap().message_id().is_some());
    }
    let raw = riscontro.local(&["outbox", "show", "1", "--raw", "--db", &db]);
    assert!(files().iter().any(|path| fs::read_to_string(path).unwrap() == raw.stdout));
    let told = riscontro.local(&["outbox", "list", "--db", &db]);
    assert!(told.stdout.contains("verifica2@comune.example"), "{told}");
    riscontro.local(&["outbox", "show", "9", "--db", &db]).assert_code(2);
    riscontro.local(&["outbox", "resend", "1", "--db", &db]).assert_code(65);
    riscontro.local(&["outbox", "list", "--state", "lost", "--db", &db]).assert_code(2);
    let english = riscontro.local(&["outbox", "show", "2", "--db", &db, "--lang", "en"]);
    assert!(english.stdout.contains("Message-ID") && english.stdout.contains("State            sent"), "{english}");
}

#[test]
fn letters_that_were_sent_lose_their_bytes_and_are_told_of_still() {
    let riscontro = Riscontro::bare(BINARY);
    let (db, file) = (riscontro.database("r.db"), riscontro.path("r.db"));
    queue(&db, 1);
    riscontro.run(&["send", "--db", &db]).assert_code(0);
    let prune = |arguments: &[&str]| {
        let ended =
            riscontro.local(&[&["prune", "--letter-days", "1", "--format", "json", "--db", &db], arguments].concat());
        ended.assert_code(0);
        ["letters", "letter_bytes"].map(|name| ended.json()[name].as_u64().unwrap())
    };
    let shown = || riscontro.local(&["outbox", "show", "1", "--format", "json", "--db", &db]).json();
    let before = shown();
    let size = before["size"].as_u64().unwrap();
    assert_eq!(prune(&[]), [0, 0], "it was sent today");
    database::a_day_passes(&file);
    assert_eq!(prune(&["--dry-run"]), [1, size]);
    assert_eq!(database::number(&file, "SELECT length(bytes) FROM dispatch"), i64::try_from(size).ok());
    assert_eq!(prune(&[]), [1, size]);
    assert_eq!(database::number(&file, "SELECT length(bytes) FROM dispatch"), Some(0));
    let after = shown();
    assert_eq!((&before["gone"], &after["gone"]), (&false.into(), &true.into()));
    for name in ["subject", "sha256", "size", "message_id", "state"] {
        assert_eq!(before[name], after[name]);
    }
    let raw = riscontro.local(&["outbox", "show", "1", "--raw", "--db", &db]);
    raw.assert_code(66);
    assert!(raw.stderr.contains("prune"), "{raw}");
    assert_eq!(prune(&[]), [0, 0]);
}
