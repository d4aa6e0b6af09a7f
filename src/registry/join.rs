//! How the registers' codes meet: one comune out of ISTAT, ANPR and IPA. Pure.
//!
//! The cadastral code is the key: it alone names one comune in all lists and over time. ISTAT codes are not (Sardegna
//! has two numberings, and merged comuni leave theirs behind), IPA codes are not built from it by any rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{AnprRow, IpaBody, IstatComune, codes, names};

/// The rows of one dated list.
#[derive(Debug, Clone)]
pub struct Published<T> {
    /// Date of the list.
    pub dated: Date,
    /// True when it is the whole register: what it does not list, it did not have.
    pub whole: bool,
    /// Its rows.
    pub rows: Vec<T>,
}

/// A comune as all registers together know it; of facts that several state, the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownComune {
    /// Cadastral code, the key.
    pub catastale: String,
    /// ISTAT code, in ISTAT's own numbering.
    pub codice_istat: Option<String>,
    /// Name.
    pub name: String,
    /// Name in both languages.
    pub full_name: Option<String>,
    /// Letters of the province.
    pub sigla: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Residents.
    pub population: Option<u32>,
    /// Date of the list that says so.
    pub population_dated: Option<Date>,
    /// False when it is in no current list: merged, renamed with a new code, abolished.
    pub exists: bool,
    /// The day on which it ceased, when the archive says so.
    pub ceased: Option<Date>,
    /// IPA code, lower case.
    pub codice_ipa: Option<String>,
    /// How the IPA code was joined: `code`, `catastale`, `istat-and-name`, `name`.
    pub ipa_by: Option<String>,
    /// Fiscal code.
    pub codice_fiscale: Option<String>,
    /// Certified mail.
    pub pec: Option<String>,
    /// Site as published.
    pub website: Option<String>,
    /// Site as an address.
    pub url: Option<String>,
}

/// Another name of a comune, in the widest sense.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Code {
    /// `ipa`, `istat`, `fiscale`, or `name` (folded).
    pub kind: String,
    /// The code.
    pub code: String,
    /// Cadastral code of the comune. One code may lead to several: homonyms, numbers used again.
    pub catastale: String,
}

/// What [`resolve`] gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joined {
    /// The comuni, by cadastral code.
    pub comuni: Vec<KnownComune>,
    /// All their codes and names, without repetition.
    pub codes: Vec<Code>,
}

/// Puts the registers together. Each list of lists is oldest first.
pub fn resolve(istat: &[Published<IstatComune>], anpr: &[Published<AnprRow>], ipa: &[Published<IpaBody>]) -> Joined {
    let mut table = Table::default();
    table.archive(anpr.last());
    for list in istat {
        table.list(list);
    }
    table.state(istat);
    let known = table.index();
    for list in ipa {
        table.bodies(list, &known);
    }
    let codes = table.codes.into_iter().collect();
    Joined { comuni: table.comuni.into_values().collect(), codes }
}

#[derive(Default)]
struct Table {
    comuni: BTreeMap<String, KnownComune>,
    codes: BTreeSet<Code>,
}

/// Existing comuni by what bodies say of themselves.
struct Index {
    by_name: HashMap<String, BTreeSet<String>>,
    by_istat: HashMap<String, BTreeSet<String>>,
    names: HashMap<String, BTreeSet<String>>,
}

impl Table {
    fn code(&mut self, kind: &str, code: &str, catastale: &str) {
        if !code.is_empty() {
            self.codes.insert(Code { kind: kind.into(), code: code.into(), catastale: catastale.into() });
        }
    }

    fn names(&mut self, name: &str, catastale: &str) {
        for spelling in names::spellings(name) {
            self.code("name", &spelling, catastale);
        }
    }

    fn archive(&mut self, anpr: Option<&Published<AnprRow>>) {
        let Some(anpr) = anpr else { return };
        let mut rows: Vec<&AnprRow> = anpr.rows.iter().collect();
        // The last entry of a comune is its present one.
        rows.sort_by_key(|row| (row.ceased.unwrap_or(Date::MAX), row.instituted, row.id.clone()));
        for row in rows {
            if let Some(istat) = &row.codice_istat {
                self.code("istat", istat, &row.catastale);
            }
            self.names(&row.name, &row.catastale);
            if let Some(other) = &row.other_name {
                self.names(other, &row.catastale);
            }
            let comune = self.comuni.entry(row.catastale.clone()).or_insert_with(|| unknown(&row.catastale));
            comune.codice_istat = row.codice_istat.clone().or(comune.codice_istat.take());
            comune.name.clone_from(&row.name);
            comune.sigla.clone_from(&row.sigla);
            comune.ceased = row.ceased;
        }
    }

    fn list(&mut self, list: &Published<IstatComune>) {
        for row in &list.rows {
            self.code("istat", &row.codice_istat, &row.catastale);
            self.names(&row.name, &row.catastale);
            if let Some(full) = &row.full_name {
                self.names(full, &row.catastale);
            }
            let comune = self.comuni.entry(row.catastale.clone()).or_insert_with(|| unknown(&row.catastale));
            comune.codice_istat = Some(row.codice_istat.clone());
            comune.name.clone_from(&row.name);
            for (known, said) in [
                (&mut comune.full_name, &row.full_name),
                (&mut comune.sigla, &row.sigla),
                (&mut comune.region, &row.region),
            ] {
                if said.is_some() {
                    known.clone_from(said);
                }
            }
            if row.population.is_some() {
                comune.population = row.population;
                comune.population_dated = Some(list.dated);
            }
        }
    }

    /// Which comuni exist: those of the newest whole list; without one, those that some list names and those that the
    /// archive does not say to have ceased.
    fn state(&mut self, istat: &[Published<IstatComune>]) {
        let rows = |list: &Published<IstatComune>| list.rows.iter().map(|row| row.catastale.clone()).collect();
        let whole: Option<BTreeSet<String>> = istat.iter().rev().find(|list| list.whole).map(rows);
        for comune in self.comuni.values_mut() {
            comune.exists = match &whole {
                Some(listed) => listed.contains(&comune.catastale),
                None => comune.ceased.is_none(),
            };
            if comune.exists {
                comune.ceased = None;
            }
        }
    }

    fn index(&self) -> Index {
        let exists = |catastale: &str| self.comuni.get(catastale).is_some_and(|comune| comune.exists);
        let mut index = Index { by_name: HashMap::new(), by_istat: HashMap::new(), names: HashMap::new() };
        for code in &self.codes {
            match code.kind.as_str() {
                "name" => {
                    index.names.entry(code.catastale.clone()).or_default().insert(code.code.clone());
                    if exists(&code.catastale) {
                        index.by_name.entry(code.code.clone()).or_default().insert(code.catastale.clone());
                    }
                }
                "istat" => {
                    index.by_istat.entry(code.code.clone()).or_default().insert(code.catastale.clone());
                }
                _ => {}
            }
        }
        index
    }

    fn bodies(&mut self, list: &Published<IpaBody>, index: &Index) {
        let mut chosen: BTreeMap<String, (&IpaBody, &'static str)> = BTreeMap::new();
        for body in &list.rows {
            let Some((catastale, by)) = self.comune_of(body, index) else { continue };
            self.code("ipa", &body.codice_ipa, &catastale);
            if let Some(fiscal) = &body.codice_fiscale {
                self.code("fiscale", fiscal, &catastale);
            }
            if let Some(istat) = body.codice_istat.as_ref().filter(|code| !index.by_istat.contains_key(*code)) {
                self.code("istat", istat, &catastale);
            }
            // Of two bodies of one comune the one with the regular code is the comune.
            let better = |known: &(&IpaBody, &str)| known.1 != "code" && by == "code";
            if chosen.get(&catastale).is_none_or(better) {
                chosen.insert(catastale, (body, by));
            }
        }
        for (catastale, (body, by)) in chosen {
            let Some(comune) = self.comuni.get_mut(&catastale) else { continue };
            comune.codice_ipa = Some(body.codice_ipa.clone());
            comune.ipa_by = Some(by.to_owned());
            for (known, said) in [(&mut comune.codice_fiscale, &body.codice_fiscale), (&mut comune.pec, &body.pec)] {
                if said.is_some() {
                    known.clone_from(said);
                }
            }
            if body.website.is_some() {
                comune.website.clone_from(&body.website);
                comune.url.clone_from(&body.url);
            }
        }
    }

    /// The comune that a body is, and by which key; `None` for its companies and consortia.
    fn comune_of(&self, body: &IpaBody, index: &Index) -> Option<(String, &'static str)> {
        let own: BTreeSet<String> = own_names(body);
        let named =
            |catastale: &str| index.names.get(catastale).is_some_and(|names| names.intersection(&own).next().is_some());
        let at_home = |catastale: &str| {
            let listed = body.codice_istat.as_ref().and_then(|code| index.by_istat.get(code));
            body.catastale.as_deref() == Some(catastale) || listed.is_some_and(|home| home.contains(catastale))
        };
        if let Some(code) = codes::of_regular(&body.codice_ipa).filter(|code| self.comuni.contains_key(code)) {
            // A regular code alone proves nothing: it is believed when name or place agree.
            if named(&code) || at_home(&code) {
                return Some((code, "code"));
            }
        }
        if !body.comune_by_name {
            return None;
        }
        if let Some(code) = body.catastale.as_ref().filter(|code| named(code)) {
            return Some((code.clone(), "catastale"));
        }
        if let Some(home) = body.codice_istat.as_ref().and_then(|code| index.by_istat.get(code)) {
            let mut here = home.iter().filter(|code| named(code));
            if let (Some(code), None) = (here.next(), here.next()) {
                return Some((code.clone(), "istat-and-name"));
            }
        }
        let in_province = |code: &String| {
            let comune = self.comuni.get(code)?;
            (body.sigla.is_none() || comune.sigla.is_none() || comune.sigla == body.sigla).then(|| code.clone())
        };
        let found: BTreeSet<String> =
            own.iter().filter_map(|name| index.by_name.get(name)).flatten().filter_map(in_province).collect();
        match found.len() {
            1 => found.into_iter().next().map(|code| (code, "name")),
            _ => None,
        }
    }
}

fn unknown(catastale: &str) -> KnownComune {
    KnownComune {
        catastale: catastale.to_owned(),
        codice_istat: None,
        name: String::new(),
        full_name: None,
        sigla: None,
        region: None,
        population: None,
        population_dated: None,
        exists: false,
        ceased: None,
        codice_ipa: None,
        ipa_by: None,
        codice_fiscale: None,
        pec: None,
        website: None,
        url: None,
    }
}

/// The names that a body gives its comune: in its own name, in each language, and as its seat when it is a comune.
fn own_names(body: &IpaBody) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for part in body.name.split('/').flat_map(|part| part.split(" - ")).chain([body.name.as_str()]) {
        own.extend(names::of_body(part));
    }
    if body.comune_by_name {
        own.extend(body.seat.iter().flat_map(|seat| names::spellings(seat)));
    }
    own.extend(names::spellings(&body.name));
    own
}
