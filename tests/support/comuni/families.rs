//! The products that most comuni use, each with the ways to login and payment that are its own: the second face of the
//! families in [`super::portals`], and the families that are not there.

use super::super::site::{Answer, Site};
use super::{
    APP_NOT_STATED, Comune,
    Expect::{Found, NotFound, Undetermined},
    kit::{both, coded_portal, home_with_payments, link, page, sign_on},
    login::endpoints,
    markup::{
        PROVIDERS, card, cie_button, cie_oidc, home, layout, login_link, login_page, own_site, payment_form,
        saml_redirect, spid_button,
    },
};

/// Every comune of this group.
pub fn all() -> Vec<Comune> {
    vec![
        peopleweb_cards(),
        municipium_saml(),
        hgate_tile(),
        design_comuni_button(),
        wordpress_totolabs(),
        comweb(),
        agenda_smart(),
        opencity_all_methods(),
        magnolia(),
        drupal(),
        volto_spid_only(),
        rete_civica(),
        opencms(),
        isweb(),
        halley_zf(),
    ]
}

fn peopleweb_cards() -> Comune {
    let comune = Comune::new(101, "Gerbofermo", "vc", "Piemonte")
        .note("PeopleWeb: relative links, cards that post back and hold their address in the title, tax portal by cadastral code")
        .depth(2, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = "www.servizipubblicaamministrazione.it";
    let header = r#"<a class="btn btn-full" href="areaRiservata" data-element="personal-area-login" title="Accedi all'area personale">Accedi all'area personale</a>"#;
    let tile = |number: u32, text: &str, target: &str| {
        format!(
            r#"<div class="card"><a id="ctl00_tile{number}" href="javascript:__doPostBack('ctl00$tile{number}','')" title="https://{desk}{target}"><h3>{text}</h3></a></div>"#
        )
    };
    let taxes = format!("/servizi/portalecontribuente/LoginPNRR.aspx?CodCat={}&amp;ACCESSO=C", comune.catastale());
    let pay = format!("/servizi/portalecontribuente/AreaPagamenti.aspx?iddominio={}", comune.fiscale());
    let assets = r#"<link rel="stylesheet" href="assets\bootstrap-italia\css\bootstrap-italia-comuni.min.css"><a href="Mappasito">Mappa del sito</a>"#;
    let cards = format!("{}{assets}", tile(1, "Portale del cittadino - PagoPa", &pay));
    let site = own_site(&comune).page("/", home(&comune, header, &cards)).page(
        "/areaRiservata",
        page(&comune, "Area riservata ai cittadini", &tile(2, "Portale del contribuente", &taxes)),
    );
    let portal = endpoints(Site::new(desk))
        .page(&taxes.replace("&amp;", "&"), both(&comune))
        .page(&pay, page(&comune, "Area pagamenti pagoPA", payment_form()));
    comune.site(site).site(portal)
}

fn municipium_saml() -> Comune {
    let comune = Comune::new(102, "Chiaravolta", "bs", "Lombardia")
        .note(
            "Municipium: login landing, tenant portal, SPID and CIE gateways by SAML; the product's cart for payments",
        )
        .depth(2, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let portal = format!("{}.comune-online.it", comune.slug());
    let header = r#"<a class="btn-personal" href="/it/private" data-element="personal-area-login"><span>Accedi all'area personale</span></a>"#;
    let footer = r#"<img src="https://cloud.municipiumapp.it/stemma.png" alt=""><a href="https://cloud.municipiumapp.it/admin">Accesso redazione</a> <a href="https://www.municipiumapp.it">Scarica l'app Municipium</a>"#;
    let pay = format!("https://{portal}/web/pagamenti");
    let site = own_site(&comune)
        .page(
            "/",
            layout(
                &comune,
                "Benvenuti",
                header,
                &card("Pagamenti", "Avvisi e tributi.", &pay, "Pagamenti online"),
                footer,
            ),
        )
        .page(
            "/it/private",
            page(
                &comune,
                "Area personale",
                &card("Sportello", "Istanze e pratiche.", &format!("https://{portal}/web/home"), "Accedi al portale"),
            ),
        );
    let spid = format!("https://spid.comune-online.it/AuthServiceSPID/auth.jsp?ente={}", comune.slug());
    let cie = format!("https://cie.comune-online.it/AuthServiceCIE/auth.jsp?ente={}", comune.slug());
    let tenant = Site::new(&portal)
        .page("/web/home", login_page(&comune, &link(&spid, "Entra con SPID"), &cie_button(&cie)))
        .page(
            "/web/pagamenti",
            page(
                &comune,
                "Pagamenti pagoPA",
                &link(
                    "https://pspagopa.comune-online.it/jcitygov-pagopa/web/webpagopa/avviso",
                    "Paga un avviso con pagoPA",
                ),
            ),
        );
    let spid = Site::new("spid.comune-online.it")
        .redirect("/AuthServiceSPID/auth.jsp", &saml_redirect(PROVIDERS[0].3, "https://spid.comune-online.it", 2));
    let cie = Site::new("cie.comune-online.it").redirect(
        "/AuthServiceCIE/auth.jsp",
        &saml_redirect(super::markup::CIE_SAML, "https://cie.comune-online.it", 2),
    );
    let cart = Site::new("pspagopa.comune-online.it")
        .page("/jcitygov-pagopa/web/webpagopa/avviso", page(&comune, "Paga con pagoPA", payment_form()));
    comune.site(site).site(tenant).site(spid).site(cie).site(cart)
}

fn hgate_tile() -> Comune {
    let comune = Comune::new(103, "Morosecco", "mc", "Marche")
        .note("HGATE: login written by a script in two copies, one hidden; the payments tile calls a script without any address")
        .depth(1, 0)
        .expect(Found, Found, Undetermined("one-strong"), APP_NOT_STATED);
    let address = "/EG0/EGHOMEPAGE.HBL?SUB=1&F=H04&en=eg903";
    let script = format!(
        r#"<div id="testata"></div><script>var head = "";
head += "<div class='d-none'><a href='{address}' data-element='personal-area-login'>Accedi all\'area personale</a></div>";
head += "<div class='it-header-slim-right-zone'><a class='btn' href='{address}' data-element='personal-area-login'>Accedi all\'area personale</a></div>";
document.getElementById("testata").innerHTML = head;</script>
<div class="card" onclick="V01('0','','','','en','','PAG11')"><img src="assets/img/pagoPA-black.svg" alt="pagoPA"><h3>Pagamenti</h3></div>"#
    );
    let halley = |html: String| Answer::html(html).header("server", "HGATE");
    let site = endpoints(own_site(&comune))
        .answer("/", halley(home(&comune, "", &script)))
        .answer("/EG0/EGHOMEPAGE.HBL", halley(both(&comune)));
    comune.site(site)
}

fn design_comuni_button() -> Comune {
    let comune = Comune::new(104, "Pianagrande", "ps", "Marche")
        .note("WordPress theme of the model: header link without target, service sheets with buttons whose target is in onclick")
        .depth(3, 3)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = comune.sub("sportello");
    let button = |target: &str| {
        format!(
            r#"<button type="button" class="btn btn-primary fw-bold" onclick="location.href='{target}'" data-element="service-online-access"><span>Accedi al servizio</span></button>"#
        )
    };
    let theme =
        r#"<link rel="stylesheet" href="/wp-content/themes/design-comuni-wordpress-theme/assets/css/main.css">"#;
    let sheet = |title: &str, target: &str| {
        page(
            &comune,
            title,
            &format!(
                "{theme}<h2>Cosa serve</h2><p>Identità digitale SPID o CIE.</p><h2>Accedi al servizio</h2>{}",
                button(target)
            ),
        )
    };
    let service = |title: &str, slug: &str| {
        format!(
            r#"<div class="card"><h3><a href="/servizi/{slug}/" data-element="service-link">{title}</a></h3></div>"#
        )
    };
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page(
            "/",
            home(
                &comune,
                &login_link("#"),
                &format!("{theme}<p>Hai un'identità digitale SPID o CIE? <a href=\"#\">Accedi</a></p>"),
            ),
        )
        .page(
            "/servizi",
            page(
                &comune,
                "Servizi",
                &[
                    service("Iscrizione alla mensa", "iscrizione-mensa"),
                    service("Pagamento canone unico", "pagamento-canone-unico"),
                ]
                .concat(),
            ),
        )
        .page("/servizi/iscrizione-mensa/", sheet("Iscrizione alla mensa", &format!("https://{desk}/istanze/mensa")))
        .page("/servizi/pagamento-canone-unico/", sheet("Pagamento canone unico", &code));
    let desk = endpoints(Site::new(&desk)).page("/istanze/mensa", both(&comune));
    comune.site(site).site(desk).site(portal)
}

fn wordpress_totolabs() -> Comune {
    let comune = Comune::new(105, "Fontevecchia", "av", "Campania")
        .note("WordPress with a plug-in for SPID and CIE: one address, two providers in its query")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let host = comune.host();
    let main = r#"<div class="spid-cie-container"><a class="spid-cie-button spid-button" href="/?oidc_action=login&amp;provider=spid">Entra con SPID</a>
<a class="spid-cie-button cie-button" href="/?oidc_action=login&amp;provider=cie">Entra con CIE</a></div>"#;
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link("/area-riservata/"), &code, ""))
        .page("/area-riservata/", page(&comune, "Accesso ai servizi", main))
        .redirect(
            "/?oidc_action=login&provider=spid",
            &saml_redirect(PROVIDERS[3].3, &format!("https://{host}/spid"), 2),
        )
        .redirect("/?oidc_action=login&provider=cie", &cie_oidc(&format!("https://{host}")));
    comune.site(site).site(portal)
}

fn comweb() -> Comune {
    let comune = Comune::new(106, "Torrebassa", "tv", "Veneto")
        .note("ComWeb: services landing behind the login link, the user area one click further")
        .depth(2, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let generator = "<head>\n<meta name=\"generator\" content=\"ComWeb - www.epublic.it\">";
    let (code, portal) = coded_portal(&comune);
    let site = endpoints(own_site(&comune))
        .page("/", home(&comune, &login_link("/it-it/servizi-online"), "").replace("<head>", generator))
        .page(
            "/it-it/servizi-online",
            page(
                &comune,
                "Servizi online",
                &[
                    card("Area utente", "Le tue pratiche.", "/it-it/servizi-online/area-utente/", "Accedi"),
                    card("Pagamenti", "", &code, "Paga un avviso"),
                ]
                .concat(),
            ),
        )
        .page("/it-it/servizi-online/area-utente/", both(&comune));
    comune.site(site).site(portal)
}

fn agenda_smart() -> Comune {
    let comune = Comune::new(107, "Rioasciutto", "im", "Liguria")
        .note("AgendaSmart: booking page whose words name SPID and CIE, and a login page that offers SPID alone")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/login"), &code, &card("Prenota un appuntamento", "Scegli ufficio e orario.", "/agenda-smart", "Prenota")))
        .page("/agenda-smart", page(&comune, "Prenota un appuntamento", "<p>Scegli l'ufficio, il giorno e l'ora.</p><form action=\"/agenda-smart/prenota\"><select name=\"ufficio\"><option>Anagrafe</option></select></form>"))
        .page("/login", login_page(&comune, &spid_button("/spid/login"), ""));
    comune.site(site).site(portal)
}

fn opencity_all_methods() -> Comune {
    let comune = Comune::new(108, "Vallonda", "tn", "Trentino-Alto Adige")
        .note("OpenCity with SPID, CIE, eIDAS and CNS on its access page, where each button says only `Accedi`; the province's payments")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = comune.sub("servizi");
    let config = format!(
        "<script>window.OC_BASE_URL='https://{desk}/lang';window.OC_AUTH_URL='https://{desk}/lang/login';window.OC_SPID_BUTTON='true';window.OC_CHECKOUT_URL='https://api.stanzadelcittadino.it/pagopa/checkout';</script>"
    );
    let header = format!(
        r#"<a class="btn btn-full" style="visibility: hidden" href="/accedi" data-element="personal-area-login">Accedi all'area personale</a>{config}"#
    );
    let method = |name: &str, image: &str, key: &str| {
        format!(
            r#"<h2>{name}</h2><button type="button" class="btn-re square" onclick="location.href='https://{desk}/lang/login-open?idp={key}'"><img src="/extension/openpa_bootstrapitalia/images/{image}.svg" alt="Entra con {name}"><span>Accedi</span></button>"#
        )
    };
    let methods = [
        method("SPID", "spid", "spid"),
        method("CIE", "cie", "cie"),
        method("eIDAS", "eidas", "eidas"),
        method("CNS", "cns", "cns"),
    ]
    .concat();
    let pay = format!("https://mypay.provincia.tn.it/ente/{}", comune.ipa().to_uppercase());
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &header, &pay, ""))
        .page("/accedi", page(&comune, "SPID / CIE / eIDAS / CNS", &methods));
    let issuer = format!("https://{desk}");
    let portal = Site::new(&desk)
        .redirect("/lang/login", "/lang/login-open?idp=spid")
        .redirect("/lang/login-open?idp=spid", &saml_redirect(PROVIDERS[2].3, &issuer, 2))
        .redirect("/lang/login-open?idp=cie", &saml_redirect(super::markup::CIE_SAML, &issuer, 3))
        .redirect(
            "/lang/login-open?idp=eidas",
            &saml_redirect("https://sp-proxy.eid.gov.it/spproxy/samlsso", &issuer, 2),
        );
    let payments = Site::new("mypay.provincia.tn.it")
        .page(&format!("/ente/{}", comune.ipa().to_uppercase()), page(&comune, "MyPay", payment_form()));
    comune.site(site).site(portal).site(payments)
}

fn magnolia() -> Comune {
    let comune = Comune::new(109, "Ombrosella", "bg", "Lombardia")
        .note("Magnolia: login on a host of its own, payments on the tenant's host at the supplier")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (desk, pay) = (comune.sub("login"), format!("{}.comune.plugandpay.it", comune.slug()));
    let assets = r#"<img src="/.imaging/default/dam/comune/stemma.png" alt=""><link rel="stylesheet" href="/.resources/tema/css/main.css">"#;
    let site = own_site(&comune).page(
        "/",
        home_with_payments(&comune, &login_link(&format!("https://{desk}/")), &format!("https://{pay}/"), assets),
    );
    let portal = endpoints(Site::new(&desk)).page("/", both(&comune));
    let payments = Site::new(&pay).page("/", page(&comune, "Benvenuto nel portale dei pagamenti", payment_form()));
    comune.site(site).site(portal).site(payments)
}

fn drupal() -> Comune {
    let comune = Comune::new(111, "Campodrupo", "ca", "Sardegna")
        .note("Drupal: the editors' /user/login in the footer, the citizens' access page among the services, four clicks deep")
        .depth(4, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let footer = r#"<a href="/user/login">Accesso redazione</a>"#;
    let site = sign_on(own_site(&comune), "/saml/login/spid", "/saml/login/cie")
        .page("/", layout(&comune, "Benvenuti", "", &card("Pagamenti", "", &code, "Pagamenti online"), footer).replace("<head>", "<head>\n<meta name=\"Generator\" content=\"Drupal 10 (https://www.drupal.org)\">"))
        .page("/servizi", page(&comune, "Servizi", &card("Anagrafe", "Certificati.", "/servizi/anagrafe", "Anagrafe")))
        .page("/servizi/anagrafe", page(&comune, "Anagrafe", &card("Certificati online", "Richiedi un certificato.", "/servizi/anagrafe/certificati", "Certificati online")))
        .page("/servizi/anagrafe/certificati", page(&comune, "Certificati online", r#"<p>Serve un'identità digitale.</p><a class="btn" href="/accesso" data-element="service-online-access">Accedi al servizio</a>"#))
        .page("/accesso", login_page(&comune, &link("/saml/login/spid", "Entra con SPID"), &cie_button("/saml/login/cie")));
    comune.site(site).site(portal)
}

fn volto_spid_only() -> Comune {
    let comune = Comune::new(114, "Pratolungo", "re", "Emilia-Romagna")
        .note("Volto with the SPID address filled and the CIE address empty: the login page shows SPID alone")
        .depth(1, 1)
        .expect(Found, NotFound, Found, APP_NOT_STATED);
    let gate = comune.sub("login");
    let environment = format!(
        r#"<script>window.env = {{"RAZZLE_SPID_LOGIN_URL":"https://{gate}/spid/login","RAZZLE_CIE_LOGIN_URL":"","apiPath":"https://{}"}};</script>"#,
        comune.host()
    );
    let choice = format!(
        r#"<div class="login-method"><div class="authorized-spid-login"><a class="btn" data-element="personal-area-login" href="https://{gate}/spid/login">Entra con SPID</a></div></div>"#
    );
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune)
        .page("/", home_with_payments(&comune, &login_link("/login"), &code, &environment))
        .page("/login", login_page(&comune, &choice, "").replace("</head>", &format!("{environment}</head>")));
    comune.site(site).site(endpoints(Site::new(&gate))).site(portal)
}

fn rete_civica() -> Comune {
    let comune = Comune::new(113, "Borgolepre", "bo", "Emilia-Romagna")
        .note("Lepida's civic network: the region's identity gateway behind the login link, payments on a host of its own")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let pay = comune.sub("pagamenti");
    let gateway = format!("https://federa.lepida.it/gw/login?ente={}", comune.slug());
    let site = own_site(&comune)
        .answer(
            "/",
            Answer::html(home_with_payments(
                &comune,
                &login_link("/accesso"),
                &format!("https://{pay}/"),
                "<script src=\"/node_modules/rete/main.js\"></script>",
            ))
            .header("server", "nginx/1.18.0"),
        )
        .redirect("/accesso", &gateway);
    let federa = sign_on(Site::new("federa.lepida.it"), "/gw/spid", "/gw/cie")
        .page("/gw/login", login_page(&comune, &spid_button("/gw/spid"), &cie_button("/gw/cie")));
    let payments = Site::new(&pay)
        .page("/", page(&comune, "Pagamenti", &format!("<p>Paga tramite pagoPA.</p>{}", payment_form())));
    comune.site(site).site(federa).site(payments)
}

fn opencms() -> Comune {
    let comune = Comune::new(132, "Lagosecco", "tr", "Umbria")
        .note("OpenCms module of the model: accessservice.jsp with two images as buttons")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let image = |name: &str, href: &str| {
        format!(
            r#"<a href="{href}"><img src="/export/system/modules/comuni/resources/{}.svg" alt="Entra con {name}"></a>"#,
            name.to_lowercase()
        )
    };
    let (code, portal) = coded_portal(&comune);
    let site = endpoints(own_site(&comune))
        .page("/", home_with_payments(&comune, &login_link("/it/accessservice.jsp"), &code, ""))
        .page("/it/accessservice.jsp", login_page(&comune, &image("SPID", "/spid/login"), &image("CIE", "/cie/login")));
    comune.site(site).site(portal)
}

fn isweb() -> Comune {
    let comune = Comune::new(133, "Casanera", "vt", "Lazio")
        .note("IsWeb: no attribute of the model, a menu entry with the label alone, and a page of payments in between")
        .depth(1, 2)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let (code, portal) = coded_portal(&comune);
    let menu = "<nav><a href=\"/pagina12_entra\">Area del cittadino</a> <a href=\"/pagina13_paga\">Pagamenti on line</a></nav>";
    let site = endpoints(own_site(&comune))
        .page("/", home(&comune, "", menu).replace("<head>", "<head>\n<meta name=\"generator\" content=\"IsWeb 3.0\">"))
        .page("/pagina12_entra", both(&comune))
        .page("/pagina13_paga", page(&comune, "Pagamenti on line", &link(&code, "Paga ora")));
    comune.site(site).site(portal)
}

fn halley_zf() -> Comune {
    let comune = Comune::new(134, "Valcieca", "rm", "Lazio")
        .note("Halley's older pages, with the portal on a shared host that knows the comune by its ISTAT code")
        .depth(1, 1)
        .expect(Found, Found, Found, APP_NOT_STATED);
    let desk = format!("https://www.halleyegov.it/c{}/portale/login", comune.istat());
    let mark = format!(
        "<script>var ente = \"c{}\";</script><link rel=\"stylesheet\" href=\"/km/design-web-toolkit/main.css\">",
        comune.istat()
    );
    let (code, portal) = coded_portal(&comune);
    let site = own_site(&comune).page("/", home_with_payments(&comune, &login_link(&desk), &code, &mark));
    let base = format!("/c{}/portale", comune.istat());
    let shared = sign_on(Site::new("www.halleyegov.it"), &format!("{base}/spid"), &format!("{base}/cie")).page(
        &format!("{base}/login"),
        login_page(&comune, &spid_button(&format!("{base}/spid")), &cie_button(&format!("{base}/cie"))),
    );
    comune.site(site).site(shared).site(portal)
}
