//! The effective settings with where each comes from; secrets are masked.

use std::time::Duration;

use serde_json::{Value, json};

use super::{EvidencePlace, Key, Lang, Loaded, Settings, mask};

/// The value of a setting as JSON; `Null` when it is not set.
fn value(settings: &Settings, key: Key) -> Value {
    let seconds = |duration: Duration| json!(duration.as_secs_f64());
    let path = |path: &std::path::PathBuf| path.display().to_string();
    match key {
        Key::Db => json!(mask(&settings.db)),
        Key::Lang => json!(settings.lang.code()),
        Key::Contact => json!(settings.contact),
        Key::Delay => seconds(settings.delay),
        Key::AddressDelay => seconds(settings.address_delay),
        Key::MaxRequests => json!(settings.max_requests),
        Key::MaxTime => seconds(settings.max_time),
        Key::Concurrency => json!(settings.concurrency),
        Key::Proxy => json!(settings.proxy.as_ref().map(|proxy| mask(proxy.as_str()))),
        Key::ConnectTo => json!(settings.connect_to.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Key::CaCertificate => json!(settings.ca_certificates.iter().map(path).collect::<Vec<_>>()),
        Key::Resolver => json!(settings.resolver.map(|address| address.to_string())),
        Key::Selectors => json!(settings.selectors.as_ref().map(path)),
        Key::Notices => json!(settings.notices.as_ref().map(path)),
        Key::Render => json!(if settings.render { "auto" } else { "never" }),
        Key::Pictures => json!(if settings.pictures { "auto" } else { "never" }),
        Key::Chromium => json!(settings.chromium.as_ref().map(path)),
        Key::Evidence => match &settings.evidence {
            EvidencePlace::Beside => Value::Null,
            EvidencePlace::Folder(folder) => json!(path(folder)),
            EvidencePlace::Never => json!("never"),
        },
        Key::StampAuthority => json!(settings.stamp_authority.as_ref().map(|url| mask(url.as_str()))),
        Key::OptOut => json!(settings.opt_out),
        // Its hosts are part of `opt_out` by now.
        Key::OptOutFile => Value::Null,
        Key::RegisterMaxAge => json!(settings.register_max_age.entries()),
        Key::ConfirmLooks => json!(settings.confirm.looks),
        Key::ConfirmHours => json!(settings.confirm.hours),
        Key::EvidenceDays => json!(settings.retention.evidence_days),
        Key::EvidenceMib => json!(settings.retention.evidence_mib),
        Key::DetailDays => json!(settings.retention.detail_days),
        Key::DetailMib => json!(settings.retention.detail_mib),
        Key::LetterDays => json!(settings.retention.letter_days),
        Key::SuspectShare => json!(settings.suspect_share),
        Key::MailTransport => json!(settings.mail.transport().code()),
        Key::MailHost => json!(settings.mail.host),
        Key::MailPort => json!(settings.mail.port),
        Key::MailTls => json!(settings.mail.tls.code()),
        Key::MailCaCertificate => json!(settings.mail.ca_certificates.iter().map(path).collect::<Vec<_>>()),
        Key::MailLogin => json!(settings.mail.login),
        // Where it is, never what it is.
        Key::MailPasswordFile => json!(settings.mail.password_file.as_ref().map(path)),
        Key::MailFrom => json!(settings.mail.from.as_ref().map(ToString::to_string)),
        Key::MailReplyTo => json!(settings.mail.reply_to.as_ref().map(ToString::to_string)),
        Key::MailFolder => json!(settings.mail.folder.as_ref().map(path)),
        Key::MailMode => json!(if settings.mail.certified { "pec" } else { "plain" }),
        Key::MailReceipts => json!(settings.mail.receipts.as_ref().map(ToString::to_string)),
        Key::MailReceiptsPasswordFile => json!(settings.mail.receipts_password_file.as_ref().map(path)),
        Key::MailUnsure => json!(if settings.mail.resend_unsure { "resend" } else { "ask" }),
        Key::MailLimit => json!(settings.mail.limit),
        Key::MailHourly => json!(settings.mail.hourly),
        Key::MailMaxMib => json!(settings.mail.max_mib),
        Key::MailOperator => json!(settings.mail.operator.as_ref().map(ToString::to_string)),
        Key::NightSites => json!(settings.night.sites.code()),
        Key::NightDays => json!(settings.night.days),
        Key::NightLimit => json!(settings.night.limit),
        Key::LogFormat => json!(settings.log_format.code()),
        Key::Verbosity => json!(settings.verbosity),
    }
}

/// As a configuration file: one setting a line, its place in a comment; those that are not set are commented out.
pub fn show_text(loaded: &Loaded, lang: Lang) -> String {
    use std::fmt::Write as _;
    let rows: Vec<(String, String)> = Key::ALL
        .iter()
        .filter(|key| **key != Key::OptOutFile)
        .map(|key| {
            let origin = loaded.origin(*key).describe(lang);
            match value(&loaded.settings, *key) {
                Value::Null => (format!("# {} =", key.name()), lang.pick("non impostato", "not set").to_owned()),
                value => (format!("{} = {value}", key.name()), origin),
            }
        })
        .collect();
    let width = rows.iter().map(|(left, _)| left.chars().count()).filter(|width| *width <= 48).max().unwrap_or(0);
    let mut out = String::new();
    for (left, right) in rows {
        let _ = writeln!(out, "{left:width$}  # {right}");
    }
    out
}

/// The same as one JSON object: `{"schema":"riscontro.config/1","settings":{NAME:{"value","from"}}}`.
pub fn show_json(loaded: &Loaded) -> Value {
    let settings: serde_json::Map<String, Value> = Key::ALL
        .iter()
        .filter(|key| **key != Key::OptOutFile)
        .map(|key| {
            let entry = json!({"value": value(&loaded.settings, *key), "from": loaded.origin(*key).describe(Lang::En)});
            (key.name().to_owned(), entry)
        })
        .collect();
    json!({"schema": "riscontro.config/1", "settings": settings})
}
