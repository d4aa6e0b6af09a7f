//! The database's faults in Italian; their English is in the error itself.

use crate::store::StoreError;

/// What happened, for Italian readers.
pub(super) fn italian(error: &StoreError) -> String {
    let at = |path: &std::path::Path, text: &str| format!("{}: {text}", path.display());
    match error {
        StoreError::Unsupported { address } => {
            format!("{address}: PostgreSQL non è disponibile in questa versione; usate sqlite://FILE")
        }
        StoreError::BadAddress { address, .. } => {
            format!("`{address}` non è l'indirizzo di una banca dati; usate sqlite://FILE")
        }
        StoreError::Folder { path, source } => at(path, &format!("non si può creare la cartella: {source}")),
        StoreError::Missing { path } => at(path, "qui non c'è alcuna banca dati; non è ancora stato salvato nulla"),
        StoreError::Open { path, detail } => at(path, &format!("non si può aprire: {detail}")),
        StoreError::ReadOnly { path } => {
            at(path, "è in sola lettura; date il permesso di scrittura sul file e sulla sua cartella")
        }
        StoreError::Locked { path, .. } => at(path, "è bloccata da un altro programma"),
        StoreError::Full { path, .. } => {
            at(path, "il disco è pieno; liberate spazio e ripartite, i siti finiti restano salvati")
        }
        StoreError::Corrupt { path, detail, .. } => {
            at(path, &format!("il file è danneggiato o non è una banca dati: {detail}"))
        }
        StoreError::Disk { path, detail, .. } => at(path, &format!("il disco segnala un guasto: {detail}")),
        StoreError::Foreign { path } => at(path, "è la banca dati di un altro programma; indicate un altro file"),
        StoreError::NewerSchema { path, found, known } => at(
            path,
            &format!("ha lo schema {found}, questa versione conosce fino al {known}; usate un riscontro più recente"),
        ),
        StoreError::OlderSchema { path, found, known } => at(
            path,
            &format!("ha lo schema {found}, questa versione legge il {known}; un comando che scrive la aggiorna"),
        ),
        StoreError::Migrate { path, source } => at(path, &format!("non si può aggiornare: {source}")),
        StoreError::Unreadable { path, detail, .. } => {
            at(path, &format!("un valore salvato non si può leggere: {detail}"))
        }
        StoreError::NoSuchRun { run } => format!("la visita d'insieme {run} non esiste"),
        StoreError::NoSuchVisit { visit } => format!("la visita {visit} non esiste"),
        // The rest is a fault of ours: its text goes into a report of the bug as it is.
        other => other.to_string(),
    }
}
