//! The help in Italian: one table, keyed by command and argument, laid over the built command.
//!
//! Option names stay as they are; what explains them changes. A test walks the whole command line and fails when a text
//! is missing here, or is here for nothing.

use clap::Command;

use crate::config::defaults;

/// What commands do, by their path; the empty one is the program itself.
const COMMANDS: &[(&str, &str)] = &[
    (
        "",
        "Dice, con le prove, se il sito di un comune offre l'accesso con SPID e con CIE, il pagamento con pagoPA e servizi su App IO",
    ),
    ("check", "Guarda subito uno o più siti e stampa ciò che trova"),
    ("inspect", "Applica le regole a una pagina salvata, senza rete"),
    ("run", "Visita molti siti e conserva ciò che trova; riprende da dove era rimasto"),
    ("run list", "Elenca le visite d'insieme, dalla più recente, con quelle che aspettano una decisione"),
    ("run release", "Ammette le visite di una visita d'insieme sospetta: da ora contano"),
    ("run discard", "Lascia le visite di una visita d'insieme fuori da ogni storia; restano conservate"),
    ("import", "Importa un registro pubblico da un file o da un indirizzo https: una copia datata, tutta o niente"),
    ("comune", "Stampa tutto ciò che si sa di un comune: codici, candidature, registri, riscontri"),
    ("diff", "Confronta due giorni: che cosa è comparso, perso, da confermare, non determinabile"),
    ("applications", "Elenca le candidature finanziate dei comuni, o dice tutto di una"),
    ("applications list", "Elenca le candidature, con ogni somma riletta secondo il suo avviso"),
    ("applications show", "Dice tutto delle candidature con un CUP: soldi, requisiti, riscontri, registri"),
    ("verdicts", "Dice di ogni candidatura a un avviso che cosa se ne vede, con ragioni e date"),
    ("report", "Scrive un rapporto: per avviso a chi verifica, a un comune, su tutto il paese"),
    (
        "report notice",
        "Rapporto per avviso: che cosa è cambiato, scadenze, contraddizioni, totali, elenco delle candidature",
    ),
    (
        "report comune",
        "Rapporto a un comune: che cosa si è visto e dove, che cosa no e perché, che cosa fare, come rispondere",
    ),
    (
        "report application",
        "Scrive il fascicolo di una candidatura: requisiti, riscontri, registri, e le prove del suo comune",
    ),
    ("report national", "Rapporto su tutto il paese: dove ogni piattaforma è riscontrata, per regione e nel tempo"),
    ("export", "Scrive ciò che è conservato, in tabella o in righe JSON"),
    ("export findings", "Gli ultimi riscontri di ogni sito, o quelli di una visita complessiva"),
    ("export observations", "Che cosa valeva in un giorno, da quando e confermato quando, o l'intera storia"),
    ("evidence", "Elenca, mostra, controlla, rilegge e consegna i byte su cui poggiano i riscontri"),
    ("evidence list", "Elenca le risposte conservate, visita per visita"),
    ("evidence show", "Mostra una risposta conservata: intestazioni, impronte, posto nei file"),
    ("evidence stamp", "Fa marcare le radici dall'autorità delle impostazioni (RFC 3161), ed elenca le marche"),
    ("evidence verify", "Ricalcola ogni impronta, la catena e la radice; dice il primo punto che non torna"),
    ("evidence replay", "Applica le regole di oggi ai byte conservati e confronta i riscontri"),
    ("evidence export", "Scrive il fascicolo di un comune: byte, indice, pagina da leggere, impronte di tutto"),
    ("rejudge", "Rigiudica le prove conservate con altre regole: chi ha un altro esito, e perché"),
    ("rules", "Elenca, controlla, prova e spiega le regole di riconoscimento"),
    ("rules list", "Elenca tutte le regole"),
    ("rules lint", "Controlla i file di regole: file e riga di ogni errore"),
    ("rules test", "Prova gli esempi di ogni regola"),
    ("rules explain", "Dice tutto di una regola"),
    ("rules measure", "Misura le regole su una cartella di pagine etichettate"),
    ("rules schema", "Stampa lo schema JSON dei file di regole"),
    ("notices", "Elenca, mostra e controlla gli avvisi"),
    ("notices list", "Elenca tutti gli avvisi"),
    ("notices show", "Dice tutto di un avviso, e che cosa se ne vede da fuori"),
    ("notices lint", "Controlla i file degli avvisi"),
    ("notices schema", "Stampa lo schema JSON dei file degli avvisi"),
    ("doctor", "Dice se tutto è a posto; interroga la guardia degli indirizzi o un robots.txt"),
    ("doctor guard", "Dice se un indirizzo sarebbe contattato, dato ciò a cui il nome corrisponde"),
    ("doctor robots", "Dice che cosa un robots.txt prescrive per certi indirizzi"),
    ("config", "Mostra, controlla o inizia le impostazioni"),
    ("config show", "Stampa le impostazioni in vigore e da dove viene ciascuna; le password sono nascoste"),
    ("config check", "Dice tutti gli errori nelle impostazioni"),
    ("config example", "Stampa un file commentato da cui partire"),
    ("prune", "Toglie prove e dettagli di visite troppo vecchi; impronte, esiti e storia restano"),
    ("db", "Guarda la banca dati, la controlla, la copia, la porta alla versione attuale"),
    ("db check", "Controlla che la banca dati sia intera e dica ciò che deve valere; la legge tutta"),
    ("db backup", "Copia la banca dati e le sue prove come sono ora, anche durante una visita d'insieme"),
    ("db status", "Dice dov'è la banca dati, la sua versione e che cosa contiene"),
    ("db migrate", "Porta le tabelle alla versione di questo programma"),
];

/// Of every command that tells histories.
const BY_RULES: &str =
    "Racconta tutto come lo vedono queste regole, dopo `rejudge` (predefinito: come lo vedevano quelle di ogni giorno)";

/// What arguments do: command, id, text, name of the value (empty: as it is).
const ARGUMENTS: &[(&str, &str, &str, &str)] = &[
    ("", "db", "Banca dati, `sqlite://FILE` o `postgres://...` (predefinita: un file nei dati dell'utente)", ""),
    ("", "lang", "Lingua di ciò che si legge (predefinita: quella del sistema, italiano se manca)", ""),
    (
        "",
        "config",
        "File di impostazioni (predefinito: riscontro/riscontro.toml nella cartella di configurazione dell'utente)",
        "",
    ),
    ("", "proxy", "Proxy per tutte le richieste; quelli nominati dall'ambiente non contano", ""),
    (
        "",
        "connect_to",
        "Contatta INDIRIZZO:PORTA al posto di HOST:PORTA, ripetibile; HOST o PORTA vuoti valgono per tutti",
        "HOST:PORTA:INDIRIZZO:PORTA",
    ),
    ("", "ca_certificate", "File PEM con altre autorità di certificazione di cui fidarsi, ripetibile", ""),
    ("", "contact", "A chi scrivere (e-mail o pagina web), detto ai server; serve a `run` per molti siti", "CHI"),
    ("", "delay", "Secondi fra due richieste allo stesso host (predefinito {delay})", "SECONDI"),
    (
        "",
        "address_delay",
        "Secondi fra due richieste allo stesso indirizzo IP (predefinito {address_delay})",
        "SECONDI",
    ),
    ("", "max_requests", "Richieste che una visita può inviare (predefinito {max_requests})", ""),
    ("", "max_time", "Secondi che una visita può durare (predefinito {max_time})", "SECONDI"),
    ("", "concurrency", "Siti visitati nello stesso momento (predefinito {concurrency})", ""),
    ("", "resolver", "Server DNS da interrogare al posto di quello del sistema", "INDIRIZZO:PORTA"),
    ("", "selectors", "Cartella di regole al posto di quelle incluse", "CARTELLA"),
    ("", "notices", "Cartella di avvisi al posto di quelli inclusi", "CARTELLA"),
    ("", "no_pictures", "Non conserva immagini delle pagine fatte da script", ""),
    ("", "no_render", "Non disegna le pagine fatte da script: restano non lette", ""),
    ("", "chromium", "Programma Chromium al posto di quello del sistema", ""),
    ("", "evidence", "Cartella delle prove (predefinita: accanto alla banca dati)", "CARTELLA"),
    ("", "no_evidence", "Non conserva i byte di ciò che `run` e `check --save` riscontrano", ""),
    ("", "log_format", "Forma delle righe di registro su standard error", ""),
    ("", "quiet", "Dice solo gli errori, senza avanzamento", ""),
    ("", "verbose", "Dice di più; -vv e -vvv ancora di più", ""),
    ("", "help", "Stampa questo aiuto", ""),
    ("", "version", "Stampa la versione", ""),
    ("check", "subjects", "Indirizzi di siti, oppure nomi o codici di comuni noti alla banca dati", ""),
    ("check", "format", "Come stampare", ""),
    ("check", "save", "Conserva anche le visite nella banca dati", ""),
    ("check", "own_site", "Il sito è vostro: guarda oltre il suo robots.txt, e il resoconto lo dice", ""),
    (
        "check",
        "explain",
        "Dice anche il percorso: perché ogni pagina è stata scelta, che cosa ha dato, che cosa non è stato letto",
        "",
    ),
    ("inspect", "file", "La pagina, - per standard input", ""),
    ("inspect", "url", "L'indirizzo con cui la pagina è letta", ""),
    ("inspect", "format", "Come stampare", ""),
    ("inspect", "content_type", "Intestazione Content-Type con cui la pagina è arrivata", "TIPO"),
    ("run", "targets", "Tabella dei siti: `codice_ipa,name,url,population,region`; serve solo `url`", ""),
    (
        "run",
        "notice",
        "Visita i comuni con una candidatura in corso a questo avviso, agli indirizzi che danno i registri",
        "",
    ),
    ("run", "limit", "Visita al massimo tanti siti", ""),
    ("run", "fresh", "Ricomincia da capo: visita anche i siti già finiti", ""),
    ("run", "format", "Come stampare", ""),
    ("run list", "format", "Come stampare", ""),
    ("run release", "run", "Numero della visita d'insieme, come lo dice `run list`", "N"),
    ("run release", "format", "Come stampare", ""),
    ("run discard", "run", "Numero della visita d'insieme, come lo dice `run list`", "N"),
    ("run discard", "format", "Come stampare", ""),
    ("import", "register", "Quale registro", ""),
    (
        "import",
        "file",
        "Il file come pubblicato (CSV, JSON, XML, xlsx), anche compresso con gzip o zip; o il suo indirizzo https",
        "FILE|URL",
    ),
    (
        "import",
        "date",
        "Data a cui il registro si riferisce (predefinita: quella nel nome, o dell'ultima modifica)",
        "AAAA-MM-GG",
    ),
    ("import", "report", "File in cui scrivere il resoconto sulla qualità dei dati, in JSON", ""),
    ("import", "partial", "Il file è un estratto: ciò che non elenca è ignoto", ""),
    ("import", "format", "Come stampare", ""),
    ("comune", "subject", "Nome del comune, o un suo codice: IPA, ISTAT, catastale o fiscale", "NOME|CODICE"),
    (
        "comune",
        "max_age",
        "Giorni dopo i quali un registro è detto vecchio, quale che sia (predefiniti: quelli delle impostazioni)",
        "GIORNI",
    ),
    ("comune", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("comune", "catalogue", BY_RULES, "VERSIONE|IMPRONTA"),
    ("comune", "format", "Come stampare", ""),
    ("diff", "from", "Il primo giorno, come era noto alla sua fine", "AAAA-MM-GG"),
    ("diff", "to", "Il secondo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("diff", "region", "Solo i comuni di questa regione, ripetibile", "NOME"),
    ("diff", "catalogue", BY_RULES, "VERSIONE|IMPRONTA"),
    ("diff", "format", "Forma dell'elenco", ""),
    ("diff", "output", "File da scrivere al posto di standard output", ""),
    ("diff", "rfc4180", "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano", ""),
    ("applications list", "notice", "Solo le candidature a questo avviso, ripetibile", ""),
    ("applications list", "comune", "Solo quelle di questo comune: nome o codice", "NOME|CODICE"),
    (
        "applications list",
        "state",
        "Solo le candidature in questi stati: finanziate, rinunciate, pagate (predefiniti: tutti)",
        "",
    ),
    ("applications list", "misfits", "Solo quelle la cui somma non torna con l'avviso", ""),
    ("applications list", "region", "Solo i comuni di questa regione, ripetibile", "NOME"),
    ("applications list", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("applications list", "format", "Forma dell'elenco", ""),
    ("applications list", "output", "File da scrivere al posto di standard output", ""),
    (
        "applications list",
        "rfc4180",
        "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano",
        "",
    ),
    ("applications show", "cup", "CUP della candidatura", ""),
    ("applications show", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("applications show", "format", "Come stampare", ""),
    ("verdicts", "notice", "Nome dell'avviso, come lo dice `notices list`", ""),
    (
        "verdicts",
        "state",
        "Solo le candidature in questi stati: finanziate, rinunciate, pagate; `none` per i comuni che non ne hanno (predefiniti A,E)",
        "",
    ),
    ("verdicts", "outcome", "Solo le candidature con questo verdetto, ripetibile", ""),
    ("verdicts", "region", "Solo i comuni di questa regione, ripetibile", "NOME"),
    ("verdicts", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("verdicts", "format", "Forma dell'elenco", ""),
    ("verdicts", "output", "File da scrivere al posto di standard output", ""),
    (
        "report notice",
        "notice",
        "Solo questo avviso, ripetibile (predefinito: tutti quelli di cui un registro elenca le candidature)",
        "",
    ),
    ("report notice", "region", "Solo i comuni di questa regione, ripetibile", "NOME"),
    ("report notice", "since", "Elenca ciò che è cambiato da questo giorno: quello dell'ultimo rapporto", "AAAA-MM-GG"),
    ("report notice", "near", "Giorni entro i quali una scadenza è vicina (predefinito 60)", "GIORNI"),
    ("report notice", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    (
        "report notice",
        "format",
        "Forma del rapporto: una pagina, testo, ogni candidatura in tabella o cartella di lavoro, tutto per i programmi",
        "",
    ),
    ("report application", "cup", "CUP della candidatura", "CUP"),
    (
        "report application",
        "out",
        "Cartella, o file che finisce in .zip o .wacz (predefinito: uno ZIP qui, con il nome del comune e il giorno)",
        "CARTELLA|FILE.zip",
    ),
    ("report application", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("report application", "force", "Sostituisce un fascicolo che c'è già", ""),
    ("report application", "format", "Come stampare", ""),
    ("report comune", "subject", "Nome o codice del comune", "NOME|CODICE"),
    ("report comune", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("report comune", "format", "Forma del rapporto: una pagina, testo, tutto per i programmi", ""),
    ("report comune", "output", "File da scrivere al posto di standard output", ""),
    (
        "report comune",
        "rfc4180",
        "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano",
        "",
    ),
    ("report national", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    (
        "report national",
        "format",
        "Forma del rapporto: una pagina, testo, una cartella di lavoro, tutto per i programmi",
        "",
    ),
    ("report national", "output", "File da scrivere al posto di standard output", ""),
    (
        "report national",
        "rfc4180",
        "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano",
        "",
    ),
    ("report notice", "output", "File da scrivere al posto di standard output", ""),
    (
        "report notice",
        "rfc4180",
        "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano",
        "",
    ),
    ("verdicts", "rfc4180", "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano", ""),
    ("export findings", "format", "Forma dei dati", ""),
    ("export findings", "run", "Solo i riscontri di questa visita complessiva", ""),
    ("export findings", "output", "File da scrivere al posto di standard output", ""),
    (
        "export findings",
        "rfc4180",
        "Virgole e nessun segno iniziale, al posto di ciò che vogliono i fogli di calcolo italiani",
        "",
    ),
    ("export observations", "format", "Forma dei dati", ""),
    ("export observations", "all", "Anche ciò che è finito, e non solo ciò che vale", ""),
    ("export observations", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    ("export observations", "catalogue", BY_RULES, "VERSIONE|IMPRONTA"),
    ("export observations", "output", "File da scrivere al posto di standard output", ""),
    (
        "export observations",
        "rfc4180",
        "Virgole e nessun segno iniziale, al posto di ciò che vogliono i fogli di calcolo italiani",
        "",
    ),
    ("evidence list", "visit", "Solo questa visita", ""),
    ("evidence list", "run", "Solo questa visita complessiva", ""),
    ("evidence list", "comune", "Solo questo comune: nome, codice o indirizzo", "NOME|CODICE|URL"),
    ("evidence list", "format", "Come stampare", ""),
    (
        "evidence show",
        "what",
        "Impronta SHA-256 di un corpo, oppure VISITA/PAGINA come le dà `evidence list`",
        "IMPRONTA|VISITA/PAGINA",
    ),
    ("evidence show", "body", "Scrive soltanto il corpo come è stato letto, byte per byte", ""),
    ("evidence show", "raw", "Intestazioni e indirizzi come sono, senza coprire indirizzi e-mail e simili", ""),
    ("evidence show", "format", "Come stampare", ""),
    ("evidence stamp", "run", "Solo questa visita complessiva", ""),
    ("evidence stamp", "list", "Non chiede a nessuno: elenca le marche che ci sono", ""),
    ("evidence stamp", "format", "Come stampare", ""),
    ("evidence verify", "run", "Solo questa visita complessiva", ""),
    ("evidence verify", "format", "Come stampare", ""),
    ("rejudge", "catalogue", "Cartella delle regole (predefinite: quelle di ogni comando)", "CARTELLA"),
    ("rejudge", "run", "Solo questa visita complessiva", ""),
    ("rejudge", "comune", "Solo questo comune: nome, codice o indirizzo", "NOME|CODICE|URL"),
    ("rejudge", "dry_run", "Non conserva nulla", ""),
    ("rejudge", "format", "Forma dell'elenco", ""),
    ("rejudge", "output", "File da scrivere al posto di standard output", ""),
    ("rejudge", "rfc4180", "Virgole e nessun BOM, al posto di ciò che i fogli di calcolo italiani si aspettano", ""),
    ("evidence replay", "run", "Solo questa visita complessiva (predefinita: l'ultima)", ""),
    ("evidence replay", "visit", "Solo questa visita", ""),
    ("evidence replay", "format", "Come stampare", ""),
    (
        "evidence export",
        "subject",
        "Nome o codice del comune, indirizzo del sito, o numero di una visita",
        "NOME|CODICE|URL|VISITA",
    ),
    (
        "evidence export",
        "out",
        "Cartella, o file che finisce in .zip o .wacz (predefinito: uno ZIP qui, col nome del comune e il giorno)",
        "CARTELLA|FILE.zip",
    ),
    ("evidence export", "as_of", "Usa solo ciò che era noto in questo giorno (predefinito: oggi)", "AAAA-MM-GG"),
    (
        "evidence export",
        "raw",
        "Non copre indirizzi e-mail, telefoni, codici fiscali e IBAN nella pagina da leggere",
        "",
    ),
    (
        "evidence export",
        "without_pages",
        "Lascia fuori le pagine ricevute, che contengono i dati personali pubblicati dal sito",
        "",
    ),
    ("evidence export", "force", "Sostituisce un fascicolo che c'è già", ""),
    ("evidence export", "format", "Come stampare", ""),
    ("rules list", "format", "Come stampare", ""),
    ("rules lint", "format", "Come stampare", ""),
    ("rules test", "format", "Come stampare", ""),
    ("rules explain", "id", "Nome della regola, per esempio spid.sp-button", ""),
    ("rules explain", "format", "Come stampare", ""),
    ("rules measure", "folder", "Cartella con labels.csv e pages/", "CARTELLA"),
    ("rules measure", "format", "Come stampare", ""),
    ("notices list", "format", "Come stampare", ""),
    ("notices show", "id", "Nome dell'avviso, per esempio fondo-innovazione-2020", ""),
    ("notices show", "format", "Come stampare", ""),
    ("notices lint", "format", "Come stampare", ""),
    ("doctor", "format", "Come stampare", ""),
    ("doctor guard", "url", "L'indirizzo", ""),
    ("doctor guard", "answer", "Ciò a cui il nome corrisponde, senza chiederlo al DNS; ripetibile", ""),
    ("doctor guard", "format", "Come stampare", ""),
    ("doctor robots", "file", "Il robots.txt, - per standard input", ""),
    ("doctor robots", "urls", "Indirizzi o percorsi", ""),
    ("doctor robots", "agent", "Nome del programma (predefinito: riscontro)", "NOME"),
    ("doctor robots", "format", "Come stampare", ""),
    ("config show", "format", "Come stampare", ""),
    ("config check", "format", "Come stampare", ""),
    ("db status", "format", "Come stampare", ""),
    ("db migrate", "format", "Come stampare", ""),
    ("db check", "format", "Come stampare", ""),
    ("db backup", "to", "Il nuovo file; le prove vanno nella cartella `FILE.evidence` accanto", ""),
    ("db backup", "without_evidence", "Lascia fuori i file delle prove", ""),
    ("db backup", "format", "Come stampare", ""),
    (
        "prune",
        "evidence_days",
        "Toglie i byte delle prove più vecchie di così (0: nessuna; predefinito: le impostazioni)",
        "GIORNI",
    ),
    (
        "prune",
        "evidence_mib",
        "Lascia tante prove, togliendo le più vecchie (0: tutte; predefinito: le impostazioni)",
        "",
    ),
    (
        "prune",
        "detail_days",
        "Toglie i dettagli (pagine, segni, percorsi) di visite più vecchie di così (0: nessuno; predefinito: le impostazioni)",
        "GIORNI",
    ),
    (
        "prune",
        "detail_mib",
        "Lascia tanti dettagli, togliendo i più vecchi (0: tutti; predefinito: le impostazioni)",
        "",
    ),
    (
        "prune",
        "url",
        "Dimentica ciò che venne da questo indirizzo, o con `*` in fondo da tutti quelli che iniziano così",
        "",
    ),
    ("prune", "dry_run", "Dice soltanto che cosa verrebbe tolto", ""),
    ("prune", "format", "Come stampare", ""),
];

const EXIT_CODES: &str = "\
Codici di uscita di check:
  0  ogni piattaforma è riscontrata
  1  una piattaforma non è riscontrata, o è solo citata (App IO: non indicata sul sito)
  3  nessuna manca, ma almeno una non è determinabile
Di run:
  4  finita, ma con tanti peggioramenti da attendere una decisione
Di ogni comando:
  2  uso sbagliato     70 guasto interno    75 un'altra visita è in corso
  65 dati sbagliati    71 disco pieno       77 permesso negato
  66 manca l'ingresso  73 non creabile      78 impostazioni
  69 non disponibile   74 lettura o scrittura non riuscita";

const TEMPLATE: &str = "{before-help}{about}\n\nUso: {usage}\n\n{all-args}{after-help}";
const SHARED: &str = "Opzioni comuni";
const OPTIONS: &str = "Opzioni";
const VALUES: &str = "Argomenti";
const SUBCOMMANDS: &str = "Comandi";

/// Puts the Italian texts over the English ones. Called on the command before it is built.
pub fn translate(command: Command) -> Command {
    let mut built = command.clone();
    built.build();
    over(command, "", &mut built).after_help(EXIT_CODES)
}

/// The text of a command.
fn about(path: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(command, _)| *command == path).map(|(_, text)| *text)
}

/// The text of an argument, with the defaults filled in, and the name of its value.
fn argument(path: &str, id: &str) -> Option<(String, &'static str)> {
    let (_, _, text, value) = ARGUMENTS.iter().find(|(command, argument, ..)| *command == path && *argument == id)?;
    let text = text
        .replace("{delay}", &defaults::DELAY.to_string())
        .replace("{address_delay}", &defaults::ADDRESS_DELAY.to_string())
        .replace("{max_requests}", &defaults::MAX_REQUESTS.to_string())
        .replace("{max_time}", &defaults::MAX_TIME.to_string())
        .replace("{concurrency}", &defaults::CONCURRENCY.to_string());
    Some((text, value))
}

fn over(mut command: Command, path: &str, built: &mut Command) -> Command {
    // clap writes these two words itself, and offers no other way to change them.
    let usage = built.render_usage().to_string().replace("[OPTIONS]", "[OPZIONI]").replace("COMMAND", "COMANDO");
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    command = command.help_template(TEMPLATE).override_usage(usage).subcommand_help_heading(SUBCOMMANDS);
    if let Some(text) = about(path) {
        command = command.about(text);
    }
    let ids: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    for id in ids {
        let Some((text, value)) = argument(path, &id) else { continue };
        command = command.mut_arg(&id, |argument| {
            let heading = match (path.is_empty(), argument.is_positional()) {
                (true, _) => SHARED,
                (false, true) => VALUES,
                (false, false) => OPTIONS,
            };
            let argument = argument.help(text).help_heading(heading);
            if value.is_empty() { argument } else { argument.value_name(value) }
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        if let Some(built) = built.find_subcommand_mut(&name) {
            command = command.mut_subcommand(&name, |sub| over(sub, &path, built));
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{cli, config::Lang};

    fn walk(
        command: &Command,
        path: &str,
        commands: &mut BTreeSet<String>,
        arguments: &mut BTreeSet<(String, String)>,
    ) {
        commands.insert(path.to_owned());
        for argument in command.get_arguments() {
            arguments.insert((path.to_owned(), argument.get_id().to_string()));
        }
        for sub in command.get_subcommands() {
            walk(sub, format!("{path} {}", sub.get_name()).trim(), commands, arguments);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_text_and_none_is_left_over() {
        let (mut commands, mut arguments) = (BTreeSet::new(), BTreeSet::new());
        walk(&cli::command(Lang::En), "", &mut commands, &mut arguments);
        let texts: BTreeSet<String> = COMMANDS.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(commands, texts);
        let texts: BTreeSet<(String, String)> =
            ARGUMENTS.iter().map(|(path, id, ..)| ((*path).to_owned(), (*id).to_owned())).collect();
        assert_eq!(arguments, texts);
        assert_eq!(texts.len(), ARGUMENTS.len(), "an argument is in the table twice");
    }

    fn help(command: &mut Command, out: &mut Vec<String>) {
        out.push(command.render_help().to_string());
        let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        for name in names {
            if let Some(sub) = command.find_subcommand_mut(&name) {
                help(sub, out);
            }
        }
    }

    #[test]
    fn no_english_word_of_clap_is_left() {
        let mut command = cli::command(Lang::It);
        command.build();
        let mut pages = Vec::new();
        help(&mut command, &mut pages);
        assert!(pages.len() > 15);
        for page in pages {
            for word in [
                "Usage",
                "Options",
                "OPTIONS",
                "COMMAND",
                "Commands",
                "Arguments",
                "default:",
                "possible values",
                "Print",
            ] {
                assert!(!page.contains(word), "{word} in\n{page}");
            }
        }
    }

    #[test]
    fn defaults_are_the_constants() {
        for lang in Lang::ALL {
            let page = cli::command(lang).render_help().to_string();
            for number in [defaults::MAX_TIME.to_string(), defaults::MAX_REQUESTS.to_string(), "32".to_owned()] {
                assert!(page.contains(&format!(" {number})")), "{lang}: {number}");
            }
            assert!(!page.contains('{'), "a default was not filled in");
        }
    }
}
