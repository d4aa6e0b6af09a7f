//! Made-up comuni: each with its sites, its codes, and the outcome that is true of it.
//!
//! None of these comuni exists, and no code is one in use: cadastral codes begin with `Y`, which no comune has, and the
//! fiscal codes carry a right check digit under a number that is not given out. The hosts of portals and gateways are
//! the real ones, because rules know them by name; nothing here leaves loopback.
//!
//! To add a comune, write one function in the file of its group and name it in that group's `all`.

pub mod alike;
pub mod appio;
pub mod broken;
pub mod desks;
pub mod families;
pub mod faults;
pub mod kit;
pub mod languages;
pub mod login;
pub mod look_alikes;
pub mod marks;
pub mod markup;
pub mod negatives;
pub mod paying;
pub mod payments;
pub mod portals;
pub mod regions;
pub mod scripted;

use super::site::Site;

/// What is true of a comune on one platform, as the codes of the product's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// `found`.
    Found,
    /// `mentioned`.
    Mentioned,
    /// `not-found`.
    NotFound,
    /// `undetermined` with this reason; [`ANY`] for any reason.
    Undetermined(&'static str),
}

/// Any reason will do: for comuni without sites, which tests make up as they need them.
pub const ANY: &str = "*";

/// No login page was linked, and at most words were there.
pub const NO_LOGIN_SEEN: Expect = Expect::Undetermined("login-page-not-seen");

/// No payment page was linked, and at most words were there.
pub const NO_PAYMENT_SEEN: Expect = Expect::Undetermined("payment-page-not-seen");

/// The site says nothing of the app, which proves nothing about the app.
pub const APP_NOT_STATED: Expect = Expect::NotFound;

impl Expect {
    /// True when an outcome and its reason (both as codes) agree with this.
    pub fn accepts(self, outcome: &str, reason: &str) -> bool {
        match self {
            Self::Found => outcome == "found",
            Self::Mentioned => outcome == "mentioned",
            Self::NotFound => outcome == "not-found",
            Self::Undetermined(why) => outcome == "undetermined" && (why == ANY || why == reason),
        }
    }
}

/// What is true of a comune, on each platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Login with SPID.
    pub spid: Expect,
    /// Login with CIE.
    pub cie: Expect,
    /// Payment through pagoPA.
    pub pagopa: Expect,
    /// Services on the app IO.
    pub appio: Expect,
}

impl Expected {
    /// The four platforms with their codes.
    pub const fn each(&self) -> [(&'static str, Expect); 4] {
        [("spid", self.spid), ("cie", self.cie), ("pagopa", self.pagopa), ("appio", self.appio)]
    }

    /// The same on all four platforms.
    pub const fn all(expect: Expect) -> Self {
        Self { spid: expect, cie: expect, pagopa: expect, appio: expect }
    }
}

/// One made-up comune.
#[derive(Debug, Clone)]
pub struct Comune {
    /// Its number in this world; every code is made from it.
    pub number: u32,
    /// Name without `Comune di`.
    pub name: &'static str,
    /// Province, two small letters.
    pub province: &'static str,
    /// Region, in words.
    pub region: &'static str,
    /// Residents.
    pub population: u32,
    /// What this comune is here for, in one line.
    pub note: &'static str,
    /// What is true of it.
    pub expected: Expected,
    /// What is true of it when scripts run, where that is more than a plain reader can know.
    pub rendered: Option<Expected>,
    /// Clicks from the home page to the page where one logs in, and to the one where one pays; 0 for none.
    pub depth: (u8, u8),
    /// Ways in stand on it that are not its own (another body's, a test's, hidden ones), there to be told apart.
    pub decoys: bool,
    /// The hosts it needs, those of portals included.
    pub sites: Vec<Site>,
}

impl Comune {
    /// A comune without sites, of which nothing can be known.
    pub fn new(number: u32, name: &'static str, province: &'static str, region: &'static str) -> Self {
        Self {
            number,
            name,
            province,
            region,
            population: 900 + number * 137,
            note: "",
            expected: Expected::all(Expect::Undetermined(ANY)),
            rendered: None,
            depth: (0, 0),
            decoys: false,
            sites: Vec::new(),
        }
    }

    /// What it is here for.
    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    /// What is true of it: SPID, CIE, pagoPA, App IO.
    pub const fn expect(mut self, spid: Expect, cie: Expect, pagopa: Expect, appio: Expect) -> Self {
        self.expected = Expected { spid, cie, pagopa, appio };
        self
    }

    /// What is true of it when scripts run: SPID, CIE, pagoPA, App IO.
    pub const fn rendered(mut self, spid: Expect, cie: Expect, pagopa: Expect, appio: Expect) -> Self {
        self.rendered = Some(Expected { spid, cie, pagopa, appio });
        self
    }

    /// Clicks to the page where one logs in, and to the one where one pays; 0 for none.
    pub const fn depth(mut self, login: u8, payment: u8) -> Self {
        self.depth = (login, payment);
        self
    }

    /// Ways in stand on it that are not its own.
    pub const fn decoys(mut self) -> Self {
        self.decoys = true;
        self
    }

    /// What is true of it when one fault hides everything.
    pub const fn hidden_by(mut self, reason: &'static str) -> Self {
        self.expected = Expected::all(Expect::Undetermined(reason));
        self
    }

    /// One more host.
    pub fn site(mut self, site: Site) -> Self {
        self.sites.push(site);
        self
    }

    /// The name in a host: `borgofinto`.
    pub fn slug(&self) -> String {
        self.name.to_lowercase().replace([' ', '\''], "")
    }

    /// Its domain: `comune.borgofinto.to.it`.
    pub fn domain(&self) -> String {
        format!("comune.{}.{}.it", self.slug(), self.province)
    }

    /// The host of its site: `www.comune.borgofinto.to.it`.
    pub fn host(&self) -> String {
        format!("www.{}", self.domain())
    }

    /// A host below its domain: `servizi.comune.borgofinto.to.it`.
    pub fn sub(&self, label: &str) -> String {
        format!("{label}.{}", self.domain())
    }

    /// Where a visit starts.
    pub fn url(&self) -> String {
        format!("https://{}/", self.host())
    }

    /// Cadastral code: `Y001`.
    pub fn catastale(&self) -> String {
        format!("Y{:03}", self.number)
    }

    /// Code in the index of public administrations: `c_y001`.
    pub fn ipa(&self) -> String {
        format!("c_{}", self.catastale().to_lowercase())
    }

    /// ISTAT code, six digits, under a province number that is not in use.
    pub fn istat(&self) -> String {
        format!("999{:03}", self.number)
    }

    /// Fiscal code: eleven digits, the last one the check digit.
    pub fn fiscale(&self) -> String {
        let digits = format!("9999900{:03}", self.number);
        let sum: u32 = digits
            .bytes()
            .enumerate()
            .map(|(place, digit)| {
                let value = u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 2 };
                value / 10 + value % 10
            })
            .sum();
        format!("{digits}{}", (10 - sum % 10) % 10)
    }
}

/// Every comune whose name resolves, in the order of its numbers.
pub fn all() -> Vec<Comune> {
    let mut comuni: Vec<Comune> = [
        login::all(),
        portals::all(),
        families::all(),
        regions::all(),
        languages::all(),
        desks::all(),
        marks::all(),
        payments::all(),
        paying::all(),
        appio::all(),
        negatives::all(),
        look_alikes::all(),
        faults::all(),
        broken::all(),
        scripted::all(),
    ]
    .concat();
    comuni.sort_by_key(|comune| comune.number);
    comuni
}

/// A comune whose name has no address. A test needs a resolver of its own ([`super::dns`]) for it, and flags that name
/// hosts ([`super::web::Web::flags_by_host`]), or its name would lead to the local web like every other.
pub fn without_address() -> Comune {
    Comune::new(99, "Nomeperso", "vt", "Lazio").note("the name has no address").hidden_by("dns")
}

/// The comune of a name; fails when there is none.
#[track_caller]
pub fn named(name: &str) -> Comune {
    all().into_iter().find(|comune| comune.name == name).unwrap_or_else(|| panic!("no comune is called {name}"))
}

/// So many comuni without sites, for tests that need a crowd and no faces.
pub fn crowd(size: u32) -> Vec<Comune> {
    let letter = |place: u32| char::from(b'a' + u8::try_from(place % 26).unwrap_or_default());
    let name = |number: u32| -> &'static str { format!("Folla{}{}", letter(number / 26), letter(number)).leak() };
    (0..size).map(|number| Comune::new(100 + number, name(number), "to", "Piemonte")).collect()
}

/// All sites of these comuni.
pub fn sites(comuni: &[Comune]) -> Vec<Site> {
    comuni.iter().flat_map(|comune| comune.sites.clone()).collect()
}

/// The targets file of these comuni, for `run --targets`.
pub fn targets_csv(comuni: &[Comune]) -> String {
    let row = |comune: &Comune| {
        [
            comune.ipa(),
            comune.name.to_owned(),
            comune.url(),
            comune.population.to_string(),
            comune.region.to_owned(),
            comune.istat(),
            comune.catastale(),
            comune.fiscale(),
        ]
        .join(",")
    };
    let header = "codice_ipa,name,url,population,region,codice_istat,codice_catastale,codice_fiscale".to_owned();
    std::iter::once(header).chain(comuni.iter().map(row)).map(|line| line + "\n").collect()
}
