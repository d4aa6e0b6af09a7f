//! What the rules say of one saved page: the answer of `riscontro inspect`.

use std::{collections::BTreeMap, io};

use serde::Serialize;
use url::Url;

use super::{
    clean::{clean, short},
    json,
    text::Page,
    view::{Row, Value},
    words::Words,
};
use crate::{
    model::{PageLabel, Platform, Signal},
    page::Cut,
};

/// Name and version of the JSON format.
pub const SCHEMA: &str = "riscontro.page/1";

/// One page under the rules.
#[derive(Debug, Clone)]
pub struct PageReport {
    /// The address that the page is read as.
    pub url: Url,
    /// Its title.
    pub title: String,
    /// The charset it was read with.
    pub charset: String,
    /// Why it was read only in part; empty for a whole page.
    pub cut: Vec<Cut>,
    /// What the page says of each platform; platforms that are missing are absent.
    pub platforms: BTreeMap<Platform, PageLabel>,
    /// Every match.
    pub signals: Vec<Signal>,
}

impl PageReport {
    fn label(&self, platform: Platform) -> PageLabel {
        self.platforms.get(&platform).copied().unwrap_or(PageLabel::Absent)
    }

    /// As one line of JSON: `{"schema":"riscontro.page/1","url","title","charset","cut","platforms","signals"}`.
    pub fn json(&self) -> io::Result<String> {
        #[derive(Serialize)]
        struct Document<'a> {
            schema: &'static str,
            url: &'a Url,
            title: &'a str,
            charset: &'a str,
            cut: Vec<&'static str>,
            platforms: BTreeMap<&'static str, PageLabel>,
            signals: &'a [Signal],
        }
        let decided = Platform::DECIDED.into_iter().map(|platform| (platform.code(), self.label(platform)));
        json::line(&Document {
            schema: SCHEMA,
            url: &self.url,
            title: &self.title,
            charset: &self.charset,
            cut: self.cut.iter().map(|cut| code(*cut)).collect(),
            platforms: decided.collect(),
            signals: &self.signals,
        })
    }

    /// As text for people; ends with a line break.
    pub fn text(&self, words: &Words, colour: bool) -> String {
        let mut page = Page { text: String::new(), colour };
        let title = if self.title.is_empty() { clean(self.url.as_str()) } else { short(&self.title, 120).into() };
        let title = page.paint(&title, "1");
        page.line(&title);
        page.line(&short(self.url.as_str(), 160));
        page.line("");
        let row = |label, value: String| Row { label, value: Value::Text(value) };
        let rows = Platform::DECIDED.map(|p| row(p.name(), (words.label)(self.label(p)).to_owned()));
        page.rows(&rows, 2);
        page.line("");
        let mut rows = vec![row(words.charset, self.charset.clone())];
        if !self.cut.is_empty() {
            let why = self.cut.iter().map(|cut| (words.cut)(*cut)).collect::<Vec<_>>().join("; ");
            rows.push(row(words.cut_label, why));
        }
        page.rows(&rows, 2);
        page.heading(words.signals);
        if self.signals.is_empty() {
            page.line(&format!("  {}", words.no_signals));
        }
        for signal in &self.signals {
            let platform = signal.platform.map_or_else(String::new, |platform| format!("{}, ", platform.name()));
            let (shows, strength) = ((words.proves)(signal.proves), (words.strength)(signal.strength));
            let rule = clean(&signal.rule).into_owned();
            page.wrapped("  ", "    ", &format!("{rule}: {platform}{shows} ({strength})"));
            let mut rows = Vec::new();
            if let Some(label) = &signal.label {
                rows.push(row(words.control, short(label, 120)));
            }
            rows.push(row(words.excerpt, short(&signal.excerpt, 160)));
            if let Some(target) = &signal.target {
                rows.push(row(words.leads_to, short(target.as_str(), 160)));
            }
            page.rows(&rows, 4);
        }
        page.text
    }
}

/// The stable code of a cut.
const fn code(cut: Cut) -> &'static str {
    match cut {
        Cut::Body => "body",
        Cut::Depth => "depth",
        Cut::Attributes => "attributes",
        Cut::Controls => "controls",
        Cut::Size => "size",
        Cut::Cpu => "cpu",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::{config::Lang, report::clean::is_hostile, report::samples, report::words::words};

    fn report() -> PageReport {
        let visit = samples::found();
        PageReport {
            url: "https://www.comune.esempio.it/accedi".parse().unwrap(),
            title: "Accedi\u{1b}[2J ai servizi".into(),
            charset: "windows-1252".into(),
            cut: vec![Cut::Depth, Cut::Cpu],
            platforms: [(Platform::Spid, PageLabel::Offered), (Platform::Pagopa, PageLabel::Leads)].into(),
            signals: visit.findings.iter().flat_map(|finding| finding.signals.clone()).collect(),
        }
    }

    #[test]
    fn snapshots() {
        for lang in Lang::ALL {
            let text = report().text(words(lang), false);
            assert!(!text.contains(|c: char| is_hostile(c) && c != '\n'));
            insta::assert_snapshot!(format!("page.{lang}"), text);
        }
        let value: serde_json::Value = serde_json::from_str(&report().json().unwrap()).unwrap();
        insta::assert_json_snapshot!("page", value);
        let empty = PageReport { signals: Vec::new(), platforms: BTreeMap::new(), cut: Vec::new(), ..report() };
        assert!(empty.text(words(Lang::It), false).contains("Nessun segnale."));
    }

    #[test]
    fn all_four_platforms_are_always_answered() {
        let value: serde_json::Value = serde_json::from_str(&report().json().unwrap()).unwrap();
        let expected = serde_json::json!({"spid": "offered", "cie": "absent", "pagopa": "leads", "appio": "absent"});
        assert_eq!(value["platforms"], expected);
        assert_eq!(value["cut"], serde_json::json!(["depth", "cpu"]));
    }
}
