//! Letters against a mail server with faults at every stage. The witness is its mailbox.

#![expect(clippy::print_stdout, reason = "how the faults were spread is worth seeing")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use riscontro::{
    clock::Clock,
    mail::{
        self, Attachment, Envelope, Letter, Login, Options, Recipients, Secret, Security, Smtp, SmtpSettings, Summary,
        Timeouts, Transport, TroubleKind, message_id, post,
    },
    model::Mailbox,
    store::{Dispatch, DispatchFilter, DispatchId, DispatchState, Queued, Store},
};
use support::{
    TlsFault,
    smtp::{Act, Moment, Protection, Smtpd, Stage},
};
use tokio::sync::watch;

/// Time that tests move.
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-11-23T02:00:00Z".parse().unwrap())))
    }

    fn forward(&self, time: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(time).unwrap();
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn instant(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

const SHORT: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    verb: Duration::from_millis(700),
    data: Duration::from_millis(700),
    block: Duration::from_secs(5),
    end: Duration::from_millis(700),
};

fn sender() -> Mailbox {
    "Verifica dei siti <verifiche@ente.example>".parse().unwrap()
}

fn settings(server: &Smtpd, security: Security) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port: server.port(),
        security,
        ca_certificates: vec![server.ca().to_owned()],
        login: None,
        from: sender().address,
        timeouts: SHORT,
    }
}

/// A database, a clock, and a way to the server.
struct Office {
    _folder: tempfile::TempDir,
    store: Store,
    hand: Arc<Hand>,
    transport: Transport,
    options: Options,
}

impl Office {
    async fn new(settings: SmtpSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hand = Hand::new();
        let address = folder.path().join("r.db").to_str().unwrap().to_owned();
        let store = Store::open(&address, Arc::clone(&hand) as _).await.unwrap();
        let transport = Transport::Smtp(Smtp::new(settings).unwrap());
        Self { _folder: folder, store, hand, transport, options: Options::default() }
    }

    async fn clear(server: &Smtpd) -> Self {
        Self::new(settings(server, Security::Clear)).await
    }

    async fn queue(&self, number: usize, text: &str) -> DispatchId {
        queue(&self.store, number, text).await
    }

    async fn post(&self) -> Summary {
        let clock: Arc<dyn Clock> = Arc::clone(&self.hand) as _;
        post(&self.store, &self.transport, &clock, &watch::channel(false).1, &self.options).await.unwrap()
    }

    async fn letter(&self, id: DispatchId) -> Dispatch {
        self.store.dispatch(id).await.unwrap().unwrap()
    }

    async fn state(&self, id: DispatchId) -> DispatchState {
        self.letter(id).await.state
    }
}

fn recipient(number: usize) -> String {
    format!("verifica{number}@comune.example")
}

async fn queue(store: &Store, number: usize, text: &str) -> DispatchId {
    let letter = Letter { subject: format!("Città {number}"), text: text.to_owned(), ..Letter::default() };
    let key = format!("letter/{number}");
    let envelope = Envelope {
        from: sender(),
        reply_to: None,
        to: recipient(number).parse().unwrap(),
        message_id: message_id(&key, &sender().address),
        date: store.clock().now(),
    };
    let queued = mail::queue(store, &letter, &envelope, (&key, "test"), None).await.unwrap();
    let Queued::Queued(id) = queued else { panic!("it was there") };
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_arrive_byte_for_byte_over_every_kind_of_protection() {
    let text =
        "Gentile ufficio,\n.\n..\n.punto\nFrom qui\nperché è così\n\nriga lunga ".to_owned() + &"à ".repeat(3000);
    for (protection, security) in [
        (Protection::Clear, Security::Clear),
        (Protection::Implicit, Security::Implicit),
        (Protection::StartTls, Security::StartTls),
    ] {
        let server = Smtpd::new(protection);
        let office = Office::new(settings(&server, security)).await;
        let ids = [office.queue(1, &text).await, office.queue(2, "x").await, office.queue(3, "").await];
        let summary = office.post().await;
        assert_eq!((summary.due, summary.sent, summary.trouble), (3, 3, None), "{protection:?}");
        let mailbox = server.mailbox();
        assert_eq!(mailbox.len(), 3);
        assert_eq!(server.connections(), 1, "one conversation for all");
        for (id, mail) in ids.into_iter().zip(&mailbox) {
            let letter = office.letter(id).await;
            assert_eq!(mail.bytes, office.store.dispatch_bytes(id).await.unwrap().unwrap());
            assert_eq!((mail.to.as_str(), letter.state), (letter.recipient.as_str(), DispatchState::Sent));
            assert_eq!(mail.header("Message-ID"), [letter.message_id]);
            assert_eq!(mail.header("Auto-Submitted"), ["auto-generated"]);
            assert_eq!(mail.from, format!("<verifiche@ente.example> SIZE={}", mail.bytes.len()));
        }
        let read = mail_parser::MessageParser::default().parse(&mailbox[0].bytes).unwrap();
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), text.trim_end());
        let again = office.post().await;
        assert_eq!((again.due, server.mailbox().len()), (0, 3));
    }
}

/// Where a letter stands after the first try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// Certainly not taken, tried again: the mailbox has it once in the end.
    Again,
    /// Refused for good: the mailbox never has it.
    Failed,
    /// Nobody knows, and the mailbox has it so often.
    Unsure(usize),
    /// Taken all the same.
    Sent,
}

/// One fault: at a stage, the first time it comes by.
fn once(stage: Stage, act: Act) -> impl Fn(&Moment) -> Act + Send + Sync {
    let used = Mutex::new(false);
    move |moment| {
        let mut used = used.lock().unwrap();
        if moment.stage == stage && !*used {
            *used = true;
            return act.clone();
        }
        Act::Go
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_leads_where_it_should() {
    use After::{Again, Failed, Sent, Unsure};
    let long = Duration::from_secs(2);
    let cases: Vec<(&str, Stage, Act, After)> = vec![
        ("drop before the greeting", Stage::Greeting, Act::Drop, Again),
        ("drop after the greeting", Stage::Greeting, Act::SayAndDrop, Again),
        ("drop before EHLO is answered", Stage::Ehlo, Act::Drop, Again),
        ("drop after EHLO", Stage::Ehlo, Act::SayAndDrop, Again),
        ("drop before MAIL is answered", Stage::Mail, Act::Drop, Again),
        ("drop after MAIL", Stage::Mail, Act::SayAndDrop, Again),
        ("drop before RCPT is answered", Stage::Rcpt, Act::Drop, Again),
        ("drop after RCPT", Stage::Rcpt, Act::SayAndDrop, Again),
        ("drop before DATA is answered", Stage::Data, Act::Drop, Again),
        ("drop after DATA", Stage::Data, Act::SayAndDrop, Again),
        ("drop after the dot, not stored", Stage::Dot, Act::Drop, Unsure(0)),
        ("drop after the dot, stored", Stage::Stored, Act::Drop, Unsure(1)),
        ("421 as greeting", Stage::Greeting, Act::say("421 busy"), Again),
        ("554 as greeting", Stage::Greeting, Act::say("554 not you"), Again),
        ("502 to EHLO", Stage::Ehlo, Act::say("502 what"), Again),
        ("451 to MAIL", Stage::Mail, Act::say("451 later"), Again),
        ("550 to MAIL", Stage::Mail, Act::say("550 never"), Failed),
        ("530 to MAIL", Stage::Mail, Act::say("530 log in"), Again),
        ("greylisting", Stage::Rcpt, Act::say("450 4.2.0 greylisted"), Again),
        ("550 to RCPT", Stage::Rcpt, Act::say("550-no such\r\n550 user"), Failed),
        ("421 to RCPT", Stage::Rcpt, Act::SayThenDrop("421 closing".into()), Again),
        ("452 to DATA", Stage::Data, Act::say("452 full"), Again),
        ("554 to DATA", Stage::Data, Act::say("554 no"), Failed),
        ("250 to DATA", Stage::Data, Act::say("250 ok"), Again),
        ("451 to the dot", Stage::Dot, Act::say("451 later"), Again),
        ("421 to the dot", Stage::Dot, Act::SayThenDrop("421 later".into()), Again),
        ("554 to the dot", Stage::Dot, Act::say("554 spam"), Failed),
        ("354 to the dot", Stage::Dot, Act::say("354 go on"), Unsure(0)),
        ("a 3xx to the dot, stored", Stage::Stored, Act::say("334 hm"), Unsure(1)),
        ("two 250 to the dot", Stage::Stored, Act::say("250 ok\r\n250 stored"), Sent),
        ("250 and then 554 to the dot", Stage::Dot, Act::say("250 ok\r\n554 after all not"), Unsure(0)),
        ("two 250 to RCPT", Stage::Rcpt, Act::say("250 ok\r\n250 ok"), Again),
        ("354 twice to DATA", Stage::Data, Act::say("354 go on\r\n250 stored"), Again),
        ("no answer at all", Stage::Mail, Act::say("hello"), Again),
        ("a line without an end", Stage::Mail, Act::Say("2".repeat(10_000)), Again),
        ("an answer without an end", Stage::Mail, Act::Say("250-x\r\n".repeat(500)), Again),
        ("silence at the greeting", Stage::Greeting, Act::Stall(long), Again),
        ("silence at RCPT", Stage::Rcpt, Act::Stall(long), Again),
        ("silence after the dot, not stored", Stage::Dot, Act::Stall(long), Unsure(0)),
        ("silence after the dot, stored", Stage::Stored, Act::Stall(long), Unsure(1)),
        ("a greeting of a byte now and then", Stage::Greeting, Act::Trickle(Duration::from_millis(100)), Again),
        ("drop instead of RSET", Stage::Rset, Act::Drop, Sent),
        ("silence at QUIT", Stage::Quit, Act::Drop, Sent),
    ];
    assert!(cases.len() >= 18);
    let mut seen = BTreeMap::<String, usize>::new();
    for (name, stage, act, after) in cases {
        let server = Smtpd::new(Protection::Clear);
        server.plan(once(stage, act));
        let office = Office::clear(&server).await;
        let id = office.queue(1, "un testo").await;
        let summary = office.post().await;
        let told = format!("{name}: {summary:?}, {:?}", office.letter(id).await);
        *seen.entry(format!("{after:?}")).or_default() += 1;
        let (state, stored) = match after {
            Again => (DispatchState::Deferred, 0),
            Failed => (DispatchState::Failed, 0),
            Unsure(stored) => (DispatchState::Unsure, stored),
            Sent => (DispatchState::Sent, 1),
        };
        assert_eq!(office.state(id).await, state, "{told}");
        assert_eq!(server.mailbox().len(), stored, "{told}");
        assert!(office.letter(id).await.answer.is_some_and(|answer| !answer.is_empty()), "{told}");
        // What comes of it by itself within two days.
        for _ in 0..3 {
            office.hand.forward(SignedDuration::from_hours(1));
            office.post().await;
        }
        let (state, stored) = if after == Again { (DispatchState::Sent, 1) } else { (state, stored) };
        assert_eq!((office.state(id).await, server.mailbox().len()), (state, stored), "{told}");
    }
    println!("{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_the_middle_of_a_letter_has_not_sent_it() {
    let server = Smtpd::new(Protection::Clear);
    server.plan(once(Stage::Half, Act::Drop));
    let office = Office::clear(&server).await;
    // Larger than what the system takes unsent, so that the break is felt before the dot.
    let id = office.queue(1, &"molto testo\n".repeat(700_000)).await;
    office.post().await;
    assert_eq!((office.state(id).await, server.mailbox().len()), (DispatchState::Deferred, 0));
    office.hand.forward(SignedDuration::from_hours(1));
    office.post().await;
    assert_eq!((office.state(id).await, server.mailbox().len()), (DispatchState::Sent, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recipient_of_three_refused_is_one_letter_of_three() {
    let server = Smtpd::new(Protection::Clear);
    server.plan(|moment| {
        if moment.stage == Stage::Rcpt && moment.recipient == recipient(2) { Act::say("550 who") } else { Act::Go }
    });
    let office = Office::clear(&server).await;
    let ids = [office.queue(1, "a").await, office.queue(2, "b").await, office.queue(3, "c").await];
    let summary = office.post().await;
    assert_eq!((summary.sent, summary.failed), (2, 1));
    let states = [office.state(ids[0]).await, office.state(ids[1]).await, office.state(ids[2]).await];
    assert_eq!(states, [DispatchState::Sent, DispatchState::Failed, DispatchState::Sent]);
    assert_eq!(server.connections(), 1);
    assert_eq!(server.mailbox().iter().map(|mail| mail.to.clone()).collect::<Vec<_>>(), [recipient(1), recipient(3)]);
}

/// Servers close a conversation after some letters, with a word or without.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_ended_between_two_letters_delays_none() {
    for act in [Act::Drop, Act::SayThenDrop("421 enough for now".into())] {
        let server = Smtpd::new(Protection::Clear);
        let told = act.clone();
        // Each conversation takes two letters.
        let letters = Mutex::new(BTreeMap::<usize, usize>::new());
        server.plan(move |moment| {
            if moment.stage != Stage::Mail {
                return Act::Go;
            }
            let mut letters = letters.lock().unwrap();
            let count = letters.entry(moment.connection).or_default();
            *count += 1;
            if *count > 2 { told.clone() } else { Act::Go }
        });
        let office = Office::clear(&server).await;
        for number in 0..7 {
            office.queue(number, "a").await;
        }
        let summary = office.post().await;
        assert_eq!((summary.sent, summary.deferred), (7, 0), "{act:?}");
        assert_eq!((server.mailbox().len(), server.connections()), (7, 4), "{act:?}");
    }
}

/// Nothing of a letter or a password is said to a server that is not the one it should be.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_where_the_connection_is_not_safe() {
    let login = || Some(Login { user: "verifiche".to_owned(), password: Secret::new("segreto-canarino") });
    let refused = async |server: &Smtpd, settings: SmtpSettings, kind: TroubleKind| {
        let office = Office::new(SmtpSettings { login: login(), ..settings }).await;
        let ids = [office.queue(1, "a").await, office.queue(2, "b").await, office.queue(3, "c").await];
        let summary = office.post().await;
        let trouble = summary.trouble.clone().unwrap_or_else(|| panic!("{summary:?}"));
        assert_eq!(trouble.kind, kind, "{trouble:?}");
        assert_eq!((summary.put_off, summary.all.waiting), (1, 3), "the others were not even tried");
        assert_eq!(office.state(ids[2]).await, DispatchState::Queued);
        let heard = server.heard().join("\n");
        assert!(!heard.contains("MAIL") && !heard.contains("AUTH"), "{heard}");
        assert_eq!(server.mailbox(), []);
        assert!(!format!("{trouble:?} {:?}", office.transport).contains("canarino"));
    };
    for fault in [TlsFault::WrongName, TlsFault::Expired, TlsFault::SelfSigned] {
        for (protection, security) in
            [(Protection::Implicit, Security::Implicit), (Protection::StartTls, Security::StartTls)]
        {
            let server = Smtpd::with(protection, None, 1 << 20, fault);
            refused(&server, settings(&server, security), TroubleKind::Tls).await;
        }
    }
    // An authority that nobody knows.
    let server = Smtpd::new(Protection::Implicit);
    let unknown = SmtpSettings { ca_certificates: Vec::new(), ..settings(&server, Security::Implicit) };
    refused(&server, unknown, TroubleKind::Tls).await;
    // STARTTLS is not offered, is refused, is answered with more than the answer.
    let server = Smtpd::new(Protection::Clear);
    refused(&server, settings(&server, Security::StartTls), TroubleKind::Tls).await;
    for answer in ["454 not now", "554 no"] {
        let server = Smtpd::new(Protection::StartTls);
        server.plan(once(Stage::StartTls, Act::say(answer)));
        refused(&server, settings(&server, Security::StartTls), TroubleKind::Tls).await;
    }
    let server = Smtpd::new(Protection::StartTls);
    server.plan(|moment| {
        let injected = "220 go ahead\r\n250-localhost\r\n250 AUTH PLAIN";
        if moment.stage == Stage::StartTls { Act::say(injected) } else { Act::Go }
    });
    let office = Office::new(SmtpSettings { login: login(), ..settings(&server, Security::StartTls) }).await;
    let id = office.queue(1, "a").await;
    office.post().await;
    assert_eq!(office.state(id).await, DispatchState::Deferred);
    assert!(!server.heard().join("\n").contains("AUTH"));
    // A server that speaks TLS at once is no server in clear, and the other way round.
    let server = Smtpd::new(Protection::Clear);
    let office = Office::new(settings(&server, Security::Implicit)).await;
    let id = office.queue(1, "a").await;
    office.post().await;
    assert_eq!((office.state(id).await, server.mailbox().len()), (DispatchState::Deferred, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_opens_and_a_wrong_one_fails_no_letter() {
    let server = Smtpd::with(Protection::Implicit, Some(("verifiche", "segreto è")), 1 << 20, TlsFault::None);
    let settings = |password: &str| SmtpSettings {
        login: Some(Login { user: "verifiche".to_owned(), password: Secret::new(password) }),
        ..settings(&server, Security::Implicit)
    };
    let office = Office::new(settings("sbagliato")).await;
    let id = office.queue(1, "a").await;
    let summary = office.post().await;
    assert_eq!(summary.trouble.map(|trouble| trouble.kind), Some(TroubleKind::Login));
    assert_eq!((office.state(id).await, server.mailbox().len()), (DispatchState::Deferred, 0));
    for _ in 0..30 {
        office.hand.forward(SignedDuration::from_hours(3));
        office.post().await;
    }
    assert_eq!(office.state(id).await, DispatchState::Deferred, "days of it are not the letter's fault");
    let office = Office { transport: Transport::Smtp(Smtp::new(settings("segreto è")).unwrap()), ..office };
    office.hand.forward(SignedDuration::from_hours(2));
    assert_eq!(office.post().await.sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_refused_for_two_days_is_given_up() {
    let server = Smtpd::new(Protection::Clear);
    server.plan(|moment| if moment.stage == Stage::Rcpt { Act::say("450 later") } else { Act::Go });
    let office = Office::clear(&server).await;
    let id = office.queue(1, "a").await;
    let start = office.hand.now();
    let mut tries = Vec::new();
    while let Some(next) = office.letter(id).await.next_try {
        *office.hand.0.lock().unwrap() = next.max(office.hand.now());
        tries.push(office.hand.now().duration_since(start).as_secs() / 60);
        assert_eq!(office.post().await.due, 1);
        assert!(tries.len() < 100);
    }
    assert_eq!(office.state(id).await, DispatchState::Failed);
    let hours = tries.last().unwrap() / 60;
    assert!((48..50).contains(&hours) && (48..=60).contains(&tries.len()), "{tries:?}");
    assert_eq!(office.letter(id).await.attempts as usize, tries.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_larger_than_the_server_takes_is_not_begun() {
    let server = Smtpd::with(Protection::Clear, None, 3000, TlsFault::None);
    let office = Office::clear(&server).await;
    let (large, small) = (office.queue(1, &"molto ".repeat(1000)).await, office.queue(2, "poco").await);
    office.post().await;
    assert_eq!((office.state(large).await, office.state(small).await), (DispatchState::Failed, DispatchState::Sent));
    assert!(!server.heard().iter().any(|line| line.contains(&recipient(1))));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_and_a_stop_is_obeyed() {
    let server = Smtpd::new(Protection::Clear);
    let mut office = Office::clear(&server).await;
    for number in 0..10 {
        office.queue(number, "a").await;
    }
    office.options.limit = Some(3);
    assert_eq!(office.post().await.sent, 3);
    office.options = Options { hourly: Some(5), ..Options::default() };
    let summary = office.post().await;
    assert_eq!((summary.sent, summary.limited, summary.all.waiting), (2, true, 5));
    assert_eq!(office.post().await.sent, 0);
    office.hand.forward(SignedDuration::from_mins(61));
    assert_eq!(office.post().await.sent, 5);
    office.queue(11, "a").await;
    let clock: Arc<dyn Clock> = Arc::clone(&office.hand) as _;
    let stopped = watch::channel(true).1;
    let summary = post(&office.store, &office.transport, &clock, &stopped, &office.options).await.unwrap();
    assert_eq!((summary.sent, summary.stopped), (0, true));
    let nowhere = Office { transport: Transport::None, ..office };
    assert_eq!(nowhere.post().await.all.waiting, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_go_elsewhere_and_the_letters_stay_due() {
    let server = Smtpd::new(Protection::Clear);
    let mut office = Office::clear(&server).await;
    let id = office.queue(1, "il testo").await;
    let to = "prova@ente.example".parse().unwrap();
    office.options.recipients = Recipients::All(to, sender(), riscontro::config::Lang::It);
    assert_eq!(office.post().await.redirected, 1);
    let mail = &server.mailbox()[0];
    assert_eq!(mail.to, "prova@ente.example");
    assert_eq!(mail.header("To"), ["prova@ente.example"]);
    assert_eq!(mail.header("X-Riscontro-Original-To"), [recipient(1)]);
    let letter = office.letter(id).await;
    assert_ne!(mail.header("Message-ID"), [letter.message_id]);
    let read = mail_parser::MessageParser::default().parse(&mail.bytes).unwrap();
    let text = read.body_text(0).unwrap();
    assert!(text.starts_with(&format!("Questo messaggio era per: {}\r\n", recipient(1))), "{text}");
    assert!(text.contains("il testo"));
    assert_eq!(letter.state, DispatchState::Queued);
    office.options.recipients = Recipients::Own;
    assert_eq!(office.post().await.sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn certified_mail_leaves_only_from_its_own_mailbox() {
    let server = Smtpd::new(Protection::Clear);
    let mut office = Office::clear(&server).await;
    let (id, other) = (office.queue(1, "a").await, office.queue(2, "a").await);
    office.options.certified = Some("altra@pec.example".parse().unwrap());
    office.options.limit = Some(1);
    office.post().await;
    assert_eq!((office.state(id).await, server.mailbox().len()), (DispatchState::Failed, 0));
    office.options.certified = Some(sender().address);
    office.post().await;
    assert_eq!((office.state(other).await, server.mailbox().len()), (DispatchState::Sent, 1));
    let file = Attachment { name: "tutto.bin".into(), mime: String::new(), bytes: vec![7; 25 << 20] };
    let letter = Letter { attachments: vec![file], ..Letter::default() };
    let envelope = Envelope {
        from: sender(),
        reply_to: None,
        to: recipient(3).parse().unwrap(),
        message_id: message_id("large", &sender().address),
        date: office.hand.now(),
    };
    let queued = mail::queue(&office.store, &letter, &envelope, ("large", "test"), None).await.unwrap();
    let Queued::Queued(large) = queued else { panic!("it was there") };
    office.post().await;
    assert_eq!((office.state(large).await, server.mailbox().len()), (DispatchState::Failed, 1));
}

/// A row of numbers that looks random and is the same every time.
fn dice(number: usize, before: usize) -> usize {
    let mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (before as u64 + 7).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    usize::try_from((mixed ^ (mixed >> 31)) % 100).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_letters_over_all_faults_none_lost_none_doubled() {
    const LETTERS: usize = 2_000;
    let server = Smtpd::new(Protection::Clear);
    server.plan(|moment| {
        let number = moment.recipient.trim_start_matches("verifica").split('@').next().unwrap_or_default();
        let number: usize = number.parse().unwrap_or(moment.connection);
        let roll = dice(number * 16 + moment.stage as usize, moment.before);
        match (moment.stage, roll) {
            (Stage::Greeting, 0..3)
            | (Stage::Mail, 0..1)
            | (Stage::Rset, 0..10)
            | (Stage::Ehlo | Stage::Data | Stage::Half | Stage::Dot | Stage::Stored, 0..2) => Act::Drop,
            (Stage::Greeting, 3..5) | (Stage::Ehlo, 2..3) | (Stage::Rcpt, 0..2) => Act::SayAndDrop,
            (Stage::Greeting, 5..6) => Act::say("421 busy"),
            (Stage::Mail, 1..2) | (Stage::Data | Stage::Dot, 2..4) => Act::say("451 later"),
            (Stage::Rcpt, 2..8) => Act::say("450 greylisted"),
            (Stage::Rcpt, 8..10) => Act::say("550 no such user"),
            (Stage::Data, 4..5) => Act::say("250 what"),
            (Stage::Dot, 4..5) => Act::say("554 spam"),
            (Stage::Dot, 5..6) => Act::say("354 go on"),
            (Stage::Rcpt, 10..11) | (Stage::Stored, 2..3) => Act::say("250 ok\r\n250 ok"),
            _ => Act::Go,
        }
    });
    let office = Office::clear(&server).await;
    for number in 0..LETTERS {
        office.queue(number, "un testo").await;
    }
    let mut drains = 0;
    while office.post().await.all.waiting > 0 {
        office.hand.forward(SignedDuration::from_mins(20));
        drains += 1;
        assert!(drains < 1000, "it does not come to an end");
    }
    let mut stored = BTreeMap::<String, usize>::new();
    for mail in server.mailbox() {
        *stored.entry(mail.header("Message-ID").remove(0)).or_default() += 1;
    }
    let mut states = BTreeMap::<(DispatchState, usize), usize>::new();
    for letter in office.store.dispatches(&DispatchFilter::default()).await.unwrap() {
        let times = stored.remove(&letter.message_id).unwrap_or_default();
        *states.entry((letter.state, times)).or_default() += 1;
    }
    println!("{drains} drains, {} connections: {states:?}", server.connections());
    assert!(stored.is_empty(), "letters that nobody wrote: {stored:?}");
    let mut sent = 0;
    for ((state, times), letters) in &states {
        match state {
            DispatchState::Sent => {
                assert_eq!(*times, 1, "{states:?}");
                sent = *letters;
            }
            DispatchState::Failed => assert_eq!(*times, 0, "{states:?}"),
            DispatchState::Unsure => assert!(*times <= 1, "{states:?}"),
            other => panic!("{other:?} is left: {states:?}"),
        }
    }
    assert_eq!(states.values().sum::<usize>(), LETTERS);
    assert!(sent > LETTERS * 8 / 10, "{states:?}");
    assert!(states.contains_key(&(DispatchState::Unsure, 0)) && states.contains_key(&(DispatchState::Unsure, 1)));
    // A person says: again. Now those may be there twice, under one Message-ID.
    let mut resend = Office { options: Options { resend_unsure: true, ..Options::default() }, ..office };
    server.plan(|_| Act::Go);
    assert!(resend.post().await.sent > 0);
    resend.options = Options::default();
    let swept = resend.store.swept_dispatches().await.unwrap();
    assert_eq!((swept.unsure, swept.waiting, swept.sent + swept.failed), (0, 0, LETTERS as u64));
    let mut times = BTreeMap::<String, usize>::new();
    for mail in server.mailbox() {
        *times.entry(mail.header("Message-ID").remove(0)).or_default() += 1;
    }
    let twice = times.values().filter(|times| **times == 2).count();
    assert_eq!(Some(&twice), states.get(&(DispatchState::Unsure, 1)));
    assert!(times.values().all(|times| *times <= 2));
}
