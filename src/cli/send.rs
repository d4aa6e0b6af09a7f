//! `riscontro send`: the letters that are due leave. Also what other commands need to make letters and to send them.

use std::{fs, io::Read as _, path::Path};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::{Context, Exit, Failure, Format, Printed, outbox, workshop};
use crate::{
    VERSION,
    config::{Lang, MailTls, MailTransport},
    mail::{
        Envelope, Folder, Letter, Login, Options, PostError, Recipients, Secret, Security, ServerError, Smtp,
        SmtpSettings, Summary, Timeouts, Transport, Trouble, TroubleKind, compose, message_id, post, test,
    },
    model::{MailAddress, Mailbox},
    report::{self, clean},
    run::LockError,
    store::Store,
};

/// Name and version of the JSON format.
const SCHEMA: &str = "riscontro.send/1";
/// Largest file of a password.
const PASSWORD_LIMIT: u64 = 4096;

/// Send the letters that are due
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Send at most so many (0: all; default: the settings)
    #[arg(long, value_name = "N", conflicts_with = "test")]
    limit: Option<u32>,
    /// Only tell what would be sent
    #[arg(long, conflicts_with_all = ["test", "redirect_to"])]
    dry_run: bool,
    /// Send copies of all letters to this address; the letters themselves stay due
    #[arg(long, value_name = "ADDRESS", conflicts_with = "test")]
    redirect_to: Option<String>,
    /// Send one letter to this address to try out the settings, and nothing else
    #[arg(long, value_name = "ADDRESS")]
    test: Option<String>,
    #[command(flatten)]
    printed: Printed,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    schema: &'static str,
    transport: &'static str,
    #[serde(flatten)]
    summary: &'a Summary,
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if let Some(address) = &arguments.test {
        return trial(&an_address(address, "--test", context.lang())?, arguments.printed.format, context).await;
    }
    if arguments.dry_run {
        return outbox::due(arguments.limit, arguments.printed.format, context).await;
    }
    let recipients = match &arguments.redirect_to {
        Some(address) => {
            Recipients::All(an_address(address, "--redirect-to", context.lang())?, sender(context)?, context.lang())
        }
        None => Recipients::Own,
    };
    // Settings that cannot be used are told before anything is opened.
    let transport = transport(context)?;
    let store = workshop::store(context).await?;
    let summary = drain(&store, &transport, arguments.limit, recipients, context).await?;
    store.close().await;
    context.print(&told(&transport, &summary, arguments.printed.format, context)?)?;
    Ok(exit_of(&summary))
}

/// Sends what is due, as the settings say. For every command that sends.
pub(super) async fn drain(
    store: &Store,
    transport: &Transport,
    limit: Option<u32>,
    recipients: Recipients,
    context: &Context,
) -> Result<Summary, Failure> {
    let settings = &context.settings.mail;
    let some = |number: u32| (number > 0).then_some(number);
    let options = Options {
        limit: some(limit.unwrap_or(settings.limit)),
        hourly: some(settings.hourly),
        resend_unsure: settings.resend_unsure,
        certified: if settings.certified { Some(sender(context)?.address) } else { None },
        recipients,
    };
    post(store, transport, &workshop::clock(), &context.stop.receiver(), &options)
        .await
        .map_err(|error| of_post(&error, context.lang()))
}

/// How a command ends that sent letters: trouble with the server first, then what waits for a person, then what is tried again.
pub(super) fn exit_of(summary: &Summary) -> Exit {
    match &summary.trouble {
        Some(trouble) => exit_of_trouble(trouble),
        None if summary.stopped => Exit::Interrupted,
        None if summary.failed > 0 || summary.all.unsure > 0 => Exit::Suspect,
        None if summary.deferred > 0 || summary.put_off > 0 => Exit::TemporaryFailure,
        None => Exit::Found,
    }
}

const fn exit_of_trouble(trouble: &Trouble) -> Exit {
    match trouble.kind {
        TroubleKind::Login => Exit::Permission,
        TroubleKind::Folder => Exit::CannotCreate,
        TroubleKind::Unreachable | TroubleKind::Tls | TroubleKind::Refused => Exit::Unavailable,
    }
}

fn of_post(error: &PostError, lang: Lang) -> Failure {
    match error {
        PostError::Store(error) | PostError::Lock(LockError::Server(error)) => workshop::of_store(error, lang),
        PostError::Lock(LockError::Held { at, holder }) => {
            let what = lang.pick("un altro comando sta inviando lettere", "another command is sending letters");
            let failure = Failure::new(Exit::TemporaryFailure, what).at(at.clone());
            match holder {
                Some(holder) => failure.because(holder.clone()),
                None => failure,
            }
        }
        PostError::Lock(LockError::Io { path, source }) => Failure::uncreatable(path, source, lang),
    }
}

/// A setting that cannot be used, or is missing.
pub(super) fn settings(lang: Lang, key: &str, why: impl Into<String>) -> Failure {
    Failure::new(Exit::Config, lang.pick("impostazioni", "settings")).at(key).because(why)
}

/// An address that was typed.
pub(super) fn an_address(text: &str, flag: &str, lang: Lang) -> Result<MailAddress, Failure> {
    text.parse().map_err(|_| {
        let why = lang.pick("non è un indirizzo di posta", "not an address of mail");
        Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(flag.to_owned()).because(why)
    })
}

/// Whom letters are from. Into a folder they may be from nobody in particular.
pub(super) fn sender(context: &Context) -> Result<Mailbox, Failure> {
    let mail = &context.settings.mail;
    if let Some(from) = &mail.from {
        return Ok(from.clone());
    }
    if mail.transport() != MailTransport::Smtp
        && let Ok(nobody) = "riscontro@localhost".parse::<MailAddress>()
    {
        return Ok(nobody.into());
    }
    let lang = context.lang();
    Err(settings(lang, "mail_from", lang.pick("serve un mittente", "a sender is needed")))
}

/// Where letters go, by the settings; nothing is contacted yet.
pub(super) fn transport(context: &Context) -> Result<Transport, Failure> {
    let (mail, lang) = (&context.settings.mail, context.lang());
    if mail.certified {
        certified_is_possible(context)?;
    }
    match mail.transport() {
        MailTransport::None => Ok(Transport::None),
        MailTransport::File => {
            let folder = match &mail.folder {
                Some(folder) => folder.clone(),
                None => workshop::letters(context)?,
            };
            Ok(Transport::Folder(Folder::new(folder)))
        }
        MailTransport::Smtp => {
            let host = mail.host.clone().ok_or_else(|| {
                settings(lang, "mail_host", lang.pick("serve il server di posta", "a mail server is needed"))
            })?;
            let security = security(mail.tls, &host, lang)?;
            let smtp = SmtpSettings {
                port: mail.port.unwrap_or(security.port()),
                security,
                ca_certificates: mail.ca_certificates.clone(),
                login: login(context)?,
                from: sender(context)?.address,
                timeouts: Timeouts::default(),
                host,
            };
            Ok(Transport::Smtp(Smtp::new(smtp).map_err(|error| of_server(&error, lang))?))
        }
    }
}

pub(super) fn of_server(error: &ServerError, lang: Lang) -> Failure {
    match error {
        ServerError::CaFile { path, source } => Failure::unreadable(path, source, lang),
        other => settings(lang, "mail_ca_certificate", other.to_string()),
    }
}

/// Without protection only on this machine, unless it was asked for in so many words.
fn security(tls: MailTls, host: &str, lang: Lang) -> Result<Security, Failure> {
    let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match tls {
        MailTls::Implicit => Ok(Security::Implicit),
        MailTls::StartTls => Ok(Security::StartTls),
        MailTls::None if here => Ok(Security::Clear),
        MailTls::Insecure => Ok(Security::Clear),
        MailTls::None => Err(settings(
            lang,
            "mail_tls",
            lang.pick(
                "`none` vale solo per un server su questa macchina",
                "`none` is for a server on this machine only",
            ),
        )),
    }
}

/// A provider of certified mail takes letters only from the mailbox that logs in.
fn certified_is_possible(context: &Context) -> Result<(), Failure> {
    let (mail, lang) = (&context.settings.mail, context.lang());
    if mail.transport() != MailTransport::Smtp {
        return Ok(());
    }
    let from = sender(context)?.address;
    let own = mail.login.as_ref().and_then(|login| login.parse::<MailAddress>().ok()).is_some_and(|box_| box_ == from);
    if own {
        return Ok(());
    }
    let why = lang.pick(
        "in modo `pec` il mittente è la casella con cui si accede: `mail_from` e `mail_login` devono coincidere",
        "in mode `pec` the sender is the mailbox that logs in: `mail_from` and `mail_login` must be the same",
    );
    Err(settings(lang, "mail_mode", why))
}

fn login(context: &Context) -> Result<Option<Login>, Failure> {
    let (mail, lang) = (&context.settings.mail, context.lang());
    let Some(user) = mail.login.clone() else { return Ok(None) };
    let Some(path) = &mail.password_file else {
        let why = lang.pick("serve il file della password", "a file with the password is needed");
        return Err(settings(lang, "mail_password_file", why));
    };
    Ok(Some(Login { user, password: password(path, "mail_password_file", lang)? }))
}

/// One line of a file that not everybody may read. Its content is in no message.
pub(super) fn password(path: &Path, key: &str, lang: Lang) -> Result<Secret, Failure> {
    let unreadable = |error: &std::io::Error| Failure::unreadable(path, error, lang);
    let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata().map_err(|error| unreadable(&error))?.permissions().mode();
        if mode & 0o004 != 0 {
            let why = lang
                .pick("tutti possono leggere il file della password", "everybody may read the file of the password");
            return Err(settings(lang, key, why).hint("chmod 600"));
        }
    }
    let mut text = String::new();
    file.take(PASSWORD_LIMIT).read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains(char::is_control) {
        let why = lang
            .pick("il file non contiene una riga con la password", "the file does not hold one line with the password");
        return Err(settings(lang, key, why));
    }
    Ok(Secret::new(line))
}

/// The letter that tries out the settings.
pub(super) fn trial_letter(lang: Lang) -> Letter {
    Letter {
        subject: lang.pick("Prova di riscontro", "Test of riscontro").to_owned(),
        text: lang.pick(
            format!(
                "Questa è una lettera di prova di riscontro {VERSION}.\n\n\
                     Se la leggete, le impostazioni della posta sono giuste. Non serve rispondere.\n"
            ),
            format!(
                "This is a test letter of riscontro {VERSION}.\n\n\
                     If you read it, the settings of mail are right. No answer is needed.\n"
            ),
        ),
        ..Letter::default()
    }
}

/// From whom and to whom a letter is, by the settings.
pub(super) fn envelope(key: &str, to: &MailAddress, date: Timestamp, context: &Context) -> Result<Envelope, Failure> {
    let from = sender(context)?;
    Ok(Envelope {
        message_id: message_id(key, &from.address),
        reply_to: context.settings.mail.reply_to.clone(),
        to: to.clone(),
        date,
        from,
    })
}

async fn trial(to: &MailAddress, format: Format, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let transport = transport(context)?;
    let now = workshop::now();
    let envelope = envelope(&format!("test {to} {now}"), to, now, context)?;
    let bytes = compose(&trial_letter(lang), &envelope)
        .map_err(|error| Failure::new(Exit::Internal, lang.pick("lettera", "letter")).because(error.to_string()))?;
    let (exit, kind, said) = match test(&transport, to, &envelope.message_id, &bytes).await {
        Ok(said) => (Exit::Found, None, said),
        Err(trouble) => (exit_of_trouble(&trouble), Some(trouble.kind), trouble.detail),
    };
    let text = match format {
        Format::Json => report::json::line(&serde_json::json!({
            "schema": "riscontro.send-test/1",
            "transport": transport.code(),
            "to": to,
            "message_id": envelope.message_id,
            "taken": exit == Exit::Found,
            "trouble": kind,
            "answer": said,
        }))
        .map_err(|error| Failure::unwritable("json", &error, lang))?,
        Format::Text => {
            let word = if exit == Exit::Found {
                lang.pick("consegnata al server", "given to the server")
            } else {
                lang.pick("non inviata", "not sent")
            };
            let word = match (&transport, exit) {
                (Transport::Folder(_), Exit::Found) => lang.pick("scritta", "written"),
                _ => word,
            };
            format!("{word}  {}  {}\n", transport.code(), clean(&said))
        }
    };
    context.print(&text)?;
    Ok(exit)
}

/// What became of the letters, for people or programs.
pub(super) fn told(
    transport: &Transport,
    summary: &Summary,
    format: Format,
    context: &Context,
) -> Result<String, Failure> {
    let lang = context.lang();
    if format == Format::Json {
        let told = Told { schema: SCHEMA, transport: transport.code(), summary };
        return report::json::line(&told).map_err(|error| Failure::unwritable("json", &error, lang));
    }
    let mut out = lang.pick(
        format!("Lettere da inviare: {}, inviate: {}\n", summary.due, summary.sent),
        format!("Letters due: {}, sent: {}\n", summary.due, summary.sent),
    );
    let mut line = |number: u64, it: &str, en: &str| {
        if number > 0 {
            out.push_str(&format!("  {}: {number}\n", lang.pick(it, en)));
        }
    };
    line(summary.redirected, "copie inviate all'indirizzo detto", "copies sent to the address given");
    line(summary.recovered.queued, "riprese dopo un'interruzione", "taken up after an interruption");
    line(summary.deferred, "rimandate dal server, si riprova", "put off by the server, tried again");
    line(summary.put_off, "in attesa del server", "waiting for the server");
    line(summary.failed, "fallite", "failed");
    line(summary.all.held, "trattenute da una visita d'insieme sospetta", "held by a suspect run");
    line(summary.all.unsure, "incerte, aspettano una persona", "unsure, waiting for a person");
    line(summary.all.waiting, "ancora da inviare", "still to be sent");
    if matches!(transport, Transport::None) {
        out.push_str(
            lang.pick("Nulla parte: mail_transport è `none`.\n", "Nothing leaves: mail_transport is `none`.\n"),
        );
    }
    if summary.limited {
        out.push_str(lang.pick("Il limite orario è raggiunto.\n", "The hourly limit is reached.\n"));
    }
    if let Some(trouble) = &summary.trouble {
        let what = match trouble.kind {
            TroubleKind::Unreachable => lang.pick("il server di posta non risponde", "the mail server does not answer"),
            TroubleKind::Tls => lang.pick(
                "la connessione non è sicura, nulla è stato detto",
                "the connection is not safe, nothing was said",
            ),
            TroubleKind::Login => lang.pick("il server rifiuta l'accesso", "the server refuses the login"),
            TroubleKind::Folder => lang.pick("la cartella non si può scrivere", "the folder cannot be written"),
            TroubleKind::Refused => lang.pick("una copia non è stata presa", "a copy was not taken"),
        };
        out.push_str(&format!("{what}: {}\n", clean(&trouble.detail)));
    }
    if summary.failed > 0 || summary.all.unsure > 0 {
        out.push_str(lang.pick(
            "`riscontro outbox list --state failed --state unsure` dice quali; poi `outbox resend` o `outbox discard`.\n",
            "`riscontro outbox list --state failed --state unsure` tells which; then `outbox resend` or `outbox discard`.\n",
        ));
    }
    Ok(out)
}
