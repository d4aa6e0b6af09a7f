//! Receipts of certified mail, made up after the rules, and messages that only pretend to be some.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use riscontro::{
    clock::SystemClock,
    config::ImapAddress,
    mail::{
        Collect, Collection, Imap, ImapSettings, ImapTimeouts, ImapTroubleKind, Secret, collect,
        receipt::{self, Read},
    },
    store::{ReceiptKind, Store},
};
use support::{
    Riscontro, TlsFault, database,
    imap::{Act, Imapd, PASSWORD, Stage, USER, password},
    receipts::{DUE, ID, LETTER, Sample, TO, anomaly, delivered, queue},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");
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
    let delivered = delivered();
    put("cur/2.consegna:2,S", &delivered.message());
    put("3.altro.eml", LETTER);
    put("tmp/4.a-half", &delivered.message()[..700]);
    put("5.nessuna.eml", &Sample { id: "<z@z.example>", id_inside: "<z@z.example>", ..Sample::default() }.message());
    let receipts =
        || riscontro.local(&["outbox", "receipts", folder.to_str().unwrap(), "--db", &db, "--format", "json"]);
    let results = |ended: &support::run::Ended| -> Vec<String> {
        let lines = ended.json_lines();
        let files = lines.iter().filter(|line| !line["file"].is_null());
        files.map(|line| format!("{} {}", line["file"].as_str().unwrap(), line["result"].as_str().unwrap())).collect()
    };
    let first = receipts();
    let sums = first.json_lines().pop().unwrap();
    assert_eq!(sums["schema"], "riscontro.receipts/1");
    for (what, count) in
        [("looked_at", 4), ("noted", 2), ("known", 0), ("unknown", 1), ("no_receipt", 1), ("skipped", 0)]
    {
        assert_eq!(sums[what], count, "{what}: {sums}");
    }
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

/// Impatient: what a test waits for is only silence.
const LIMITS: ImapTimeouts = ImapTimeouts {
    connect: Duration::from_secs(2),
    verb: Duration::from_millis(400),
    message: Duration::from_millis(600),
    total: Duration::from_secs(5),
};

fn collected(address: &str, db: &str, ca: Option<&Path>, wanted: &Collect) -> Collection {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(db, Arc::new(SystemClock)).await.unwrap();
        let settings = ImapSettings {
            address: ImapAddress::parse(address).unwrap(),
            password: Secret::new(PASSWORD),
            ca_certificates: ca.map(Path::to_owned).into_iter().collect(),
            timeouts: LIMITS,
        };
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let collection = collect(&Imap::new(settings).unwrap(), &store, wanted, &stopped).await.unwrap();
        store.close().await;
        collection
    })
}

/// How each message ended that is a receipt or could not be read.
fn ends(collection: &Collection) -> Vec<(u32, &'static str)> {
    collection.messages.iter().map(|one| (one.uid, one.outcome.result)).collect()
}

/// Nothing that was said to a server changes anything there.
fn assert_only_read(heard: &[String]) {
    for line in heard {
        let command = line.split_once(' ').map_or("", |(_, command)| command);
        let known = ["CAPABILITY", "AUTHENTICATE PLAIN", "LOGIN ", "EXAMINE ", "UID FETCH ", "LOGOUT"];
        // The one line that is no command is the token of the login.
        assert!(command.is_empty() || known.iter().any(|known| command.starts_with(known)), "{line}");
        assert!(!command.contains("BODY[") && !command.contains("RFC822 "), "marks as seen: {line}");
    }
}

#[test]
fn a_mailbox_is_read_once_and_only_what_names_a_receipt_is_fetched() {
    let riscontro = Riscontro::bare(BINARY);
    let (db, file) = (riscontro.database("r.db"), riscontro.path("r.db"));
    queue(&db);
    let server = Imapd::tls(TlsFault::None);
    let (address, ca) = (server.address(), Some(server.ca()));
    server.put(3, Sample::default().message());
    server.put(5, LETTER);
    server.put(4_000_000_000, delivered().message());
    let first = collected(&address, &db, ca, &Collect::default());
    assert_eq!((ends(&first), first.trouble.clone()), (vec![(3, "new"), (4_000_000_000, "new")], None));
    assert_eq!((first.counts.looked_at, first.counts.noted, first.counts.no_receipt), (3, 2, 1));
    let heard = server.heard();
    assert_only_read(&heard);
    let whole = |heard: &[String]| heard.iter().filter(|line| line.contains("BODY.PEEK[]")).count();
    assert_eq!(whole(&heard), 2, "{heard:?}");

    // Nothing is new: nothing is asked for.
    let before = database::dump(&file);
    assert_eq!(collected(&address, &db, ca, &Collect::default()), Collection::default());
    assert!(!server.heard().iter().any(|line| line.contains("FETCH")));
    assert_eq!(database::dump(&file), before);

    // A new one among the last; one at a time; then all of them again.
    server.put(4_000_000_001, Sample { id: DUE, id_inside: DUE, ..Sample::default() }.message());
    server.put(4_000_000_002, LETTER);
    let one = collected(&address, &db, ca, &Collect { most: 1, again: false });
    assert_eq!((ends(&one), one.more), (vec![(4_000_000_001, "new")], true));
    let rest = collected(&address, &db, ca, &Collect::default());
    assert_eq!((rest.counts.looked_at, rest.counts.no_receipt, rest.more), (1, 1, false));
    let again = collected(&address, &db, ca, &Collect { again: true, ..Collect::default() });
    assert_eq!(ends(&again), [(3, "known"), (4_000_000_000, "known"), (4_000_000_001, "known")]);
    let read = "SELECT mailbox || ' ' || last_uid FROM receipts_read";
    assert_eq!(database::rows(&file, read), [[format!("{address} 4000000002")]]);

    // The same receipt in a folder, with the other kind of line ends, is the same one.
    let folder = riscontro.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("1.eml"), Sample::default().message().replace("\r\n", "\n")).unwrap();
    let told = riscontro.local(&["outbox", "receipts", folder.to_str().unwrap(), "--db", &db, "--format", "json"]);
    assert_eq!(told.json_lines()[0]["result"], "known", "{told}");
    assert_eq!(database::rows(&file, "SELECT count(*) || '' FROM dispatch_event WHERE receipt IS NOT NULL"), [["3"]]);
}

#[test]
fn every_fault_of_a_server_has_a_name_and_an_end_and_loses_nothing() {
    use ImapTroubleKind::{Login, NoFolder, Odd, Refused, Silent, Tls, Unreachable};
    let parentheses = format!("* 1 FETCH {}\r\n", "(".repeat(60_000));
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(60_000));
    let faults: Vec<(&str, Stage, Act, ImapTroubleKind)> = vec![
        ("a silent server", Stage::Greeting, Act::Stall, Silent),
        ("a greeting of a byte now and then", Stage::Greeting, Act::Trickle(Duration::from_millis(100)), Silent),
        ("closed at once", Stage::Greeting, Act::Drop, Unreachable),
        ("half a greeting", Stage::Greeting, Act::Half, Unreachable),
        ("a server of the web", Stage::Greeting, Act::say("HTTP/1.1 400 Bad Request\r\n\r\n"), Odd),
        ("bytes", Stage::Greeting, Act::say("\u{0}\u{1}\u{2}\n"), Odd),
        ("leave at once", Stage::Greeting, Act::say("* BYE troppi\r\n"), Refused),
        ("nobody asks who we are", Stage::Greeting, Act::say("* PREAUTH benvenuto\r\n"), Odd),
        ("a line without an end", Stage::Greeting, Act::Flood("x".to_owned()), Odd),
        ("a command that it does not know", Stage::Capability, Act::say("{tag} BAD che?\r\n"), Refused),
        ("an answer to another command", Stage::Capability, Act::say("A99 OK\r\n"), Odd),
        ("it waits for something", Stage::Capability, Act::say("+ dica\r\n"), Odd),
        ("not now", Stage::Login, Act::say("{tag} NO [UNAVAILABLE] pi\u{f9} tardi\r\n"), Refused),
        ("the wrong password", Stage::Login, Act::say("{tag} NO chi siete?\r\n"), Login),
        ("no such folder", Stage::Examine, Act::say("{tag} NO quale?\r\n"), NoFolder),
        ("no lasting numbers", Stage::Examine, Act::say("* 3 EXISTS\r\n{tag} OK\r\n"), Odd),
        ("a numbering of nought", Stage::Examine, Act::say("* OK [UIDVALIDITY 0]\r\n{tag} OK\r\n"), Odd),
        ("a numbering too large", Stage::Examine, Act::say("* OK [UIDVALIDITY 4294967296]\r\n{tag} OK\r\n"), Odd),
        ("leave in the middle", Stage::List, Act::say("* BYE spento\r\n"), Refused),
        ("answers without an end", Stage::List, Act::Flood("* 7 EXISTS\r\n".to_owned()), Silent),
        ("parentheses", Stage::List, Act::Say(parentheses), Odd),
        ("parentheses within", Stage::List, Act::Say(deep), Odd),
        ("a literal that nobody asked for", Stage::List, Act::say("* LIST () {5}\r\nabcde\r\n{tag} OK\r\n"), Odd),
        ("headers of 4 GB", Stage::Headers, Act::say("* 1 FETCH (UID 3 BODY[HEADER] {4294967295}\r\n"), Odd),
        ("a header more than asked", Stage::Headers, Act::say("* 1 FETCH (UID 3 BODY[HEADER] {65537}\r\n"), Odd),
        ("a message of 4 GB", Stage::Message, Act::say("* 1 FETCH (UID 3 BODY[] {4294967295}\r\nx"), Odd),
        ("of more than there is", Stage::Message, Act::say("* 1 FETCH (UID 3 BODY[] {99999999999999999999}\r\n"), Odd),
        ("half a message", Stage::Message, Act::Half, Unreachable),
        ("half a message, then silence", Stage::Message, Act::HalfThenStall, Silent),
        ("a message of a byte now and then", Stage::Message, Act::Trickle(Duration::from_millis(20)), Silent),
        ("no message", Stage::Message, Act::say("{tag} BAD no\r\n"), Refused),
    ];
    assert!(faults.len() >= 20);
    let riscontro = Riscontro::bare(BINARY);
    let (db, file) = (riscontro.database("r.db"), riscontro.path("r.db"));
    queue(&db);
    let server = Imapd::clear();
    server.put(3, Sample::default().message());
    let before = database::dump(&file);
    for (name, stage, act, kind) in faults {
        server.plan(move |at| if at == stage { act.clone() } else { Act::Go });
        let began = Instant::now();
        let collection = collected(&server.address(), &db, None, &Collect::default());
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: {:?}", began.elapsed());
        let trouble = collection.trouble.unwrap_or_else(|| panic!("{name}: no trouble"));
        assert_eq!(trouble.kind, kind, "{name}: {trouble:?}");
        assert!(!trouble.detail.is_empty() && trouble.detail.chars().count() < 400, "{name}: {trouble:?}");
        assert_eq!(database::dump(&file), before, "{name}");
    }
    // What names itself a refusal of one message is told, and the next one is read.
    server.plan(|at| if at == Stage::Message { Act::say("{tag} NO guasto\r\n") } else { Act::Go });
    let refused = collected(&server.address(), &db, None, &Collect::default());
    assert_eq!((ends(&refused), refused.counts.skipped), (vec![(3, "unreadable")], 1));
    // A word of warning is no fault, whatever letters it begins with.
    server.plan(|at| match at {
        Stage::Capability => {
            Act::say("* OK [ALERT]\u{e8} tardi\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK {5}\r\n")
        }
        _ => Act::Go,
    });
    let read = collected(&server.address(), &db, None, &Collect { again: true, ..Collect::default() });
    assert_eq!((ends(&read), read.trouble), (vec![(3, "new")], None));

    // Cut after the first of two: the first stays noted, the second is read the next time, and once.
    server.put(7, delivered().message());
    server.put(9, Sample { id: DUE, id_inside: DUE, ..Sample::default() }.message());
    let asked = std::sync::atomic::AtomicUsize::new(0);
    server.plan(move |at| {
        let second = at == Stage::Message && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1;
        if second { Act::Half } else { Act::Go }
    });
    let cut = collected(&server.address(), &db, None, &Collect::default());
    assert_eq!((ends(&cut), cut.trouble.map(|trouble| trouble.kind)), (vec![(7, "new")], Some(Unreachable)));
    server.plan(|_| Act::Go);
    assert_eq!(ends(&collected(&server.address(), &db, None, &Collect::default())), [(9, "new")]);
    assert_only_read(&server.heard());

    // Where a server wants no password, it is told none; where its certificate does not verify, nothing at all.
    server.can("IMAP4rev1 LOGINDISABLED STARTTLS");
    let disabled = collected(&server.address(), &db, None, &Collect::default()).trouble.unwrap();
    assert_eq!((disabled.kind, server.heard()), (Login, vec!["A1 CAPABILITY".to_owned()]));
    for fault in [TlsFault::SelfSigned, TlsFault::WrongName, TlsFault::Expired] {
        let server = Imapd::tls(fault);
        let trouble = collected(&server.address(), &db, Some(server.ca()), &Collect::default()).trouble.unwrap();
        assert_eq!((trouble.kind, server.heard()), (Tls, Vec::<String>::new()), "{trouble:?}");
    }
    let gone = server.address();
    drop(server);
    assert_eq!(collected(&gone, &db, None, &Collect::default()).trouble.unwrap().kind, Unreachable);
}

#[test]
fn the_command_reads_the_mailbox_of_the_settings_and_its_exit_code_says_how_it_went() {
    let server = Imapd::clear();
    server.put(1, Sample::default().message());
    let bare = Riscontro::bare(BINARY);
    let db = bare.database("r.db");
    queue(&db);
    let receipts = |riscontro: &Riscontro, more: &[&str]| {
        let mut line = vec!["outbox", "receipts", "--db", &db];
        line.extend(more);
        riscontro.local(&line)
    };
    receipts(&bare, &[]).assert_code(78);
    let told = receipts(&bare, &[&server.address()]);
    assert!(told.assert_code(78).stderr.contains("mail_receipts_password_file"), "{told}");
    for typed in
        ["imap://a@imap.pec.example/INBOX", "imaps://a:segreto@imap.pec.example/INBOX", "imaps://imap.pec.example"]
    {
        let told = receipts(&bare, &[typed]);
        assert!(told.assert_code(2).stderr.contains("imaps://") && !told.stderr.contains("segreto"), "{told}");
    }
    let of = |password: &str, address: &str| {
        Riscontro::bare(BINARY)
            .env("RISCONTRO_MAIL_RECEIPTS", address)
            .env("RISCONTRO_MAIL_RECEIPTS_PASSWORD_FILE", password)
    };
    let secret = password(&bare, PASSWORD);
    let clear = of(&secret, "imap://a@imap.pec.example/INBOX");
    assert!(receipts(&clear, &[]).assert_code(78).stderr.contains("mail_receipts"));
    let good = of(&secret, &server.address());
    let first = receipts(&good, &[]);
    assert!(first.assert_code(0).stdout.contains("ricevute annotate: 1, già note: 0"), "{first}");
    let lines = receipts(&good, &["--again", "--format", "json"]);
    let lines = lines.assert_code(0).json_lines();
    assert_eq!((&lines[0]["uid"], &lines[0]["result"], &lines[1]["known"]), (&1.into(), &"known".into(), &1.into()));
    assert_eq!((&lines[1]["place"], &lines[1]["trouble"]), (&server.address().into(), &serde_json::Value::Null));
    // The password of sending is used for the same user's mailbox, and for nobody else's.
    let sending = |login: &str| {
        Riscontro::bare(BINARY).env("RISCONTRO_MAIL_LOGIN", login).env("RISCONTRO_MAIL_PASSWORD_FILE", &secret)
    };
    receipts(&sending(USER), &[&server.address()]).assert_code(0);
    receipts(&sending("altri@pec.ente.example"), &[&server.address()]).assert_code(78);
    // What waits for a person: 4.
    let failed = Sample { kind: "mancata-consegna", error: "altro", delivered_to: Some(TO), ..Sample::default() };
    server.put(2, failed.message());
    receipts(&good, &[]).assert_code(4);
    assert_only_read(&server.heard());
    let elsewhere = server.address().replace("INBOX", "Nessuna");
    receipts(&of(&secret, &elsewhere), &[]).assert_code(66);
    let wrong = password(&Riscontro::bare(BINARY), "sbagliata");
    assert!(!Path::new(&wrong).exists(), "its home is gone");
    fs::write(&secret, "sbagliata\n").unwrap();
    let refused = receipts(&good, &[]);
    assert!(
        refused.assert_code(77).stdout.contains("rifiuta l'accesso") && !refused.stdout.contains("sbagliata"),
        "{refused}"
    );
    server.can("IMAP4rev1");
    server.plan(|at| if at == Stage::Login { Act::say("{tag} BAD LOGIN segreto?\r\n") } else { Act::Go });
    fs::write(&secret, "segreto\n").unwrap();
    let repeated = receipts(&good, &[]);
    assert!(
        repeated.assert_code(77).stdout.contains("LOGIN ***?") && !repeated.stderr.contains("segreto"),
        "{repeated}"
    );
    server.plan(|_| Act::Go);
    receipts(&good, &[]).assert_code(0);
    server.plan(|_| Act::Drop);
    let away = receipts(&good, &["--format", "json"]);
    assert_eq!(away.assert_code(69).json()["trouble"]["kind"], "unreachable");
}
