//! Letters given to a mail server that is not ours, and read by a program that is not ours: aiosmtpd and Python's `email`.
//! Receipts read from a mailbox that is not ours: Dovecot. `tests/run` installs them and runs this.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader, Lines},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use rcgen::{CertificateParams, KeyPair};
use riscontro::{
    clock::SystemClock,
    mail::{self, Attachment, Envelope, Letter, message_id, receipt},
    model::Mailbox,
    report::clean::short,
    store::Store,
};
use serde_json::Value;
use support::{
    Riscontro, database,
    dovecot::Dovecot,
    imap::{PASSWORD, password},
    receipts::{self, DUE, LETTER, Sample, anomaly, delivered},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

struct Python {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: String,
}

impl Python {
    fn new(folder: &Path, way: &str) -> Self {
        let python = std::env::var_os("RISCONTRO_MAILBOX").expect("RISCONTRO_MAILBOX names a Python with aiosmtpd");
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
        fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mailbox.py"))
            .args([folder.join("cert.pem"), folder.join("key.pem")])
            .arg(way)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("its port").unwrap();
        Self { child, lines, port }
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().expect("a letter").unwrap()).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn letters() -> Vec<Letter> {
    let texts = [
        "Città di Prova: 3 novità",
        "=?utf-8?B?DQpCY2M6IHhAeS5leGFtcGxl?=",
        "riga\r\nBcc: altri@ente.example",
        "\u{1f3db} Südtirol, \"virgolette\" <x@y.example>",
        "a  b",
    ];
    let mut letters: Vec<Letter> = texts
        .iter()
        .map(|text| Letter {
            subject: (*text).to_owned(),
            text: format!("Gentile ufficio,\n.\n..\n{text}\n\nFrom qui = là\n{}\n", "perché ".repeat(300)),
            html: Some(format!("<!DOCTYPE html><p>{}</p>", text.replace('<', "&lt;"))),
            attachments: vec![
                Attachment {
                    name: format!("{text}.csv"),
                    mime: "text/csv; charset=utf-8".into(),
                    bytes: b"\xef\xbb\xbfa;b\r\n".to_vec(),
                },
                Attachment {
                    name: "dati.bin".into(),
                    mime: "application/octet-stream".into(),
                    bytes: (0..=255).collect(),
                },
            ],
            headers: vec![("List-Unsubscribe".into(), "<mailto:verifiche@ente.example?subject=basta>".into())],
        })
        .collect();
    letters.push(Letter { subject: "x".repeat(2000), text: "solo testo".into(), ..Letter::default() });
    letters
}

fn queue(address: &str, from: &Mailbox) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(address, Arc::new(SystemClock)).await.unwrap();
        for (number, letter) in letters().iter().enumerate() {
            let envelope = Envelope {
                from: from.clone(),
                reply_to: Some("Ufficio, secondo piano <ufficio@ente.example>".parse().unwrap()),
                to: format!("c{number}@pec.example").parse().unwrap(),
                message_id: message_id(&number.to_string(), &from.address),
                date: "2026-11-23T02:00:00Z".parse().unwrap(),
            };
            mail::queue(&store, letter, &envelope, (&number.to_string(), "test"), None).await.unwrap();
        }
        store.close().await;
    });
}

fn sent_and_read(way: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut python = Python::new(folder.path(), way);
    let from: Mailbox = "Verifica dei siti, città <verifiche@ente.example>".parse().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, "segreto\n").unwrap();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
    let riscontro = Riscontro::bare(BINARY)
        .env("RISCONTRO_MAIL_HOST", "localhost")
        .env("RISCONTRO_MAIL_PORT", &python.port)
        .env("RISCONTRO_MAIL_TLS", way)
        .env("RISCONTRO_MAIL_CA_CERTIFICATE", folder.path().join("cert.pem").to_str().unwrap())
        .env("RISCONTRO_MAIL_LOGIN", "verifiche@ente.example")
        .env("RISCONTRO_MAIL_PASSWORD_FILE", password.to_str().unwrap())
        .env("RISCONTRO_MAIL_FROM", &from.to_string());
    let db = riscontro.database("r.db");
    queue(&db, &from);
    riscontro.run(&["send", "--db", &db]).assert_code(0);
    for (number, letter) in letters().into_iter().enumerate() {
        let read = python.next();
        assert_eq!(read["defects"], serde_json::json!([]), "{read}");
        assert_eq!((read["tls"].as_bool(), read["login"].as_bool()), (Some(true), Some(true)), "{read}");
        assert_eq!(read["to"], serde_json::json!([format!("c{number}@pec.example")]));
        assert_eq!(read["to_header"], serde_json::json!([["", format!("c{number}@pec.example")]]));
        assert_eq!(read["from_header"], serde_json::json!([["Verifica dei siti, città", "verifiche@ente.example"]]));
        assert_eq!(read["subject"], short(&letter.subject, 300));
        let names: Vec<&str> =
            read["headers"].as_array().unwrap().iter().map(|pair| pair[0].as_str().unwrap()).collect();
        assert!(!names.contains(&"Bcc") && names.iter().filter(|name| **name == "Subject").count() == 1, "{names:?}");
        assert!(
            names.contains(&"Message-ID") && names.contains(&"Auto-Submitted") && names.contains(&"Date"),
            "{names:?}"
        );
        let text = letter.text.replace("\r\n", "\n").replace('\r', "\n");
        assert_eq!(read["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), text.trim_end());
        assert_eq!(
            read["html"].as_str().map(|html| html.replace("\r\n", "\n").trim_end().to_owned()),
            letter.html.map(|html| html.replace("\r\n", "\n"))
        );
        let attached = read["attachments"].as_array().unwrap();
        assert_eq!(attached.len(), letter.attachments.len());
        for (read, meant) in attached.iter().zip(&letter.attachments) {
            assert_eq!(read[2], serde_json::json!(meant.bytes));
            assert_eq!(read[1].as_str().unwrap(), meant.mime.split(';').next().unwrap());
            assert!(!read[0].as_str().unwrap().contains(['/', '\\', '"', '\n', '\r']), "{read}");
        }
    }
}

#[test]
#[ignore = "needs aiosmtpd"]
fn another_server_takes_the_letters_and_another_program_reads_them() {
    sent_and_read("implicit");
    sent_and_read("starttls");
}

/// The receipts of the mailbox, each with its file: five kinds, a letter, and one that is too large.
fn put_all(server: &Dovecot) {
    let of = |kind, error, reason| Sample { kind, error, reason, ..Sample::default() };
    let due = |sample: Sample| Sample { id: DUE, id_inside: DUE, ..sample }.message();
    server.put("cur/1700000001.a.host:2,S", Sample::default().message().as_bytes());
    server.put("cur/1700000002.b.host:2,", delivered().message().replace("\r\n", "\n").as_bytes());
    server.put("new/1700000003.c.host", due(of("non-accettazione", "altro", "indirizzo non valido")).as_bytes());
    server.put("new/1700000004.d.host", due(of("mancata-consegna", "altro", "tempo massimo superato")).as_bytes());
    let report = format!("Subject: failed\r\nIn-Reply-To: {DUE}\r\n\r\nno\r\n");
    server.put("cur/1700000005.e.host:2,FS", anomaly(&report).as_bytes());
    server.put("new/1700000006.f.host", LETTER.as_bytes());
    let mut large = delivered().message().into_bytes();
    large.resize(usize::try_from(receipt::LIMIT).unwrap() + (1 << 20), b'\n');
    server.put("cur/1700000007.g.host:2,", &large);
}

#[test]
#[ignore = "needs Dovecot"]
fn another_server_hands_out_receipts_and_its_mailbox_stays_as_it_was() {
    let server = Dovecot::start();
    put_all(&server);
    let riscontro = Riscontro::bare(BINARY);
    let secret = password(&riscontro, PASSWORD);
    let riscontro = riscontro
        .env("RISCONTRO_MAIL_RECEIPTS_PASSWORD_FILE", &secret)
        .env("RISCONTRO_MAIL_CA_CERTIFICATE", server.ca().to_str().unwrap());
    let (db, file) = (riscontro.database("r.db"), riscontro.path("r.db"));
    receipts::queue(&db);
    database::change(
        &file,
        "UPDATE dispatch SET state = 'sent', sent = '2026-11-23T09:00:00.000000000Z', next_try = NULL",
    );
    let inbox = server.address("");
    let read = |address: &str| riscontro.local(&["outbox", "receipts", address, "--db", &db, "--format", "json"]);
    let before = server.messages();
    let first = read(&inbox);
    assert_eq!(first.code(), Some(4), "{first}\n{}", server.log());
    let mut lines = first.json_lines();
    let sums = lines.pop().unwrap();
    let told: Vec<(u64, &str, Option<&str>)> = lines
        .iter()
        .map(|line| (line["uid"].as_u64().unwrap(), line["result"].as_str().unwrap(), line["says"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "new", Some("accepted")),
            (2, "new", Some("delivered")),
            (3, "new", Some("not-accepted")),
            (4, "new", Some("not-delivered")),
            (5, "new", Some("anomaly")),
            (7, "too-large", None),
        ],
        "{first}"
    );
    for (what, count) in [("looked_at", 7), ("noted", 5), ("known", 0), ("no_receipt", 1), ("skipped", 1)] {
        assert_eq!(sums[what], count, "{what}: {sums}");
    }
    assert!(server.messages() == before, "neither flags nor bytes nor places have changed");
    let facts = "SELECT id || '|' || state || '|' || (accepted IS NOT NULL) || (delivered IS NOT NULL) || (undelivered IS NOT NULL) \
                 FROM dispatch ORDER BY id";
    let all = [["1|sent|110"], ["2|failed|001"]];
    assert_eq!(database::rows(&file, facts), all);

    // Nothing new; then one more; then all of them under other numbers, which changes nothing.
    let second = read(&inbox).assert_code(0).json();
    assert_eq!((&second["looked_at"], &second["renumbered"]), (&0.into(), &false.into()));
    server.put(
        "new/1700000008.h.host",
        Sample { kind: "rilevazione-virus", error: "virus", ..Sample::default() }.message().as_bytes(),
    );
    let third = read(&inbox);
    let lines = third.assert_code(4).json_lines();
    assert_eq!((lines.len(), &lines[0]["uid"], &lines[0]["says"]), (2, &8.into(), &"virus".into()));
    let events = "SELECT count(*) || '' FROM dispatch_event WHERE receipt IS NOT NULL";
    assert_eq!(database::rows(&file, events), [["6"]]);
    let numbers = "SELECT uid_validity || '' FROM receipts_read";
    let numbering = database::rows(&file, numbers);
    server.renumber();
    let anew = read(&inbox);
    let sums = anew.json_lines().pop().unwrap();
    assert_eq!((&sums["renumbered"], &sums["known"], &sums["noted"]), (&true.into(), &6.into(), &0.into()), "{anew}");
    assert_ne!(database::rows(&file, numbers), numbering);
    assert_eq!(
        (database::rows(&file, events), database::rows(&file, facts)[0].clone()),
        (vec![vec!["6".to_owned()]], vec!["1|sent|110".to_owned()])
    );
    assert_eq!(server.messages().len(), before.len() + 1);
    assert!(before.iter().all(|message| server.messages().contains(message)), "flags as they were");

    // Doors that stay shut.
    read(&server.address("Nessuna")).assert_code(66);
    let told = riscontro.local(&["outbox", "receipts", &inbox.replace("localhost", "127.0.0.1"), "--db", &db]);
    assert!(told.assert_code(69).stdout.contains("non è sicura"), "{told}");
    let stranger = Riscontro::bare(BINARY).env("RISCONTRO_MAIL_RECEIPTS_PASSWORD_FILE", &secret);
    let told = stranger.local(&["outbox", "receipts", &inbox, "--db", &db]);
    assert!(told.assert_code(69).stdout.contains("non è sicura"), "an authority that nobody named: {told}");
    fs::write(&secret, "sbagliata\n").unwrap();
    let told = read(&inbox);
    assert_eq!(told.assert_code(77).json()["trouble"]["kind"], "login");
    assert!(server.log().contains("Password mismatch"), "{}", server.log());
}
