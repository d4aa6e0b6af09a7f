//! Receipts of certified mail, made up after the rules, and messages that only pretend to be some.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{fs, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use riscontro::{
    clock::SystemClock,
    mail::receipt::{self, Read},
    store::{NewDispatch, ReceiptKind, Store},
};
use support::{Riscontro, database};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");
const ID: &str = "<0011223344556677@ente.example>";
const TO: &str = "protocollo@pec.comune.example";

/// A receipt as providers write them: signed, with a text for people, the data, and the letter or part of it.
struct Sample {
    /// `X-Ricevuta` and `tipo`.
    kind: &'static str,
    error: &'static str,
    reason: &'static str,
    /// `X-TipoRicevuta`.
    form: Option<&'static str>,
    /// Whose delivery it tells.
    delivered_to: Option<&'static str>,
    id: &'static str,
    id_inside: &'static str,
    recipient: &'static str,
    /// What is attached as `postacert.eml`.
    letter: Option<String>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            kind: "accettazione",
            error: "nessuno",
            reason: "",
            form: None,
            delivered_to: None,
            id: ID,
            id_inside: ID,
            recipient: TO,
            letter: None,
        }
    }
}

impl Sample {
    fn data(&self) -> String {
        let id = self.id_inside.replace('<', "&lt;").replace('>', "&gt;");
        let form = self.form.map(|form| format!("<ricevuta tipo=\"{form}\" />")).unwrap_or_default();
        let to = self.delivered_to.map(|to| format!("<consegna>{to}</consegna>")).unwrap_or_default();
        let reason = match self.reason {
            "" => String::new(),
            reason => format!("<errore-esteso>{reason}</errore-esteso>"),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postacert tipo=\"{}\" errore=\"{}\">\n <intestazione>\n  \
             <mittente>verifiche@pec.ente.example</mittente>\n  <destinatari tipo=\"certificato\">{}</destinatari>\n  \
             <risposte>verifiche@pec.ente.example</risposte>\n  <oggetto>Verifica dei siti &amp; altro</oggetto>\n \
             </intestazione>\n <dati>\n  <gestore-emittente>Gestore di Prova S.p.A.</gestore-emittente>\n  \
             <data zona=\"+0100\"><giorno>23/11/2026</giorno><ora>10:20:30</ora></data>\n  \
             <identificativo>opec1.20261123102030.1.1.1@pec.example</identificativo>\n  <msgid>{id}</msgid>{form}{to}{reason}\n \
             </dati>\n</postacert>\n",
            self.kind, self.error, self.recipient
        )
    }

    fn message(&self) -> String {
        let data = STANDARD.encode(self.data());
        let form = self.form.map(|form| format!("X-TipoRicevuta: {form}\r\n")).unwrap_or_default();
        let letter = self.letter.as_ref().map_or_else(String::new, |letter| {
            format!(
                "--parte\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\
                 Content-Disposition: attachment; filename=\"postacert.eml\"\r\n\r\n{letter}\r\n"
            )
        });
        format!(
            "Return-Path: <>\r\nFrom: posta-certificata@pec.example\r\nTo: verifiche@pec.ente.example\r\n\
             Subject: {}: Verifica dei siti\r\nDate: Mon, 23 Nov 2026 10:20:30 +0100\r\n\
             Message-ID: <opec1.20261123102030.1.1.1@pec.example>\r\nX-Ricevuta: {}\r\n{form}\
             X-Riferimento-Message-ID: {}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; micalg=sha-256; boundary=\"firma\"\r\n\r\n\
             --firma\r\nContent-Type: multipart/mixed; boundary=\"parte\"\r\n\r\n\
             --parte\r\nContent-Type: multipart/alternative; boundary=\"testo\"\r\n\r\n\
             --testo\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nRicevuta\r\n\
             --testo\r\nContent-Type: text/html\r\n\r\n<p>Ricevuta</p>\r\n--testo--\r\n\
             --parte\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: inline; filename=\"daticert.xml\"\r\n\r\n{data}\r\n{letter}--parte--\r\n\
             --firma\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             TUlNRQ==\r\n--firma--\r\n",
            self.kind.to_uppercase(),
            self.kind,
            self.id
        )
    }

    fn read(&self) -> Read {
        receipt::read(self.message().as_bytes())
    }
}

const LETTER: &str =
    "From: verifiche@pec.ente.example\r\nTo: protocollo@pec.comune.example\r\nSubject: x\r\n\r\nIl testo\r\n";

fn samples() -> Vec<(Sample, ReceiptKind)> {
    let of = |kind, error, reason| Sample { kind, error, reason, ..Sample::default() };
    let delivered = |form: &'static str, letter: Option<&str>| Sample {
        kind: "avvenuta-consegna",
        form: Some(form),
        delivered_to: Some(TO),
        letter: letter.map(str::to_owned),
        ..Sample::default()
    };
    vec![
        (Sample::default(), ReceiptKind::Accepted),
        (of("non-accettazione", "altro", "indirizzo non valido"), ReceiptKind::NotAccepted),
        (of("non-accettazione", "virus", "virus rilevato"), ReceiptKind::Virus),
        (delivered("completa", Some(LETTER)), ReceiptKind::Delivered),
        (delivered("breve", Some("Subject: x\r\n\r\nimpronta\r\n")), ReceiptKind::Delivered),
        (delivered("sintetica", None), ReceiptKind::Delivered),
        (
            Sample { delivered_to: Some(TO), ..of("errore-consegna", "no-dest", "5.1.1 - casella inesistente") },
            ReceiptKind::NotDelivered,
        ),
        (of("errore-consegna", "no-dominio", "dominio inesistente"), ReceiptKind::NotDelivered),
        (of("errore-consegna", "virus", "virus rilevato"), ReceiptKind::Virus),
        (of("mancata-consegna", "altro", "tempo massimo superato"), ReceiptKind::NotDelivered),
        (
            of("preavviso-errore-consegna", "altro", "non consegnato nelle prime dodici ore"),
            ReceiptKind::NotDeliveredYet,
        ),
        (of("rilevazione-virus", "virus", "virus rilevato"), ReceiptKind::Virus),
        (Sample { recipient: "PROTOCOLLO@pec.comune.example", ..Sample::default() }, ReceiptKind::Accepted),
    ]
}

/// A message of the open mail that came into a certified mailbox: here a server's report on the letter.
fn anomaly(inside: &str) -> String {
    format!(
        "From: \"Per conto di: mailer-daemon@altrove.example\" <posta-certificata@pec.example>\r\n\
         Subject: ANOMALIA MESSAGGIO: Undelivered mail\r\nX-Trasporto: errore\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"parte\"\r\n\r\n--parte\r\nContent-Type: text/plain\r\n\r\nAnomalia\r\n\
         --parte\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\r\n{inside}\r\n--parte--\r\n"
    )
}

#[test]
fn every_kind_of_receipt_is_read() {
    let samples = samples();
    assert!(samples.len() >= 12);
    for (sample, kind) in samples {
        let Read::Receipt(fact) = sample.read() else { panic!("{}: {:?}", sample.kind, sample.read()) };
        assert_eq!((fact.kind, fact.message_id.as_str()), (kind, ID), "{}", sample.kind);
        assert_eq!(fact.at, Some("2026-11-23T09:20:30Z".parse().unwrap()));
        assert!(fact.recipient.is_some_and(|to| to.eq_ignore_ascii_case(TO)));
        assert_eq!(fact.detail.unwrap_or_default(), sample.reason);
        // Unfolded, with LF alone, under a name in other letters: mailboxes keep messages in many ways.
        let other = sample.message().replace("X-Riferimento-Message-ID: ", "x-riferimento-message-id:\r\n  ");
        assert!(matches!(receipt::read(other.as_bytes()), Read::Receipt(_)));
        let unix = sample.message().replace("\r\n", "\n");
        assert!(matches!(receipt::read(unix.as_bytes()), Read::Receipt(_)), "{unix}");
    }
    let report = format!("Subject: failed\r\nIn-Reply-To: {ID}\r\n\r\nno\r\n");
    let Read::Receipt(fact) = receipt::read(anomaly(&report).as_bytes()) else { panic!("an anomaly") };
    assert_eq!((fact.kind, fact.message_id.as_str()), (ReceiptKind::Anomaly, ID));
    assert_eq!(receipt::read(anomaly("Subject: pubblicità\r\n\r\nx\r\n").as_bytes()), Read::Other);
    // Between providers, and certified letters themselves.
    assert_eq!(Sample { kind: "presa-in-carico", ..Sample::default() }.read(), Read::Other);
    assert_eq!(receipt::read(LETTER.as_bytes()), Read::Other);
    let letter = LETTER.replace("Subject", "X-Trasporto: posta-certificata\r\nSubject");
    assert_eq!(receipt::read(letter.as_bytes()), Read::Other);
}

#[test]
fn what_only_pretends_is_not_believed_and_breaks_nothing() {
    let good = Sample::default().message();
    let base = |data: &str| good.replace(&STANDARD.encode(Sample::default().data()), &STANDARD.encode(data));
    let data = Sample::default().data();
    let inner = Sample { kind: "avvenuta-consegna", delivered_to: Some(TO), ..Sample::default() };
    // The data are those of a letter that somebody sent with a receipt inside.
    let without = good.replace("daticert.xml", "altro.xml");
    let inside = inner.message().replace("firma", "f2").replace("parte", "p2").replace("testo", "t2");
    let smuggled = Sample { letter: Some(inside), ..Sample::default() }.message();
    let smuggled = smuggled.replacen("filename=\"daticert.xml\"", "filename=\"x\"", 1).replacen(
        "name=\"daticert.xml\"",
        "name=\"x\"",
        1,
    );
    let cases = [
        ("two kinds", good.replace("X-Ricevuta:", "X-Ricevuta: avvenuta-consegna\r\nX-Ricevuta:"), "two-kinds"),
        ("a new kind", good.replace("X-Ricevuta: accettazione", "X-Ricevuta: superata"), "unknown-kind"),
        ("no reference", good.replace("X-Riferimento-Message-ID", "X-Altro"), "no-reference"),
        (
            "two references",
            good.replace("X-Riferimento", "X-Riferimento-Message-ID: <a@b>\r\nX-Riferimento"),
            "no-reference",
        ),
        (
            "a reference that is none",
            good.replace(&format!("X-Riferimento-Message-ID: {ID}"), "X-Riferimento-Message-ID: <>"),
            "no-reference",
        ),
        ("no data", without, "no-data"),
        ("data of a message inside", smuggled, "no-data"),
        (
            "another letter inside",
            Sample { id_inside: "<altra@ente.example>", ..Sample::default() }.message(),
            "contradiction",
        ),
        (
            "another kind inside",
            good.replace("X-Ricevuta: accettazione", "X-Ricevuta: avvenuta-consegna"),
            "contradiction",
        ),
        ("data that are none", base("<html><p>ciao"), "bad-data"),
        ("another document", base("<altro/>"), "bad-data"),
        ("a document type", base(&data.replace("?>", "?><!DOCTYPE postacert [<!ENTITY a \"b\">]>")), "bad-data"),
        ("very deep data", base(&"<a>".repeat(100_000)), "bad-data"),
        (
            "very large data",
            base(&data.replace("</dati>", &format!("<x>{}</x></dati>", "y".repeat(400_000)))),
            "bad-data",
        ),
        (
            "many parts",
            format!("{good}{}", "--firma\r\nContent-Type: text/plain\r\n\r\n\r\n".repeat(400)),
            "too-many-parts",
        ),
        (
            "messages inside messages",
            format!("X-Ricevuta: accettazione\r\n{}", "Content-Type: message/rfc822\r\n\r\n".repeat(100_000)),
            "too-many-parts",
        ),
    ];
    for (name, message, why) in cases {
        assert_eq!(receipt::read(message.as_bytes()), Read::Wrong(why), "{name}");
    }
    let deep = format!("X-Ricevuta: accettazione\r\n{}", "Content-Type: message/rfc822\r\n\r\n".repeat(290));
    assert_eq!(receipt::read(deep.as_bytes()), Read::Wrong("no-reference"));
    for end in (0..good.len()).step_by(37) {
        let _ = receipt::read(&good.as_bytes()[..end]);
        let mut bent = good.clone().into_bytes();
        bent[end] = bent[end].wrapping_add(131);
        let _ = receipt::read(&bent);
    }
    for bytes in [&b""[..], b"\0", b"\r\n\r\n", &[0xff; 5000], b"X-Ricevuta", b"X-Ricevuta: accettazione"] {
        assert!(!matches!(receipt::read(bytes), Read::Receipt(_)));
    }
    let endless = format!("X-Ricevuta: {}\r\n\r\n", "a".repeat(5_000_000));
    assert_eq!(receipt::read(endless.as_bytes()), Read::Wrong("unknown-kind"));
}

fn queue(address: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(address, Arc::new(SystemClock)).await.unwrap();
        for (number, id) in [ID, "<due@ente.example>"].into_iter().enumerate() {
            let new = NewDispatch {
                key: number.to_string(),
                kind: "test".to_owned(),
                recipient: TO.to_owned(),
                subject: "Verifica".to_owned(),
                message_id: id.to_owned(),
                bytes: b"Subject: x\r\n\r\n".to_vec(),
                held_by: None,
            };
            store.queue_dispatch(&new).await.unwrap();
        }
        store.close().await;
    });
}

#[test]
fn a_folder_of_receipts_is_read_once_and_nothing_in_it_changes() {
    let riscontro = Riscontro::bare(BINARY);
    let (db, file) = (riscontro.database("r.db"), riscontro.path("r.db"));
    queue(&db);
    database::change(
        &file,
        "UPDATE dispatch SET state = 'sent', sent = '2026-11-23T09:00:00.000000000Z', next_try = NULL",
    );
    let folder = riscontro.path("Maildir");
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    put("new/1.accettazione", &Sample::default().message());
    let delivered =
        Sample { kind: "avvenuta-consegna", delivered_to: Some(TO), form: Some("breve"), ..Sample::default() };
    put("cur/2.consegna:2,S", &delivered.message());
    put("3.altro.eml", LETTER);
    put("tmp/4.a-half", &delivered.message()[..700]);
    put("5.nessuna.eml", &Sample { id: "<z@z.example>", id_inside: "<z@z.example>", ..Sample::default() }.message());
    let receipts =
        || riscontro.local(&["outbox", "receipts", folder.to_str().unwrap(), "--db", &db, "--format", "json"]);
    let results = |ended: &support::run::Ended| -> Vec<String> {
        let lines = ended.json_lines();
        lines
            .iter()
            .map(|line| format!("{} {}", line["file"].as_str().unwrap(), line["result"].as_str().unwrap()))
            .collect()
    };
    let first = receipts();
    assert_eq!(
        results(first.assert_code(0)),
        ["3.altro.eml no-receipt", "5.nessuna.eml no-such-letter", "cur/2.consegna:2,S new", "new/1.accettazione new"]
    );
    let facts = "SELECT id || '|' || coalesce(accepted, '') || '|' || coalesce(delivered, '') || '|' || coalesce(undelivered, '') \
                 FROM dispatch ORDER BY id";
    let time = "2026-11-23T09:20:30.000000000Z";
    let told = [[format!("1|{time}|{time}|")], ["2|||".to_owned()]];
    assert_eq!(database::rows(&file, facts), told);
    let before = database::dump(&file);
    assert!(results(receipts().assert_code(0)).iter().all(|line| !line.ends_with(" new")));
    assert_eq!(database::dump(&file), before, "a second reading changes nothing");
    let list = riscontro.local(&["outbox", "list", "--db", &db]);
    assert!(list.stdout.contains("inviata, consegnata"), "{list}");

    // What waits for a person: a letter that did not arrive, a receipt that is not believed, one of another recipient.
    let other = Sample {
        delivered_to: Some("altri@pec.example"),
        kind: "errore-consegna",
        error: "no-dest",
        ..Sample::default()
    };
    put("6.altri.eml", &other.message());
    put("7.contraddice.eml", &Sample { id_inside: "<altra@x.example>", ..Sample::default() }.message());
    let huge = fs::File::create(folder.join("8.enorme.eml")).unwrap();
    huge.set_len(receipt::LIMIT + 1).unwrap();
    let second = receipts();
    let lines = results(second.assert_code(4));
    for line in ["6.altri.eml other-recipient", "7.contraddice.eml contradiction", "8.enorme.eml too-large"] {
        assert!(lines.iter().any(|told| told == line), "{lines:?}");
    }
    assert_eq!(database::rows(&file, facts), told);
    fs::remove_file(folder.join("8.enorme.eml")).unwrap();
    let two = Sample {
        kind: "errore-consegna",
        error: "no-dest",
        reason: "casella \u{1b}[31mpiena",
        id: "<due@ente.example>",
        id_inside: "<due@ente.example>",
        ..Sample::default()
    };
    put("9.mancata.eml", &two.message());
    assert!(results(receipts().assert_code(4)).contains(&"9.mancata.eml new".to_owned()));
    let shown = riscontro.local(&["outbox", "show", "2", "--db", &db]);
    assert!(shown.stdout.contains("non consegnata") && !shown.stdout.contains('\u{1b}'), "{shown}");
    riscontro.local(&["outbox", "receipts", "nowhere", "--db", &db]).assert_code(66);
}
