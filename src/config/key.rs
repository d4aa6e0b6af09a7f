//! The one list of settings: name in the file, variable, flag, kind, and what it is for.

use super::{Environment, Lang};

/// What a file may write for a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A number, with or without a fraction.
    Number,
    /// A whole number.
    Integer,
    /// A list of strings; in a variable they are separated by commas.
    List,
}

macro_rules! keys {
    ($($name:ident = $file:literal, $flag:expr, $kind:ident, $it:literal, $en:literal;)+) => {
        /// One setting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Key {
            $(#[doc = $en] $name,)+
        }

        impl Key {
            /// Every setting, in the order of the example file.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Name in the file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $file,)+ }
            }

            /// Long flag, where the command line has one.
            pub const fn flag(self) -> Option<&'static str> {
                match self { $(Self::$name => $flag,)+ }
            }

            /// What a file may write for it.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)+ }
            }

            /// What it is for, one sentence.
            pub fn about(self, lang: Lang) -> &'static str {
                match self { $(Self::$name => lang.pick($it, $en),)+ }
            }
        }
    };
}

keys! {
    Db = "db", Some("--db"), Text,
        "Indirizzo della banca dati (`sqlite://FILE` o `postgres://UTENTE@HOST/BANCADATI`).",
        "Address of the database (`sqlite://FILE` or `postgres://USER@HOST/DATABASE`).";
    Lang = "lang", Some("--lang"), Text,
        "Lingua di ciò che si legge: it o en.",
        "Language of what is read: it or en.";
    Contact = "contact", Some("--contact"), Text,
        "A chi scrivere: indirizzo e-mail o pagina web, detto ai server insieme al nome del programma.",
        "Whom to write to: an e-mail address or a web page, told to servers with the program's name.";
    Delay = "delay", Some("--delay"), Number,
        "Secondi fra due richieste allo stesso host.",
        "Seconds between two requests to one host.";
    AddressDelay = "address_delay", Some("--address-delay"), Number,
        "Secondi fra l'inizio di due richieste allo stesso indirizzo IP.",
        "Seconds between the starts of two requests to one IP address.";
    MaxRequests = "max_requests", Some("--max-requests"), Integer,
        "Richieste che una visita può inviare, robots.txt e rinvii compresi.",
        "Requests that one visit may send, robots.txt and redirects included.";
    MaxTime = "max_time", Some("--max-time"), Number,
        "Secondi che una visita può durare.",
        "Seconds that one visit may take.";
    Concurrency = "concurrency", Some("--concurrency"), Integer,
        "Siti visitati nello stesso momento.",
        "Sites visited at the same time.";
    Proxy = "proxy", Some("--proxy"), Text,
        "Proxy per tutte le richieste (http, https, socks5, socks5h); `HTTP_PROXY` e simili non contano.",
        "Proxy for every request (http, https, socks5, socks5h); `HTTP_PROXY` and its like are not obeyed.";
    ConnectTo = "connect_to", Some("--connect-to"), List,
        "Indirizzi scelti da chi gestisce, HOST:PORTA:INDIRIZZO:PORTA; HOST o PORTA vuoti valgono per tutti.",
        "Addresses chosen by the operator, HOST:PORT:ADDRESS:PORT; an empty HOST or PORT matches all.";
    CaCertificate = "ca_certificate", Some("--ca-certificate"), List,
        "File PEM con altre autorità di certificazione di cui fidarsi.",
        "PEM files with further certificate authorities to trust.";
    Resolver = "resolver", Some("--resolver"), Text,
        "Server DNS da interrogare, INDIRIZZO:PORTA, al posto di quello del sistema.",
        "DNS server to ask, ADDRESS:PORT, in place of the system's.";
    Selectors = "selectors", Some("--selectors"), Text,
        "Cartella di regole al posto di quelle incluse.",
        "Folder of rules in place of the built-in ones.";
    Notices = "notices", Some("--notices"), Text,
        "Cartella di avvisi al posto di quelli inclusi.",
        "Folder of notices in place of the built-in ones.";
    Render = "render", Some("--no-render"), Text,
        "Pagine disegnate da script: `auto` le disegna in Chromium quando serve, `never` le lascia non lette.",
        "Pages that scripts draw: `auto` draws them in Chromium when needed, `never` leaves them unread.";
    Pictures = "pictures", Some("--no-pictures"), Text,
        "Immagini delle pagine disegnate da script, fra le prove: `auto` le conserva, `never` no.",
        "Pictures of pages that scripts draw, with the evidence: `auto` keeps them, `never` does not.";
    Chromium = "chromium", Some("--chromium"), Text,
        "Il programma Chromium, al posto di quello del sistema.",
        "The Chromium program, in place of the system's.";
    Evidence = "evidence", Some("--evidence"), Text,
        "Cartella delle prove (byte ricevuti), accanto alla banca dati se non detta; `never` non ne conserva.",
        "Folder of evidence (bytes received), beside the database when not said; `never` keeps none.";
    StampAuthority = "stamp_authority", None, Text,
        "Autorità che marca nel tempo le radici delle prove (RFC 3161), indirizzo http o https; nessuna se non detta.",
        "Authority that stamps the roots of the evidence (RFC 3161), an http or https address; none when not said.";
    OptOut = "opt_out", None, List,
        "Host che hanno chiesto di non essere visitati, sottodomini compresi.",
        "Hosts that asked not to be visited, subdomains included.";
    OptOutFile = "opt_out_file", None, Text,
        "File con gli stessi host, uno per riga; # inizia un commento.",
        "File with such hosts, one a line; # starts a comment.";
    RegisterMaxAge = "register_max_age", None, List,
        "Giorni dopo i quali un registro è detto vecchio: `REGISTRO:GIORNI`, o solo `GIORNI` per tutti.",
        "Days after which a register is called old: `REGISTER:DAYS`, or `DAYS` alone for all.";
    ConfirmLooks = "confirm_looks", None, Integer,
        "Visite in giorni diversi che devono non vedere più una cosa perché conti come persa.",
        "Visits on different days that must miss a thing before it counts as lost.";
    ConfirmHours = "confirm_hours", None, Integer,
        "Ore che devono passare dalla prima all'ultima di quelle visite.",
        "Hours that must lie between the first and the last of those visits.";
    SuspectShare = "suspect_share", None, Integer,
        "Percentuale di siti peggiorati in una visita d'insieme oltre la quale è sospetta; 100 per mai.",
        "Percentage of sites turning worse in one run above which the run is suspect; 100 for never.";
    EvidenceDays = "evidence_days", None, Integer,
        "Giorni dopo i quali `prune` toglie i byte delle prove; 0 per mai.",
        "Days after which `prune` removes the bytes of evidence; 0 for never.";
    EvidenceMib = "evidence_mib", None, Integer,
        "MiB di prove che `prune` lascia, togliendo le più vecchie; 0 per tutte.",
        "MiB of evidence that `prune` leaves, removing the oldest; 0 for all.";
    DetailDays = "detail_days", None, Integer,
        "Giorni dopo i quali `prune` toglie i dettagli delle visite (pagine, segni); 0 per mai.",
        "Days after which `prune` removes the details of visits (pages, signals); 0 for never.";
    DetailMib = "detail_mib", None, Integer,
        "MiB di dettagli delle visite che `prune` lascia, togliendo i più vecchi; 0 per tutti.",
        "MiB of details of visits that `prune` leaves, removing the oldest; 0 for all.";
    LetterDays = "letter_days", None, Integer,
        "Giorni dopo i quali `prune` toglie i byte delle lettere inviate; 0 per mai.",
        "Days after which `prune` removes the bytes of letters that were sent; 0 for never.";
    MailTransport = "mail_transport", None, Text,
        "Dove vanno le lettere: `smtp` a un server, `file` in una cartella, `none` da nessuna parte.",
        "Where letters go: `smtp` to a server, `file` into a folder, `none` nowhere.";
    MailHost = "mail_host", None, Text,
        "Il server di posta; se è detto, le lettere vanno lì.",
        "The mail server; when it is named, letters go there.";
    MailPort = "mail_port", None, Integer,
        "La sua porta (465 per `implicit`, 587 per `starttls`, 25 in chiaro).",
        "Its port (465 for `implicit`, 587 for `starttls`, 25 in clear).";
    MailTls = "mail_tls", None, Text,
        "Protezione: `implicit` o `starttls`; `none` solo su questa macchina, `insecure-clear-text` in chiaro ovunque.",
        "Protection: `implicit` or `starttls`; `none` on this machine only, `insecure-clear-text` in clear anywhere.";
    MailCaCertificate = "mail_ca_certificate", None, List,
        "File PEM con altre autorità di cui fidarsi, per il solo server di posta.",
        "PEM files with further authorities to trust, for the mail server only.";
    MailLogin = "mail_login", None, Text,
        "Nome con cui accedere al server di posta.",
        "Name to log in to the mail server with.";
    MailPasswordFile = "mail_password_file", None, Text,
        "File con la password; se non è detto, `mail-password` fra le credenziali di systemd.",
        "File with the password; when not said, `mail-password` among systemd's credentials.";
    MailFrom = "mail_from", None, Text,
        "Mittente: `NOME <INDIRIZZO>` o il solo indirizzo.",
        "Sender: `NAME <ADDRESS>` or the address alone.";
    MailReplyTo = "mail_reply_to", None, Text,
        "Dove vanno le risposte, se non al mittente.",
        "Where answers go, when not to the sender.";
    MailFolder = "mail_folder", None, Text,
        "Cartella delle lettere per `file`, accanto alla banca dati se non detta.",
        "Folder of letters for `file`, beside the database when not said.";
    MailMode = "mail_mode", None, Text,
        "`plain`, oppure `pec` se la casella è di posta certificata.",
        "`plain`, or `pec` when the mailbox is one of certified mail.";
    MailReceipts = "mail_receipts", None, Text,
        "Da dove leggere le ricevute di posta certificata: cartella, o `imaps://UTENTE@HOST/CARTELLA`.",
        "Where receipts of certified mail are read from: a folder, or `imaps://USER@HOST/FOLDER`.";
    MailReceiptsPasswordFile = "mail_receipts_password_file", None, Text,
        "File con la password di quella casella; poi `mail-receipts-password` fra le credenziali di systemd.",
        "File with the password of that mailbox; then `mail-receipts-password` among systemd's credentials.";
    MailUnsure = "mail_unsure", None, Text,
        "Lettere che non si sa se il server abbia preso: `ask` aspetta una persona, `resend` le rimanda uguali.",
        "Letters of which nobody knows whether the server took them: `ask` waits for a person, `resend` sends them again.";
    MailLimit = "mail_limit", None, Integer,
        "Lettere che un comando invia; 0 per tutte.",
        "Letters that one command sends; 0 for all.";
    MailHourly = "mail_hourly", None, Integer,
        "Lettere che partono in un'ora; 0 per tutte.",
        "Letters that leave in an hour; 0 for all.";
    MailMaxMib = "mail_max_mib", None, Integer,
        "MiB che una lettera può avere con gli allegati; quelli che non ci stanno restano fuori, e la lettera lo dice.",
        "MiB that a letter may have with its attachments; those that do not fit stay out, and the letter says so.";
    MailOperator = "mail_operator", None, Text,
        "A chi si scrive che qualcosa aspetta una persona; se non è detto, al contatto, se è un indirizzo di posta.",
        "Whom to tell that something waits for a person; when not said, the contact, if that is an address of mail.";
    NightSites = "night_sites", None, Text,
        "Siti che `nightly` visita: `applications` dei comuni con candidature in corso, `all` di tutti, `none` nessuno.",
        "Sites that `nightly` visits: `applications` of comuni with live applications, `all` of all, `none` none.";
    NightDays = "night_days", None, Integer,
        "Giorni dopo i quali `nightly` visita di nuovo un sito.",
        "Days after which `nightly` visits a site again.";
    NightLimit = "night_limit", None, Integer,
        "Siti che `nightly` visita in una notte, prima quelli non visti da più tempo; 0 per tutti.",
        "Sites that `nightly` visits in a night, those not seen for longest first; 0 for all.";
    LogFormat = "log_format", Some("--log-format"), Text,
        "Forma delle righe di registro: text o json.",
        "Form of log lines: text or json.";
    Verbosity = "verbosity", Some("-v"), Integer,
        "Quanto raccontare: -1 solo errori, 0 avvisi, 1 informazioni, 2 dettagli, 3 tutto.",
        "How much to tell: -1 errors only, 0 warnings, 1 information, 2 debug, 3 everything.";
}

impl Key {
    /// Name of its environment variable.
    pub fn variable(self) -> String {
        format!("{}{}", Environment::PREFIX, self.name().to_ascii_uppercase())
    }

    /// The setting of a name in the file.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// The setting whose name is nearest to a mistyped one, when one is near enough to be meant.
    pub fn nearest(name: &str) -> Option<Self> {
        // Names are short; what is typed may be anything.
        let folded: String = name.chars().take(64).collect::<String>().to_ascii_lowercase().replace('-', "_");
        let (distance, key) = Self::ALL.iter().map(|key| (strsim::levenshtein(&folded, key.name()), *key)).min()?;
        (distance <= (folded.chars().count() / 3).max(1)).then_some(key)
    }
}
