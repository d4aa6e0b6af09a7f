//! Settings to working parts: the catalogue, the way to the web, the visitor, the database.

use std::{io::ErrorKind, path::PathBuf, sync::Arc};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Context, Exit, Failure, failure::Line, store_words};
use crate::{
    VERSION,
    clock::{Clock, SystemClock},
    config::{EvidencePlace, Lang},
    crawl::{self, Visitor},
    evidence::WriteError,
    model::{Diagnostic, Finding, Outcome, Proves, Signal},
    net::{self, CaCertificates, Client, ClientSettings, NetError},
    polite::{self, Fetcher, OptOut},
    render::{self, Missing, Renderer},
    rules::Catalogue,
    run::KeepError,
    store::{Address, Store, StoreError},
};

/// The machine's clock, for everything that is told the time.
pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Now, by the same clock.
pub(super) fn now() -> Timestamp {
    clock().now()
}

/// Today's day, UTC: the day that findings and registers are counted by.
pub(super) fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}

/// The rules: those of the binary, or of the folder that the settings name.
pub(super) fn catalogue(context: &Context) -> Result<Arc<Catalogue>, Failure> {
    let loaded = match &context.settings.selectors {
        Some(folder) => Catalogue::from_folder(folder),
        None => Catalogue::embedded(),
    };
    let what = context.lang().pick("regole", "rules");
    loaded.map(Arc::new).map_err(|found| of_diagnostics(&found, what))
}

/// One line for each mistake in files of data, with file and line. `what` says which data.
pub(super) fn of_diagnostics(found: &[Diagnostic], what: &str) -> Failure {
    let lines = found.iter().map(|diagnostic| Line {
        what: what.to_owned(),
        place: Some(diagnostic.place()),
        why: Some(diagnostic.reason()),
        hint: None,
    });
    Failure { exit: Exit::Data, lines: lines.collect() }
}

/// The agent's name as servers see it: `riscontro/VERSION (+CONTACT)`.
pub(super) fn agent(contact: Option<&str>) -> String {
    match contact {
        Some(contact) => format!("riscontro/{VERSION} (+{contact})"),
        None => format!("riscontro/{VERSION}"),
    }
}

/// The transport: guard and limits, no manners.
pub(super) fn client(context: &Context) -> Result<Client, Failure> {
    client_with(context, net::Limits::default())
}

/// The same with other limits for an answer.
pub(super) fn client_with(context: &Context, limits: net::Limits) -> Result<Client, Failure> {
    let settings = &context.settings;
    let client = ClientSettings {
        limits,
        agent: agent(settings.contact.as_deref()),
        resolver: settings.resolver,
        ca_certificates: settings.ca_certificates.iter().cloned().map(CaCertificates::File).collect(),
        connect_to: settings.connect_to.clone(),
        proxy: settings.proxy.clone(),
    };
    Client::new(client, clock()).map_err(|error| of_net(&error, context.lang()))
}

/// The way to the web, under guard, limits and manners.
pub(super) fn fetcher(context: &Context) -> Result<Fetcher, Failure> {
    fetcher_with(context, net::Limits::default(), polite::Settings::default().max_redirects)
}

/// The same with other limits for an answer, and for the redirects to it.
pub(super) fn fetcher_with(context: &Context, limits: net::Limits, max_redirects: usize) -> Result<Fetcher, Failure> {
    let settings = &context.settings;
    let lang = context.lang();
    let transport = client_with(context, limits)?;
    let manners = polite::Settings {
        max_redirects,
        delay: settings.delay,
        address_delay: settings.address_delay,
        ..polite::Settings::default()
    };
    let fetcher = Fetcher::new(Arc::new(transport), manners, clock());
    // A host that opts out means its subdomains too; `*.` says so to the list.
    let hosts: Vec<String> =
        settings.opt_out.iter().map(|host| format!("*.{}", host.trim_start_matches(['*', '.']))).collect();
    let opt_out = OptOut::parse(hosts.iter().map(String::as_str)).map_err(|error| {
        Failure::new(Exit::Config, lang.pick("impostazioni", "settings")).at("opt_out").because(error.to_string())
    })?;
    fetcher.set_opt_out(opt_out);
    Ok(fetcher)
}

fn of_net(error: &NetError, lang: Lang) -> Failure {
    let what = lang.pick("collegamento alla rete", "network set-up");
    match error {
        NetError::CaFile { path, source } => Failure::unreadable(path, source, lang),
        NetError::CaCertificate { name, reason } => {
            Failure::new(Exit::Data, what).at(name.clone()).because(reason.clone())
        }
        other => Failure::new(Exit::Config, what).because(other.to_string()),
    }
}

/// Who visits.
pub(super) fn visitor(
    catalogue: Arc<Catalogue>,
    own_site: bool,
    evidence: bool,
    context: &Context,
) -> Result<Visitor, Failure> {
    let settings = crawl::Settings {
        max_requests: context.settings.max_requests,
        max_time: context.settings.max_time,
        own_site,
        evidence,
        pictures: context.settings.pictures,
        proxied: context.settings.proxy.is_some(),
        ..crawl::Settings::default()
    };
    let visitor = Visitor::new(fetcher(context)?, catalogue, clock(), settings);
    match renderer(context)? {
        Ok(renderer) => Ok(visitor.with_renderer(renderer)),
        Err(missing) => {
            tracing::info!(%missing, "no browser: pages that scripts draw stay unread");
            Ok(visitor)
        }
    }
}

/// The browser, or why there is none. One that was asked for by name and is not there is a mistake in the settings.
pub(super) fn renderer(context: &Context) -> Result<Result<Renderer, Absent>, Failure> {
    let settings = &context.settings;
    if !settings.render {
        return Ok(Err(Absent::Off));
    }
    let wishes = render::Settings {
        program: settings.chromium.clone(),
        agent: agent(settings.contact.as_deref()),
        ..render::Settings::default()
    };
    match Renderer::find(wishes, clock()) {
        Ok(renderer) => Ok(Ok(renderer)),
        Err(missing @ Missing::NotAProgram(_)) => {
            let what = context.lang().pick("impostazioni", "settings");
            Err(Failure::new(Exit::Config, what).at("chromium").because(missing.to_string()))
        }
        Err(missing) => Ok(Err(Absent::Missing(missing))),
    }
}

/// Why no page is drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum Absent {
    /// The settings say so.
    #[error("switched off")]
    Off,
    /// There is no browser.
    #[error(transparent)]
    Missing(Missing),
}

/// The database, made or brought up to date.
pub(super) async fn store(context: &Context) -> Result<Store, Failure> {
    let of_store = |error| of_store(&error, context.lang());
    let store = Store::open(&context.settings.db, clock()).await.map_err(of_store)?;
    if store.confirm_by(context.settings.confirm).await.map_err(of_store)? {
        tracing::warn!("losses are confirmed by another measure than before: every history was made anew");
    }
    Ok(store)
}

/// The database as it is, for reading.
pub(super) async fn store_for_reading(context: &Context) -> Result<Store, Failure> {
    Store::open_for_reading(&context.settings.db, clock()).await.map_err(|error| of_store(&error, context.lang()))
}

/// Where evidence is kept; `None` when none is.
pub(super) fn evidence_folder(context: &Context) -> Result<Option<PathBuf>, Failure> {
    match &context.settings.evidence {
        EvidencePlace::Never => Ok(None),
        EvidencePlace::Folder(folder) => Ok(Some(folder.clone())),
        EvidencePlace::Beside => beside(context, "evidence").map(Some),
    }
}

/// Where evidence lies that was kept before, whether or not any is kept now.
pub(super) fn evidence_lies(context: &Context) -> Result<PathBuf, Failure> {
    evidence_folder(context)?.map_or_else(|| beside(context, "evidence"), Ok)
}

/// Where the visits of a run keep their answers until they are stored.
pub(super) fn journals(context: &Context) -> Result<PathBuf, Failure> {
    beside(context, "inflight")
}

/// Where letters go that go into a folder.
pub(super) fn letters(context: &Context) -> Result<PathBuf, Failure> {
    beside(context, "mail")
}

/// What belongs to a database and does not lie in it, see [`Address::beside`].
fn beside(context: &Context, ending: &str) -> Result<PathBuf, Failure> {
    let address = Address::parse(&context.settings.db).map_err(|error| of_store(&error, context.lang()))?;
    Ok(address.beside(ending, &context.settings.data))
}

/// Evidence that could not be written, with its exit code.
pub(super) fn of_write(error: &WriteError, lang: Lang) -> Failure {
    let exit = match error.source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Exit::Permission,
        ErrorKind::WouldBlock => Exit::TemporaryFailure,
        _ if Failure::is_full(&error.source) => Exit::Full,
        _ => Exit::Io,
    };
    Failure::new(exit, lang.pick("prove", "evidence"))
        .at(error.path.display().to_string())
        .because(Failure::io(&error.source, lang))
        .hint(lang.pick(
            "le visite già conservate restano; `--no-evidence` non conserva i byte",
            "visits stored so far are kept; `--no-evidence` keeps no bytes",
        ))
}

/// The same, or the database's.
pub(super) fn of_keep(error: &KeepError, lang: Lang) -> Failure {
    match error {
        KeepError::Write(error) => of_write(error, lang),
        KeepError::Store(error) => of_store(error, lang),
    }
}

/// What went wrong in the database, with its exit code.
pub(super) fn of_store(error: &StoreError, lang: Lang) -> Failure {
    let exit = match error {
        StoreError::BadAddress { .. } | StoreError::NoSuchRun { .. } => Exit::Usage,
        StoreError::Missing { .. } | StoreError::NoDatabase { .. } => Exit::NoInput,
        StoreError::ReadOnly { .. } | StoreError::Login { .. } => Exit::Permission,
        StoreError::Locked { .. } | StoreError::Lost { .. } | StoreError::Overtaken { .. } => Exit::TemporaryFailure,
        StoreError::Full { .. } => Exit::Full,
        StoreError::Folder { source, .. } if Failure::is_full(source) => Exit::Full,
        StoreError::Folder { .. } | StoreError::Open { .. } => Exit::CannotCreate,
        StoreError::Disk { .. } => Exit::Io,
        StoreError::Unreachable { .. } | StoreError::NewerSchema { .. } | StoreError::OlderSchema { .. } => {
            Exit::Unavailable
        }
        _ => Exit::Data,
    };
    Failure::new(exit, lang.pick("banca dati", "database"))
        .because(lang.pick(store_words::italian(error), error.to_string()))
}

/// What the rule behind a finding advises. Nothing for what was found.
pub(super) fn remedy(catalogue: &Catalogue, lang: Lang) -> impl Fn(&Finding) -> Option<String> {
    let advice: std::collections::HashMap<String, String> = catalogue
        .rules()
        .iter()
        .filter_map(|rule| {
            let remedy = rule.spec.remedy.as_ref()?;
            Some((rule.spec.id.clone(), lang.pick(remedy.it.clone(), remedy.en.clone())))
        })
        .collect();
    move |finding| {
        if finding.outcome == Outcome::Found {
            return None;
        }
        // A test environment explains more than the words beside it.
        let test = finding.signals.iter().find(|signal| signal.proves == Proves::TestEnvironment);
        // A way that was followed to its end did its job: what is missing is not the way.
        let led = |signal: &&Signal| !signal.proves.is_lead() || finding.outcome == Outcome::Undetermined;
        test.into_iter().chain(finding.signals.iter().filter(led)).find_map(|signal| advice.get(&signal.rule).cloned())
    }
}
