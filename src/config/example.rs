//! The annotated example file, made from the same table as everything else.

use std::fmt::Write as _;

use super::{Key, Lang, MaxAges, defaults};

/// A value to show for a setting: the default where there is one, else something plausible.
fn sample(key: Key) -> String {
    match key {
        Key::Db => "\"sqlite:///var/lib/riscontro/riscontro.db\"".to_owned(),
        Key::Lang => "\"it\"".to_owned(),
        Key::Contact | Key::MailLogin => "\"verifiche@ente.example\"".to_owned(),
        Key::Delay => format!("{:?}", defaults::DELAY),
        Key::AddressDelay => format!("{:?}", defaults::ADDRESS_DELAY),
        Key::MaxRequests => defaults::MAX_REQUESTS.to_string(),
        Key::MaxTime => format!("{:?}", defaults::MAX_TIME),
        Key::Concurrency => defaults::CONCURRENCY.to_string(),
        Key::Proxy => "\"http://127.0.0.1:3128\"".to_owned(),
        Key::ConnectTo => "[\"www.comune.esempio.it:443:127.0.0.1:8443\"]".to_owned(),
        Key::CaCertificate => "[\"authority.pem\"]".to_owned(),
        Key::Resolver => "\"127.0.0.1:53\"".to_owned(),
        Key::Selectors => "\"selectors\"".to_owned(),
        Key::Notices => "\"notices\"".to_owned(),
        Key::Render | Key::Pictures => "\"auto\"".to_owned(),
        Key::Chromium => "\"/usr/bin/chromium\"".to_owned(),
        Key::Evidence => "\"/var/lib/riscontro/evidence\"".to_owned(),
        Key::StampAuthority => "\"https://marche.ente.example/tsa\"".to_owned(),
        Key::OptOut => "[\"www.comune.esempio.it\"]".to_owned(),
        Key::OptOutFile => "\"opt-out.txt\"".to_owned(),
        Key::RegisterMaxAge => format!("{:?}", MaxAges::default().entries()),
        Key::ConfirmLooks => defaults::CONFIRM_LOOKS.to_string(),
        Key::ConfirmHours => defaults::CONFIRM_HOURS.to_string(),
        Key::SuspectShare => defaults::SUSPECT_SHARE.to_string(),
        Key::LogFormat => "\"text\"".to_owned(),
        Key::MailTransport => "\"file\"".to_owned(),
        Key::MailHost => "\"smtp.ente.example\"".to_owned(),
        Key::MailPort => "465".to_owned(),
        Key::MailTls => "\"implicit\"".to_owned(),
        Key::MailCaCertificate => "[\"mail-authority.pem\"]".to_owned(),
        Key::MailPasswordFile => "\"/etc/riscontro/mail-password\"".to_owned(),
        Key::MailFrom => "\"Verifica dei siti <verifiche@ente.example>\"".to_owned(),
        Key::MailReplyTo => "\"ufficio@ente.example\"".to_owned(),
        Key::MailFolder => "\"/var/lib/riscontro/mail\"".to_owned(),
        Key::MailMode => "\"plain\"".to_owned(),
        Key::MailReceipts => "\"imaps://verifiche@pec.ente.example@imaps.pec.example/INBOX\"".to_owned(),
        Key::MailReceiptsPasswordFile => "\"/etc/riscontro/mail-receipts-password\"".to_owned(),
        Key::MailUnsure => "\"ask\"".to_owned(),
        Key::MailMaxMib => defaults::MAIL_MAX_MIB.to_string(),
        Key::MailOperator => "\"servizio@ente.example\"".to_owned(),
        Key::NightSites => "\"applications\"".to_owned(),
        Key::NightDays => defaults::NIGHT_DAYS.to_string(),
        Key::NightLimit
        | Key::MailLimit
        | Key::MailHourly
        | Key::EvidenceDays
        | Key::EvidenceMib
        | Key::DetailDays
        | Key::DetailMib
        | Key::LetterDays
        | Key::Verbosity => "0".to_owned(),
    }
}

/// The example file. Every line is a comment: what it shows is what already holds, or a shape to fill in.
pub fn example(lang: Lang) -> String {
    let mut out = String::new();
    let head = lang.pick(
        "# Impostazioni di riscontro. Ogni riga è un commento: togliere il segno # per usarla.\n\
         # Contano, dalla più debole: valori predefiniti, questo file, variabili d'ambiente, opzioni.\n\
         # I percorsi relativi partono dalla cartella di questo file.\n",
        "# Settings of riscontro. Every line is a comment: remove the # to use it.\n\
         # What counts, weakest first: defaults, this file, environment variables, flags.\n\
         # Relative paths start at the folder of this file.\n",
    );
    out.push_str(head);
    for key in Key::ALL {
        let _ = write!(out, "\n# {}\n# ({}", key.about(lang), key.variable());
        if let Some(flag) = key.flag() {
            let _ = write!(out, ", {flag}");
        }
        let _ = write!(out, ")\n#{} = {}\n", key.name(), sample(*key));
    }
    out
}
