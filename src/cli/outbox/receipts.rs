//! `riscontro outbox receipts`: what providers of certified mail answered.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{Receipts, show::what};
use crate::{
    cli::{Context, Exit, Failure, Format, send, workshop},
    config::{ImapAddress, Lang, ReceiptsPlace, mask},
    mail::{
        Collect, Counts, Imap, ImapSettings, ImapTimeouts, ImapTrouble, ImapTroubleKind, Outcome, collect,
        note_receipt,
        receipt::{self, Read},
    },
    report::{clean, json, table::Table},
    store::Store,
};

/// Name and version of the JSON line that closes the list.
const SCHEMA: &str = "riscontro.receipts/1";

/// One message.
#[derive(Debug, Serialize)]
struct Line {
    /// Its file in the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Its number on the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    #[serde(flatten)]
    outcome: Outcome,
}

/// What came of it all.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Told {
    schema: &'static str,
    /// Where the receipts were read from.
    place: String,
    #[serde(flatten)]
    pub(in crate::cli) counts: Counts,
    /// There are more, for the next time.
    more: bool,
    /// The server numbers its messages anew, so that all of them were looked at.
    renumbered: bool,
    stopped: bool,
    trouble: Option<ImapTrouble>,
    #[serde(skip)]
    lines: Vec<Line>,
}

impl Told {
    fn new(place: &ReceiptsPlace) -> Self {
        let (counts, lines) = (Counts::default(), Vec::new());
        let place = place.to_string();
        Self { schema: SCHEMA, place, counts, more: false, renumbered: false, stopped: false, trouble: None, lines }
    }

    /// How a command ends that read receipts: trouble with the server first, then what waits for a person.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match self.trouble.as_ref().map(|trouble| trouble.kind) {
            Some(ImapTroubleKind::Login) => Exit::Permission,
            Some(ImapTroubleKind::NoFolder) => Exit::NoInput,
            Some(_) => Exit::Unavailable,
            None if self.stopped => Exit::Interrupted,
            None if self.lines.iter().any(|line| line.outcome.waits()) => Exit::Suspect,
            None => Exit::Found,
        }
    }
}

impl Told {
    /// In one line, for people.
    pub(in crate::cli) fn in_short(&self, lang: Lang) -> String {
        let Counts { noted, not_believed, skipped, .. } = self.counts;
        let said = lang.pick(
            format!("annotate {noted}, respinte {not_believed}, saltate {skipped}"),
            format!("noted {noted}, not believed {not_believed}, skipped {skipped}"),
        );
        self.trouble.as_ref().map_or_else(|| said.clone(), |trouble| format!("{said}; {}", clean(&trouble.detail)))
    }
}

pub(super) async fn run(arguments: &Receipts, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let place = match &arguments.place {
        Some(typed) => typed_place(typed, lang)?,
        None => context.settings.mail.receipts.clone().ok_or_else(|| {
            send::settings(
                lang,
                "mail_receipts",
                lang.pick("non è detto da dove leggere", "not said where to read from"),
            )
        })?,
    };
    // Settings that cannot be used are told before anything is opened.
    let source = source(&place, context)?;
    let store = workshop::store(context).await?;
    let told = read(&source, &store, arguments.again, context).await?;
    store.close().await;
    context.print(&text(&told, arguments.printed.format, lang)?)?;
    Ok(told.exit())
}

/// A folder or an address that was typed. Paths need not be text.
fn typed_place(typed: &Path, lang: Lang) -> Result<ReceiptsPlace, Failure> {
    let Some(address) = typed.to_str().filter(|text| ReceiptsPlace::is_address(text)) else {
        return Ok(ReceiptsPlace::Folder(typed.to_owned()));
    };
    ReceiptsPlace::parse(address).map_err(|expected| {
        Failure::new(Exit::Usage, lang.pick("uso", "usage"))
            .at(mask(address))
            .because(lang.pick("non è l'indirizzo di una casella", "not the address of a mailbox"))
            .hint(expected.describe(lang))
    })
}

/// Where receipts come from, ready to be read.
pub(in crate::cli) enum Source {
    /// A folder.
    Folder(PathBuf),
    /// A mailbox with its password.
    Mailbox(Box<Imap>),
}

/// Gets ready to read; nothing is contacted yet.
pub(in crate::cli) fn source(place: &ReceiptsPlace, context: &Context) -> Result<Source, Failure> {
    Ok(match place {
        ReceiptsPlace::Folder(folder) => Source::Folder(folder.clone()),
        ReceiptsPlace::Imap(address) => Source::Mailbox(Box::new(mailbox(address, context)?)),
    })
}

/// The password is the mailbox's own; that of the mail server is told to no other user's mailbox.
fn mailbox(address: &ImapAddress, context: &Context) -> Result<Imap, Failure> {
    const KEY: &str = "mail_receipts_password_file";
    let (mail, lang) = (&context.settings.mail, context.lang());
    let (path, key) = match (&mail.receipts_password_file, &mail.password_file) {
        (Some(own), _) => (own, KEY),
        (None, Some(of_sending)) if mail.login.as_deref() == Some(address.user()) => (of_sending, "mail_password_file"),
        _ => {
            let why =
                lang.pick("serve il file della password della casella", "a file with the mailbox's password is needed");
            return Err(send::settings(lang, KEY, why));
        }
    };
    let settings = ImapSettings {
        address: address.clone(),
        password: send::password(path, key, lang)?,
        ca_certificates: mail.ca_certificates.clone(),
        timeouts: ImapTimeouts::default(),
    };
    Imap::new(settings).map_err(|error| send::of_server(&error, lang))
}

/// Notes the receipts that are there. For every command that reads receipts.
pub(in crate::cli) async fn read(
    source: &Source,
    store: &Store,
    again: bool,
    context: &Context,
) -> Result<Told, Failure> {
    let lang = context.lang();
    match source {
        Source::Folder(folder) => of_folder(folder, store, lang).await,
        Source::Mailbox(imap) => {
            let mut told = Told::new(&ReceiptsPlace::Imap(imap.address().clone()));
            let collection = collect(imap, store, &Collect { again, ..Collect::default() }, &context.stop.receiver())
                .await
                .map_err(|error| workshop::of_store(&error, lang))?;
            told.counts = collection.counts;
            (told.more, told.renumbered, told.stopped) = (collection.more, collection.renumbered, collection.stopped);
            told.trouble = collection.trouble;
            let line = |one: crate::mail::Collected| Line { file: None, uid: Some(one.uid), outcome: one.outcome };
            told.lines = collection.messages.into_iter().map(line).collect();
            Ok(told)
        }
    }
}

async fn of_folder(folder: &Path, store: &Store, lang: Lang) -> Result<Told, Failure> {
    let mut told = Told::new(&ReceiptsPlace::Folder(folder.to_owned()));
    for path in files(folder).map_err(|error| Failure::unreadable(folder, &error, lang))? {
        let file = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        // A message that breaks the reader breaks its own thread only.
        let outcome = match tokio::task::spawn_blocking(move || message(&path)).await {
            Err(_) | Ok(Err(_)) => Outcome::plain("unreadable"),
            Ok(Ok(read)) => note_receipt(store, read).await.map_err(|error| workshop::of_store(&error, lang))?,
        };
        told.counts.add(&outcome);
        told.lines.push(Line { file: Some(file), uid: None, outcome });
    }
    Ok(told)
}

/// The files of a folder, and of `cur` and `new` in it, as a Maildir has them; in the order of their names. Links are not
/// followed.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (part, must) in [(folder.to_path_buf(), true), (folder.join("cur"), false), (folder.join("new"), false)] {
        let entries = match fs::read_dir(&part) {
            Ok(entries) => entries,
            Err(error) if must => return Err(error),
            Err(_) => continue,
        };
        for entry in entries {
            let entry = entry?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn message(path: &Path) -> io::Result<Read> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(receipt::LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(receipt::read(&bytes))
}

fn text(told: &Told, format: Format, lang: Lang) -> Result<String, Failure> {
    if format == Format::Json {
        let lines: Result<String, _> = told.lines.iter().map(json::line).chain([json::line(told)]).collect();
        return lines.map_err(|error| Failure::unwritable("json", &error, lang));
    }
    let mut table = Table::new(
        lang.pick(["Messaggio", "Ricevuta", "Lettera", "Esito"], ["Message", "Receipt", "Letter", "Result"]),
    );
    for line in &told.lines {
        let outcome = &line.outcome;
        let uid = line.uid.map(|uid| uid.to_string());
        table.row([
            line.file.clone().or(uid).unwrap_or_default(),
            outcome.says.map_or("–", |code| what(code, lang)).to_owned(),
            outcome.letter.map_or_else(|| "–".to_owned(), |id| id.to_string()),
            result(outcome.result, lang).to_owned(),
        ]);
    }
    let mut out = if told.lines.is_empty() { String::new() } else { table.render() };
    let Counts { looked_at, noted, known, unknown, no_receipt, skipped, not_believed } = told.counts;
    if looked_at > 0 || told.trouble.is_none() {
        out.push_str(&lang.pick(
            format!(
                "Messaggi guardati: {looked_at}; ricevute annotate: {noted}, già note: {known}, di nessuna lettera: {unknown}, \
                 respinte: {not_believed}; altri messaggi: {no_receipt}, saltati: {skipped}\n"
            ),
            format!(
                "Messages looked at: {looked_at}; receipts noted: {noted}, known: {known}, of no letter: {unknown}, \
                 not believed: {not_believed}; other messages: {no_receipt}, skipped: {skipped}\n"
            ),
        ));
    }
    let mut remark = |it: &str, en: &str, is: bool| {
        if is {
            out.push_str(lang.pick(it, en));
        }
    };
    remark(
        "Il server ha rinumerato i messaggi: riletti dal primo.\n",
        "The server numbers its messages anew: read from the first.\n",
        told.renumbered,
    );
    remark("Altri messaggi restano per la prossima volta.\n", "More messages are left for the next time.\n", told.more);
    if let Some(trouble) = &told.trouble {
        let what = match trouble.kind {
            ImapTroubleKind::Unreachable => {
                lang.pick("il server di posta non risponde", "the mail server does not answer")
            }
            ImapTroubleKind::Silent => {
                lang.pick("il server di posta non risponde in tempo", "the mail server does not answer in time")
            }
            ImapTroubleKind::Odd => {
                lang.pick("la risposta del server non è da credere", "the server's answer is not to be believed")
            }
            ImapTroubleKind::Refused => lang.pick("il server rifiuta", "the server refuses"),
            ImapTroubleKind::Tls => lang.pick(
                "la connessione non è sicura, nulla è stato detto",
                "the connection is not safe, nothing was said",
            ),
            ImapTroubleKind::Login => lang.pick("il server rifiuta l'accesso", "the server refuses the login"),
            ImapTroubleKind::NoFolder => lang.pick("il server non ha questa cartella", "the server has no such folder"),
        };
        out.push_str(&format!("{what}: {}: {}\n", clean(&told.place), clean(&trouble.detail)));
    }
    Ok(out)
}

fn result(code: &str, lang: Lang) -> &'static str {
    match code {
        "new" => lang.pick("annotata", "noted"),
        "known" => lang.pick("già nota", "known"),
        "no-such-letter" => lang.pick("di nessuna lettera", "of no letter"),
        "other-recipient" => lang.pick("RESPINTA: parla di un altro destinatario", "NOT BELIEVED: another recipient"),
        "no-receipt" => lang.pick("non è una ricevuta", "no receipt"),
        "gone" => lang.pick("non c'è più", "gone"),
        "too-large" => lang.pick("SALTATA: troppo grande", "SKIPPED: too large"),
        "too-many-parts" => lang.pick("RESPINTA: troppe parti", "NOT BELIEVED: too many parts"),
        "two-kinds" => lang.pick("RESPINTA: dice di essere due cose", "NOT BELIEVED: says that it is two things"),
        "unknown-kind" => lang.pick("RESPINTA: di un tipo ignoto", "NOT BELIEVED: of an unknown kind"),
        "no-reference" => {
            lang.pick("RESPINTA: non dice di quale lettera", "NOT BELIEVED: does not say of which letter")
        }
        "no-data" => lang.pick("RESPINTA: senza daticert.xml", "NOT BELIEVED: without daticert.xml"),
        "bad-data" => lang.pick("RESPINTA: daticert.xml non si legge", "NOT BELIEVED: daticert.xml cannot be read"),
        "contradiction" => lang.pick("RESPINTA: si contraddice", "NOT BELIEVED: contradicts itself"),
        _ => lang.pick("SALTATA: non si legge", "SKIPPED: cannot be read"),
    }
}
