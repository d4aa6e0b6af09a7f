//! Whose page is it? How a match is tied to the comune under visit.

use url::Url;

use crate::{model::Comune, rules::fold};

/// Municipal hosts that a page about one comune may name: more is a list.
const LISTED: usize = 4;

/// Captures that are codes of a body.
const CODES: [&str; 4] = ["fiscale", "catastale", "ipa", "istat"];

/// The comune under visit, as far as pages can name it.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Registrable domains of its own site, lower case.
    domains: Vec<String>,
    /// Hosts whose registrable domain is shared by many (`sites.google.com`): only the host itself is its own.
    hosts: Vec<String>,
    fiscale: Option<String>,
    catastale: Option<String>,
    ipa: Option<String>,
    istat: Option<String>,
    /// Its name in addresses (`borgofinto`), at least four letters.
    slugs: Vec<String>,
}

/// How a page was reached.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, each asked for by its name")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// A chain of links from the comune's own page leads here.
    pub linked: bool,
    /// The address was recognised as a known vendor's or region's portal or gateway.
    pub known_portal: bool,
    /// An address on the way named a tenant that is this comune's, or that cannot be compared.
    pub tenant_on_the_way: bool,
    /// An address on the way named another body's tenant.
    pub other_tenant: bool,
}

/// How a match is tied to the comune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// On its own site.
    Own,
    /// By one of its codes, its own host or its name in the address.
    Code,
    /// On a known portal that its own site leads to.
    Linked,
    /// Not at all.
    None,
    /// It names another body.
    Other,
}

impl Tie {
    /// True when the match may count for this comune.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Own | Self::Code | Self::Linked)
    }
}

fn registrable(host: &str) -> Option<String> {
    psl::domain_str(host.trim_end_matches('.')).map(str::to_ascii_lowercase)
}

/// The host of a comune's site in the form that the domain rules reserve for them (`comune.NAME.PROVINCE.it`).
fn municipal(host: &str) -> bool {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let Some(at) = labels.iter().position(|label| label.eq_ignore_ascii_case("comune")) else { return false };
    match labels[at + 1..] {
        [_, last] => last.eq_ignore_ascii_case("it"),
        [_, province, last] => province.len() == 2 && last.eq_ignore_ascii_case("it"),
        _ => false,
    }
}

/// A comune's IPA code as nearly all are: `c_` and the cadastral code.
fn regular_ipa(word: &str) -> bool {
    matches!(word.as_bytes(), [b'c' | b'C', b'_', letter, digits @ ..]
        if letter.is_ascii_alphabetic() && digits.len() == 3 && digits.iter().all(u8::is_ascii_digit))
}

/// Eleven digits that begin as the fiscal codes of bodies without a VAT number do: a supplier's begin with 0 or 1.
fn fiscal_code_of_a_body(word: &str) -> bool {
    word.len() == 11 && word.starts_with(['8', '9']) && word.bytes().all(|b| b.is_ascii_digit())
}

impl Subject {
    /// A subject that starts at `start`.
    pub fn new(start: &Url, comune: &Comune) -> Self {
        let mut subject = Self {
            fiscale: comune.codice_fiscale.clone(),
            catastale: comune.catastale().map(|code| code.to_ascii_lowercase()),
            ipa: comune.codice_ipa.as_ref().map(|code| code.to_ascii_lowercase()),
            istat: comune.codice_istat.clone(),
            ..Self::default()
        };
        subject.own(start);
        if let Some(name) = &comune.name {
            let bare = fold(name);
            let bare = ["comune di ", "citta di ", "municipio di "]
                .iter()
                .fold(bare.as_str(), |n, p| n.strip_prefix(p).unwrap_or(n));
            subject.slug(&bare.replace(|c: char| !c.is_ascii_alphanumeric(), ""));
            subject.slug(&bare.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
        }
        subject
    }

    /// Learns one more host of the comune's own (its home page answered there).
    pub fn own(&mut self, url: &Url) {
        let Some(host) = url.host_str().map(str::to_ascii_lowercase) else { return };
        if let Some(domain) = registrable(&host)
            && !self.domains.contains(&domain)
        {
            if let Some(label) = domain.split('.').next() {
                // `comune.borgofinto.to.it` registers `borgofinto`; `comuneborgofinto.it` says the same.
                let bare = label.strip_prefix("comune").map_or(label, |rest| rest.trim_start_matches(['-', '.']));
                self.slug(bare);
            }
            self.domains.push(domain);
        }
        if !self.hosts.contains(&host) {
            self.hosts.push(host);
        }
    }

    fn slug(&mut self, slug: &str) {
        let slug = slug.trim_matches('-');
        if slug.len() >= 4 && slug != "comune" && !self.slugs.iter().any(|known| known == slug) {
            self.slugs.push(slug.to_owned());
        }
    }

    /// True for the comune's own site: the same registrable domain, or a host that it started from.
    pub fn is_own(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.contains(&host) || registrable(&host).is_some_and(|domain| self.domains.contains(&domain))
    }

    /// True when an address carries one of the comune's codes, or its name, as a word of its own.
    pub fn named_by(&self, url: &Url) -> bool {
        self.named_by_text(url.as_str())
    }

    fn named_by_text(&self, address: &str) -> bool {
        let text = address.to_ascii_lowercase();
        let words = |needle: &str| {
            text.match_indices(needle).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let after = text[at + found.len()..].chars().next();
                let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
                edge(before) && edge(after)
            })
        };
        // `c012345` is how one large vendor writes the ISTAT code.
        let istat = self.istat.as_ref().map(|code| format!("c{code}"));
        [&self.fiscale, &self.catastale, &self.ipa, &self.istat, &istat].into_iter().flatten().any(|code| words(code))
            || self.slugs.iter().any(|slug| words(slug) || words(&format!("comune{slug}")))
    }

    /// True when the text of a page carries the comune's fiscal code or names one of its own hosts. A list of many
    /// comuni (a province's or a union's page) names every one of them and speaks of none.
    pub fn named_in(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let whole = |needle: &str| {
            text.match_indices(needle).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let mut after = text[at + found.len()..].chars();
                let next = after.next();
                let goes_on = next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-')
                    || (next == Some('.') && after.next().is_some_and(|c| c.is_ascii_alphanumeric()));
                !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-') && !goes_on
            })
        };
        self.fiscale.as_ref().is_some_and(|code| whole(code))
            || (self.hosts.iter().any(|host| whole(host.trim_start_matches("www.")))
                && text.matches("comune.").count() <= LISTED)
    }

    /// Compares the tenant captured by a rule: codes first, then hosts, then the parties of a request or of metadata.
    /// `None` when nothing comparable was captured.
    pub fn compare(&self, captures: &[(String, String)]) -> Option<Tie> {
        if self.owns_code(captures) {
            return Some(Tie::Code);
        }
        if captures.iter().any(|(name, _)| self.code(name).is_some()) {
            return Some(Tie::Other);
        }
        let named =
            |wanted: &'static str| captures.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value);
        let bare = |host: &str| host.trim_start_matches("www.").to_owned();
        let own_host = named("host").any(|value| self.hosts.iter().any(|host| bare(host) == bare(value)));
        let parties: Vec<Tie> = named("issuer").filter_map(|party| self.party(party)).collect();
        if own_host || parties.contains(&Tie::Code) {
            return Some(Tie::Code);
        }
        if parties.contains(&Tie::Other) {
            return Some(Tie::Other);
        }
        captures.iter().any(|(name, _)| CODES.contains(&name.as_str()) || name == "host").then_some(Tie::None)
    }

    /// True when one of the captured codes is the comune's.
    pub fn owns_code(&self, captures: &[(String, String)]) -> bool {
        captures.iter().any(|(name, value)| {
            // A VAT number may be the fiscal code; another one is no contradiction.
            let own = if name == "vat" { self.fiscale.as_deref() } else { self.code(name) };
            own.is_some_and(|own| own.eq_ignore_ascii_case(value))
        })
    }

    /// The comune's own code of a name, when it is known.
    fn code(&self, name: &str) -> Option<&str> {
        match name {
            "fiscale" => self.fiscale.as_deref(),
            "catastale" => self.catastale.as_deref(),
            "ipa" => self.ipa.as_deref(),
            "istat" => self.istat.as_deref(),
            _ => None,
        }
    }

    /// Whose identifier this is, as far as it can be told. Most are a supplier's or an aggregator's, which says nothing.
    fn party(&self, party: &str) -> Option<Tie> {
        let url = Url::parse(party).ok();
        if url.as_ref().is_some_and(|url| self.is_own(url)) || self.named_by_text(party) {
            return Some(Tie::Code);
        }
        let mut words = party.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let other = municipal(host)
            || words.any(|word| {
                (self.ipa.is_some() && regular_ipa(word)) || (self.fiscale.is_some() && fiscal_code_of_a_body(word))
            });
        other.then_some(Tie::Other)
    }

    /// How metadata that answered at `page` is tied. How it was reached says nothing: on a shared portal it is the
    /// portal's, unless it or its address names the comune.
    pub fn tie_metadata(&self, page: &Url, captures: &[(String, String)]) -> Tie {
        match self.compare(captures) {
            Some(tie @ (Tie::Code | Tie::Other)) => tie,
            _ if self.is_own(page) => Tie::Own,
            _ if self.named_by(page) => Tie::Code,
            _ => Tie::None,
        }
    }

    /// How a match on `page` is tied, given what its rule captured, where it leads, and how the page was reached.
    pub fn tie(&self, page: &Url, target: Option<&Url>, captures: &[(String, String)], origin: Origin) -> Tie {
        match self.compare(captures) {
            Some(Tie::Code) => return Tie::Code,
            Some(Tie::Other) => return Tie::Other,
            _ => {}
        }
        if self.is_own(page) {
            return Tie::Own;
        }
        if origin.other_tenant {
            return Tie::Other;
        }
        if self.named_by(page) || target.is_some_and(|target| self.named_by(target)) {
            return Tie::Code;
        }
        if origin.linked && (origin.known_portal || origin.tenant_on_the_way) { Tie::Linked } else { Tie::None }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn subject() -> Subject {
        let comune = Comune {
            name: Some("Comune di Borgofinto".to_owned()),
            codice_ipa: Some("c_z999".to_owned()),
            codice_fiscale: Some("01234567890".to_owned()),
            codice_istat: Some("001999".to_owned()),
            ..Comune::default()
        };
        Subject::new(&url("https://www.comune.borgofinto.to.it/"), &comune)
    }

    #[test]
    fn own_sites_are_told_by_their_registrable_domain() {
        let subject = subject();
        for (address, own) in [
            ("https://servizi.comune.borgofinto.to.it/login", true),
            ("https://www.borgofinto.to.it/", true),
            ("https://www.comune.altrove.to.it/", false),
            ("https://comune.borgofinto.to.it.evil.example/", false),
        ] {
            assert_eq!(subject.is_own(&url(address)), own, "{address}");
        }
    }

    #[test]
    fn a_shared_portal_is_tied_by_a_code_and_broken_by_another_bodys() {
        let subject = subject();
        let portal = url("https://portale.example/pay");
        let linked = Origin { linked: true, known_portal: true, ..Origin::default() };
        let cases = [
            (vec![("fiscale", "01234567890")], Origin::default(), Tie::Code),
            (vec![("fiscale", "99999999999")], linked, Tie::Other),
            (vec![("catastale", "z999")], Origin::default(), Tie::Code),
            (vec![("tenant", "eg123")], linked, Tie::Linked),
            (vec![], linked, Tie::Linked),
            (vec![], Origin { linked: true, ..Origin::default() }, Tie::None),
            (vec![], Origin::default(), Tie::None),
        ];
        for (captures, origin, expected) in cases {
            let captures: Vec<(String, String)> =
                captures.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(subject.tie(&portal, None, &captures, origin), expected, "{captures:?} {origin:?}");
        }
    }

    fn captured(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_sender_of_a_request_names_the_comune_another_body_or_nobody() {
        let subject = subject();
        for (issuer, expected) in [
            ("https://servizi.comune.borgofinto.to.it/spid", Some(Tie::Code)),
            ("https://gateway.example/c_z999/metadata", Some(Tie::Code)),
            ("https://gateway.example/pub-ag-full/01234567890", Some(Tie::Code)),
            ("https://gateway.example/borgofinto", Some(Tie::Code)),
            ("urn:oasis:entity:comune:borgofinto", Some(Tie::Code)),
            ("https://www.comune.altrove.to.it/spid", Some(Tie::Other)),
            ("https://gateway.example/C_Z998/metadata", Some(Tie::Other)),
            ("https://gateway.example/pub-ag-full/90000000000", Some(Tie::Other)),
            // A supplier's VAT number, and names that only begin alike.
            ("https://gateway.example/10000000000", None),
            ("https://comune-online.example.it/spid", None),
            ("https://spid.gateway.example", None),
            ("", None),
        ] {
            assert_eq!(subject.compare(&captured(&[("issuer", issuer)])), expected, "{issuer}");
        }
        let several =
            captured(&[("issuer", "https://spid.gateway.example"), ("issuer", "https://comune.altrove.to.it")]);
        assert_eq!(subject.compare(&several), Some(Tie::Other));
        // The request of another comune is another's, wherever the button stands.
        let own = url("https://www.comune.borgofinto.to.it/accedi");
        assert_eq!(subject.tie(&own, None, &several, Origin::default()), Tie::Other);
    }

    #[test]
    fn codes_weigh_more_than_hosts_and_unknown_codes_tell_nothing() {
        let subject = subject();
        let own = ("issuer", "https://www.comune.borgofinto.to.it");
        for (captures, expected) in [
            (vec![("ipa", "c_z998"), own], Some(Tie::Other)),
            (vec![("ipa", "c_z999"), ("issuer", "https://comune.altrove.to.it")], Some(Tie::Code)),
            (vec![("ipa", "c_z998"), ("ipa", "C_Z999")], Some(Tie::Code)),
            (vec![("vat", "01234567890")], Some(Tie::Code)),
            (vec![("vat", "11111111111"), own], Some(Tie::Code)),
            (vec![("catastale", "z998"), ("host", "comune.borgofinto.to.it")], Some(Tie::Other)),
            (vec![("host", "comune.altrove.to.it")], Some(Tie::None)),
            (vec![("tenant", "x")], None),
        ] {
            assert_eq!(subject.compare(&captured(&captures)), expected, "{captures:?}");
        }
        let nameless = Subject::new(&url("https://www.comune.borgofinto.to.it/"), &Comune::default());
        assert_eq!(nameless.compare(&captured(&[("ipa", "c_z998")])), Some(Tie::None));
        assert_eq!(nameless.compare(&captured(&[("issuer", "https://gateway.example/c_z998")])), None);
    }

    #[test]
    fn metadata_of_a_shared_portal_is_nobodys_unless_it_says_whose() {
        let subject = subject();
        let portal = url("https://portale.example/spid-metadata.xml");
        let entity = ("issuer", "https://portale.example");
        for (page, captures, expected) in [
            (portal.clone(), vec![entity], Tie::None),
            (portal.clone(), vec![entity, ("ipa", "c_z999")], Tie::Code),
            (portal, vec![entity, ("ipa", "c_z998")], Tie::Other),
            (url("https://portale.example/borgofinto/metadata"), vec![entity], Tie::Code),
            (url("https://login.comune.borgofinto.to.it/metadata"), vec![entity], Tie::Own),
            (url("https://login.comune.borgofinto.to.it/metadata"), vec![entity, ("ipa", "c_z998")], Tie::Other),
        ] {
            assert_eq!(subject.tie_metadata(&page, &captured(&captures)), expected, "{page} {captures:?}");
        }
    }

    #[test]
    fn names_and_codes_count_as_whole_words_of_an_address() {
        let subject = subject();
        for (address, named) in [
            ("https://borgofinto.comune-online.it/web/home", true),
            ("https://www.halleyweb.com/c001999/zf/index.php", true),
            ("https://cittadino.plugandpay.it/C_Z999", true),
            ("https://portale.example/?CE=borgofintoaltro", false),
            ("https://portale.example/?x=1001999", false),
        ] {
            assert_eq!(subject.named_by(&url(address)), named, "{address}");
        }
    }

    #[test]
    fn a_text_names_the_comune_by_its_code_or_host_and_a_list_names_nobody() {
        let subject = subject();
        let list = "www.comune.borgofinto.to.it www.comune.uno.to.it www.comune.due.to.it www.comune.tre.to.it \
                    www.comune.quattro.to.it";
        for (text, named) in [
            ("Ente creditore: Comune di Borgofinto, C.F. 01234567890", true),
            ("IBAN IT00X0123456789012345678901", false),
            ("Torna a WWW.COMUNE.BORGOFINTO.TO.IT.", true),
            ("comune.borgofinto.to.it.evil.example", false),
            ("nuovocomune.borgofinto.to.it", false),
            (list, false),
        ] {
            assert_eq!(subject.named_in(text), named, "{text}");
        }
    }
}
