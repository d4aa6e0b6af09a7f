//! Whose login is it, when no address says so: metadata and the senders of authentication requests, end to end. The
//! witness is the local web's log: which documents were asked for, where, and how many.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::{
    Answer, Comune, Riscontro, Site, Web,
    comuni::{
        self,
        markup::{
            PROVIDERS, cie_button, cie_oidc, home, login_link, own_site, password_page, saml_redirect, spid_button,
        },
    },
    run::finding,
};

/// A login that a script draws: nothing in it says what it offers or whose it is.
const SHELL: &str = r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Sportello</title></head>
<body><div id="app"></div><script>document.title = "Sportello";</script></body></html>"#;

/// Without a browser, or with one that finds nothing to draw either.
const UNDRAWN: &str = "needs-browser or render-empty";

/// A login page that names no comune.
fn desk(body: &str) -> String {
    format!(
        r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Sportello</title></head>
<body><h1>Accedi</h1><p>Scegli con quale identità entrare nello sportello.</p>{body}</body></html>"#
    )
}

/// SPID metadata of this entity with these contacts.
fn spid_metadata(entity: &str, contacts: &str) -> Answer {
    let body = format!(
        r#"<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:spid="https://spid.gov.it/saml-extensions" entityID="{entity}"><md:SPSSODescriptor><md:AssertionConsumerService index="0" Location="{entity}/acs"/></md:SPSSODescriptor>{contacts}</md:EntityDescriptor>"#
    );
    Answer::new(200, body).header("content-type", "application/samlmetadata+xml")
}

fn body_of(ipa: &str) -> String {
    format!(
        r#"<md:ContactPerson contactType="other"><md:Extensions><spid:IPACode>{ipa}</spid:IPACode><spid:Public/></md:Extensions></md:ContactPerson>"#
    )
}

const AGGREGATOR: &str = r#"<md:ContactPerson contactType="other" spid:entityType="spid:aggregator"><md:Extensions><spid:VATNumber>IT00000000000</spid:VATNumber></md:Extensions></md:ContactPerson>"#;

/// The declaration of a CIE relying party that its authority's trust mark ties to a body.
fn federation(client: &str, ipa: &str) -> Answer {
    let signed = |claims: &Value| format!("eyJhbGciOiJSUzI1NiJ9.{}.prova", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mark = json!({"sub": client, "id_code": {"ipa_code": ipa}});
    let claims = json!({
        "iss": client, "sub": client, "authority_hints": ["https://oidc.registry.servizicie.interno.gov.it"],
        "metadata": {"openid_relying_party": {"redirect_uris": [format!("{client}/callback")]}},
        "trust_marks": [{"id": "https://oidc.registry.servizicie.interno.gov.it/openid_relying_party/public/",
            "trust_mark": signed(&mark)}],
    });
    Answer::new(200, signed(&claims)).header("content-type", "application/entity-statement+jwt")
}

/// A comune whose header leads to a login at this address.
fn comune(number: u32, name: &'static str, login: &str) -> Comune {
    let comune = Comune::new(number, name, "to", "Piemonte");
    let site = own_site(&comune).page("/", home(&comune, &login_link(login), ""));
    comune.site(site)
}

/// Every comune of this file's world, with the hosts that their logins stand on.
fn world() -> Vec<Comune> {
    let shell = |number, name, host: &str, contacts: &str| {
        comune(number, name, &format!("https://{host}/sportello")).site(
            Site::new(host)
                .page("/sportello", SHELL)
                .answer("/spid-metadata.xml", spid_metadata(&format!("https://{host}"), contacts)),
        )
    };
    let issuer = "https://portale.settefinto.it/sp";
    let link = format!(r#"<a href="{}">Poste ID</a>"#, saml_redirect(PROVIDERS[3].3, issuer, 2));
    let sender = comune(304, "Quattrofinto", "https://portale.settefinto.it/sportello");
    let sender_ipa = sender.ipa();
    let client = "https://portale.ottofinto.it/oidc/rp";
    let party = comune(305, "Cinquefinto", "https://portale.ottofinto.it/sportello");
    let party_ipa = party.ipa();
    let elsewhere = "https://servizi.comune.altrofinto.to.it/spid";
    let borrowed = comune(306, "Seifinto", "/accedi");
    let borrowed_page = desk(&format!(r#"<a href="{}">Poste ID</a>"#, saml_redirect(PROVIDERS[3].3, elsewhere, 2)));
    let password = Comune::new(307, "Settefinto", "to", "Piemonte");
    let password_host = password.sub("login");
    let password_desk = Site::new(&password_host).page("/", password_page(&password, ""));
    let password = comune(307, "Settefinto", &format!("https://{password_host}/")).site(password_desk);
    let open = Comune::new(308, "Ottofinto", "to", "Piemonte");
    let open_host = open.sub("login");
    let open_desk = comuni::login::endpoints(Site::new(&open_host))
        .page("/", comuni::markup::login_page(&open, &spid_button("/spid/login"), &cie_button("/cie/login")))
        .answer("/spid-metadata.xml", spid_metadata(&format!("https://{open_host}"), &body_of(&open.ipa())));
    let open = comune(308, "Ottofinto", &format!("https://{open_host}/")).site(open_desk);
    vec![
        shell(301, "Unofinto", "login.unoportale.it", &body_of("c_y301")),
        shell(302, "Duefinto", "login.dueportale.it", &body_of("c_y999")),
        shell(303, "Trefinto", "login.treportale.it", AGGREGATOR),
        sender.site(
            Site::new("portale.settefinto.it")
                .page("/sportello", desk(&link))
                .answer("/sp", spid_metadata(issuer, &body_of(&sender_ipa))),
        ),
        party.site(
            Site::new("portale.ottofinto.it")
                .page("/sportello", desk(&cie_button("/entra")))
                .redirect("/entra", &cie_oidc(client))
                .answer("/oidc/rp/.well-known/openid-federation", federation(client, &party_ipa)),
        ),
        {
            let site = Site::new(&borrowed.host()).page("/accedi", borrowed_page);
            borrowed.site(site).site(
                Site::new("servizi.comune.altrofinto.to.it")
                    .answer("/spid", spid_metadata(elsewhere, &body_of("c_y306"))),
            )
        },
        password,
        open,
        // Its login page leads to the test provider: the metadata stands there for the test.
        comune(309, "Novefinto", "https://login.noveportale.it/sportello").site(
            Site::new("login.noveportale.it")
                .page("/sportello", desk(r#"<a href="/prova">Entra con SPID</a>"#))
                .redirect(
                    "/prova",
                    &saml_redirect("https://demo.spid.gov.it/samlsso", "https://login.noveportale.it", 2),
                )
                .answer("/spid-metadata.xml", spid_metadata("https://login.noveportale.it", &body_of("c_y309"))),
        ),
    ]
}

/// Each comune's findings by its name.
fn visited(riscontro: &Riscontro, comuni: &[Comune]) -> BTreeMap<&'static str, Value> {
    let targets = riscontro.path("comuni.csv");
    std::fs::write(&targets, comuni::targets_csv(comuni)).unwrap();
    let database = riscontro.database("metadata.db");
    let run = riscontro.run(&["run", "--targets", targets.to_str().unwrap(), "--db", &database, "--format", "json"]);
    run.assert_code(0);
    let rows = riscontro.local(&["export", "findings", "--format", "jsonl", "--db", &database]);
    rows.assert_code(0);
    let rows = rows.json_lines();
    let of = |comune: &Comune| -> Vec<Value> {
        rows.iter().filter(|row| row["url"] == comune.url().as_str()).cloned().collect()
    };
    comuni.iter().map(|comune| (comune.name, json!({"findings": of(comune)}))).collect()
}

#[test]
fn metadata_and_senders_tell_whose_login_it_is() {
    let comuni = world();
    let web = Web::of(comuni::sites(&comuni));
    let riscontro = Riscontro::new(env!("CARGO_BIN_EXE_riscontro"), &web).flag(&["--max-time", "60"]);
    let answers = visited(&riscontro, &comuni);
    for (name, platform, outcome, reason) in [
        // The portal's metadata carries this comune's code, another body's, and none.
        ("Unofinto", "spid", "found", "proof"),
        ("Unofinto", "cie", "undetermined", UNDRAWN),
        ("Duefinto", "spid", "undetermined", "tenant-unproven"),
        ("Trefinto", "spid", "undetermined", UNDRAWN),
        // The sender of the request tells where its metadata is.
        ("Quattrofinto", "spid", "found", "proof"),
        ("Cinquefinto", "cie", "found", "proof"),
        // The button on the own site signs in for another comune.
        ("Seifinto", "spid", "undetermined", "tenant-unproven"),
        // A guess that is missing changes nothing, and what is found needs no guess.
        ("Settefinto", "spid", "not-found", "coverage-complete"),
        ("Ottofinto", "spid", "found", "proof"),
        ("Novefinto", "spid", "undetermined", "test-environment"),
    ] {
        let mut seen = finding(&answers[name], platform).unwrap();
        if ["needs-browser", "render-empty"].contains(&seen.1) {
            seen.1 = UNDRAWN;
        }
        assert_eq!(seen, (outcome, reason), "{name} {platform}: {:#}\n{}", answers[name], web.log().dump());
    }
    let log = web.log();
    log.assert_no_strays();
    assert_eq!(log.paths("login.unoportale.it"), ["/sportello", "/spid-metadata.xml", "/cie-metadata.xml"]);
    assert_eq!(log.paths("login.dueportale.it").len(), 3, "two documents at most:\n{}", log.dump());
    assert_eq!(log.paths("portale.settefinto.it"), ["/sportello", "/sp"]);
    assert_eq!(log.count("portale.ottofinto.it", "/oidc/rp/.well-known/openid-federation"), 1);
    assert!(log.of("servizi.comune.altrofinto.to.it").is_empty(), "no login was seen there:\n{}", log.dump());
    let guessed = log.paths("login.comune.settefinto.to.it");
    assert!(guessed.ends_with(&["/spid-metadata.xml".into(), "/cie-metadata.xml".into()]), "last of all: {guessed:?}");
    assert_eq!(log.count("login.comune.ottofinto.to.it", "/spid-metadata.xml"), 0, "{}", log.dump());
    for host in log.hosts() {
        assert!(log.first(&host).unwrap().is_robots(), "{host} was asked for a page before its robots.txt");
    }
}

#[test]
fn saved_metadata_is_judged_offline() {
    let riscontro = Riscontro::bare(env!("CARGO_BIN_EXE_riscontro"));
    let file = riscontro.path("metadata.xml");
    let entity = "https://login.comune.unofinto.to.it";
    std::fs::write(&file, spid_metadata(entity, &body_of("c_y301")).body).unwrap();
    let address = format!("{entity}/metadata");
    let seen = riscontro.local(&["inspect", file.to_str().unwrap(), "--url", &address, "--format", "json"]);
    seen.assert_code(0);
    let seen = seen.json();
    let signal = &seen["signals"][0];
    assert_eq!(
        (signal["rule"].as_str(), signal["kind"].as_str()),
        (Some("metadata.spid"), Some("metadata")),
        "{seen:#}"
    );
    assert_eq!(signal["strength"], "strong", "the comune's code is not known here: {seen:#}");
    assert!(signal["tenant"].as_str().unwrap().contains("ipa=c_y301"), "{seen:#}");
}
