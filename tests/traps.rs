//! The trap park: fourteen sites that never end, each with a login page two clicks deep. Every trap wears the same words as
//! the way to the login, so that only its shape gives it away.

#![expect(clippy::print_stdout, reason = "what each trap cost is shown when the test fails")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::fmt::Write as _;

use support::{
    Answer, Comune, Riscontro, Site, Web,
    comuni::{
        self,
        markup::{cie_button, home, layout, login_page, own_site, spid_button},
    },
    run::finding,
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// The budget of one visit, as it is by default.
const BUDGET: usize = 40;

/// What a trap page's links are made of: the page's own address in, the addresses it breeds out.
type Breed = fn(&str) -> Vec<String>;

/// The number behind the last `mark` in an address, 0 when there is none.
fn number(target: &str, mark: &str) -> u64 {
    let digits = target.rsplit_once(mark).map_or("", |(_, rest)| rest);
    digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

/// A number that looks random and is the same in every run.
fn scrambled(target: &str, turn: u64) -> u64 {
    target.bytes().fold(turn.wrapping_add(1469), |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn months_forward(target: &str) -> Vec<String> {
    let at = number(target, "/servizi/calendario/anno-") * 12 + number(target, "/mese-");
    let at = if at == 0 { 2026 * 12 + 1 } else { at };
    (1..6).map(|step| format!("/servizi/calendario/anno-{}/mese-{}", (at + step) / 12, (at + step) % 12 + 1)).collect()
}

fn months_in_query(target: &str) -> Vec<String> {
    let (year, month) = (number(target, "anno=").max(2026), number(target, "mese="));
    (1..6)
        .map(|step| format!("/servizi/eventi?anno={}&mese={}", year + (month + step) / 12, (month + step) % 12 + 1))
        .collect()
}

fn facets(target: &str) -> Vec<String> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let names = ["tema", "ufficio", "utente", "luogo", "stato", "canale", "periodo", "costo"];
    let open = names.iter().filter(|name| !query.contains(&format!("{name}=")));
    let more = |name: &&str| {
        (0..3).map(|value| format!("/servizi/elenco?{query}&{name}={value}").replace("?&", "?")).collect::<Vec<_>>()
    };
    open.flat_map(more).collect()
}

fn orders(target: &str) -> Vec<String> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    ["nome", "data", "ufficio", "tema"]
        .iter()
        .flat_map(|field| {
            ["su", "giu"].map(|way| format!("/servizi/tabella?{query}&ordina={field}-{way}").replace("?&", "?"))
        })
        .collect()
}

fn session_in_path(target: &str) -> Vec<String> {
    (0..8).map(|turn| format!("/servizi/(S({:016x}{:08x}))/elenco.aspx", scrambled(target, turn), turn)).collect()
}

fn session_in_query(target: &str) -> Vec<String> {
    (0..8).map(|turn| format!("/servizi/elenco.php?PHPSESSID={:016x}{:016x}", scrambled(target, turn), turn)).collect()
}

fn growing(target: &str) -> Vec<String> {
    let base = target.trim_end_matches('/');
    vec![format!("{base}/servizi/"), format!("{base}/online/"), format!("{base}/servizi-online/")]
}

fn random_links(target: &str) -> Vec<String> {
    (0..12).map(|turn| format!("/servizi/pagina-{:x}", scrambled(target, turn))).collect()
}

fn paging(target: &str) -> Vec<String> {
    let page = number(target, "pagina=");
    (1..9).map(|step| format!("/servizi/risultati?pagina={}", page + step)).collect()
}

fn languages(target: &str) -> Vec<String> {
    let rest = target.trim_start_matches('/').split_once('/').map_or("servizi", |(_, rest)| rest);
    ["it", "en", "de", "fr", "sl", "lld"]
        .iter()
        .flat_map(|lang| [format!("/{lang}/{rest}"), format!("/{lang}{target}")])
        .collect()
}

fn prints(target: &str) -> Vec<String> {
    let base = target.split('?').next().unwrap();
    let at = number(base, "scheda-");
    (1..7)
        .flat_map(|step| {
            [
                format!("/servizi/scheda-{}?print=1", at + step),
                format!("/servizi/scheda-{}?stampa=1&t={step}", at + step),
            ]
        })
        .collect()
}

fn counted(target: &str) -> Vec<String> {
    let at = number(target, "giro=");
    (1..6).map(|step| format!("/servizi/vai?giro={}", at + step * 100)).collect()
}

fn mixed_case(target: &str) -> Vec<String> {
    let spell = |turn: u64| {
        let bits = scrambled(target, turn);
        let letters = "servizi-online".chars().enumerate();
        letters.map(|(at, c)| if bits >> at & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect::<String>()
    };
    (0..10).map(|turn| format!("/Sportello/{}", spell(turn))).collect()
}

/// The fourteen: name, where the trap begins, what it breeds.
const PARK: [(&str, &str, Breed); 14] = [
    ("Calendaria", "/servizi/calendario/anno-2026/mese-1", months_forward),
    ("Eventina", "/servizi/eventi?anno=2026&mese=1", months_in_query),
    ("Filtrata", "/servizi/elenco?tema=0", facets),
    ("Ordinata", "/servizi/tabella?ordina=nome-su", orders),
    ("Sessiona", "/servizi/(S(0123456789abcdef01234567))/elenco.aspx", session_in_path),
    ("Sessionq", "/servizi/elenco.php?PHPSESSID=0123456789abcdef0123456789abcdef", session_in_query),
    ("Crescente", "/online/servizi/", growing),
    ("Nontrovata", "/servizi/assente-1", random_links),
    ("Casuale", "/servizi/pagina-0", random_links),
    ("Paginata", "/servizi/risultati?pagina=1", paging),
    ("Lingua", "/it/servizi", languages),
    ("Stampata", "/servizi/scheda-1?print=1", prints),
    ("Rimandata", "/servizi/vai?giro=1", counted),
    ("Maiuscola", "/Sportello/Servizi-Online", mixed_case),
];

/// Links that promise what the way to the login promises.
fn links(addresses: &[String]) -> String {
    addresses.iter().fold(String::new(), |mut out, address| {
        let _ = write!(out, "<li><a href=\"{}\">Servizi online</a></li>", address.replace('&', "&amp;"));
        out
    })
}

fn site(comune: &Comune, name: &str, start: &str, breed: Breed) -> Site {
    let first: Vec<String> = std::iter::once(start.to_owned()).chain(breed(start)).collect();
    let way = "<li><a href=\"/sportello-telematico\">Servizi online</a></li>";
    let body = format!("<ul>{}{way}{}</ul>", links(&first[..1]), links(&first[1..]));
    let trapped = comune.clone();
    let name = name.to_owned();
    let trap = move |target: &str| {
        if name == "Rimandata" && !number(target, "giro=").is_multiple_of(5) {
            return Answer::redirect(302, &format!("/servizi/vai?giro={}", number(target, "giro=") + 1));
        }
        let title = if name == "Nontrovata" { "Pagina non trovata" } else { "Servizi" };
        let text =
            if name == "Nontrovata" { "<p>La pagina che cerchi non esiste.</p>" } else { "<p>Elenco dei servizi.</p>" };
        Answer::html(layout(&trapped, title, "", &format!("{text}<ul>{}</ul>", links(&breed(target))), ""))
    };
    let login = login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login"));
    let counter =
        layout(comune, "Sportello", "", "<p><a href=\"/area-personale\">Accedi all'area personale</a></p>", "");
    comuni::login::endpoints(own_site(comune))
        .page("/", home(comune, "", &body))
        .page("/sportello-telematico", counter)
        .page("/area-personale", login)
        .redirect("/spid/login", &comuni::markup::saml_redirect(comuni::markup::PROVIDERS[3].3, &comune.url(), 2))
        .prefix("/", trap)
}

/// Five desks with one label, of which only the last knows SPID: a visit that looks at the first four must not say that
/// there is no login.
#[test]
fn the_last_of_many_ways_that_look_alike_is_not_lost() {
    let comune = &comuni::crowd(1)[0];
    let desks: Vec<String> = ('a'..='g').map(|letter| format!("/sportello-{letter}/accesso")).collect();
    let cards: String =
        desks.iter().map(|href| comuni::markup::card("Sportello", "", href, "Area personale")).collect();
    let mut site = comuni::login::endpoints(own_site(comune)).page("/", home(comune, "", &cards));
    for desk in &desks[..desks.len() - 1] {
        site = site.page(desk, comuni::markup::password_page(comune, ""));
    }
    let login = login_page(comune, &spid_button("/spid/login"), &cie_button("/cie/login"));
    let web = Web::of([site.page(&desks[desks.len() - 1], login)]);
    let answer = Riscontro::new(BINARY, &web).check_json(&[&comune.url()]).remove(0);
    assert_eq!(finding(&answer, "spid").unwrap().0, "found", "{:?}", web.log().paths(&comune.host()));
    assert_eq!(finding(&answer, "cie").unwrap().0, "found", "{:?}", web.log().paths(&comune.host()));
}

#[test]
fn the_login_beside_each_of_fourteen_traps_is_found_within_the_budget() {
    let comuni: Vec<Comune> =
        (1..).zip(PARK).map(|(number, (name, ..))| Comune::new(number, name, "to", "Piemonte")).collect();
    let web = Web::of(comuni.iter().zip(PARK).map(|(comune, (name, start, breed))| site(comune, name, start, breed)));
    let riscontro = Riscontro::new(BINARY, &web);
    let urls: Vec<String> = comuni.iter().map(Comune::url).collect();
    let answers = riscontro.check_json(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    let mut missed = Vec::new();
    for (comune, answer) in comuni.iter().zip(&answers) {
        let asked = web.log().of(&comune.host()).len();
        println!("{:<11} {asked:>2} requests, {:?}", comune.name, finding(answer, "spid").unwrap());
        assert!(asked <= BUDGET, "{}: {asked} requests", comune.name);
        if finding(answer, "spid").unwrap().0 != "found" || web.log().count(&comune.host(), "/area-personale") != 1 {
            missed.push(format!(
                "{}: {:?}\n  {}",
                comune.name,
                finding(answer, "spid"),
                web.log().paths(&comune.host()).join("\n  ")
            ));
        }
        // A trap must have been open: a site whose trap nobody could step into would prove nothing.
        let known = ["/", "/sportello-telematico", "/area-personale"];
        let trapped = web.log().pages(&comune.host()).iter().any(|entry| !known.contains(&entry.path()));
        assert!(trapped, "{}: nothing of the trap was ever asked for", comune.name);
    }
    assert!(missed.is_empty(), "found {} of 14; missed:\n{}", 14 - missed.len(), missed.join("\n"));
}
