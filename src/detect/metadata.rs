//! Metadata as evidence: what a document declares of its own service, and which documents are worth asking for.

use url::Url;

use super::{
    subject::{Subject, Tie},
    view::{Context, PageView, label, signal},
};
use crate::{
    model::{FetchOutcome, Platform, Strength},
    page::{Source, metadata},
    rules::{Catalogue, Match},
};

/// A document that may say whose service it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataLead {
    /// Its address.
    pub url: Url,
    /// The platforms that can gain from it.
    pub platforms: Vec<Platform>,
    /// Id of the rule that names it.
    pub rule: String,
}

/// The documents that the rules of some matches name.
pub(super) fn leads(catalogue: &Catalogue, page: &Url, matches: &[Match]) -> Vec<MetadataLead> {
    let mut leads: Vec<MetadataLead> = Vec::new();
    for found in matches {
        let spec = &catalogue.rule(found).spec;
        for (platform, address) in spec.reads.iter() {
            let base = found.target.as_ref().unwrap_or(page);
            let Some(url) = resolve(base, address, found) else { continue };
            match leads.iter_mut().find(|known| known.url == url) {
                None => leads.push(MetadataLead { url, platforms: vec![platform], rule: spec.id.clone() }),
                Some(known) if known.platforms.contains(&platform) => {}
                Some(known) => known.platforms.push(platform),
            }
        }
    }
    leads
}

/// The documents that a redirect's rules name.
pub fn redirect_metadata(catalogue: &Catalogue, from: &Url, to: &Url) -> Vec<MetadataLead> {
    leads(catalogue, from, &catalogue.judge_redirect(from, to))
}

/// An address of a rule's `reads`: on the host of what matched, or on that of the request's sender.
fn resolve(base: &Url, address: &str, found: &Match) -> Option<Url> {
    let web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let Some(path) = address.strip_prefix("{issuer}") else {
        return base.join(address).ok().filter(|url| web(url) && url.host() == base.host());
    };
    let (_, issuer) = found.captures.iter().find(|(name, _)| name == "issuer")?;
    let mut issuer = Url::parse(issuer).ok().filter(web)?;
    issuer.set_fragment(None);
    if !path.is_empty() {
        issuer.set_query(None);
        let whole = format!("{}{path}", issuer.path().trim_end_matches('/'));
        issuer.set_path(&whole);
    }
    Some(issuer)
}

/// What metadata is worth: a code of the comune is proof of the tenant, its host or place alone is not.
pub(super) fn weigh(subject: &Subject, page: &Url, found: &Match, strength: Strength) -> (Tie, Strength) {
    let cap = if subject.owns_code(&found.captures) { Strength::Proof } else { Strength::Strong };
    (subject.tie_metadata(page, &found.captures), strength.min(cap))
}

/// Reads a document that declares a service.
pub(super) fn view(context: Context<'_>, source: &Source<'_>) -> PageView {
    let mut view = PageView { charset: "UTF-8", text_bytes: source.body.len(), ..PageView::default() };
    let Ok(declared) = metadata::read(source.body) else {
        view.verdict = Some(FetchOutcome::NotHtml);
        return view;
    };
    let mut matches = context.catalogue.judge_metadata(source.url, &declared);
    // Metadata that names nobody, on a host that is not the comune's, is an aggregator's: it proves nothing here.
    let named = !declared.ipa.is_empty() || !declared.fiscale.is_empty();
    matches.retain(|found| named || context.subject.tie_metadata(source.url, &found.captures) != Tie::None);
    view.title = declared.organisation.unwrap_or_default().chars().take(200).collect();
    for found in &matches {
        let rule = context.catalogue.rule(found);
        for platform in &rule.spec.platforms {
            view.signals.push(signal(context, rule, found, *platform, source.url));
        }
    }
    view.labels = Platform::DECIDED.into_iter().map(|one| (one, label(context.catalogue, &matches, one))).collect();
    view
}
