//! The help in Italian: one table, keyed by command and argument, laid over the built command.
//!
//! Option names stay as they are; what explains them changes. A test walks the whole command line and fails when a text
//! is missing here, or is here for nothing.

mod arguments;

use clap::Command;

use crate::config::defaults;

use arguments::ARGUMENTS;

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
    ("report", "Scrive un rapporto: per avviso, a un comune, su una candidatura, su tutto il paese"),
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
    ("send", "Invia le lettere che è ora d'inviare"),
    ("subscribe", "Dice chi riceve quale rapporto per posta, e quanto spesso"),
    ("subscribe add", "Iscrive un indirizzo a un rapporto; la lettera è nella lingua di `--lang`"),
    ("subscribe list", "Elenca le iscrizioni"),
    ("subscribe remove", "Termina iscrizioni; le lettere già in uscita partono"),
    (
        "nightly",
        "Tutto ciò che fa una notte: visite dovute, verdetti, rapporti agli iscritti, lettere, via ciò che è vecchio",
    ),
    ("outbox", "Elenca le lettere, ne mostra una, decide di quelle che aspettano, legge ricevute"),
    ("outbox list", "Elenca le lettere, dalla più recente"),
    ("outbox show", "Dice tutto di una lettera"),
    ("outbox resend", "Rimanda lettere fallite, rimandate o incerte; i byte sono gli stessi"),
    ("outbox discard", "Toglie dalla posta in uscita lettere non partite; restano nella banca dati"),
    ("outbox receipts", "Legge ricevute di posta certificata da una cartella o da una casella e le lega alle lettere"),
    ("prune", "Toglie prove, dettagli di visite e lettere troppo vecchi; impronte, esiti e storia restano"),
    ("db", "Guarda la banca dati, la controlla, la copia, la porta alla versione attuale"),
    ("db check", "Controlla che la banca dati sia intera e dica ciò che deve valere; la legge tutta"),
    ("db backup", "Copia la banca dati e le sue prove come sono ora, anche durante una visita d'insieme"),
    ("db status", "Dice dov'è la banca dati, la sua versione e che cosa contiene"),
    ("db migrate", "Porta le tabelle alla versione di questo programma"),
];

const EXIT_CODES: &str = "\
Codici di uscita di check:
  0  ogni piattaforma è riscontrata
  1  una piattaforma non è riscontrata, o è solo citata (App IO: non indicata sul sito)
  3  nessuna manca, ma almeno una non è determinabile
Di run:
  4  finita, ma con tanti peggioramenti da attendere una decisione
Di send, outbox receipts e nightly:
  4  finita, ma lettere sono fallite o qualcosa aspetta una persona
  75 lettere, o ciò che un'altra visita ha impedito, si riprovano più tardi
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
