//! Conditions on metadata: what a document declares of its own service.

use regex::bytes::Regex;
use url::Url;

use super::{Match, excerpt, matches_into};
use crate::{
    page::metadata::Declaration,
    rules::compile::{Program, Scope},
};

/// Runs the rules about metadata over a document that answered at `url`.
pub(in crate::rules) fn run_metadata(program: &Program, url: &Url, declared: &Declaration) -> Vec<Match> {
    let address = url.as_str().to_ascii_lowercase();
    let mut matches: Vec<Match> = Vec::new();
    for &(r, c) in &program.metadata {
        let condition = &program.rules[r].matches[c];
        let kind = condition.metadata.is_some_and(|kind| declared.kinds.contains(&kind));
        let mut captures = Vec::new();
        if !kind
            || matches.iter().any(|known| known.rule == r)
            || !under(condition.authority.as_ref(), declared)
            || !condition.page_url.as_ref().is_none_or(|pattern| matches_into(pattern, &address, &mut captures))
        {
            continue;
        }
        let undone = program.rules[r].unless.iter().any(|condition| {
            condition.scope == Scope::Metadata
                && condition.metadata.is_some_and(|kind| declared.kinds.contains(&kind))
                && under(condition.authority.as_ref(), declared)
                && condition.page_url.as_ref().is_none_or(|pattern| pattern.is_match(address.as_bytes()))
        });
        if undone {
            continue;
        }
        for (name, codes) in [("ipa", &declared.ipa), ("fiscale", &declared.fiscale), ("vat", &declared.vat)] {
            captures.extend(codes.iter().map(|code| (name.to_owned(), excerpt(code).to_ascii_lowercase())));
        }
        captures.push(("issuer".to_owned(), excerpt(&declared.entity)));
        matches.push(Match {
            rule: r,
            kind: Scope::Metadata.kind(),
            selector: "metadata".to_owned(),
            excerpt: excerpt(&summary(declared)),
            label: None,
            target: None,
            captures,
            hidden: false,
            inert: false,
            scripted: false,
            posts: false,
        });
    }
    matches
}

fn under(pattern: Option<&Regex>, declared: &Declaration) -> bool {
    pattern.is_none_or(|pattern| declared.authorities.iter().any(|authority| pattern.is_match(authority.as_bytes())))
}

/// One line for a reader: the entity, the body, the authorities.
fn summary(declared: &Declaration) -> String {
    let mut parts = vec![format!("entity {}", declared.entity)];
    parts.extend(declared.organisation.clone());
    parts.extend(declared.ipa.iter().map(|code| format!("IPA {code}")));
    parts.extend(declared.fiscale.iter().map(|code| format!("fiscal code {code}")));
    parts.extend(declared.authorities.iter().map(|authority| format!("under {authority}")));
    if declared.aggregator {
        parts.push("through an aggregator".to_owned());
    }
    parts.join("; ")
}
