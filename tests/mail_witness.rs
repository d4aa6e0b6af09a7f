//! Letters given to a mail server that is not ours, and read by a program that is not ours: aiosmtpd and Python's `email`.
//! `tests/run` installs aiosmtpd and runs this.

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
    mail::{self, Attachment, Envelope, Letter, message_id},
    model::Mailbox,
    report::clean::short,
    store::Store,
};
use serde_json::Value;
use support::Riscontro;

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
