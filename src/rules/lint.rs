//! Mistakes that a compiler of patterns does not see.

use std::collections::HashMap;

use super::{
    compile::is_empty,
    diagnostic::line_of,
    load::Loaded,
    schema::{Condition, RuleSpec},
};
use crate::model::{Diagnostic, Level, Proves, Strength, line_at};

/// Named groups that mean something; any other is a capture that nobody reads.
const CAPTURES: [&str; 7] = ["fiscale", "catastale", "ipa", "istat", "host", "tenant", "url"];

/// Documents that a rule may name for one platform: a visit reads two.
const READS: usize = 3;

/// Looks through what was loaded.
pub(super) fn lint(loaded: &Loaded) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut ids: HashMap<&str, (&str, usize)> = HashMap::new();
    for file in &loaded.files {
        for rule in &file.content.rule {
            let spec = rule.get_ref();
            let line = line_at(&file.source, rule.span().start);
            let mut say = |level, code, needle: &str, message: String| {
                found.push(Diagnostic {
                    level,
                    code,
                    file: file.name.clone(),
                    line: Some(line_of(&file.source, rule.span(), needle)),
                    rule: Some(spec.id.clone()),
                    message,
                });
            };
            if let Some((other, at)) = ids.insert(&spec.id, (&file.name, line)) {
                say(Level::Error, "double-id", "id", format!("the same id stands at {other}:{at}"));
            }
            check_rule(spec, &mut say);
        }
    }
    found
}

fn check_rule(spec: &RuleSpec, say: &mut impl FnMut(Level, &'static str, &str, String)) {
    let regular = spec.id.split('.').all(|part| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    });
    if !regular || !spec.id.contains('.') {
        say(Level::Error, "bad-id", "id", "an id is `family.name` in lower case letters, digits and `-`".to_owned());
    }
    if spec.matches.is_empty() {
        say(Level::Error, "no-condition", "match", "a rule without conditions never matches".to_owned());
    }
    let about_platform = spec.proves.is_offer() || spec.proves.is_lead() || spec.proves == Proves::Mention;
    if about_platform && spec.platforms.is_empty() {
        say(Level::Error, "no-platform", "proves", format!("`{}` needs `platforms`", spec.proves.code()));
    }
    if spec.proves == Proves::Mention && spec.strength > Strength::Weak {
        say(Level::Error, "strong-mention", "strength", "words never prove more than `weak`".to_owned());
    }
    if spec.source.trim().is_empty() {
        say(Level::Error, "no-source", "source", "a rule says where its knowledge comes from".to_owned());
    }
    if spec.source.to_lowercase().contains("unverified") && spec.strength > Strength::Weak {
        say(Level::Error, "unverified", "strength", "an unverified source never proves more than `weak`".to_owned());
    }
    for (what, examples) in [("hit", &spec.examples.hit), ("miss", &spec.examples.miss)] {
        if examples.is_empty() {
            say(Level::Error, "missing-example", "examples", format!("no `{what}` example"));
        }
    }
    for text in [&spec.why.it, &spec.why.en] {
        if text.trim().is_empty() {
            say(Level::Error, "no-why", "why", "the reason is empty".to_owned());
        }
    }
    for (_, address) in spec.reads.iter() {
        if let Some(why) = wrong_read(address) {
            say(Level::Error, "bad-read", address, format!("`{address}`: {why}"));
        }
    }
    let many = |list: &[String]| list.len() > READS;
    if many(&spec.reads.spid) || many(&spec.reads.cie) {
        say(Level::Error, "bad-read", "reads", format!("a rule names at most {READS} documents for one platform"));
    }
    for condition in spec.matches.iter().chain(&spec.unless) {
        check_condition(condition, say);
    }
    for (index, condition) in spec.unless.iter().enumerate() {
        if spec.unless[..index].iter().any(|other| format!("{other:?}") == format!("{condition:?}")) {
            say(Level::Warning, "unreachable-unless", "unless", "this exclusion stands twice".to_owned());
        }
        let on_control = condition.label.is_some()
            || condition.target.is_some()
            || condition.leads_to.is_some()
            || condition.region.is_some();
        let rule_on_control = spec.matches.iter().any(|own| {
            own.label.is_some()
                || own.target.is_some()
                || own.image.is_some()
                || own.data_element.is_some()
                || own.calls.is_some()
                || own.inert.is_some()
                || own.region.is_some()
                || own.provider.is_some()
                || own.entity.is_some()
        });
        if on_control && !rule_on_control {
            let text = "this exclusion looks at a control, and no condition of the rule does".to_owned();
            say(Level::Error, "unreachable-unless", "unless", text);
        }
    }
}

/// Why an address of `reads` is refused: it stays on the host of what matched, or belongs to the request's sender.
fn wrong_read(address: &str) -> Option<&'static str> {
    let rest = address.strip_prefix("{issuer}").unwrap_or(address);
    if address.trim() != address || address.is_empty() || rest.contains(['{', '}', '\\', '#']) {
        return Some("an address is a path, or `{issuer}` with a path behind it");
    }
    if rest != address && !rest.is_empty() && !rest.starts_with('/') {
        return Some("what follows `{issuer}` begins with `/`");
    }
    (address.starts_with("//") || address.contains(':')).then_some("a rule names documents of the same host only")
}

fn check_condition(condition: &Condition, say: &mut impl FnMut(Level, &'static str, &str, String)) {
    if is_empty(condition) {
        say(Level::Error, "empty-condition", "match", "a condition without fields would match every page".to_owned());
    }
    let named = |value: &Option<super::schema::Named>| value.as_ref().map(|named| named.matches.clone());
    let folded = [
        condition.label.clone(),
        condition.context.clone(),
        condition.text.clone(),
        condition.page_text.clone(),
        condition.title.clone(),
        condition.form_text.clone(),
        named(&condition.meta),
    ];
    for pattern in folded.iter().flatten() {
        if !pattern.is_ascii() {
            let text =
                format!("`{pattern}`: text is folded to ASCII before it is matched, so this letter never occurs");
            say(Level::Error, "unfolded-pattern", pattern, text);
        }
    }
    let capturing = [
        condition.label.clone(),
        condition.target.clone(),
        condition.context.clone(),
        condition.page_text.clone(),
        condition.page_url.clone(),
        condition.redirect.clone(),
        condition.script.clone(),
        condition.form_action.clone(),
        named(&condition.attribute),
        condition.authority.clone(),
    ];
    for pattern in capturing.iter().flatten() {
        for group in pattern.split("(?P<").skip(1).chain(pattern.split("(?<").skip(1)) {
            let name = group.split('>').next().unwrap_or_default();
            if !CAPTURES.contains(&name) && !name.starts_with(['=', '!']) {
                let text = format!("nothing reads the capture `{name}`; known: {}", CAPTURES.join(", "));
                say(Level::Error, "unused-capture", pattern, text);
            }
        }
    }
    for pattern in capturing.iter().chain(&folded).flatten() {
        if pattern.is_empty() || regex::bytes::Regex::new(pattern).is_ok_and(|regex| regex.is_match(b"")) {
            say(Level::Error, "empty-pattern", pattern, format!("`{pattern}` matches the empty text, so everything"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::wrong_read;

    #[test]
    fn a_rule_names_documents_of_the_same_host_or_of_the_sender() {
        for good in
            ["/spid-metadata.xml", "../metadata", "metadata?x=1", "{issuer}", "{issuer}/.well-known/openid-federation"]
        {
            assert_eq!(wrong_read(good), None, "{good}");
        }
        for bad in [
            "",
            " /x",
            "//altrove.example/x",
            "https://altrove.example/x",
            "{issuer}x",
            "{host}/x",
            "/x#y",
            "\\\\altrove\\x",
        ] {
            assert!(wrong_read(bad).is_some(), "{bad}");
        }
    }
}
