//! From the four layers to one [`Settings`].

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    ConfigError, Environment, EvidencePlace, Expected, Fault, Key, Kind, Lang, LogFormat, MailSettings, MaxAges,
    NightSettings, Origin, Problem, ReceiptsPlace, Retention, Settings, defaults, file, max_age::Entry, parse,
};

use crate::model::Confirm;

/// One value as written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// What one layer says: for each setting one item, or several for a list.
pub(super) type Layer = BTreeMap<Key, Vec<Item>>;

/// What was typed on the command line, as text: the same parsers check it as the other layers.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// Values by setting, in the order typed.
    pub values: Vec<(Key, String)>,
    /// `--config FILE`.
    pub config: Option<PathBuf>,
}

/// The effective settings, and where each comes from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The configuration file that was read, if any.
    pub file: Option<PathBuf>,
    /// Variables with our prefix that name no setting: probably mistyped, told as warnings.
    pub unknown_variables: Vec<String>,
    pub(super) origins: BTreeMap<Key, Origin>,
}

impl Loaded {
    /// Where the effective value of a setting comes from.
    pub fn origin(&self, key: Key) -> &Origin {
        self.origins.get(&key).unwrap_or(&Origin::Default)
    }
}

/// Reads every layer and puts them together.
///
/// The file is `--config`, else `RISCONTRO_CONFIG`, else `riscontro/riscontro.toml` in the user's configuration folder
/// when it exists; one that is named must exist. Relative paths in a file start at the file's folder.
pub fn load(environment: &Environment, flags: &Flags) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let named = flags.config.clone().or_else(|| environment.get("RISCONTRO_CONFIG").map(PathBuf::from));
    let path = named.or_else(|| environment.config_file().filter(|path| path.is_file()));
    let from_file = path.as_deref().map(|path| file::read(path, &mut problems)).unwrap_or_default();
    let (from_environment, unknown_variables) = of_environment(environment);
    let mut resolver =
        Resolver { layers: [from_file, from_environment, of_flags(flags)], problems, origins: BTreeMap::new() };
    let settings = resolver.settings(environment);
    if resolver.problems.is_empty() {
        Ok(Loaded { settings, file: path, unknown_variables, origins: resolver.origins })
    } else {
        Err(ConfigError::Invalid(resolver.problems))
    }
}

fn of_environment(environment: &Environment) -> (Layer, Vec<String>) {
    let mut layer = Layer::new();
    let mut unknown = Vec::new();
    for (name, value) in environment.own() {
        let Some(key) = Key::from_name(&name.to_ascii_lowercase()).filter(|_| name == name.to_ascii_uppercase()) else {
            if name != "CONFIG" {
                unknown.push(format!("{}{name}", Environment::PREFIX));
            }
            continue;
        };
        let origin = Origin::Variable(key.variable());
        let texts: Vec<&str> = match key.kind() {
            Kind::List => value.split(',').map(str::trim).filter(|text| !text.is_empty()).collect(),
            Kind::Text | Kind::Number | Kind::Integer => vec![value],
        };
        let items = texts.into_iter().map(|text| Item { text: text.to_owned(), origin: origin.clone() }).collect();
        layer.insert(key, items);
    }
    (layer, unknown)
}

fn of_flags(flags: &Flags) -> Layer {
    let mut layer = Layer::new();
    for (key, text) in &flags.values {
        let origin = Origin::Flag(key.flag().unwrap_or(key.name()));
        layer.entry(*key).or_default().push(Item { text: text.clone(), origin });
    }
    layer
}

struct Resolver {
    layers: [Layer; 3],
    problems: Vec<Problem>,
    origins: BTreeMap<Key, Origin>,
}

impl Resolver {
    /// Parses every layer's items of a setting, notes the mistakes, and returns the values of the last layer that has any.
    fn list<T>(&mut self, key: Key, parse: impl Fn(&Item) -> Result<T, Expected>) -> Option<Vec<T>> {
        let mut last = None;
        for layer in &self.layers {
            let Some(items) = layer.get(&key) else { continue };
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                match parse(item) {
                    Ok(value) => values.push(value),
                    Err(expected) => self.problems.push(Problem {
                        origin: item.origin.clone(),
                        fault: Fault::Value(key, item.text.clone(), expected),
                    }),
                }
            }
            if let Some(first) = items.first() {
                self.origins.insert(key, first.origin.clone());
            }
            last = Some(values);
        }
        last
    }

    fn one<T>(&mut self, key: Key, parse: impl Fn(&str) -> Result<T, Expected>) -> Option<T> {
        self.list(key, |item| parse(&item.text)).and_then(|values| values.into_iter().next_back())
    }

    fn path(&mut self, key: Key) -> Option<PathBuf> {
        self.list(key, path_of).and_then(|values| values.into_iter().next_back())
    }

    fn settings(&mut self, environment: &Environment) -> Settings {
        let seconds = std::time::Duration::from_secs_f64;
        let mut opt_out = self.list(Key::OptOut, |item| parse::host(&item.text)).unwrap_or_default();
        if let Some(path) = self.path(Key::OptOutFile) {
            opt_out.extend(self.hosts_of(&path));
        }
        opt_out.sort();
        opt_out.dedup();
        Settings {
            db: self.one(Key::Db, parse::database).unwrap_or_else(|| default_database(environment)),
            data: environment.data_folder().unwrap_or_default(),
            lang: self.one(Key::Lang, parse::lang).unwrap_or_else(|| Lang::of_locale(environment)),
            contact: self.one(Key::Contact, parse::contact),
            delay: self.one(Key::Delay, parse::delay).unwrap_or_else(|| seconds(defaults::DELAY)),
            address_delay: self
                .one(Key::AddressDelay, parse::delay)
                .unwrap_or_else(|| seconds(defaults::ADDRESS_DELAY)),
            max_requests: self.one(Key::MaxRequests, parse::max_requests).unwrap_or(defaults::MAX_REQUESTS),
            max_time: self.one(Key::MaxTime, parse::max_time).unwrap_or_else(|| seconds(defaults::MAX_TIME)),
            concurrency: self.one(Key::Concurrency, parse::concurrency).unwrap_or(defaults::CONCURRENCY),
            proxy: self.one(Key::Proxy, parse::proxy),
            connect_to: self.list(Key::ConnectTo, |item| parse::connect_to(&item.text)).unwrap_or_default(),
            ca_certificates: self.list(Key::CaCertificate, path_of).unwrap_or_default(),
            resolver: self.one(Key::Resolver, parse::resolver),
            selectors: self.path(Key::Selectors),
            notices: self.path(Key::Notices),
            render: self.one(Key::Render, parse::render).unwrap_or(true),
            pictures: self.one(Key::Pictures, parse::render).unwrap_or(true),
            chromium: self.path(Key::Chromium),
            evidence: self
                .list(Key::Evidence, evidence_of)
                .and_then(|values| values.into_iter().next_back())
                .unwrap_or_default(),
            stamp_authority: self.one(Key::StampAuthority, parse::web_address),
            opt_out,
            register_max_age: MaxAges::from_entries(
                &self.list(Key::RegisterMaxAge, |item| Entry::parse(&item.text)).unwrap_or_default(),
            ),
            confirm: Confirm {
                looks: self.one(Key::ConfirmLooks, parse::confirm_looks).unwrap_or(defaults::CONFIRM_LOOKS),
                hours: self.one(Key::ConfirmHours, parse::confirm_hours).unwrap_or(defaults::CONFIRM_HOURS),
            },
            suspect_share: self.one(Key::SuspectShare, parse::suspect_share).unwrap_or(defaults::SUSPECT_SHARE),
            retention: Retention {
                evidence_days: self.one(Key::EvidenceDays, parse::limit).unwrap_or(0),
                evidence_mib: self.one(Key::EvidenceMib, parse::limit).unwrap_or(0),
                detail_days: self.one(Key::DetailDays, parse::limit).unwrap_or(0),
                detail_mib: self.one(Key::DetailMib, parse::limit).unwrap_or(0),
                letter_days: self.one(Key::LetterDays, parse::limit).unwrap_or(0),
            },
            mail: self.mail(environment),
            night: NightSettings {
                sites: self.one(Key::NightSites, parse::night_sites).unwrap_or_default(),
                days: self.one(Key::NightDays, parse::night_days).unwrap_or(defaults::NIGHT_DAYS),
                limit: self.one(Key::NightLimit, parse::limit).unwrap_or(0),
            },
            log_format: self.one(Key::LogFormat, parse::log_format).unwrap_or(LogFormat::Text),
            verbosity: self.one(Key::Verbosity, parse::verbosity).unwrap_or(0),
        }
    }

    fn mail(&mut self, environment: &Environment) -> MailSettings {
        // systemd puts what `LoadCredential=` names there.
        let credential = |name: &str| {
            let path = environment.get("CREDENTIALS_DIRECTORY").map(|folder| Path::new(folder).join(name));
            path.filter(|path| path.is_file())
        };
        MailSettings {
            transport: self.one(Key::MailTransport, parse::mail_transport),
            host: self.one(Key::MailHost, parse::mail_host),
            port: self.one(Key::MailPort, parse::port),
            tls: self.one(Key::MailTls, parse::mail_tls).unwrap_or_default(),
            ca_certificates: self.list(Key::MailCaCertificate, path_of).unwrap_or_default(),
            login: self.one(Key::MailLogin, parse::login),
            password_file: self.path(Key::MailPasswordFile).or_else(|| credential("mail-password")),
            from: self.one(Key::MailFrom, parse::mailbox),
            reply_to: self.one(Key::MailReplyTo, parse::mailbox),
            folder: self.path(Key::MailFolder),
            certified: self.one(Key::MailMode, parse::mail_mode).unwrap_or(false),
            receipts: self.list(Key::MailReceipts, receipts_of).and_then(|values| values.into_iter().next_back()),
            receipts_password_file: self
                .path(Key::MailReceiptsPasswordFile)
                .or_else(|| credential("mail-receipts-password")),
            resend_unsure: self.one(Key::MailUnsure, parse::mail_unsure).unwrap_or(false),
            limit: self.one(Key::MailLimit, parse::limit).unwrap_or(0),
            hourly: self.one(Key::MailHourly, parse::limit).unwrap_or(0),
            max_mib: self.one(Key::MailMaxMib, parse::mail_max_mib).unwrap_or(defaults::MAIL_MAX_MIB),
            operator: self.one(Key::MailOperator, parse::mail_address),
        }
    }

    fn hosts_of(&mut self, path: &Path) -> Vec<String> {
        let text = match file::text(path) {
            Ok(text) => text,
            Err(fault) => {
                self.problems.push(Problem { origin: Origin::File(path.to_owned(), 0), fault });
                return Vec::new();
            }
        };
        let mut hosts = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            match parse::host(line) {
                Ok(host) => hosts.push(host),
                Err(expected) => self.problems.push(Problem {
                    origin: Origin::File(path.to_owned(), index + 1),
                    fault: Fault::Value(Key::OptOut, line.to_owned(), expected),
                }),
            }
        }
        hosts
    }
}

/// A path; one from a file starts at the file's folder, so that the file means the same wherever it is used from.
fn path_of(item: &Item) -> Result<PathBuf, Expected> {
    let path = parse::path(&item.text)?;
    Ok(match &item.origin {
        Origin::File(file, _) => file.parent().unwrap_or(Path::new("")).join(path),
        _ => path,
    })
}

/// Where receipts are; a folder from a file starts at the file's folder.
fn receipts_of(item: &Item) -> Result<ReceiptsPlace, Expected> {
    Ok(match ReceiptsPlace::parse(&item.text)? {
        ReceiptsPlace::Folder(_) => ReceiptsPlace::Folder(path_of(item)?),
        address @ ReceiptsPlace::Imap(_) => address,
    })
}

/// The folder of evidence; `never` is none.
fn evidence_of(item: &Item) -> Result<EvidencePlace, Expected> {
    if item.text.trim() == "never" { Ok(EvidencePlace::Never) } else { path_of(item).map(EvidencePlace::Folder) }
}

/// The SQLite file in the user's data folder, or in the current folder when there is no home.
fn default_database(environment: &Environment) -> String {
    let path = environment.data_folder().unwrap_or_default().join(defaults::DATABASE);
    // The path stands inside a URL: what would end or change it there is escaped.
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("sqlite://{path}")
}
