//! The plan of the house, held against the code: which room may use which, where SQL may stand, what may not be in the
//! tree at all.

#![expect(clippy::unwrap_used, reason = "a test may stop where the tree is not as it should be")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Longest file in `src/`, in lines.
const LONGEST: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the repository with one of these endings (all files when there is none), sorted.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if endings.is_empty() || path.extension().is_some_and(|end| endings.iter().any(|one| *one == end)) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder}: nothing found, so nothing would be checked");
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The rooms in the order in which DESIGN and `docs/architecture.md` list them, ground floor first.
const ROOMS: [&str; 19] = [
    "model", "clock", "config", "net", "page", "rules", "detect", "notices", "registry", "history", "polite", "render",
    "evidence", "store", "crawl", "run", "report", "mail", "cli",
];

/// The room that a file of `src/` belongs to.
fn room(path: &Path) -> Option<&'static str> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    let first = first.strip_suffix(".rs").unwrap_or(first);
    ROOMS.into_iter().find(|room| *room == first)
}

/// The code of a file without comments and without what stands in strings; line breaks stay where they were.
fn bare(source: &str) -> String {
    let bytes: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    let keep_breaks = |text: &[char], out: &mut String| out.extend(text.iter().filter(|c| **c == '\n'));
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(&['/', '/']) {
            rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
        } else if rest.starts_with(&['/', '*']) {
            rest.windows(2).position(|pair| pair == ['*', '/']).map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest, at.checked_sub(1).map(|before| bytes[before])) {
            length
        } else if rest[0] == '"' {
            let mut end = 1;
            while end < rest.len() && rest[end] != '"' {
                end += if rest[end] == '\\' { 2 } else { 1 };
            }
            (end + 1).min(rest.len())
        } else if rest.len() > 2 && rest[0] == '\'' && rest[1] == '\\' {
            rest.iter().skip(3).position(|c| *c == '\'').map_or(1, |end| end + 4)
        } else if rest.len() > 2 && rest[0] == '\'' && rest[2] == '\'' {
            3
        } else {
            out.push(rest[0]);
            at += 1;
            continue;
        };
        out.push(' ');
        keep_breaks(&rest[..end], &mut out);
        at += end;
    }
    out
}

/// The length of a raw string that begins here.
fn raw_string(rest: &[char], before: Option<char>) -> Option<usize> {
    if rest[0] != 'r' || before.is_some_and(|c| c.is_alphanumeric() && c != 'b' || c == '_') {
        return None;
    }
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = &rest[hashes + 2..];
    let end = body.windows(close.len()).position(|window| window == close).unwrap_or(body.len());
    Some((hashes + 2 + end + close.len()).min(rest.len()))
}

/// The same without everything under `#[cfg(test)]`.
fn without_tests(bare: &str) -> String {
    let mut out = String::new();
    let mut rest = bare;
    while let Some(start) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..start]);
        let after = &rest[start..];
        // The item ends with its closing brace, or with a semicolon where it has none.
        let mut depth = 0_usize;
        let mut end = after.len();
        for (at, c) in after.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        end = at + 1;
                        break;
                    }
                }
                ';' if depth == 0 => {
                    end = at + 1;
                    break;
                }
                _ => {}
            }
        }
        out.extend(after[..end].chars().filter(|c| *c == '\n'));
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

/// Files that are compiled for tests only: `tests.rs`, a folder `tests/`, and what their parent declares under `#[cfg(test)]`.
fn is_test_file(path: &Path) -> bool {
    if path.file_stem().is_some_and(|stem| stem == "tests") || path.iter().any(|part| part == "tests") {
        return true;
    }
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { return false };
    let parent = path.parent().unwrap().with_extension("rs");
    let Ok(source) = fs::read_to_string(parent) else { return false };
    let declared = |text: &str| {
        ["mod", "pub mod", "pub(crate) mod", "pub(super) mod"]
            .iter()
            .any(|kind| text.contains(&format!("{kind} {stem};")))
    };
    let source = bare(&source);
    declared(&source) && !declared(&without_tests(&source))
}

/// The rooms that some code names by `crate::`, in a path or in a braced list.
fn used(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let Some(list) = rest.strip_prefix('{') else {
            found.push((line, word(rest)));
            continue;
        };
        let (mut depth, mut fresh) = (0_i32, true);
        for (place, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => fresh = true,
                c if fresh && depth == 0 && !c.is_whitespace() => {
                    found.push((line, word(&list[place..])));
                    fresh = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn the_scanner_sees_what_it_must_see() {
    let code =
        "use crate::{\n  net::{A, B},\n  store::C,\n};\n// crate::cli\nlet x = \"crate::run\"; crate::page::f();\n";
    let rooms: Vec<String> = used(&bare(code)).into_iter().map(|(_, room)| room).collect();
    assert_eq!(rooms, ["net", "store", "page"]);
    let code = "fn a() { b.unwrap() }\n#[cfg(test)]\nmod tests { fn c() { d.unwrap() } }\nfn e() {}\n#[cfg(test)]\nmod f;\nfn g() {}";
    let left = without_tests(&bare(code));
    assert_eq!(left.matches("unwrap").count(), 1, "{left}");
    assert!(left.contains("fn e") && left.contains("fn g") && !left.contains("mod f"), "{left}");
    assert_eq!(
        bare("let a = r#\"x // \"#; 'a'; '\\''; b").split_whitespace().collect::<Vec<_>>().join(" "),
        "let a = ; ; ; b"
    );
}

#[test]
fn a_room_uses_only_rooms_above_it_tests_included() {
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for path in files("src", &["rs"]) {
        let Some(own) = room(&path) else { continue };
        let floor = ROOMS.iter().position(|room| *room == own).unwrap();
        *seen.entry(own).or_default() += 1;
        for (line, other) in used(&bare(&fs::read_to_string(&path).unwrap())) {
            let Some(above) = ROOMS.iter().position(|room| *room == other) else { continue };
            if above > floor {
                wrong.push(format!("{}:{line}: `{own}` uses `{other}`, which stands below it", name(&path)));
            }
        }
    }
    assert_eq!(seen.len(), ROOMS.len(), "a room has no file: {seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_contents_lists_every_room_and_nothing_else() {
    let contents = bare(&fs::read_to_string(root().join("src/lib.rs")).unwrap());
    let mut listed: Vec<&str> =
        contents.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut rooms = ROOMS.to_vec();
    rooms.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, rooms);
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<String> = files("src", &["rs"])
        .iter()
        .map(|path| (name(path), fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "over {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn sql_stands_only_in_the_store() {
    // Capitals, as this project writes SQL; after them what makes them a statement and not a word.
    const STATEMENTS: [&str; 9] = [
        "SELECT ",
        "INSERT INTO",
        "INSERT OR",
        "UPDATE OR",
        "DELETE FROM",
        "CREATE TABLE",
        "DROP TABLE",
        "ALTER TABLE",
        "PRAGMA ",
    ];
    let mut wrong = Vec::new();
    let mut in_store = 0;
    for path in files("src", &["rs"]) {
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let sql = STATEMENTS.iter().any(|word| code.contains(word)) || code.contains("sqlx::");
            if sql && room(&path) == Some("store") {
                in_store += 1;
            } else if sql {
                wrong.push(format!("{}:{}: {}", name(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(in_store > 10, "the scan must see the SQL that is there: {in_store} lines");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_outside_of_tests_unwraps() {
    let mut wrong = Vec::new();
    for path in files("src", &["rs"]).iter().filter(|path| !is_test_file(path)) {
        let code = without_tests(&bare(&fs::read_to_string(path).unwrap()));
        for (number, line) in code.lines().enumerate() {
            if line.contains(".unwrap()") || line.contains(".expect(") || line.contains("unsafe {") {
                wrong.push(format!("{}:{}: {}", name(path), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_file_is_in_the_binary() {
    // The witness is the built binary's own list: what is not embedded cannot be on it.
    let folder = files("selectors", &["toml"]);
    let listed = std::process::Command::new(env!("CARGO_BIN_EXE_riscontro"))
        .args(["rules", "list", "--format", "json", "--lang", "en"])
        .env_clear()
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut checked = 0;
    for path in folder {
        let text = fs::read_to_string(&path).unwrap();
        let ids = text.lines().filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'));
        for id in ids {
            assert!(listed.contains(&format!("\"{id}\"")), "{}: rule `{id}` is not in the binary", name(&path));
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} rules were looked for: are ids written in another way?");
}

#[test]
fn the_tree_speaks_of_the_product_alone() {
    // Written in pieces, or this file would be the first to be found.
    let forbidden = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/", "bash")];
    let mut wrong = Vec::new();
    for folder in ["src", "selectors", "notices", "migrations", "docs", "tests", "benches"] {
        for path in files(folder, &[]) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for (number, line) in text.lines().enumerate() {
                if forbidden.iter().any(|word| line.contains(word)) {
                    wrong.push(format!("{}:{}: {}", name(&path), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "paths of somebody's machine:\n{}", wrong.join("\n"));
}
