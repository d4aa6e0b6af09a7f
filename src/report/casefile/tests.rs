#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use scraper::{Html, Selector};

use super::*;
use crate::{config::Lang, report::samples, report::words::words};

fn visit(visit: Visit) -> CaseVisit {
    CaseVisit {
        id: VisitId(7),
        visit,
        run: Some(RunId(3)),
        trust: Some(Trust::Suspect),
        chain: ChainId(4),
        root: "ab".repeat(32),
        stamps: vec![StampRow {
            chain: ChainId(4),
            records: 30,
            root: "cd".repeat(32),
            authority: "http://tsa.example/<b>x</b>".to_owned(),
            stamped: jiff::Timestamp::UNIX_EPOCH,
            policy: "1.2.3".to_owned(),
            serial: "0a".to_owned(),
            answer: b"tsr".to_vec(),
        }],
        records: (12, 20),
        agent: "riscontro/0.1.0 (+<b>x</b>)".to_owned(),
        latest: true,
        confirmed: vec![Platform::Spid],
        kept: vec![0],
        pictures: vec![Picture { page: 0, file: "pictures/7-0.png".to_owned(), bytes: b"\x89PNG".to_vec() }],
    }
}

fn html(of: Visit, lang: Lang) -> String {
    let visits = [visit(of)];
    let file = CaseFile { visits: &visits, histories: &[], as_of: None, masked: true, pages: true };
    page(&file, &[FileEntry::of("archive/a.warc.gz", b"x")], words(lang))
}

fn select<'a>(tree: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    tree.select(&Selector::parse(selector).unwrap()).collect()
}

#[test]
fn nothing_of_a_page_becomes_markup_and_nothing_is_loaded() {
    for lang in Lang::ALL {
        let text = html(samples::hostile(), lang);
        let tree = Html::parse_document(&text);
        for forbidden in ["script", "iframe", "object", "link", "form", "base", "svg", "b", "[onload], [onerror]"] {
            assert_eq!(select(&tree, forbidden).len(), 0, "{forbidden}");
        }
        let pictures = select(&tree, "img");
        assert_eq!(pictures.len(), 1);
        assert!(pictures[0].attr("src").unwrap().starts_with("data:image/png;base64,"));
        let rest = select(&tree, "[src], [srcset], [poster], [background]").len();
        assert_eq!(rest, 1, "the picture alone");
        assert!(!text.contains("url(") && !text.contains("@import"));
        assert!(!text.contains(|c: char| super::super::clean::is_hostile(c) && c != '\n'));
    }
}

#[test]
fn a_reader_without_sight_finds_the_way() {
    for lang in Lang::ALL {
        let tree = Html::parse_document(&html(samples::not_found(), lang));
        assert_eq!(select(&tree, "html")[0].attr("lang"), Some(lang.code()));
        for landmark in ["header", "nav", "main", "footer", "h1"] {
            assert_eq!(select(&tree, landmark).len(), 1, "{landmark}");
        }
        let levels: Vec<u8> =
            select(&tree, "h1, h2, h3, h4").iter().map(|heading| heading.value().name().as_bytes()[1] - b'0').collect();
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        for table in select(&tree, "table") {
            // A caption, or the heading that says the same.
            let heading = table.attr("aria-labelledby").map_or(0, |id| select(&tree, &format!("#{id}")).len());
            assert_eq!(table.select(&Selector::parse("caption").unwrap()).count() + heading, 1);
        }
        assert!(select(&tree, "th").iter().all(|head| matches!(head.attr("scope"), Some("col" | "row"))));
        assert!(select(&tree, "img").iter().all(|image| !image.attr("alt").unwrap().trim().is_empty()));
        let ids: Vec<_> = select(&tree, "[id]").iter().filter_map(|element| element.attr("id")).collect();
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{ids:?}");
        for link in select(&tree, "a[href^='#']") {
            let id = link.attr("href").unwrap().trim_start_matches('#');
            assert!(ids.contains(&id), "{id}");
        }
        let sheet: String = select(&tree, "style")[0].text().collect();
        let digest = STANDARD.encode(Sha256::digest(sheet.as_bytes()));
        let policy = select(&tree, "meta[http-equiv]")[0].attr("content").unwrap();
        assert!(policy.contains(&format!("style-src 'sha256-{digest}'")) && policy.contains("default-src 'none'"));
    }
}

#[test]
fn every_finding_is_there_with_what_it_rests_on() {
    let seen = samples::found();
    let text = html(seen.clone(), Lang::En);
    let shown = Html::parse_document(&text).root_element().text().collect::<Vec<_>>().join(" ");
    for finding in &seen.findings {
        assert!(shown.contains(&(words(Lang::En).reason)(finding.platform, finding.reason)));
        for signal in &finding.signals {
            for part in [&signal.sha256, &signal.rule, &signal.fetched.to_string()] {
                assert!(shown.contains(part.as_str()), "{part}");
            }
        }
    }
    for part in [&"ab".repeat(32), &seen.catalogue_sha256, "records 12 to 20", "suspect", "archive/a.warc.gz"] {
        assert!(shown.contains(part), "{part}");
    }
    for judgement in ["conform", "superat", "fallit", "passed", "failed", "complian"] {
        assert!(!shown.to_lowercase().contains(judgement), "{judgement}");
    }
}
