//! The database's faults in Italian; their English is in the error itself.

use crate::store::StoreError;

/// What happened, for Italian readers.
pub(super) fn italian(error: &StoreError) -> String {
    let told = |at: &str, text: &str| format!("{at}: {text}");
    match error {
        StoreError::BadAddress { address, .. } => {
            format!(
                "`{address}` non è l'indirizzo di una banca dati; usate sqlite://FILE o postgres://UTENTE@HOST/BANCADATI"
            )
        }
        StoreError::Folder { path, source } => {
            format!("{}: non si può creare la cartella: {source}", path.display())
        }
        StoreError::Unreachable { at, detail } => told(at, &format!("il server non è raggiungibile: {detail}")),
        StoreError::Login { at, detail } => told(at, &format!("il server rifiuta l'accesso: {detail}")),
        StoreError::NoDatabase { at } => {
            told(at, "il server non ha questa banca dati; createla con `createdb`, in UTF-8")
        }
        StoreError::Lost { at, .. } => {
            told(at, "la connessione con il server è caduta; ripartite, i siti finiti restano salvati")
        }
        StoreError::Missing { at } => told(at, "qui non c'è alcuna banca dati; non è ancora stato salvato nulla"),
        StoreError::Open { at, detail } => told(at, &format!("non si può aprire: {detail}")),
        StoreError::ReadOnly { at } => told(
            at,
            "è in sola lettura; date il permesso di scrittura: sul file e sulla sua cartella, o all'utente del server",
        ),
        StoreError::Overtaken { at, .. } => {
            told(at, "un altro processo ha cambiato nello stesso momento ciò su cui questo poggia; ripetete il comando")
        }
        StoreError::Locked { at, .. } => told(at, "è bloccata da un altro programma"),
        StoreError::Full { at, .. } => {
            told(at, "il disco è pieno; liberate spazio e ripartite, i siti finiti restano salvati")
        }
        StoreError::Corrupt { at, detail, .. } => {
            told(at, &format!("il file è danneggiato o non è una banca dati: {detail}"))
        }
        StoreError::Disk { at, detail, .. } => told(at, &format!("il disco segnala un guasto: {detail}")),
        StoreError::Foreign { at } => told(at, "è la banca dati di un altro programma; indicate un altro file"),
        StoreError::NewerSchema { at, found, known } => told(
            at,
            &format!("ha lo schema {found}, questa versione conosce fino al {known}; usate un riscontro più recente"),
        ),
        StoreError::OlderSchema { at, found, known } => told(
            at,
            &format!("ha lo schema {found}, questa versione legge il {known}; un comando che scrive la aggiorna"),
        ),
        StoreError::Migrate { at, source } => told(at, &format!("non si può aggiornare: {source}")),
        StoreError::Unreadable { at, detail, .. } => {
            told(at, &format!("un valore salvato non si può leggere: {detail}"))
        }
        StoreError::NoSuchRun { run } => format!("la visita d'insieme {run} non esiste"),
        StoreError::NoSuchVisit { visit } => format!("la visita {visit} non esiste"),
        // The rest is a fault of ours: its text goes into a report of the bug as it is.
        other => other.to_string(),
    }
}
