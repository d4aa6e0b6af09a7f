//! One self-contained, accessible page: no script, nothing loaded from elsewhere, the same content as the text.

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{
    view::{Remedy, SiteView},
    words::Words,
};
use crate::{VERSION, model::Visit};

/// The style sheet; the page's policy allows this text and no other.
const STYLE: &str = include_str!("templates/site.css");

#[derive(Template)]
#[template(path = "site.html")]
struct Page<'a> {
    words: &'a Words,
    title: String,
    heading: &'static str,
    sites: Vec<SiteView>,
    /// Where the bytes of the visits are kept, one line each.
    kept: &'a [String],
    style: &'static str,
    style_digest: String,
    version: &'static str,
}

/// The page for one or several visits; `explain` adds the path of each. `kept` tells where their bytes are.
pub fn page(visits: &[Visit], kept: &[String], words: &Words, explain: bool, remedy: Remedy<'_>) -> String {
    let sites: Vec<SiteView> = visits.iter().map(|visit| SiteView::new(visit, words, remedy, explain)).collect();
    let (title, heading) = match sites.as_slice() {
        [site] => (site.title.clone(), words.title_one),
        _ => (words.title_many.to_owned(), words.title_many),
    };
    let style_digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let page = Page { words, title, heading, sites, kept, style: STYLE, style_digest, version: VERSION };
    // Writing into memory cannot fail, and the template has no fallible filter.
    page.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;
    use crate::{
        config::Lang,
        report::{clean::is_hostile, samples, view::general, words::words},
    };

    fn html(visit: &Visit, lang: Lang) -> String {
        page(std::slice::from_ref(visit), &[], words(lang), true, &general)
    }

    fn select<'a>(tree: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
        Selector::parse(selector).map(|selector| tree.select(&selector).collect()).unwrap_or_default()
    }

    #[test]
    fn snapshots() {
        for lang in Lang::ALL {
            insta::assert_snapshot!(format!("not-found.{lang}"), html(&samples::not_found(), lang));
        }
        insta::assert_snapshot!("hostile.it", html(&samples::hostile(), Lang::It));
    }

    #[test]
    fn nothing_of_a_page_becomes_markup() {
        let text = html(&samples::hostile(), Lang::It);
        let tree = Html::parse_document(&text);
        for forbidden in ["script", "img", "iframe", "object", "link", "form", "base", "svg", "[onload], [onerror]"] {
            assert_eq!(select(&tree, forbidden).len(), 0, "{forbidden}");
        }
        assert!(!text.contains(|c: char| is_hostile(c) && c != '\n'));
        for anchor in select(&tree, "a[href]") {
            let href = anchor.attr("href").unwrap_or_default();
            assert!(href.starts_with("http://") || href.starts_with("https://") || href.starts_with('#'), "{href}");
            if !href.starts_with('#') {
                assert_eq!(anchor.attr("rel"), Some("noopener noreferrer nofollow"));
            }
        }
    }

    #[test]
    fn a_reader_without_sight_finds_the_way() {
        for lang in Lang::ALL {
            let text = page(&[samples::found(), samples::not_found()], &[], words(lang), true, &general);
            let tree = Html::parse_document(&text);
            assert_eq!(select(&tree, "html").first().and_then(|html| html.attr("lang")), Some(lang.code()));
            assert_eq!(select(&tree, "h1").len(), 1);
            assert_eq!(select(&tree, "main").len(), 1);
            let levels: Vec<u8> = select(&tree, "h1, h2, h3, h4, h5")
                .iter()
                .map(|heading| heading.value().name().as_bytes()[1] - b'0')
                .collect();
            assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
            for table in select(&tree, "table") {
                let caption = Selector::parse("caption").map(|caption| table.select(&caption).count());
                // A caption, or the heading that says the same.
                let heading = table.attr("aria-labelledby").map(|id| select(&tree, &format!("#{id}")).len());
                assert_eq!(caption.unwrap_or(0) + heading.unwrap_or(0), 1);
            }
            for head in select(&tree, "th") {
                assert!(matches!(head.attr("scope"), Some("col" | "row")));
            }
            let ids: Vec<_> = select(&tree, "[id]").iter().filter_map(|element| element.attr("id")).collect();
            let unique: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), unique.len(), "{ids:?}");
        }
    }

    #[test]
    fn says_the_same_as_the_text() {
        let visit = samples::not_found();
        for lang in Lang::ALL {
            let tree = Html::parse_document(&html(&visit, lang));
            let shown = tree.root_element().text().collect::<Vec<_>>().join(" ");
            let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown = folded(&shown);
            let view = SiteView::new(&visit, words(lang), &general, true);
            let evidence = view.findings.iter().flat_map(|finding| finding.evidence.iter().flatten());
            let steps = view.path.iter().flat_map(|step| &step.rows);
            for row in view.coverage.iter().chain(evidence).chain(steps) {
                for line in row.value.lines() {
                    assert!(shown.contains(&folded(line)), "{line}");
                }
            }
            assert!(shown.contains(&folded(words(lang).disclaimer)));
        }
    }

    #[test]
    fn the_policy_names_the_style_sheet() {
        let text = html(&samples::found(), Lang::It);
        let tree = Html::parse_document(&text);
        let sheet: String = select(&tree, "style").iter().flat_map(scraper::ElementRef::text).collect();
        let digest = STANDARD.encode(Sha256::digest(sheet.as_bytes()));
        assert!(text.contains(&format!("style-src 'sha256-{digest}'")), "the browser would refuse the style sheet");
    }

    /// Relative luminance and contrast of WCAG 2.2.
    #[test]
    fn colours_can_be_read() {
        let channel = |hex: &str| {
            let value = f64::from(u8::from_str_radix(hex, 16).unwrap_or(0)) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |c: &str| 0.2126 * channel(&c[1..3]) + 0.7152 * channel(&c[3..5]) + 0.0722 * channel(&c[5..7]);
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        let colours: Vec<&str> = STYLE
            .lines()
            .filter_map(|line| line.trim().strip_prefix("color: "))
            .filter_map(|rest| rest.strip_suffix(';'))
            .collect();
        assert!(colours.len() >= 5, "{colours:?}");
        for colour in colours {
            for ground in ["#ffffff", "#f2f5f9"] {
                assert!(contrast(colour, ground) >= 4.5, "{colour} on {ground}: {}", contrast(colour, ground));
            }
        }
    }
}
