//! The Italian phrases.

use super::Words;
use crate::{
    config::Lang,
    model::{End, FetchOutcome, Outcome, PageKind, PageLabel, Platform, Proves, Reach, Reason, Strength},
    page::Cut,
};

pub(super) const WORDS: Words = Words {
    lang: Lang::It,
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    at: ", ore ",
    visit_of: "Visita del",
    title_one: "Che cosa offre il sito",
    title_many: "Che cosa offrono i siti",
    platform: "Piattaforma",
    outcome_head: "Esito",
    summary: "In breve",
    evidence: "Riscontri",
    why: "Perché",
    page: "Pagina",
    control: "Comando",
    excerpt: "Brano",
    leads_to: "Porta a",
    via: "Percorso",
    rule: "Regola",
    bytes: "Impronta",
    advice_label: "Che fare",
    looked_at: "Che cosa è stato guardato",
    pages_read: "Pagine lette",
    login_page: "Pagina di accesso",
    payment_page: "Pagina di pagamento",
    refusals: "Non ottenute",
    unread: "Non lette",
    coverage: "Copertura",
    complete: "completa",
    incomplete: "incompleta: ciò che non si è visto può esserci",
    ended: "Fine della visita",
    requests: "Richieste",
    within: "in",
    vendors: "Prodotti",
    catalogue: "Catalogo di regole",
    remarks: "Da sapere",
    path: "Il percorso della visita",
    chosen_by: "Scelta da",
    link: "Collegamento",
    result: "Risultato",
    drawn: "disegnata in un browser",
    gave: "Dice",
    gave_nothing: "nulla sulle piattaforme",
    clicks: ["passo dall'inizio", "passi dall'inizio"],
    left_unread: "Collegamenti utili non letti",
    none: "nessuna",
    page_title: "Titolo",
    charset: "Caratteri",
    cut_label: "Letta in parte",
    signals: "Segnali",
    no_signals: "Nessun segnale.",
    disclaimer: "Questo documento dice che cosa si vede sul sito, con le prove e la data. L'esito ufficiale della \
                 verifica spetta all'asseveratore.",
    made_by: "Prodotto da riscontro",
    outcome,
    reason,
    advice,
    fetch,
    strength,
    proves,
    label,
    kind,
    end,
    reach,
    remark,
    cut,
    run: &super::run::IT,
    choice,
};

fn outcome(platform: Platform, outcome: Outcome) -> &'static str {
    match (outcome, platform) {
        (Outcome::Found, _) => "riscontrato",
        (Outcome::Mentioned, _) => "solo citato",
        (Outcome::NotFound, Platform::Appio) => "non indicato sul sito",
        (Outcome::NotFound, _) => "non riscontrato",
        (Outcome::Undetermined, _) => "non determinabile",
    }
}

fn reason(platform: Platform, reason: Reason) -> String {
    let sentence = match reason {
        Reason::Proof => "C'è una prova che basta da sola.",
        Reason::TwoStrong => "Ci sono due indizi forti, di natura diversa.",
        Reason::WordsOnly => "Ci sono solo parole, loghi o pulsanti che non portano da nessuna parte.",
        Reason::CoverageComplete => match platform {
            Platform::Spid | Platform::Cie | Platform::Eidas => {
                "La pagina di accesso è stata raggiunta e letta: non c'è."
            }
            Platform::Pagopa => "La pagina dei pagamenti è stata raggiunta e letta: non c'è.",
            Platform::Appio => "Le pagine dei servizi sono state raggiunte e lette: non c'è.",
        },
        Reason::NotStated => {
            "Il sito non dice quali servizi del comune si trovano su App IO; sull'app questo non prova nulla."
        }
        Reason::OneStrong => "C'è un solo indizio forte, e nulla che lo confermi.",
        Reason::TenantUnproven => "C'è un indizio forte, ma non si è potuto legare a questo comune.",
        Reason::TestEnvironment => "Il sito porta a un ambiente di prova o dimostrativo.",
        Reason::Contradicted => "La pagina dice che non è attivo, mentre altri segni dicono il contrario.",
        Reason::LoginPageNotSeen => {
            "Non si è visto alcun collegamento a una pagina di accesso, quindi non è stata letta."
        }
        Reason::PaymentPageNotSeen => {
            "Non si è visto alcun collegamento a una pagina di pagamento, quindi non è stata letta."
        }
        Reason::PlatformNotNamed => {
            "Una pagina di pagamento è stata raggiunta e letta, ma non dice su quale piattaforma si paga."
        }
        Reason::BudgetSpent => {
            "La visita ha speso le sue richieste o il suo tempo prima di leggere tutte le pagine utili."
        }
        Reason::LeftUnread => {
            "Un collegamento che poteva portare alla risposta non è stato seguito: troppo a fondo, fra troppi uguali, \
             in un giro senza fine o verso un sito estraneo."
        }
        Reason::ScriptedControl => {
            "C'è un pulsante che funziona solo con JavaScript o inviando un modulo: non si vede dove porta."
        }
        Reason::Interrupted => "La visita è stata interrotta.",
        Reason::Fetch(outcome) => {
            return format!("Una pagina che poteva contenere la risposta non è stata letta: {}.", fetch(outcome));
        }
    };
    sentence.to_owned()
}

fn advice(platform: Platform, outcome: Outcome, reason: Reason) -> Option<&'static str> {
    if outcome == Outcome::Found {
        return None;
    }
    if outcome == Outcome::NotFound || outcome == Outcome::Mentioned {
        return Some(match platform {
            Platform::Spid => {
                "Se l'accesso con SPID è attivo, collegarlo dalla pagina di accesso con il pulsante «Entra con SPID»."
            }
            Platform::Cie => {
                "Se l'accesso con CIE è attivo, collegarlo dalla pagina di accesso con il pulsante «Entra con CIE»."
            }
            Platform::Pagopa => {
                "Se i pagamenti passano da pagoPA, collegarli dalla pagina dei pagamenti e dalle schede dei servizi."
            }
            Platform::Appio => {
                "Scrivere nelle schede dei servizi quali si trovano su App IO. Che cosa c'è sull'app lo dice l'elenco \
                 dei servizi di IO, non il sito."
            }
            Platform::Eidas => "Se l'accesso eIDAS è attivo, collegarlo dalla pagina di accesso.",
        });
    }
    Some(match reason {
        Reason::Proof | Reason::TwoStrong | Reason::CoverageComplete | Reason::WordsOnly | Reason::OneStrong => {
            "Aprire la pagina indicata e verificare a mano."
        }
        Reason::NotStated => "Cercare il comune nell'elenco dei servizi di IO.",
        Reason::TenantUnproven => {
            "Verificare a mano che la pagina indicata sia quella di questo comune; indicare i suoi codici aiuta."
        }
        Reason::TestEnvironment => "Far puntare il collegamento all'ambiente in esercizio.",
        Reason::Contradicted => "Togliere dal sito l'indicazione che non vale più, e ripetere la visita.",
        Reason::LoginPageNotSeen => {
            "Mettere nell'intestazione del sito il collegamento all'area personale; se c'è, indicarne l'indirizzo."
        }
        Reason::PaymentPageNotSeen => {
            "Collegare la pagina dei pagamenti dalla pagina iniziale o da quella dei servizi; se c'è, indicarne l'indirizzo."
        }
        Reason::PlatformNotNamed => {
            "Scrivere nella pagina dei pagamenti che si paga con pagoPA, e collegarla con il codice dell'ente."
        }
        Reason::BudgetSpent | Reason::Fetch(FetchOutcome::Budget) => {
            "Ripetere la visita con più richieste (--max-requests) o più tempo (--max-time)."
        }
        Reason::LeftUnread => {
            "Aprire a mano i collegamenti non letti. Un collegamento dalla pagina iniziale all'accesso o ai pagamenti li \
             rende verificabili."
        }
        Reason::ScriptedControl
        | Reason::Fetch(
            FetchOutcome::NeedsBrowser
            | FetchOutcome::RenderEmpty
            | FetchOutcome::RenderTimeout
            | FetchOutcome::RenderFailed,
        ) => {
            "Guardare la pagina con un browser. Un collegamento che funziona anche senza JavaScript la rende verificabile."
        }
        Reason::Interrupted => "Ripetere la visita.",
        Reason::Fetch(outcome) => match outcome {
            FetchOutcome::Dns => "Controllare l'indirizzo del sito; se è giusto, ripetere la visita più tardi.",
            FetchOutcome::TlsExpired
            | FetchOutcome::TlsNotYetValid
            | FetchOutcome::TlsWrongName
            | FetchOutcome::TlsSelfSigned
            | FetchOutcome::TlsMissingIntermediate
            | FetchOutcome::TlsUntrusted => "Correggere il certificato del server, poi ripetere la visita.",
            FetchOutcome::TlsLegacy | FetchOutcome::TlsFailed => {
                "Aggiornare il TLS del server (1.2 o 1.3), poi ripetere la visita."
            }
            FetchOutcome::RobotsDenied => {
                "Aprire la pagina nel robots.txt. Chi gestisce il sito può guardare oltre con --own-site."
            }
            FetchOutcome::RobotsUnavailable => "Rendere leggibile il robots.txt del sito, poi ripetere la visita.",
            FetchOutcome::OptedOut => "Verificare a mano: il gestore ha chiesto di non essere visitato.",
            FetchOutcome::Blocked | FetchOutcome::Challenge | FetchOutcome::Forbidden => {
                "Chiedere a chi gestisce il server di lasciar passare riscontro, oppure verificare a mano."
            }
            FetchOutcome::RateLimited => "Ripetere la visita più tardi, con un --delay maggiore.",
            FetchOutcome::Refused
            | FetchOutcome::Unreachable
            | FetchOutcome::ConnectTimeout
            | FetchOutcome::FirstByteTimeout
            | FetchOutcome::Timeout
            | FetchOutcome::Closed
            | FetchOutcome::Malformed
            | FetchOutcome::ServerError
            | FetchOutcome::Maintenance => "Ripetere la visita più tardi.",
            FetchOutcome::HeadersTooLarge
            | FetchOutcome::TooLarge
            | FetchOutcome::Undecodable
            | FetchOutcome::RedirectLoop
            | FetchOutcome::TooManyRedirects
            | FetchOutcome::BadRedirect => "Correggere la risposta del server, poi ripetere la visita.",
            FetchOutcome::AddressRefused | FetchOutcome::SchemeRefused | FetchOutcome::PortRefused => {
                "Correggere il collegamento: deve portare a un indirizzo pubblico, in https."
            }
            FetchOutcome::Parked => "Controllare l'indirizzo del sito: il dominio non è in uso.",
            FetchOutcome::NotFound | FetchOutcome::Soft404 => {
                "Correggere il collegamento, che porta a una pagina inesistente."
            }
            FetchOutcome::Ok
            | FetchOutcome::Cut
            | FetchOutcome::ProviderRedirect
            | FetchOutcome::PaymentRedirect
            | FetchOutcome::NotHtml => "Aprire la pagina indicata e verificare a mano.",
            FetchOutcome::NeedsBrowser
            | FetchOutcome::RenderEmpty
            | FetchOutcome::RenderTimeout
            | FetchOutcome::RenderFailed
            | FetchOutcome::Budget => "Verificare a mano.",
        },
    })
}

fn fetch(outcome: FetchOutcome) -> &'static str {
    match outcome {
        FetchOutcome::Ok => "letta",
        FetchOutcome::Cut => "letta solo in parte",
        FetchOutcome::ProviderRedirect => "porta a un gestore di identità: riconosciuto, non seguito",
        FetchOutcome::PaymentRedirect => "porta a un pagamento pagoPA: riconosciuto, non seguito",
        FetchOutcome::Dns => "il nome del sito non ha un indirizzo, o il DNS non risponde",
        FetchOutcome::Refused => "il server rifiuta la connessione",
        FetchOutcome::Unreachable => "il server non è raggiungibile",
        FetchOutcome::ConnectTimeout => "il server non accetta la connessione in tempo",
        FetchOutcome::FirstByteTimeout => "il server non risponde in tempo",
        FetchOutcome::Timeout => "la risposta dura troppo",
        FetchOutcome::Closed => "il server chiude la connessione a metà",
        FetchOutcome::Malformed => "la risposta non è HTTP",
        FetchOutcome::HeadersTooLarge => "le intestazioni della risposta sono troppo grandi",
        FetchOutcome::TlsExpired => "il certificato è scaduto",
        FetchOutcome::TlsNotYetValid => "il certificato non è ancora valido",
        FetchOutcome::TlsWrongName => "il certificato è intestato a un altro nome",
        FetchOutcome::TlsSelfSigned => "il certificato è autofirmato o di un'autorità privata",
        FetchOutcome::TlsMissingIntermediate => "manca il certificato intermedio",
        FetchOutcome::TlsUntrusted => "il certificato non è attendibile",
        FetchOutcome::TlsLegacy => "il server usa solo protocolli TLS non più sicuri",
        FetchOutcome::TlsFailed => "la negoziazione TLS non riesce",
        FetchOutcome::TooLarge => "la pagina è troppo grande",
        FetchOutcome::Undecodable => "la codifica della risposta non si può leggere",
        FetchOutcome::RedirectLoop => "i rinvii girano in tondo",
        FetchOutcome::TooManyRedirects => "i rinvii sono troppi",
        FetchOutcome::BadRedirect => "il rinvio non ha un indirizzo valido",
        FetchOutcome::AddressRefused => "l'indirizzo non è pubblico, quindi non è stato contattato",
        FetchOutcome::SchemeRefused => "l'indirizzo non è http né https",
        FetchOutcome::PortRefused => "la porta non è fra quelle ammesse",
        FetchOutcome::RobotsDenied => "il robots.txt lo vieta",
        FetchOutcome::RobotsUnavailable => "il robots.txt non si può leggere, quindi il sito è stato lasciato stare",
        FetchOutcome::OptedOut => "il gestore ha chiesto di non essere visitato",
        FetchOutcome::Blocked => "un firewall o un filtro risponde al posto del sito",
        FetchOutcome::Challenge => "il sito chiede una prova che solo un browser o una persona può dare",
        FetchOutcome::RateLimited => "il server chiede di rallentare oltre la durata della visita",
        FetchOutcome::ServerError => "il server risponde con un proprio errore (5xx)",
        FetchOutcome::Forbidden => "il server nega l'accesso (4xx)",
        FetchOutcome::NotFound => "la pagina non esiste (404)",
        FetchOutcome::Soft404 => "la pagina dice di non esistere, pur rispondendo 200",
        FetchOutcome::Maintenance => "il sito è in manutenzione",
        FetchOutcome::Parked => "il dominio è parcheggiato, o mostra la pagina del fornitore",
        FetchOutcome::NeedsBrowser => "la pagina è vuota senza JavaScript",
        FetchOutcome::RenderEmpty => "la pagina, disegnata in un browser, resta vuota",
        FetchOutcome::RenderTimeout => "la pagina non finisce di disegnarsi in tempo",
        FetchOutcome::RenderFailed => "la pagina si guasta nel browser",
        FetchOutcome::NotHtml => "non è una pagina ma un file di altro tipo",
        FetchOutcome::Budget => "la visita aveva già speso le sue richieste o il suo tempo",
    }
}

fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Counter => "indizio contrario",
        Strength::Weak => "indizio debole",
        Strength::Strong => "indizio forte",
        Strength::Proof => "prova",
    }
}

fn proves(proves: Proves) -> &'static str {
    match proves {
        Proves::Login => "accesso",
        Proves::Payment => "pagamento",
        Proves::Service => "servizio sull'app",
        Proves::LoginPage => "via verso l'accesso",
        Proves::PaymentPage => "via verso il pagamento",
        Proves::ServicesPage => "via verso i servizi",
        Proves::Mention => "citazione",
        Proves::Vendor => "prodotto di un fornitore",
        Proves::StaffLogin => "accesso per il personale",
        Proves::TestEnvironment => "ambiente di prova",
        Proves::Blocked => "pagina di blocco",
        Proves::Challenge => "pagina di verifica anti-robot",
        Proves::Maintenance => "manutenzione",
        Proves::Parked => "dominio parcheggiato",
        Proves::Soft404 => "pagina inesistente",
        Proves::ScriptShell => "pagina vuota senza JavaScript",
    }
}

fn label(label: PageLabel) -> &'static str {
    match label {
        PageLabel::Absent => "assente",
        PageLabel::Mentioned => "citato",
        PageLabel::Leads => "la pagina porta dove probabilmente si trova",
        PageLabel::Offered => "offerto",
    }
}

fn kind(kind: PageKind, count: u32) -> String {
    let name = match (kind, count) {
        (PageKind::Home, 1) => "iniziale",
        (PageKind::Home, _) => "iniziali",
        (PageKind::Login, _) => "di accesso",
        (PageKind::Payment, _) => "di pagamento",
        (PageKind::Services, _) => "di servizi",
        (PageKind::Other, 1) => "altra",
        (PageKind::Other, _) => "altre",
    };
    format!("{count} {name}")
}

fn end(end: End) -> &'static str {
    match end {
        End::Decided => "ogni piattaforma è decisa",
        End::Exhausted => "non restava nulla di utile da leggere",
        End::Requests => "richieste esaurite",
        End::Time => "tempo esaurito",
        End::Unreached => "la pagina iniziale non è stata letta",
        End::Interrupted => "interrotta",
    }
}

fn reach(reach: Reach) -> String {
    match reach {
        Reach::Read => "raggiunta e letta".to_owned(),
        Reach::Failed(outcome) => format!("vista ma non letta: {}", fetch(outcome)),
        Reach::Unread => "vista e non ancora letta".to_owned(),
        Reach::LeftUnread => "vista e lasciata da parte".to_owned(),
        Reach::NotSeen => "nessun collegamento visto".to_owned(),
    }
}

fn remark(code: &str) -> Option<&'static str> {
    Some(match code {
        "evidence-cut" => "Parte di ciò che il sito ha inviato era troppo per essere conservato come prova.",
        "own-site" => {
            "Il robots.txt del sito è stato letto ma non applicato, perché chi gestisce il sito lo ha chiesto (--own-site)."
        }
        "proxy" => {
            "Le richieste sono passate da un proxy: l'indirizzo dei server non è noto, e vale solo il ritmo per host."
        }
        "internal-error" => "La visita si è interrotta per un errore del programma: segnalatelo.",
        "visit-limit" => "La visita ha superato il tempo massimo.",
        "plain-http" => {
            "Il sito risponde senza https: chi sta sulla rete può leggere e cambiare ciò che il cittadino vede."
        }
        "test-environment" => "Il sito porta a un ambiente di prova o dimostrativo.",
        _ => return None,
    })
}

fn cut(cut: Cut) -> &'static str {
    match cut {
        Cut::Body => "è arrivato solo l'inizio",
        Cut::Depth => "elementi annidati troppo a fondo",
        Cut::Attributes => "un elemento con troppi attributi",
        Cut::Size => "troppi elementi o troppo testo",
        Cut::Controls => "troppi collegamenti e pulsanti",
        Cut::Cpu => "tempo di lettura esaurito",
    }
}

fn choice(code: &str) -> Option<&'static str> {
    match code {
        "start" => Some("inizio della visita"),
        "fallback" => Some("tentativo con un altro indirizzo"),
        "alternate-language" => Some("altra versione linguistica della pagina iniziale"),
        _ => None,
    }
}
