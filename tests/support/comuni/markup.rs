//! What the sites of comuni have in common: the header with its login link, the four menus, the footer with its
//! transparency links, and the pieces from which pages are put together. Written from the public model of the sites of
//! comuni and from the rules of the access buttons, not copied from any site.

use std::fmt::Write as _;

use super::{super::site::Site, Comune};

/// Identity providers in production: short name, name, entity id, address of the single sign-on service.
pub const PROVIDERS: [(&str, &str, &str, &str); 5] = [
    ("arubaid", "Aruba ID", "https://loginspid.aruba.it", "https://loginspid.aruba.it/ServiceLoginWelcome"),
    ("infocertid", "Infocert ID", "https://identity.infocert.it", "https://identity.infocert.it/spid/samlsso"),
    (
        "lepidaid",
        "Lepida ID",
        "https://id.lepida.it/idp/shibboleth",
        "https://id.lepida.it/idp/profile/SAML2/Redirect/SSO",
    ),
    ("posteid", "Poste ID", "https://posteid.poste.it", "https://posteid.poste.it/jod-fs/ssoserviceredirect"),
    (
        "sielteid",
        "Sielte ID",
        "https://identity.sieltecloud.it",
        "https://identity.sieltecloud.it/simplesaml/saml2/idp/SSO.php",
    ),
];

/// Single sign-on of the identity card, in production.
pub const CIE_SAML: &str = "https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/Redirect/SSO";

/// A whole page: the shared frame around `main`.
pub fn layout(comune: &Comune, title: &str, header_right: &str, main: &str, footer_extra: &str) -> String {
    let Comune { name, region, .. } = comune;
    let (fiscale, ipa, domain) = (comune.fiscale(), comune.ipa(), comune.domain());
    format!(
        r##"<!doctype html>
<html lang="it">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Comune di {name}</title>
<link rel="stylesheet" href="/assets/bootstrap-italia/css/bootstrap-italia.min.css">
</head>
<body>
<div class="skiplinks"><a class="visually-hidden-focusable" href="#contenuto">Vai ai contenuti</a></div>
<header class="it-header-wrapper" data-bs-target="#header-nav-wrapper">
  <div class="it-header-slim-wrapper"><div class="container"><div class="it-header-slim-wrapper-content">
    <a class="d-lg-block navbar-brand" href="https://www.regione.invalid" target="_blank">Regione {region}</a>
    <div class="it-header-slim-right-zone">{header_right}</div>
  </div></div></div>
  <div class="it-nav-wrapper">
    <div class="it-header-center-wrapper"><div class="it-brand-wrapper"><a href="/">
      <div class="it-brand-text"><div class="it-brand-title">Comune di {name}</div></div></a></div></div>
    <nav class="navbar navbar-expand-lg" id="header-nav-wrapper" aria-label="Navigazione principale">
      <ul class="navbar-nav" data-element="main-navigation">
        <li class="nav-item"><a class="nav-link" href="/amministrazione" data-element="management">Amministrazione</a></li>
        <li class="nav-item"><a class="nav-link" href="/novita" data-element="news">Novità</a></li>
        <li class="nav-item"><a class="nav-link" href="/servizi" data-element="all-services">Servizi</a></li>
        <li class="nav-item"><a class="nav-link" href="/vivere-il-comune" data-element="live">Vivere il Comune</a></li>
      </ul>
    </nav>
  </div>
</header>
<main id="contenuto" class="container">
<h1>{title}</h1>
{main}
</main>
<footer class="it-footer" id="footer">
  <div class="container">
    <h2 class="h4">Comune di {name}</h2>
    <p>Piazza del Municipio 1, {name} ({province})<br>Codice fiscale / P. IVA: {fiscale}<br>Codice univoco IPA: {ipa}<br>
      PEC: <a href="mailto:protocollo@pec.{domain}">protocollo@pec.{domain}</a></p>
    <ul class="link-list">
      <li><a href="/amministrazione-trasparente">Amministrazione trasparente</a></li>
      <li><a href="/albo-pretorio">Albo pretorio</a></li>
      <li><a href="/privacy" data-element="privacy-policy-link">Informativa privacy</a></li>
      <li><a href="/note-legali" data-element="legal-notes">Note legali</a></li>
      <li><a href="https://form.agid.gov.it/view/esempio" data-element="accessibility-link">Dichiarazione di accessibilità</a></li>
    </ul>
    {footer_extra}
  </div>
</footer>
<script src="/assets/bootstrap-italia/js/bootstrap-italia.bundle.min.js"></script>
</body>
</html>
"##,
        province = comune.province.to_uppercase(),
    )
}

/// The login link of the header, where the model puts it.
pub fn login_link(href: &str) -> String {
    format!(
        r#"<a class="btn btn-primary btn-icon btn-full" href="{href}" data-element="personal-area-login">
      <span class="rounded-icon" aria-hidden="true"><svg class="icon icon-primary"><use href="/sprites.svg#it-user"></use></svg></span>
      <span class="d-none d-lg-block">Accedi all'area personale</span></a>"#
    )
}

/// A card with a link.
pub fn card(title: &str, text: &str, href: &str, label: &str) -> String {
    format!(
        r#"<div class="card-wrapper"><div class="card card-teaser shadow-sm rounded"><div class="card-body">
  <h3 class="card-title h5">{title}</h3><p class="card-text">{text}</p>
  <a class="read-more" href="{href}"><span class="text">{label}</span></a></div></div></div>
"#
    )
}

/// What fills the home page of every comune: news and offices without any platform in them.
pub fn filler() -> String {
    [
        card(
            "Orari degli uffici",
            "Gli uffici ricevono su appuntamento dal lunedì al venerdì.",
            "/novita/orari",
            "Leggi di più",
        ),
        card(
            "Raccolta differenziata",
            "Il calendario del nuovo anno è in distribuzione.",
            "/novita/rifiuti",
            "Leggi di più",
        ),
        card(
            "Biblioteca comunale",
            "Letture per i più piccoli ogni sabato mattina.",
            "/vivere-il-comune/biblioteca",
            "Vai alla pagina",
        ),
    ]
    .concat()
}

/// The comune's own host with the pages that every site has and that say nothing of any platform.
pub fn own_site(comune: &Comune) -> Site {
    let page = |title: &str, text: &str| layout(comune, title, "", &format!("<p>{text}</p>"), "");
    Site::new(&comune.host())
        .page("/amministrazione", page("Amministrazione", "Organi di governo, aree e uffici del Comune."))
        .page("/novita", page("Novità", "Non ci sono notizie recenti."))
        .page("/servizi", page("Servizi", "Gli uffici sono a disposizione dei cittadini allo sportello."))
        .page("/vivere-il-comune", page("Vivere il Comune", "Luoghi ed eventi del territorio."))
        .page(
            "/amministrazione-trasparente",
            page("Amministrazione trasparente", "Disposizioni generali, personale, bandi."),
        )
        .page("/albo-pretorio", page("Albo pretorio", "Atti in pubblicazione."))
}

/// A home page: filler, then whatever the comune adds.
pub fn home(comune: &Comune, header_right: &str, more: &str) -> String {
    layout(comune, "Un comune da vivere", header_right, &format!("{}{more}", filler()), "")
}

/// The official access button, its list filled: each provider leads to `login` with its entity id.
pub fn spid_button(login: &str) -> String {
    let mut list = String::new();
    for (short, name, entity, _) in PROVIDERS {
        let query: String = url::form_urlencoded::byte_serialize(entity.as_bytes()).collect();
        let _ = write!(
            list,
            r#"<li class="spid-idp-button-link" data-idp="{entity}"><a href="{login}?idp={query}"><span class="spid-sr-only">{name}</span>
      <img src="/assets/spid/spid-idp-{short}.svg" alt="{name}"></a></li>
"#
        );
    }
    spid_menu(&list, "")
}

/// The official access button as it is before its script has fetched the providers: only the three help links.
pub fn spid_button_unfilled() -> String {
    spid_menu("", " data-spid-remote")
}

/// The frame of the access button around a list.
pub fn spid_menu(list: &str, attribute: &str) -> String {
    format!(
        r##"<a href="#" class="italia-it-button italia-it-button-size-m button-spid" spid-idp-button="#spid-idp-button-medium-get" aria-haspopup="true" aria-expanded="false">
  <span class="italia-it-button-icon"><img src="/assets/spid/spid-ico-circle-bb.svg" alt=""></span>
  <span class="italia-it-button-text">Entra con SPID</span></a>
<div id="spid-idp-button-medium-get" class="spid-idp-button spid-idp-button-tip spid-idp-button-relative">
  <ul id="spid-idp-list-medium-root-get" class="spid-idp-button-menu"{attribute}>
{list}    <li class="spid-idp-support-link"><a href="https://www.spid.gov.it">Maggiori informazioni</a></li>
    <li class="spid-idp-support-link"><a href="https://www.spid.gov.it/richiedi-spid">Non hai SPID?</a></li>
    <li class="spid-idp-support-link"><a href="https://www.spid.gov.it/serve-aiuto">Serve aiuto?</a></li>
  </ul></div>
"##
    )
}

/// The button of the identity card.
pub fn cie_button(href: &str) -> String {
    format!(
        r#"<a class="btn btn-primary btn-re square mb-3" href="{href}"><img src="/assets/entra_con_cie.svg" alt="Entra con CIE" class="me-2"><span>Entra con CIE</span></a>
"#
    )
}

/// A login page as the model shows it: one section for each way in.
pub fn login_page(comune: &Comune, spid: &str, cie: &str) -> String {
    let section = |name: &str, text: &str, button: &str| {
        if button.is_empty() {
            String::new()
        } else {
            format!("<section><h2 class=\"title-xxlarge\">{name}</h2><p>{text}</p>\n{button}</section>\n")
        }
    };
    let main = format!(
        "<p>Per accedere al sito e ai suoi servizi, utilizza una delle seguenti modalità.</p>\n{}{}",
        section("SPID", "Accedi con SPID, il sistema pubblico di identità digitale.", spid),
        section("CIE", "Accedi con la tua carta d'identità elettronica.", cie),
    );
    layout(comune, "Accedi", "", &main, "")
}

/// A login page that knows user names and passwords only: reached, read, and nothing there.
pub fn password_page(comune: &Comune, note: &str) -> String {
    let main = format!(
        r#"<p>Inserisci le credenziali che ti ha rilasciato lo sportello del Comune.</p>{note}
<form method="post" action="/accedi/verifica"><label>Nome utente <input name="utente" autocomplete="username"></label>
<label>Password <input type="password" name="chiave" autocomplete="current-password"></label>
<button type="submit" class="btn btn-primary">Accedi</button></form>"#
    );
    layout(comune, "Accedi all'area personale", "", &main, "")
}

/// The payment form of a portal: notice code and fiscal code of the debtor.
pub fn payment_form() -> &'static str {
    r#"<form method="post" action="avviso"><h2>Paga un avviso</h2>
<p>Inserisci i dati che trovi sull'avviso di pagamento pagoPA.</p>
<label for="iuv">Codice avviso (18 cifre)</label><input id="iuv" name="codiceAvviso" inputmode="numeric" maxlength="18">
<label for="cf">Codice fiscale del debitore</label><input id="cf" name="codiceFiscale" maxlength="16">
<button type="submit" class="btn btn-primary">Vai al pagamento</button></form>"#
}

/// The address of an authentication request by redirect: deflated, in base64, percent-encoded, as the binding asks.
pub fn saml_redirect(sso: &str, issuer: &str, level: u8) -> String {
    let separator = if sso.contains('?') { '&' } else { '?' };
    let request: String =
        url::form_urlencoded::byte_serialize(saml_request(sso, issuer, level, true).as_bytes()).collect();
    format!("{sso}{separator}SAMLRequest={request}&RelayState=prova")
}

/// A page that posts an authentication request by script, as portals do.
pub fn saml_post_page(sso: &str, issuer: &str, level: u8) -> String {
    format!(
        r#"<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Accesso in corso</title></head>
<body onload="document.forms[0].submit()"><noscript><p>Premi il pulsante per continuare.</p></noscript>
<form action="{sso}" method="post"><input type="hidden" name="RelayState" value="prova">
<input type="hidden" name="SAMLRequest" value="{}"><noscript><button type="submit">Continua</button></noscript></form></body></html>"#,
        saml_request(sso, issuer, level, false)
    )
}

fn saml_request(destination: &str, issuer: &str, level: u8, deflated: bool) -> String {
    use std::io::Write as _;
    let xml = format!(
        r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_prova" Version="2.0" IssueInstant="2026-01-01T00:00:00Z" Destination="{destination}" ForceAuthn="true"><saml:Issuer NameQualifier="{issuer}" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{issuer}</saml:Issuer><samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef>https://www.spid.gov.it/SpidL{level}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext></samlp:AuthnRequest>"#
    );
    if !deflated {
        return base64(xml.as_bytes());
    }
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(xml.as_bytes()).unwrap();
    base64(&encoder.finish().unwrap())
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { letter as char } else { '=' });
        }
    }
    text
}

/// The address of an authorisation request to the identity card's OpenID provider.
pub fn cie_oidc(client: &str) -> String {
    let client: String = url::form_urlencoded::byte_serialize(client.as_bytes()).collect();
    format!(
        "https://oidc.idserver.servizicie.interno.gov.it/authorization?scope=openid&response_type=code&code_challenge_method=S256&client_id={client}&redirect_uri={client}%2Fcallback&state=prova&request=eyJhbGciOiJSUzI1NiJ9.e30.prova"
    )
}
