//! What a rule file may say. These types are the format: the JSON Schema for editors is made from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    model::{Bilingual, Platform, Proves, Strength},
    page::metadata::DeclaredKind,
};

/// One file of `selectors/`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Kinds of pages that rules can exclude or ask for by name.
    #[serde(default)]
    #[schemars(with = "Vec<PageClass>")]
    pub page_class: Vec<toml::Spanned<PageClass>>,
    /// Identity providers and their endpoints.
    #[serde(default)]
    #[schemars(with = "Vec<Provider>")]
    pub provider: Vec<toml::Spanned<Provider>>,
    /// Hosts that only count visitors.
    #[serde(default)]
    pub tracker: Vec<Tracker>,
    /// The rules.
    #[serde(default)]
    #[schemars(with = "Vec<RuleSpec>")]
    pub rule: Vec<toml::Spanned<RuleSpec>>,
}

/// A kind of page (`news`, `transparency`), told by address, title or text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageClass {
    /// The name that rules use.
    pub name: String,
    /// Any of these conditions makes a page one of the class; page conditions only.
    #[serde(rename = "match")]
    pub matches: Vec<Condition>,
    /// Why the class exists.
    pub why: String,
}

/// What a provider is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// A production identity provider of SPID.
    Spid,
    /// The production identity provider of CIE.
    Cie,
    /// The Italian eIDAS node.
    Eidas,
    /// A test, demonstration or pre-production provider of SPID.
    TestSpid,
    /// A test, demonstration or pre-production provider of CIE.
    TestCie,
}

/// An identity provider.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub kind: ProviderKind,
    /// Its entity identifier, as it appears in `idp=` and `entityID=` parameters and in `data-idp` attributes.
    #[serde(default)]
    pub entity: Option<String>,
    /// Its sign-on endpoints: a host with a path prefix. The host alone is not enough: registration and self-care pages
    /// live on the same hosts.
    #[serde(default)]
    pub sso: Vec<String>,
    /// Where this comes from.
    pub source: String,
}

/// A host that only counts visitors: a page that is drawn in the browser gets nothing from it, and it learns nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    /// The host, lower case, its subdomains included.
    pub host: String,
    /// Where this comes from.
    pub source: String,
}

/// One rule, as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Unique id, `family.name`, lower case.
    pub id: String,
    /// The platforms it speaks of; empty for vendors, blocks and the like.
    #[serde(default)]
    pub platforms: Vec<Platform>,
    /// What a match shows.
    pub proves: Proves,
    /// How much a match is worth.
    pub strength: Strength,
    /// Any of these is a match.
    #[serde(rename = "match")]
    pub matches: Vec<Condition>,
    /// Any of these undoes a match: conditions on controls look at the same control, page conditions at the page.
    #[serde(default)]
    pub unless: Vec<Condition>,
    /// How soon a link that matches is read: 0 (never followed) to 100.
    #[serde(default)]
    pub focus: u8,
    /// Documents beside what matched that declare whose service it is; read late, few, and only where a login was seen.
    #[serde(default)]
    pub reads: Reads,
    /// Why a match shows what it shows.
    pub why: Bilingual,
    /// What a comune can do, when this is the best that was seen.
    #[serde(default)]
    pub remedy: Option<Bilingual>,
    /// Where the knowledge comes from.
    pub source: String,
    /// Short pages on which the rule must and must not match.
    pub examples: Examples,
}

/// Addresses of metadata, by the platform that gains from it, relative to where the match leads (or to the page, where it
/// leads nowhere else). `{issuer}` is the sender of the authentication request that matched.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reads {
    /// Metadata for SPID.
    pub spid: Vec<String>,
    /// Metadata for CIE, or the entity configuration of its federation.
    pub cie: Vec<String>,
}

impl Reads {
    /// Each address with its platform, by turns: a visit reads few, and each platform should have its first.
    pub fn iter(&self) -> impl Iterator<Item = (Platform, &str)> {
        (0..self.spid.len().max(self.cie.len())).flat_map(|turn| {
            let spid = self.spid.get(turn).map(|address| (Platform::Spid, address.as_str()));
            spid.into_iter().chain(self.cie.get(turn).map(|address| (Platform::Cie, address.as_str())))
        })
    }
}

/// Examples of a rule.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// The rule matches each of these.
    pub hit: Vec<Example>,
    /// The rule matches none of these.
    pub miss: Vec<Example>,
}

/// One example.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Example {
    /// A page at `https://www.comune.esempio.it/`.
    Html(String),
    /// A page with its circumstances.
    Full(FullExample),
}

impl std::fmt::Display for Example {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Html(html) => f.write_str(html),
            Self::Full(full) => {
                let address = full.url.iter().map(|url| format!("[{url}]"));
                let headers = full.headers.iter().map(|header| format!("[{header}]"));
                let redirect = full.redirect.iter().map(|to| format!("→ {to}"));
                let html =
                    Some(full.html.clone()).filter(|html| !html.is_empty()).into_iter().chain(full.metadata.clone());
                let parts: Vec<String> = address.chain(headers).chain(redirect).chain(html).collect();
                f.write_str(&parts.join(" "))
            }
        }
    }
}

/// A page with its circumstances.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullExample {
    /// The page.
    #[serde(default)]
    pub html: String,
    /// Its address.
    #[serde(default)]
    pub url: Option<String>,
    /// Its headers, `name: value`.
    #[serde(default)]
    pub headers: Vec<String>,
    /// The address that the server redirects to, for rules about redirects.
    #[serde(default)]
    pub redirect: Option<String>,
    /// HTTP status, 200 when absent.
    #[serde(default)]
    pub status: Option<u16>,
    /// Metadata in place of a page: SAML metadata as it is, or the claims of an entity configuration as a JSON object.
    #[serde(default)]
    pub metadata: Option<String>,
}

/// Whether a control that leads nowhere can match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Inert {
    /// No: it must lead somewhere.
    No,
    /// A `<button>` may (a script may bind it), a link with `#` may not.
    Buttons,
    /// Any control may; its strength is lowered to weak.
    Any,
}

/// A part of the page, in rule files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegionName {
    /// Header.
    Header,
    /// Navigation outside the header.
    Nav,
    /// Everything else.
    Main,
    /// Footer.
    Footer,
}

/// A name and a pattern for its value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Name, lower case.
    pub name: String,
    /// Pattern for the value.
    pub matches: String,
}

/// One condition: every field that is given must hold.
///
/// Patterns are regular expressions that run in linear time, without regard to case, on text whose accents and
/// typographic quotes are folded to ASCII (`Identità` is `identita`, `l’app` is `l'app`). Named groups `fiscale`,
/// `catastale`, `ipa`, `istat`, `host` and `tenant` capture the tenant, `url` an address.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// Control: pattern for what a reader sees on it or is told beside it (label, title, aria-label, image alt).
    pub label: Option<String>,
    /// Control: pattern for where it leads, in full (`https://host/path?query`).
    pub target: Option<String>,
    /// Control: it leads to a page of this class, as far as its address tells (the `page_url` patterns of the class).
    pub leads_to: Option<String>,
    /// Control: pattern for the address of an image inside.
    pub image: Option<String>,
    /// Control: pattern for the text of the block around it.
    pub context: Option<String>,
    /// Control: its `data-element`, exactly.
    pub data_element: Option<String>,
    /// Control: pattern for the script it calls.
    pub calls: Option<String>,
    /// Control: it stands in one of these parts of the page.
    pub region: Option<Vec<RegionName>>,
    /// Control: whether one that leads nowhere can match (`no` when absent).
    pub inert: Option<Inert>,
    /// Control or redirect: it leads to a sign-on request of a provider of these kinds.
    pub provider: Option<Vec<ProviderKind>>,
    /// Control: its address or attributes name the entity of a provider of these kinds.
    pub entity: Option<Vec<ProviderKind>>,
    /// Element: CSS selector. With control fields: the control must match it.
    pub css: Option<String>,
    /// Element: pattern for one of its attributes.
    pub attribute: Option<Named>,
    /// Element: pattern for its text.
    pub text: Option<String>,
    /// Element or asset: at least so many different ones.
    pub min: Option<usize>,
    /// Form: pattern for its action.
    pub form_action: Option<String>,
    /// Form: pattern for the name of one of its fields.
    pub form_field: Option<String>,
    /// Form: pattern for its text, labels and placeholders.
    pub form_text: Option<String>,
    /// Redirect: pattern for the address that the server redirects to.
    pub redirect: Option<String>,
    /// Metadata: it declares a service of this kind.
    pub metadata: Option<DeclaredKind>,
    /// Metadata: pattern for one of the authorities above it, in an OpenID Federation.
    pub authority: Option<String>,
    /// Page: pattern for its visible text.
    pub page_text: Option<String>,
    /// Page: pattern for its visible text as written, with regard to case and accents.
    pub page_text_exact: Option<String>,
    /// Page: pattern for its title.
    pub title: Option<String>,
    /// Page: pattern for a `<meta>`.
    pub meta: Option<Named>,
    /// Page: pattern for its address.
    pub page_url: Option<String>,
    /// Page: pattern for a response header.
    pub header: Option<Named>,
    /// Page: pattern for the code of an inline script, with regard to case.
    pub script: Option<String>,
    /// Page: pattern for the address of an image, style sheet or script.
    pub asset: Option<String>,
    /// Page: it is of this class.
    pub class: Option<String>,
    /// Page: its HTTP status.
    pub status: Option<Vec<u16>>,
    /// Page: fewer visible characters than this.
    pub shorter: Option<usize>,
}
