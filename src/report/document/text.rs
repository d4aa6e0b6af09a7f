//! A document as text: eighty columns where words allow it, readable without colour.

use super::{Block, Document, Fact, Section};
use crate::{
    config::Lang,
    report::{table::Table, text::Page, view::Value},
};

/// The text; ends with a line break.
pub fn text(document: &Document) -> String {
    let mut page = Page { text: String::new(), colour: false };
    page.wrapped("", "", &document.title);
    if !document.about.is_empty() {
        page.wrapped("", "", &document.about);
    }
    page.line("");
    page.wrapped("", "", document.disclaimer);
    page.line("");
    facts(&mut page, &document.basis);
    for section in document.sections.iter().filter(|section| !section.blocks.is_empty()) {
        page.heading(&section.title);
        for (number, block) in section.blocks.iter().enumerate() {
            if number > 0 {
                page.line("");
            }
            draw(&mut page, block, section, document.lang);
        }
    }
    page.text
}

fn draw(page: &mut Page, block: &Block, section: &Section, lang: Lang) {
    let caption = |page: &mut Page, caption: &str| {
        if !section.says(caption) {
            page.wrapped("", "", caption);
        }
    };
    match block {
        Block::Text(text) => page.wrapped("", "", text),
        Block::List(lines) => lines.iter().for_each(|line| page.wrapped("  - ", "    ", line)),
        Block::Facts(about, listed) => {
            caption(page, about);
            facts(page, listed);
        }
        Block::Table(grid) => {
            caption(page, &grid.caption);
            let mut table = Table::new(&grid.head);
            for row in &grid.rows {
                table.row(row.iter().map(said));
            }
            page.text.push_str(&table.render());
            if grid.more > 0 {
                let more = lang.pick("altre righe", "more rows");
                page.line(&format!("… {more}: {}", crate::report::words::number(lang, grid.more as u64)));
            }
        }
        Block::Bars(bars) => {
            caption(page, &bars.caption);
            let mut table = Table::default();
            for bar in &bars.bars {
                let filled = usize::try_from(bar.permille() / 50).unwrap_or(20).min(20);
                let drawn = format!("{}{}", "█".repeat(filled), "·".repeat(20 - filled));
                table.row([bar.label.clone(), drawn, bar.said(lang)]);
            }
            page.text.push_str(&table.render());
        }
    }
}

fn facts(page: &mut Page, facts: &[Fact]) {
    let width = facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or(0).min(28);
    for fact in facts {
        for (number, line) in fact.value.lines().iter().enumerate() {
            let label = if number == 0 { fact.label } else { "" };
            let target =
                fact.value.href().filter(|href| *href != line).map_or_else(String::new, |href| format!(" <{href}>"));
            page.wrapped(&format!("  {label:<width$}  "), &" ".repeat(width + 4), &format!("{line}{target}"));
        }
    }
}

/// A cell on one line.
fn said(value: &Value) -> String {
    value.lines().join(", ")
}
