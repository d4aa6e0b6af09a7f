//! One page, read with the catalogue: signals, labels and the links worth following.

use std::cell::OnceCell;

use jiff::Timestamp;
use url::Url;

use super::{
    decide::COUNTS,
    metadata::{self, MetadataLead},
    subject::{Origin, Subject, Tie},
};
use crate::{
    model::{FetchOutcome, PageKind, PageLabel, Platform, Proves, Signal, Strength},
    page::{self, Control, ControlKind, Cut, Destination, Document, Form, Layout, Limits, Source, Visibility},
    rules::{Catalogue, Circumstances, Match, Rule},
};

/// Where and when the bytes of a page were received.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// SHA-256 of the decoded body.
    pub sha256: String,
    /// When it was received.
    pub fetched: Timestamp,
    /// The way here from the start page.
    pub chain: Vec<Url>,
}

/// A link worth following.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Where it leads.
    pub url: Url,
    /// What its rule says is there.
    pub proves: Proves,
    /// The platforms that can gain from it; empty for all.
    pub platforms: Vec<Platform>,
    /// The rule's focus, 1 to 100.
    pub focus: u8,
    /// Id of the rule.
    pub rule: String,
    /// Label of the link.
    pub label: Option<String>,
    /// The rule is one of a known vendor's or region's portal.
    pub known_portal: bool,
    /// The address names a tenant that is this comune's or cannot be compared.
    pub tenant: bool,
    /// The address names another body's tenant.
    pub other_tenant: bool,
}

/// What one page says.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one page")]
pub struct PageView {
    /// What the page really is, when it is not the page that was asked for (`blocked`, `soft-404`, `needs-browser`, ...).
    pub verdict: Option<FetchOutcome>,
    /// One signal for each match that speaks of a platform.
    pub signals: Vec<Signal>,
    /// What the page alone says of each platform.
    pub labels: Vec<(Platform, PageLabel)>,
    /// Links worth following, best first, one per address.
    pub leads: Vec<Lead>,
    /// Links to the page's own host that only a rule about that whole host recognises: it led here, and says nothing of
    /// where to go from here.
    pub aside: Vec<Lead>,
    /// Where the page sends its reader by itself.
    pub onward: Option<Url>,
    /// Metadata that the rules name, in the order of the page.
    pub metadata: Vec<MetadataLead>,
    /// Rules that recognised a vendor's product.
    pub vendors: Vec<String>,
    /// Page classes (`news`, `transparency`).
    pub classes: Vec<String>,
    /// Title, white space folded, at most 200 characters.
    pub title: String,
    /// Charset that the page was read with.
    pub charset: &'static str,
    /// Why it was read only in part.
    pub cut: Vec<Cut>,
    /// Platforms with a control that only a script can lead anywhere: their button, dead as it stands, on a page with
    /// scripts that could bind it; or the way to their page, which starts a script or posts the page back.
    pub scripted: Vec<Platform>,
    /// Of these, the platforms whose button a script of the page may still fill in: a browser would tell.
    pub undrawn: Vec<Platform>,
    /// The page carries a way to log in of any kind (a password field, an identity button).
    pub has_login: bool,
    /// The page carries a form other than a search, or a payment button: something is done here.
    pub has_form: bool,
    /// The page runs scripts of its own.
    pub has_scripts: bool,
    /// A part of it is left empty for a script to fill.
    pub hollow: bool,
    /// A frame that is seen holds another page, other than a counter's: nothing of it is read here.
    pub has_frame: bool,
    /// It is read as a browser drew it: what scripts do to it is done.
    pub drawn: bool,
    /// The same page in other languages.
    pub alternates: Vec<Url>,
    /// Bytes of visible text.
    pub text_bytes: usize,
}

impl PageView {
    /// A login or payment page on which there is nothing of the kind: no way in, no form, no link that goes on.
    fn without_a_way(&self, kind: PageKind) -> bool {
        let leads = |kinds: &[Proves]| self.leads.iter().any(|lead| kinds.contains(&lead.proves));
        let offers = || self.labels.iter().any(|(_, label)| *label == PageLabel::Offered);
        match kind {
            PageKind::Login => !self.has_login && !leads(&[Proves::LoginPage, Proves::Login]),
            PageKind::Payment => !self.has_form && !offers() && !leads(&[Proves::PaymentPage, Proves::Payment]),
            PageKind::Home | PageKind::Services | PageKind::Other => false,
        }
    }

    /// As a place of this kind the page stays open until its scripts have run: they may be what answers.
    pub fn awaits_scripts(&self, kind: PageKind) -> bool {
        // Whatever a login page without any way to log in may be, no citizen sees it like that.
        let unfinished = self.hollow || kind == PageKind::Login;
        self.has_scripts && !self.drawn && unfinished && self.without_a_way(kind)
    }

    /// What a place of this kind is there for may stand in a frame, which is not read with the page.
    pub fn answers_in_a_frame(&self, kind: PageKind) -> bool {
        self.has_frame && self.without_a_way(kind)
    }
}

/// Everything a view needs besides the page itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) subject: &'a Subject,
    origin: Origin,
    stamp: &'a Stamp,
}

/// Reads one page, or a document that declares a service. Runs on a blocking thread: the tree of a page cannot cross threads.
pub fn view(
    catalogue: &Catalogue,
    subject: &Subject,
    origin: Origin,
    source: &Source<'_>,
    around: Circumstances<'_>,
    stamp: &Stamp,
    limits: &Limits,
) -> PageView {
    let context = Context { catalogue, subject, origin, stamp };
    if page::metadata::sniff(source.body) {
        return metadata::view(context, source);
    }
    let document = page::parse(source, limits);
    let (matches, classes) = catalogue.judge(&document, around);
    let mut origin = origin;
    if !origin.known_portal && origin.linked && !subject.is_own(source.url) && subject.named_in(&document.text) {
        // A foreign page that carries the comune's fiscal code or its host speaks of this comune.
        origin.tenant_on_the_way = true;
    }
    let context = Context { origin, ..context };
    let drawn = source.layout != Layout::Markup;
    let has_scripts = document
        .scripts
        .iter()
        .any(|script| script.src.is_some() || (!script.code.trim().is_empty() && !script.kind.contains("json")));
    let host = HostWide { catalogue, page: &document.url, rules: OnceCell::new() };
    let (leads, aside) = leads(context, &document, &matches, &host);
    let onward = document.controls.iter().find_map(|control| match (&control.kind, &control.destination) {
        (ControlKind::Refresh, Destination::Url(url)) if control.visibility == Visibility::Visible => {
            Some(url.clone()).filter(|url| *url != document.url)
        }
        _ => None,
    });
    let mut view = PageView {
        verdict: None,
        signals: Vec::new(),
        labels: Vec::new(),
        leads,
        aside,
        onward,
        metadata: metadata::leads(catalogue, &document.url, &matches),
        vendors: Vec::new(),
        classes,
        title: document.title.chars().take(200).collect(),
        charset: document.charset,
        cut: document.cut.clone(),
        scripted: Vec::new(),
        undrawn: Vec::new(),
        has_login: has_password(&document),
        has_form: document.forms.iter().any(|form| form.visibility == Visibility::Visible && typed_fields(form) > 1),
        has_scripts,
        hollow: has_scripts && document.is_hollow(),
        has_frame: document.controls.iter().any(|control| holds_page(catalogue, control)),
        drawn,
        alternates: document.alternates.iter().map(|(_, url)| url.clone()).collect(),
        text_bytes: document.text.len(),
    };
    for found in &matches {
        let rule = catalogue.rule(found);
        // The family `metadata` knows addresses, not products.
        if rule.spec.proves == Proves::Vendor && !rule.spec.id.starts_with("metadata.") {
            view.vendors.push(rule.spec.id.clone());
        }
        let dead = found.inert && has_scripts && rule.spec.proves.is_offer();
        if dead && !found.hidden && !drawn {
            view.undrawn.extend(&rule.spec.platforms);
        }
        if (dead || (unfollowed(rule, found, &document, has_scripts) && !host.tells(found))) && !found.hidden {
            view.scripted.extend(&rule.spec.platforms);
        }
        view.has_login |= rule.spec.proves == Proves::Login;
        view.has_form |= rule.spec.proves == Proves::PaymentPage && (found.inert || found.scripted || found.posts);
        for platform in &rule.spec.platforms {
            view.signals.push(signal(context, rule, found, *platform, &document.url));
        }
    }
    let offered = |platform: &Platform| {
        let strong = |signal: &Signal| signal.proves.is_offer() && signal.strength >= Strength::Strong;
        view.signals.iter().any(|signal| signal.platform == Some(*platform) && strong(signal))
    };
    let promised: Vec<Platform> = drawn_by_script(&document).filter(|platform| !offered(platform)).collect();
    if !drawn {
        view.scripted.extend(&promised);
        view.undrawn.extend(promised);
    }
    view.labels =
        Platform::DECIDED.into_iter().map(|platform| (platform, label(catalogue, &matches, platform))).collect();
    view.verdict = verdict(catalogue, &matches, &view);
    view
}

/// The signals of a redirect that was recognised (and not followed), or of a hop on the way.
pub fn redirect_signals(
    catalogue: &Catalogue,
    subject: &Subject,
    origin: Origin,
    from: &Url,
    to: &Url,
    stamp: &Stamp,
) -> Vec<(Signal, bool)> {
    let context = Context { catalogue, subject, origin, stamp };
    let mut signals = Vec::new();
    for found in catalogue.judge_redirect(from, to) {
        let rule = catalogue.rule(&found);
        for platform in &rule.spec.platforms {
            signals.push((signal(context, rule, &found, *platform, from), known_portal(rule)));
        }
    }
    signals
}

/// A way to the login or to the payments that a visit cannot go: it starts a script of unknown effect, or is a button that
/// a script may bind, or posts the page back to say where it leads. A form with a password is no way to the login, it is
/// one.
fn unfollowed(rule: &Rule, found: &Match, document: &Document, has_scripts: bool) -> bool {
    let spec = &rule.spec;
    let posted = found.posts && spec.proves == Proves::LoginPage && !has_password(document);
    let bound = found.scripted || (found.inert && has_scripts);
    spec.proves.is_lead() && spec.focus >= COUNTS && (bound || posted)
}

/// Rules about the portals of vendors and regions stand in `vendors/`.
fn known_portal(rule: &Rule) -> bool {
    rule.file.starts_with("vendors/")
}

/// Platforms whose button a known script of this page draws.
fn drawn_by_script(document: &Document) -> impl Iterator<Item = Platform> {
    const DRAWERS: [(&str, &[Platform]); 4] = [
        ("spid-sp-access-button", &[Platform::Spid]),
        ("spid-button", &[Platform::Spid]),
        ("eid-cards-loader", &[Platform::Spid, Platform::Cie]),
        ("login-box", &[Platform::Spid, Platform::Cie]),
    ];
    DRAWERS
        .iter()
        .filter(|(name, _)| {
            document.scripts.iter().any(|s| s.src.as_ref().is_some_and(|src| src.path().contains(name)))
        })
        .flat_map(|(_, platforms)| platforms.iter().copied())
}

/// A frame that a citizen sees, with a page in it that may be anything.
fn holds_page(catalogue: &Catalogue, control: &Control) -> bool {
    let Destination::Url(url) = &control.destination else { return false };
    control.kind == ControlKind::Frame && control.visibility == Visibility::Visible && !catalogue.is_tracker(url)
}

/// Fields that a citizen fills in; a search has one.
fn typed_fields(form: &Form) -> usize {
    form.fields
        .iter()
        .filter(|(_, kind, _)| !matches!(kind.as_str(), "hidden" | "submit" | "button" | "image" | "reset" | "search"))
        .count()
}

fn has_password(document: &Document) -> bool {
    document.forms.iter().any(|form| form.fields.iter().any(|(_, kind, _)| kind.eq_ignore_ascii_case("password")))
}

pub(super) fn signal(context: Context<'_>, rule: &Rule, found: &Match, platform: Platform, page: &Url) -> Signal {
    let (tie, mut strength) = if found.kind == "metadata" {
        metadata::weigh(context.subject, page, found, rule.spec.strength)
    } else {
        let tie = context.subject.tie(page, found.target.as_ref(), &found.captures, context.origin);
        (tie, rule.spec.strength)
    };
    if strength == Strength::Proof && unverifiable(context, found) {
        // A code was read and there is nothing to compare it with: the tenant is named, not proven.
        strength = Strength::Strong;
    }
    if found.inert && rule.spec.proves.is_offer() {
        strength = strength.min(Strength::Weak);
    }
    if found.scripted {
        strength = strength.min(Strength::Strong);
    }
    if found.hidden {
        strength = lowered(strength);
    }
    let tenant: Vec<String> = found
        .captures
        .iter()
        .filter(|(name, _)| name != "url")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Signal {
        rule: rule.spec.id.clone(),
        catalogue: context.catalogue.version().to_owned(),
        platform: Some(platform),
        proves: rule.spec.proves,
        strength,
        kind: found.kind.to_owned(),
        url: page.clone(),
        chain: context.stamp.chain.clone(),
        selector: found.selector.clone(),
        excerpt: found.excerpt.clone(),
        label: found.label.clone(),
        target: found.target.clone(),
        tenant: (!tenant.is_empty()).then(|| tenant.join(", ")),
        tied: tie.holds(),
        sha256: context.stamp.sha256.clone(),
        fetched: context.stamp.fetched,
    }
}

/// A code of the body was captured, and the comune's own is not known.
fn unverifiable(context: Context<'_>, found: &Match) -> bool {
    context.subject.compare(&found.captures) == Some(Tie::None)
}

/// Hidden markup counts one step less, and is never deleted: some products show their login link by script.
const fn lowered(strength: Strength) -> Strength {
    match strength {
        Strength::Proof => Strength::Strong,
        Strength::Strong | Strength::Weak => Strength::Weak,
        Strength::Counter => Strength::Counter,
    }
}

pub(super) fn label(catalogue: &Catalogue, matches: &[Match], platform: Platform) -> PageLabel {
    matches
        .iter()
        .filter_map(|found| {
            let spec = &catalogue.rule(found).spec;
            if !spec.platforms.contains(&platform) {
                return None;
            }
            let label = match spec.proves {
                _ if spec.strength == Strength::Counter => PageLabel::Mentioned,
                // What only a script says, or what is hidden, a reader does not have before them.
                proves if proves.is_offer() && (found.hidden || found.kind == "script") => PageLabel::Leads,
                proves if proves.is_offer() => PageLabel::Offered,
                proves if proves.is_lead() => PageLabel::Leads,
                Proves::Mention | Proves::TestEnvironment => PageLabel::Mentioned,
                _ => PageLabel::Absent,
            };
            Some(label)
        })
        .max()
        .unwrap_or(PageLabel::Absent)
}

/// The links worth following, and those that only a rule about the page's whole host recognises.
fn leads(context: Context<'_>, document: &Document, matches: &[Match], host: &HostWide<'_>) -> (Vec<Lead>, Vec<Lead>) {
    let mut leads: Vec<Lead> = Vec::new();
    let mut aside: Vec<Lead> = Vec::new();
    for found in matches {
        let rule = context.catalogue.rule(found);
        // What is only posted is never asked for: a GET to it is a request that no citizen would make.
        let followed = rule.spec.focus > 0 && !found.posts;
        let Some(target) = found.target.as_ref().filter(|_| followed) else { continue };
        let mut url = target.clone();
        url.set_fragment(None);
        if url == document.url {
            continue;
        }
        let compared = context.subject.compare(&found.captures);
        let lead = Lead {
            proves: rule.spec.proves,
            platforms: rule.spec.platforms.clone(),
            focus: rule.spec.focus,
            rule: rule.spec.id.clone(),
            label: found.label.clone(),
            known_portal: known_portal(rule),
            tenant: matches!(compared, Some(Tie::Code | Tie::None))
                || found.captures.iter().any(|(name, _)| name == "tenant"),
            other_tenant: compared == Some(Tie::Other),
            url,
        };
        if lead.proves.is_lead() && host.tells(found) {
            aside.push(lead);
            continue;
        }
        match leads.iter_mut().find(|known| known.url == lead.url) {
            None => leads.push(lead),
            Some(known) => merge(known, lead),
        }
    }
    leads.sort_by_key(|lead| std::cmp::Reverse(lead.focus));
    aside.retain(|lead| !leads.iter().any(|known| known.url == lead.url));
    (leads, aside)
}

/// The host of a page, and the rules that recognise any address of it: they say whose portal it is, not where one of its
/// links leads.
struct HostWide<'a> {
    catalogue: &'a Catalogue,
    page: &'a Url,
    rules: OnceCell<Vec<usize>>,
}

impl HostWide<'_> {
    /// True when a control of the page is known by nothing but this host, which all its links and forms share.
    fn tells(&self, found: &Match) -> bool {
        let here = found.target.as_ref().is_some_and(|to| to.host().is_some() && to.host() == self.page.host());
        here && self.rules.get_or_init(|| host_wide(self.catalogue, self.page)).contains(&found.rule)
    }
}

/// Rules that recognise any address of this host, told by one that no site has.
fn host_wide(catalogue: &Catalogue, host: &Url) -> Vec<usize> {
    let mut address = host.clone();
    address.set_path("/0/0");
    address.set_query(None);
    let body = format!("<a href=\"{address}\">0</a>");
    let elsewhere = Url::parse("https://invalid/").unwrap_or(address);
    let source = Source::utf8(&elsewhere, body.as_bytes());
    let document = page::parse(&source, &Limits::default());
    let around = Circumstances { body: body.as_bytes(), headers: &[], status: 200 };
    let (matches, _) = catalogue.judge(&document, around);
    matches.iter().filter(|found| found.kind == "control").map(|found| found.rule).collect()
}

/// Two rules on one address: the better focus leads, what both know is kept.
fn merge(known: &mut Lead, other: Lead) {
    // No platform means all: what serves all goes on doing so.
    if known.platforms.is_empty() || other.platforms.is_empty() {
        known.platforms.clear();
    } else {
        for platform in &other.platforms {
            if !known.platforms.contains(platform) {
                known.platforms.push(*platform);
            }
        }
    }
    known.known_portal |= other.known_portal;
    known.tenant |= other.tenant;
    known.other_tenant |= other.other_tenant;
    if other.focus > known.focus {
        known.focus = other.focus;
        known.rule = other.rule;
        known.proves = other.proves;
        known.label = other.label.or(known.label.take());
    }
}

/// Whether the page stands in the way of the real one. A page that offers something is never discarded.
fn verdict(catalogue: &Catalogue, matches: &[Match], view: &PageView) -> Option<FetchOutcome> {
    let offers = view.labels.iter().any(|(_, label)| *label == PageLabel::Offered);
    let useful = offers || view.leads.iter().any(|lead| lead.proves.is_lead());
    matches.iter().find_map(|found| match catalogue.rule(found).spec.proves {
        Proves::Soft404 if !offers => Some(FetchOutcome::Soft404),
        Proves::Blocked if !useful => Some(FetchOutcome::Blocked),
        Proves::Challenge if !useful => Some(FetchOutcome::Challenge),
        Proves::Maintenance if !useful => Some(FetchOutcome::Maintenance),
        Proves::Parked if !useful => Some(FetchOutcome::Parked),
        Proves::ScriptShell if !useful => Some(FetchOutcome::NeedsBrowser),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
