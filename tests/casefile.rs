//! The case file of a comune: whole, alone, the same each time, and readable by programs that are not ours.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::bufread::GzDecoder;
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support::{
    Comune, Riscontro, Web,
    comuni::{
        self,
        markup::{cie_button, home, login_link, login_page, own_site, spid_button},
    },
    database,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// What a page says of persons, in the button that is found.
const PERSONAL: &str = "mario.rossi@example.it, tel. 0171 123456, RSSMRA80A01H501U, IT60X0542811101000000123456";

/// A database with three visits to Ala and one to Bela; the second sees a changed start page, the third the same again.
struct World {
    riscontro: Riscontro,
    comuni: Vec<Comune>,
    db: String,
    _web: Web,
}

fn site(comune: &Comune) -> support::Site {
    let button = spid_button("/spid/login").replace("</a>", &format!("<span> {PERSONAL}</span></a>"));
    comuni::login::endpoints(own_site(comune))
        .page("/", home(comune, &login_link("/accedi"), ""))
        .page("/accedi", login_page(comune, &button, &cie_button("/cie/login")))
}

fn world() -> World {
    let comuni = vec![Comune::new(1, "Ala", "to", "Piemonte"), Comune::new(2, "Bela", "to", "Piemonte")];
    let web = Web::of(comuni.iter().map(site));
    let riscontro = Riscontro::new(BINARY, &web);
    let (targets, db) = (riscontro.path("comuni.csv"), riscontro.database("a.db"));
    fs::write(&targets, comuni::targets_csv(&comuni)).unwrap();
    for _ in 0..2 {
        riscontro.run(&["run", "--targets", targets.to_str().unwrap(), "--db", &db, "--fresh"]).assert_code(0);
    }
    World { riscontro, comuni, db, _web: web }
}

impl World {
    fn export(&self, subject: &str, name: &str, more: &[&str]) -> (support::run::Ended, PathBuf) {
        let path = self.riscontro.path(name);
        let mut arguments = vec!["evidence", "export", subject, "--db", &self.db, "--out", path.to_str().unwrap()];
        arguments.extend(more);
        (self.riscontro.local(&arguments), path)
    }
}

/// Every file below a folder, by its path.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn unpacked(zip: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// The records of a file: offset, digest of the member, head, block.
fn records(bytes: &[u8]) -> Vec<(usize, String, String, Vec<u8>)> {
    let (mut rest, mut found) = (bytes, Vec::new());
    while !rest.is_empty() {
        let before = rest;
        let mut record = Vec::new();
        GzDecoder::new(&mut rest).read_to_end(&mut record).unwrap();
        let end = record.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(record[..end].to_vec()).unwrap();
        let link = sha256(&before[..before.len() - rest.len()]);
        found.push((bytes.len() - before.len(), link, head, record[end + 4..record.len() - 4].to_vec()));
    }
    found
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn a_case_file_holds_what_the_findings_rest_on_and_stands_alone() {
    let world = world();
    let (ended, folder) = world.export("Ala", "fascicolo", &["--format", "json", "--lang", "it"]);
    let told = ended.assert_code(0).json();
    let files = tree(&folder);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(told["files"], files.len());

    // Every file is in the manifest with its size and digest, and no other.
    let listed: BTreeMap<&str, &Value> =
        manifest["files"].as_array().unwrap().iter().map(|one| (one["path"].as_str().unwrap(), one)).collect();
    let names: BTreeSet<&str> = files.keys().map(String::as_str).filter(|name| *name != "manifest.json").collect();
    assert_eq!(names, listed.keys().copied().collect());
    for (name, one) in &listed {
        assert_eq!(one["bytes"], files[*name].len(), "{name}");
        assert_eq!(one["sha256"], sha256(&files[*name]).as_str(), "{name}");
    }

    // The records are those of the latest visit to Ala, byte for byte, and those whose payloads they refer to.
    let file = world.riscontro.path("a.db");
    let latest = "SELECT r.link FROM evidence_record r WHERE r.visit = (SELECT max(v.id) FROM visit v JOIN comune c
                  ON c.id = v.comune WHERE c.name = 'Comune di Ala' OR c.name = 'Ala') ORDER BY r.position";
    let links: Vec<String> = database::rows(&file, latest).into_iter().map(|row| row[0].clone()).collect();
    assert!(links.len() > 5, "{links:?}");
    let found = records(&files["archive/riscontro.warc.gz"]);
    let got: BTreeSet<&str> = found.iter().map(|(_, link, ..)| link.as_str()).collect();
    for link in &links {
        assert!(got.contains(link.as_str()), "{link}");
    }
    let ids: BTreeSet<&str> = found.iter().filter_map(|(_, _, head, _)| field(head, "WARC-Record-ID")).collect();
    let revisits: Vec<&str> = found
        .iter()
        .filter(|(_, _, head, _)| head.contains("WARC-Type: revisit"))
        .filter_map(|(_, _, head, _)| field(head, "WARC-Refers-To"))
        .collect();
    assert!(!revisits.is_empty(), "the second visit refers to the first");
    assert!(revisits.iter().all(|id| ids.contains(id)), "what a revisit refers to is in the file");
    assert_eq!(found.len(), links.len() + revisits.iter().collect::<BTreeSet<_>>().len() + 1, "and nothing else");
    assert!(
        !String::from_utf8_lossy(&found.iter().flat_map(|(.., block)| block.clone()).collect::<Vec<u8>>())
            .contains("bela")
    );

    // The index says where each answer is.
    let index = String::from_utf8(files["indexes/index.cdx"].clone()).unwrap();
    let entries: Vec<&str> = index.lines().collect();
    assert!(entries.is_sorted());
    let answers =
        found.iter().filter(|(_, _, head, _)| head.contains("Type: response") || head.contains("Type: revisit"));
    assert_eq!(entries.len(), answers.count());
    for line in &entries {
        let json: Value = serde_json::from_str(line.splitn(3, ' ').nth(2).unwrap()).unwrap();
        let offset: usize = json["offset"].as_str().unwrap().parse().unwrap();
        let (_, _, head, _) = found.iter().find(|(at, ..)| *at == offset).unwrap();
        assert_eq!(field(head, "WARC-Target-URI"), json["url"].as_str());
    }

    // A person reads it: every finding with rule, digest and time, whose root it is, and what was not seen.
    let html = String::from_utf8(files["index.html"].clone()).unwrap();
    let page = Html::parse_document(&html);
    let text: String = page.root_element().text().collect::<Vec<_>>().join(" ");
    let signals = "SELECT g.sha256 FROM signal g JOIN finding f ON f.id = g.finding WHERE f.visit =
                   (SELECT coalesce(v.same_as, v.id) FROM visit v JOIN comune c ON c.id = v.comune
                    WHERE c.name LIKE '%Ala' ORDER BY v.id DESC LIMIT 1)";
    let signals = database::rows(&file, signals);
    assert!(!signals.is_empty());
    for row in signals {
        assert!(text.contains(&row[0]), "{}", row[0]);
    }
    let root = manifest["visits"][0]["root"].as_str().unwrap();
    let stored = database::rows(&file, "SELECT root FROM evidence_chain ORDER BY id DESC LIMIT 1");
    assert_eq!(root, stored[0][0]);
    for part in [
        root,
        "riscontrato",
        "Che cosa non è stato visto",
        "riscontro/",
        "va custodita",
        "[email]",
        "[tel]",
        "[cf]",
        "[iban]",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(page.select(&Selector::parse("script, link, img, iframe").unwrap()).count(), 0);

    // Personal data are in the pages alone.
    for (name, content) in &files {
        let told = String::from_utf8_lossy(content);
        for secret in ["mario.rossi", "0171 123456", "RSSMRA80A01H501U", "IT60X05428"] {
            assert!(!told.contains(secret), "{secret} in {name}");
        }
    }
    let pages: Vec<u8> = found.iter().flat_map(|(.., block)| block.clone()).collect();
    assert!(String::from_utf8_lossy(&pages).contains("mario.rossi@example.it"));
}

#[test]
fn the_same_visits_give_the_same_bytes_and_nothing_is_overwritten_unasked() {
    let world = world();
    let one = world.export("c_a001", "uno.zip", &[]);
    let subject = world.comuni[0].url();
    let (first, one) = if one.0.code() == Some(0) { one } else { world.export(&subject, "uno.zip", &[]) };
    first.assert_code(0);
    let (second, two) = world.export(&subject, "due.wacz", &[]);
    second.assert_code(0);
    let bytes = fs::read(&one).unwrap();
    assert!(bytes == fs::read(&two).unwrap(), "two exports differ");
    let (third, folder) = world.export(&world.comuni[0].catastale(), "cartella", &[]);
    third.assert_code(0);
    assert_eq!(tree(&folder), unpacked(&one));

    for (target, name) in [(&one, "uno.zip"), (&folder, "cartella")] {
        let (again, _) = world.export(&subject, name, &["--lang", "it"]);
        assert!(again.assert_code(73).stderr.contains("--force"), "{again}");
        fs::remove_file(if target.is_dir() { target.join("index.html") } else { (*target).clone() }).unwrap();
        fs::write(if target.is_dir() { target.join("x") } else { (*target).clone() }, "x").unwrap();
        world.export(&subject, name, &["--force"]).0.assert_code(0);
    }
    assert_eq!(tree(&folder), unpacked(&one));
    // A folder that is no case file is not replaced, whatever is asked.
    let mine = world.riscontro.path("mie-cose");
    fs::create_dir(&mine).unwrap();
    fs::write(mine.join("lettera.txt"), "x").unwrap();
    world.export(&subject, "mie-cose", &["--force"]).0.assert_code(73);
    assert!(mine.join("lettera.txt").exists());
    let left: Vec<String> = fs::read_dir(world.riscontro.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_page_is_masked_unless_asked_and_the_pages_can_be_left_out() {
    let world = world();
    let (ended, without) = world.export("Ala", "senza", &["--without-pages", "--lang", "en"]);
    ended.assert_code(0);
    let names: Vec<String> = tree(&without).into_keys().collect();
    assert_eq!(names, ["VERIFY.txt", "index.html", "manifest.json", "verify.py"]);
    let html = fs::read_to_string(without.join("index.html")).unwrap();
    assert!(html.contains("are not enclosed") && html.contains("[email]") && !html.contains("mario.rossi"));
    let (ended, raw) = world.export("Ala", "crudo", &["--raw"]);
    ended.assert_code(0);
    let html = fs::read_to_string(raw.join("index.html")).unwrap();
    assert!(html.contains("mario.rossi@example.it") && !html.contains("<code>[email]</code>"));
}

#[test]
fn a_case_file_is_of_a_day_of_one_comune_or_of_one_visit() {
    let world = world();
    let visits = |path: &Path| -> Vec<i64> {
        let manifest: Value = serde_json::from_slice(&tree(path)["manifest.json"]).unwrap();
        manifest["visits"].as_array().unwrap().iter().map(|one| one["visit"].as_i64().unwrap()).collect()
    };
    let file = world.riscontro.path("a.db");
    // The first night becomes last week's, so that a day before last night is asked for.
    database::change(
        &file,
        "UPDATE visit SET started = replace(started, substr(started, 1, 10), '2026-01-05') WHERE run = 1",
    );
    let (ended, path) = world.export("Ala", "gennaio", &["--as-of", "2026-01-06"]);
    ended.assert_code(0);
    let old = visits(&path);
    assert_eq!(old.len(), 1);
    let run = database::rows(&file, "SELECT CAST(id AS TEXT), CAST(run AS TEXT) FROM visit");
    assert!(run.iter().any(|row| row[0] == old[0].to_string() && row[1] == "1"), "{run:?} {old:?}");
    assert!(fs::read_to_string(path.join("index.html")).unwrap().contains("2026-01-06"));
    let (ended, _) = world.export("Ala", "prima", &["--as-of", "2026-01-04"]);
    ended.assert_code(66);
    let (ended, path) = world.export("2", "due", &[]);
    ended.assert_code(0);
    assert_eq!(visits(&path), [2]);
    world.export("99", "x", &[]).0.assert_code(66);
    world.export("Nessuno", "x", &[]).0.assert_code(66);
    world.export("Ala", "x", &["--as-of", "domani"]).0.assert_code(2);
    // A run that was discarded is not what a case file rests on.
    database::change(&file, "UPDATE run SET trust = 'discarded' WHERE id = 2");
    let (ended, path) = world.export("Ala", "ammesso", &[]);
    ended.assert_code(0);
    assert_eq!(visits(&path), old);
}

/// A night on which nothing could be seen takes nothing away: what holds is shown with the visit that confirmed it.
#[test]
fn after_an_outage_the_case_file_has_the_visit_that_confirmed_what_holds() {
    let world = world();
    let url = world.comuni[0].url();
    world.riscontro.run(&["check", &url, "--save", "--db", &world.db, "--max-requests", "1"]).assert_code(3);
    let (ended, path) = world.export("Ala", "fascicolo", &["--lang", "it"]);
    ended.assert_code(0);
    let files = tree(&path);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let visits: Vec<i64> =
        manifest["visits"].as_array().unwrap().iter().map(|one| one["visit"].as_i64().unwrap()).collect();
    assert_eq!(visits.len(), 2, "{visits:?}");
    assert_eq!(visits[0], 5, "the latest first");
    let html = String::from_utf8(files["index.html"].clone()).unwrap();
    let page = Html::parse_document(&html);
    let text: String = page.root_element().text().collect::<Vec<_>>().join(" ");
    for part in
        ["È la visita più recente.", "È l'ultima visita che ha confermato SPID, CIE", "le visite non possono dire dal"]
    {
        assert!(text.contains(part), "{part}");
    }
    let standing = page.select(&Selector::parse("section[aria-labelledby=standing] td.outcome.found").unwrap()).count();
    assert_eq!(standing, 2, "SPID and CIE stand");
}

#[test]
fn an_altered_record_is_not_handed_out() {
    let world = world();
    let folder = world.riscontro.path("a.db.evidence");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let subjects = ["Ala", "Bela"].map(|name| world.export(name, name, &[]).0.code());
    assert!(subjects.contains(&Some(65)), "{subjects:?}");
}

#[expect(clippy::disallowed_methods, reason = "where the machine keeps the other programs is no setting of ours")]
fn program(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned())
}

/// `tests/run` installs warcio and pywb and runs these.
#[test]
#[ignore = "needs warcio and Python"]
fn others_find_no_fault_and_a_third_person_notices_every_change() {
    let world = world();
    let (ended, folder) = world.export("Ala", "fascicolo", &[]);
    ended.assert_code(0);
    let archive = folder.join("archive/riscontro.warc.gz");
    let check =
        Command::new(program("RISCONTRO_WARCIO", "warcio")).arg("check").arg("-v").arg(&archive).output().unwrap();
    let told = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success() && !told.contains("failed") && !told.contains("exception"), "{told}");
    let verify = || {
        let script = folder.join("verify.py");
        Command::new(program("RISCONTRO_PYTHON", "python3")).arg(script).output().unwrap()
    };
    let good = verify();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stdout));
    assert!(String::from_utf8_lossy(&good.stdout).contains(" 0 faults"));
    for name in tree(&folder).into_keys().filter(|name| name != "verify.py") {
        let path = folder.join(&name);
        let sound = fs::read(&path).unwrap();
        let mut bad = sound.clone();
        // In the manifest a digit of a digest, elsewhere any byte.
        let at = if name == "manifest.json" {
            String::from_utf8_lossy(&sound).find("\"sha256\": \"").unwrap() + 12
        } else {
            sound.len() / 2
        };
        bad[at] = if bad[at] == b'0' { b'1' } else { b'0' };
        fs::write(&path, bad).unwrap();
        assert!(!verify().status.success(), "a change in {name} is not noticed");
        fs::write(&path, sound).unwrap();
    }
    fs::write(folder.join("aggiunto.txt"), "x").unwrap();
    assert!(!verify().status.success(), "a file that was added is not noticed");
}

/// The whole as a web archive: pywb unpacks it, takes our index, and replays the pages.
#[test]
#[ignore = "needs pywb"]
fn pywb_replays_a_stored_page_out_of_a_case_file() {
    let world = world();
    let (ended, path) = world.export("Ala", "fascicolo.wacz", &[]);
    ended.assert_code(0);
    let (home, login) = (world.comuni[0].url(), format!("{}accedi", world.comuni[0].url()));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/replay.py");
    let python = program("RISCONTRO_PYTHON", "python3");
    let replay = Command::new(&python).arg(script).arg(&path).args([&home, &login]).output().unwrap();
    let told = String::from_utf8_lossy(&replay.stdout);
    let pages: Vec<Value> =
        told.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(pages.len(), 2, "{told}\n{}", String::from_utf8_lossy(&replay.stderr));
    for page in &pages {
        assert_eq!(page["status"], 200, "{page}");
    }
    assert!(pages[0]["page"].as_str().unwrap().contains("Ala"));
    let stored = world.riscontro.local(&["evidence", "list", "--comune", "Ala", "--db", &world.db, "--format", "json"]);
    let row = stored.json_lines().into_iter().rev().find(|row| row["url"] == login.as_str() && row["body"].is_string());
    let digest = row.unwrap()["body"].as_str().unwrap().to_owned();
    assert_eq!(sha256(pages[1]["bytes"].as_str().unwrap().as_bytes()), digest, "the bytes as the rules read them");
    let listed: Value = serde_json::from_slice(&unpacked(&path)["datapackage.json"]).unwrap();
    assert_eq!(listed["wacz_version"], "1.1.1");
}

/// What is printed or exported of findings is masked; what is stored is not.
#[test]
fn whatever_leaves_is_masked_and_the_bytes_are_given_only_when_asked_for() {
    const SECRETS: [&str; 4] = ["mario.rossi", "0171 123456", "RSSMRA80A01H501U", "IT60X05428"];
    let comune = Comune::new(1, "Ala", "to", "Piemonte");
    let login = format!("/accedi?per=mario.rossi@example.it&n={}", "1");
    let button = format!(
        "<a class=\"btn spid\" href=\"/spid/login?mail=mario.rossi%40example.it\">Entra con SPID {PERSONAL}</a>"
    );
    let page = format!("<title>Accedi {PERSONAL}</title>{button}");
    let site = comuni::login::endpoints(own_site(&comune))
        .page("/", home(&comune, &login_link(&login), ""))
        .page(&login, login_page(&comune, &page, &cie_button("/cie/login")));
    let web = Web::of([site]);
    let riscontro = Riscontro::new(BINARY, &web);
    let db = riscontro.database("a.db");
    let url = comune.url();
    let mut outputs: Vec<(String, String)> = Vec::new();
    for format in ["text", "json", "html"] {
        let ended = riscontro.run(&["check", &url, "--explain", "--format", format, "--save", "--db", &db]);
        outputs.push((format!("check {format}"), ended.stdout));
    }
    let file = riscontro.path("a.db");
    let stored = "SELECT count(*) FROM signal WHERE excerpt LIKE '%mario.rossi%' OR label LIKE '%mario.rossi%'";
    assert!(database::number(&file, stored) > Some(0), "nothing personal was seen, so nothing would be shown");
    let saved = riscontro.path("pagina.html");
    fs::write(&saved, format!("<html lang=it>{page}")).unwrap();
    for arguments in [
        vec!["export", "findings"],
        vec!["export", "findings", "--format", "jsonl"],
        vec!["evidence", "list", "--visit", "1"],
        vec!["evidence", "list", "--visit", "1", "--format", "json"],
        vec!["evidence", "show", "1/1"],
        vec!["evidence", "show", "1/1", "--format", "json"],
        vec!["inspect", saved.to_str().unwrap(), "--url", "https://www.comune.ala.to.it/"],
        vec!["inspect", saved.to_str().unwrap(), "--url", "https://www.comune.ala.to.it/", "--format", "json"],
    ] {
        let mut whole = arguments.clone();
        if arguments[0] != "inspect" {
            whole.extend(["--db", &db]);
        }
        let ended = riscontro.local(&whole);
        assert!(!ended.stdout.is_empty(), "{ended}");
        outputs.push((arguments.join(" "), ended.stdout));
    }
    for (name, output) in &outputs {
        for secret in SECRETS {
            assert!(!output.contains(secret), "{secret} in {name}: {output}");
        }
    }
    let masked = outputs.iter().filter(|(_, output)| output.contains("[email]")).count();
    assert!(masked >= 8, "{masked} of {}", outputs.len());
    let raw = riscontro.local(&["evidence", "show", "1/1", "--raw", "--db", &db]);
    assert!(raw.stdout.contains("mario.rossi"), "{raw}");
    let body = riscontro.local(&["evidence", "show", "1/1", "--body", "--db", &db]);
    assert!(body.stdout.contains("mario.rossi"));
}
