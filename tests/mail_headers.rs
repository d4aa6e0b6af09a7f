//! Texts that try to be more than text: in subjects, names of files and senders, further headers, addresses. What a server saw is
//! held against what was meant.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use mail_parser::{Address, MessageParser, MimeHeaders as _};
use riscontro::{
    clock::{Clock, SystemClock},
    mail::{
        self, Attachment, ComposeError, Envelope, Letter, Options, Security, Smtp, SmtpSettings, Timeouts, Transport,
        check, compose, message_id, post,
    },
    model::{MailAddress, Mailbox},
    report::clean::short,
    store::Store,
};
use support::smtp::{Protection, Smtpd};
use tokio::sync::watch;

/// 120 of them.
fn payloads() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let breaks = [
        "\r\n", "\n", "\r", "\r\r\n", "\n\r", "\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}", "\0", "\r\n ",
        "\r\n\t",
    ];
    for ending in breaks {
        for tail in [
            "Bcc: altri@ente.example",
            "\r\nQUIT",
            "Subject: altro",
            ".\r\nMAIL FROM:<x@y.example>",
            "From: <falso@ente.example>",
        ] {
            all.push(format!("Comune di Esempio{ending}{tail}"));
        }
    }
    for text in [
        "=?utf-8?B?DQpCY2M6IHhAeS5leGFtcGxl?=",
        "=?utf-8?Q?=0D=0ABcc:_x@y.example?=",
        "=?iso-8859-1?Q?citt=E0?=",
        "=?utf-8?B?????=",
        "=?",
        "a =?utf-8?B?eA==?= b",
        "a,b@c.example, d@e.example",
        "<script>alert(1)</script>",
        "<falso@ente.example>",
        "\"virgolette\" e \\barre\\",
        "\"",
        "\\\"",
        "(commento (annidato",
        "gruppo: a@b.example, c@d.example;",
        "città, perché, l'àncora",
        "Südtirol · Bozen",
        "Občina Doberdob",
        "\u{1f3db}\u{fe0f} Comune",
        "\u{202e}elif.exe",
        "\u{2066}a\u{2069}",
        "\u{feff}inizio",
        "a\u{200b}b",
        "\u{e0041}tag",
        "\u{1b}[31mrosso",
        "\u{7f}",
        "\u{1}",
        "",
        " ",
        "   spazi   ",
        "a  b   c",
        "\t\t",
        ".",
        "..",
        "../../../etc/passwd",
        "C:\\Windows\\system32\\x.exe",
        "/etc/passwd",
        "nome.csv; filename=altro.exe",
        "nome\"; filename=\"altro.exe",
        "nome%0d%0aBcc: x",
        "%s%n%x",
        "${jndi:ldap://x}",
        "$(reboot)",
        "`reboot`",
        "'; DROP TABLE dispatch; --",
        "=HYPERLINK(\"http://x\")",
        "boundary=\"=_x\"",
        "--=_x--",
        "Content-Type: text/html",
        ":",
        "::::",
        "e\u{301}\u{301}\u{301}",
        "\u{fdfa}\u{fdfa}",
    ] {
        all.push(text.to_owned());
    }
    all.push("x".repeat(10_000));
    all.push("parola ".repeat(1_500));
    all.push("è".repeat(10_000));
    while all.len() < 120 {
        let number = all.len();
        all.push(format!("{}\r\nX-{number}: y", "à ".repeat(number)));
    }
    all
}

/// What every letter of ours has, and nothing else.
const HEADERS: [&str; 11] = [
    "Date",
    "From",
    "To",
    "Message-ID",
    "Reply-To",
    "Subject",
    "Auto-Submitted",
    "X-Mailer",
    "X-Comune",
    "MIME-Version",
    "Content-Type",
];

fn letter(text: &str) -> Letter {
    Letter {
        subject: text.to_owned(),
        text: format!("Prima riga\n.\n{text}\n.\r\nMAIL FROM:<x@y.example>\r.\rultima"),
        html: Some(format!("<p>{}</p>", text.replace('<', "&lt;"))),
        attachments: vec![Attachment {
            name: text.to_owned(),
            mime: format!("text/csv; x=\"{text}\""),
            bytes: text.as_bytes().to_vec(),
        }],
        headers: vec![("X-Comune".to_owned(), text.to_owned())],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_adds_a_header_or_ends_a_message() {
    let payloads = payloads();
    assert!(payloads.len() >= 120, "{}", payloads.len());
    let server = Smtpd::new(Protection::Clear);
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(folder.path().join("r.db").to_str().unwrap(), Arc::clone(&clock)).await.unwrap();
    let address: MailAddress = "verifiche@ente.example".parse().unwrap();
    for (number, text) in payloads.iter().enumerate() {
        let from = Mailbox { name: Some(text.clone()), address: address.clone() };
        let envelope = Envelope {
            from: from.clone(),
            reply_to: Some(from),
            to: format!("comune{number}@pec.example").parse().unwrap(),
            message_id: message_id(text, &address),
            date: "2026-11-23T02:00:00Z".parse().unwrap(),
        };
        let bytes = compose(&letter(text), &envelope).unwrap();
        assert_eq!(check(&bytes), Ok(()));
        assert_eq!(compose(&letter(text), &envelope).unwrap(), bytes, "the same bytes again");
        mail::queue(&store, &letter(text), &envelope, (&number.to_string(), "test"), None).await.unwrap();
    }
    let smtp = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        security: Security::Clear,
        ca_certificates: Vec::new(),
        login: None,
        from: address.clone(),
        timeouts: Timeouts { end: Duration::from_secs(20), ..Timeouts::default() },
    };
    let transport = Transport::Smtp(Smtp::new(smtp).unwrap());
    let summary = post(&store, &transport, &clock, &watch::channel(false).1, &Options::default()).await.unwrap();
    assert_eq!(summary.sent, payloads.len() as u64, "{summary:?}");
    let mailbox = server.mailbox();
    assert_eq!(mailbox.len(), payloads.len());
    let verbs: BTreeSet<String> =
        server.heard().iter().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect();
    assert_eq!(verbs.into_iter().collect::<Vec<_>>(), ["DATA", "EHLO", "MAIL", "QUIT", "RCPT"]);
    for (number, (text, mail)) in payloads.iter().zip(&mailbox).enumerate() {
        let told = || format!("{number}: {text:?}\n{}", String::from_utf8_lossy(&mail.bytes));
        assert_eq!(mail.to, format!("comune{number}@pec.example"));
        let headers = mail.headers();
        let names: BTreeSet<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(headers.len(), HEADERS.len(), "{}", told());
        assert_eq!(names, HEADERS.into_iter().collect(), "{}", told());
        for line in mail.bytes.split(|byte| *byte == b'\n') {
            assert!(line.len() <= 999, "{}", told());
        }
        let read = MessageParser::default().parse(&mail.bytes).unwrap();
        let meant = |limit: usize| short(text, limit).trim().to_owned();
        assert_eq!(read.subject().unwrap_or_default(), meant(300), "{}", told());
        let one = |address: Option<&Address<'_>>| {
            let all: Vec<(String, String)> = address
                .into_iter()
                .flat_map(Address::iter)
                .map(|one| (one.name().unwrap_or_default().to_owned(), one.address().unwrap_or_default().to_owned()))
                .collect();
            assert_eq!(all.len(), 1, "{}", told());
            all[0].clone()
        };
        assert_eq!(one(read.to()), (String::new(), format!("comune{number}@pec.example")), "{}", told());
        for from in [one(read.from()), one(read.reply_to())] {
            assert_eq!(from, (meant(100), address.to_string()), "{}", told());
        }
        let body = read.body_text(0).unwrap();
        assert!(body.starts_with("Prima riga\r\n.\r\n") && body.trim_end().ends_with("ultima"), "{}", told());
        assert_eq!(read.attachment_count(), 1, "{}", told());
        let attached = read.attachment(0).unwrap();
        assert_eq!(attached.contents(), text.as_bytes(), "{}", told());
        let name = attached.attachment_name().unwrap();
        assert!(
            !name.contains(['/', '\\', '"', ';', '\r', '\n']) && !name.starts_with('.') && !name.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn a_payload_is_no_address_and_no_header_name() {
    let envelope = Envelope {
        from: "a@b.example".parse::<MailAddress>().unwrap().into(),
        reply_to: None,
        to: "c@d.example".parse().unwrap(),
        message_id: "<1@b.example>".to_owned(),
        date: jiff::Timestamp::UNIX_EPOCH,
    };
    let mut taken = 0;
    for text in payloads() {
        for form in [text.clone(), format!("{text}@ente.example"), format!("a@{text}"), format!("a@b.example{text}")] {
            if let Ok(address) = form.parse::<MailAddress>() {
                let plain = |c: char| c.is_ascii_graphic() && !"<>,;:\"()[]\\".contains(c);
                assert!(address.as_str().chars().all(plain) && address.as_str().len() <= 254, "{form:?}");
                taken += 1;
            }
        }
        let bare = Letter { headers: vec![(text.clone(), "x".to_owned())], ..Letter::default() };
        assert!(matches!(compose(&bare, &envelope), Err(ComposeError::Header(_))), "{text:?}");
        let id = Envelope { message_id: format!("<{text}@b.example>"), ..envelope.clone() };
        if let Ok(bytes) = compose(&Letter::default(), &id) {
            assert_eq!(check(&bytes), Ok(()));
            assert_eq!(MessageParser::default().parse(&bytes).unwrap().headers().len(), 10, "{text:?}");
        }
    }
    assert!(taken > 0, "some of them are addresses");
    for ours in ["Bcc", "from", "SUBJECT", "Content-Type", "Message-ID"] {
        let letter = Letter { headers: vec![(ours.to_owned(), "x".to_owned())], ..Letter::default() };
        assert!(compose(&letter, &envelope).is_err(), "{ours}");
    }
}
