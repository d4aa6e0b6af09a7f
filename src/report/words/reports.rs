//! What reports say around their figures. One value per language: a phrase that is missing does not compile.

use crate::config::Lang;

/// The phrases of reports in one language.
#[derive(Debug)]
pub struct ReportWords {
    /// Title of the report on notices.
    pub notice_title: &'static str,
    /// Label of the notices.
    pub notices: &'static str,
    /// Label of the day.
    pub as_of: &'static str,
    /// Label of the day with which the report compares.
    pub since: &'static str,
    /// Where no earlier day was given.
    pub no_since: &'static str,
    /// Label of the accounting rule.
    pub rule: &'static str,
    /// The accounting rule.
    pub rule_text: &'static str,
    /// Label of the registers.
    pub registers: &'static str,
    /// Label of the catalogues.
    pub catalogues: &'static str,
    /// Where no site was visited.
    pub no_catalogue: &'static str,
    /// Label of the roots.
    pub roots: &'static str,
    /// Where no bytes were kept.
    pub no_roots: &'static str,
    /// Label of the share of sites that could be read.
    pub readable: &'static str,
    /// Label of the regions asked for.
    pub only_regions: &'static str,
    /// Section of totals.
    pub totals: &'static str,
    /// Column of the count.
    pub count: &'static str,
    /// Column of all.
    pub all: &'static str,
    /// Column of the sums of live applications.
    pub live_sum: &'static str,
    /// By notice.
    pub by_notice: &'static str,
    /// By region.
    pub by_region: &'static str,
    /// By band.
    pub by_band: &'static str,
    /// Where the region is not known.
    pub no_region: &'static str,
    /// Where the band is not known.
    pub no_band: &'static str,
    /// Section of changes.
    pub changes: &'static str,
    /// No change.
    pub no_changes: &'static str,
    /// Section of verdicts that are others.
    pub verdict_changes: &'static str,
    /// None is.
    pub no_verdict_changes: &'static str,
    /// Heads of those.
    pub verdict_changes_head: [&'static str; 6],
    /// Section of deadlines.
    pub near: &'static str,
    /// No deadline near.
    pub no_near: &'static str,
    /// Section of disagreements.
    pub disagreements: &'static str,
    /// None.
    pub no_disagreements: &'static str,
    /// Section of the list.
    pub list: &'static str,
    /// Heads of the list.
    pub list_head: [&'static str; 7],
    /// Heads of the changes.
    pub changes_head: [&'static str; 8],
    /// Heads of the deadlines.
    pub near_head: [&'static str; 6],
    /// Heads of the disagreements.
    pub disagreements_head: [&'static str; 5],
    /// The site, in what contradicts.
    pub site: &'static str,
    /// The register, in what contradicts.
    pub register: &'static str,
    /// Waived applications.
    pub days_left: &'static str,
    /// Name of the comune.
    pub comune: &'static str,
    /// Region.
    pub region: &'static str,
    /// Band.
    pub band: &'static str,
}

const IT: ReportWords = ReportWords {
    notice_title: "Riscontri per avviso",
    notices: "Avvisi",
    as_of: "Situazione al",
    since: "Cambiamenti dal",
    no_since: "nessuna data precedente indicata: i cambiamenti non sono elencati",
    rule: "Come si conta",
    rule_text: "Un requisito è riscontrato se il sito o un registro lo mostra; non riscontrato solo se le pagine in cui dovrebbe \
                stare sono state raggiunte e lette, e la perdita confermata da più visite; in ogni altro caso (guasti, blocchi, \
                robots, limiti, pagine fatte di soli script) non è determinabile. Ciò che da fuori non si vede non è osservabile.",
    registers: "Registri",
    catalogues: "Regole",
    no_catalogue: "nessun sito visitato",
    roots: "Radici delle prove",
    no_roots: "nessun byte conservato",
    readable: "Siti letti",
    only_regions: "Solo le regioni",
    totals: "Totali",
    count: "Candidature",
    all: "In tutto",
    live_sum: "Euro finanziati o pagati",
    by_notice: "Verdetti per avviso",
    by_region: "Verdetti per regione",
    by_band: "Verdetti per fascia",
    no_region: "regione ignota",
    no_band: "fascia non letta",
    changes: "Che cosa è cambiato",
    no_changes: "Nessun cambiamento.",
    verdict_changes: "Verdetti cambiati",
    no_verdict_changes: "Nessun verdetto è cambiato.",
    verdict_changes_head: ["Comune", "Regione", "Avviso", "CUP", "Prima", "Ora"],
    near: "Candidature vicine alla scadenza",
    no_near: "Nessuna candidatura con requisiti non riscontrati è vicina alla scadenza.",
    disagreements: "Sito e registro si contraddicono",
    no_disagreements: "Nessuna contraddizione fra siti e registri.",
    list: "Elenco",
    list_head: ["Comune", "Regione", "Avviso", "CUP", "Stato", "Euro", "Requisiti letti"],
    changes_head: ["Comune", "Regione", "Che cosa", "Piattaforma", "Prima", "Ora", "Dal", "Perché"],
    near_head: ["Comune", "Regione", "Avviso", "CUP", "Scadenza", "Manca"],
    disagreements_head: ["Comune", "Regione", "Avviso", "Requisito", "Che cosa dicono"],
    site: "sito",
    register: "registro",
    days_left: "giorni",
    comune: "Comune",
    region: "Regione",
    band: "Fascia",
};

const EN: ReportWords = ReportWords {
    notice_title: "Findings by notice",
    notices: "Notices",
    as_of: "As of",
    since: "Changes since",
    no_since: "no earlier day was given: changes are not listed",
    rule: "How it counts",
    rule_text: "A requirement is supported when the website or a register shows it; not supported only when the pages where it \
                would be were reached and read, and the loss confirmed by several looks; in every other case (faults, blocks, \
                robots, limits, pages made by scripts alone) it is undetermined. What cannot be seen from outside is not \
                observable.",
    registers: "Registers",
    catalogues: "Rules",
    no_catalogue: "no site was visited",
    roots: "Roots of the evidence",
    no_roots: "no bytes were kept",
    readable: "Sites that were read",
    only_regions: "Only the regions",
    totals: "Totals",
    count: "Applications",
    all: "All",
    live_sum: "Euro financed or paid",
    by_notice: "Verdicts by notice",
    by_region: "Verdicts by region",
    by_band: "Verdicts by band",
    no_region: "region unknown",
    no_band: "band not read",
    changes: "What changed",
    no_changes: "Nothing changed.",
    verdict_changes: "Verdicts that changed",
    no_verdict_changes: "No verdict changed.",
    verdict_changes_head: ["Comune", "Region", "Notice", "CUP", "Before", "Now"],
    near: "Applications near their deadline",
    no_near: "No application with requirements that are not supported is near its deadline.",
    disagreements: "Website and register contradict each other",
    no_disagreements: "No website contradicts a register.",
    list: "List",
    list_head: ["Comune", "Region", "Notice", "CUP", "State", "Euro", "Requirements that are read"],
    changes_head: ["Comune", "Region", "What", "Platform", "Before", "Now", "Since", "Why"],
    near_head: ["Comune", "Region", "Notice", "CUP", "Deadline", "Missing"],
    disagreements_head: ["Comune", "Region", "Notice", "Requirement", "What they say"],
    site: "website",
    register: "register",
    days_left: "days",
    comune: "Comune",
    region: "Region",
    band: "Band",
};

/// The phrases of a language.
pub const fn report_words(lang: Lang) -> &'static ReportWords {
    match lang {
        Lang::It => &IT,
        Lang::En => &EN,
    }
}

/// The phrases of the report to a comune in one language.
#[derive(Debug)]
pub struct ComuneWords {
    /// Title; the name of the comune follows.
    pub title: &'static str,
    /// Label of the site.
    pub site: &'static str,
    /// Label of the visit.
    pub visited: &'static str,
    /// Label of where the bytes are.
    pub evidence: &'static str,
    /// Where nothing was visited.
    pub no_visit: &'static str,
    /// Section of what holds.
    pub in_short: &'static str,
    /// Its heads.
    pub standing_head: [&'static str; 5],
    /// Caption of what was seen.
    pub seen: &'static str,
    /// Before the advice.
    pub to_do: &'static str,
    /// Section of applications.
    pub applications: &'static str,
    /// None.
    pub no_applications: &'static str,
    /// Heads of the applications.
    pub applications_head: [&'static str; 5],
    /// Section on answering.
    pub answer: &'static str,
    /// What it says.
    pub answer_text: &'static str,
    /// What helps.
    pub answer_steps: [&'static str; 3],
    /// Before the visits and their roots.
    pub answer_quote: &'static str,
    /// Before the contact.
    pub write_to: &'static str,
    /// Where there is no contact.
    pub write_to_sender: &'static str,
}

const COMUNE_IT: ComuneWords = ComuneWords {
    title: "Riscontri sul sito",
    site: "Sito",
    visited: "Ultima visita",
    evidence: "Prove",
    no_visit: "nessuna visita",
    in_short: "In breve",
    standing_head: ["Piattaforma", "Esito", "Dal", "Confermato il", "Perché"],
    seen: "Che cosa si è visto, e dove",
    to_do: "Che cosa fare",
    applications: "Candidature",
    no_applications: "Nessuna candidatura negli elenchi importati.",
    applications_head: ["Avviso", "CUP", "Euro", "Verdetto", "Requisiti letti"],
    answer: "Come rispondere o contestare",
    answer_text: "Se qualcosa qui non corrisponde, rispondete: ogni riscontro si può rileggere dai byte conservati, e un errore \
                  nostro si corregge per tutti. Non servono credenziali né dati personali.",
    answer_steps: [
        "Indicate la piattaforma e l'indirizzo della pagina in cui il cittadino trova l'accesso o il pagamento.",
        "Se il sito respinge i visitatori automatici (robots.txt, firewall), lasciate passare chi si presenta con nome e contatto.",
        "Chi ha riscontro può guardare da sé: `riscontro check INDIRIZZO --own-site --explain`.",
    ],
    answer_quote: "Citate la visita e la radice delle prove",
    write_to: "Scrivete a",
    write_to_sender: "Rispondete a chi vi ha mandato questo rapporto.",
};

const COMUNE_EN: ComuneWords = ComuneWords {
    title: "Findings on the website",
    site: "Website",
    visited: "Latest visit",
    evidence: "Evidence",
    no_visit: "no visit",
    in_short: "In short",
    standing_head: ["Platform", "Outcome", "Since", "Confirmed on", "Why"],
    seen: "What was seen, and where",
    to_do: "What to do",
    applications: "Applications",
    no_applications: "No application in the imported lists.",
    applications_head: ["Notice", "CUP", "Euro", "Verdict", "Requirements that are read"],
    answer: "How to answer or contest",
    answer_text: "If something here is not so, answer: every finding can be read again from the stored bytes, and a mistake of \
                  ours is mended for everybody. No credentials and no personal data are needed.",
    answer_steps: [
        "Name the platform and the address of the page on which citizens find the login or the payment.",
        "If the website turns automatic visitors away (robots.txt, firewall), let those pass that give their name and contact.",
        "Whoever has riscontro can look for themselves: `riscontro check ADDRESS --own-site --explain`.",
    ],
    answer_quote: "Quote the visit and the root of the evidence",
    write_to: "Write to",
    write_to_sender: "Answer to whoever sent you this report.",
};

/// The phrases of the report to a comune.
pub const fn comune_words(lang: Lang) -> &'static ComuneWords {
    match lang {
        Lang::It => &COMUNE_IT,
        Lang::En => &COMUNE_EN,
    }
}

/// The phrases of the national picture in one language.
#[derive(Debug)]
pub struct NationalWords {
    /// Title.
    pub title: &'static str,
    /// Label of what shares are of.
    pub denominator: &'static str,
    /// After the number of comuni.
    pub comuni: &'static str,
    /// Head of a column with comuni.
    pub comuni_head: &'static str,
    /// What bars show: alone, and after the name of a platform.
    pub found_in: [&'static str; 2],
    /// Section of the whole country.
    pub country: &'static str,
    /// Section by region.
    pub by_region: &'static str,
    /// Section over time.
    pub over_time: &'static str,
    /// What is said of it.
    pub over_time_text: &'static str,
    /// Head of the platform.
    pub platform: &'static str,
    /// Comuni that were not visited.
    pub not_visited: &'static str,
    /// Head of a day.
    pub day: &'static str,
}

const NATIONAL_IT: NationalWords = NationalWords {
    title: "Il quadro nazionale",
    denominator: "Quote calcolate su",
    comuni: "comuni esistenti secondo i registri importati",
    comuni_head: "Comuni",
    found_in: [
        "Comuni in cui è stata riscontrata, su quelli esistenti",
        "comuni in cui è stata riscontrata, su quelli esistenti",
    ],
    country: "Italia",
    by_region: "Per regione",
    over_time: "Nel tempo",
    over_time_text: "Comuni in cui la piattaforma era riscontrata alla fine di ogni mese, per come era noto allora. Dipende anche da \
                     quanti siti erano già stati visitati: un aumento può venire dalle visite, non dai comuni.",
    platform: "Piattaforma",
    not_visited: "mai visitati",
    day: "Giorno",
};

const NATIONAL_EN: NationalWords = NationalWords {
    title: "The national picture",
    denominator: "Shares are of",
    comuni: "comuni that exist by the imported registers",
    comuni_head: "Comuni",
    found_in: [
        "Comuni in which it was found, of those that exist",
        "comuni in which it was found, of those that exist",
    ],
    country: "Italy",
    by_region: "By region",
    over_time: "Over time",
    over_time_text: "Comuni in which the platform was found at the end of each month, as it was known then. It also depends on \
                     how many sites had been visited by then: an increase may come from the visits, not from the comuni.",
    platform: "Platform",
    not_visited: "never visited",
    day: "Day",
};

/// The phrases of the national picture.
pub const fn national_words(lang: Lang) -> &'static NationalWords {
    match lang {
        Lang::It => &NATIONAL_IT,
        Lang::En => &NATIONAL_EN,
    }
}

/// The phrases on one application in one language.
#[derive(Debug)]
pub struct ApplicationWords {
    /// Title; the name of the comune follows.
    pub title: &'static str,
    /// Section of the application.
    pub application: &'static str,
    /// Labels.
    pub notice: &'static str,
    /// The sum.
    pub sum: &'static str,
    /// What the sum says.
    pub reading: &'static str,
    /// The state.
    pub state: &'static str,
    /// The decree.
    pub decree: &'static str,
    /// The verdict.
    pub verdict: &'static str,
    /// The fiscal code.
    pub fiscal_code: &'static str,
    /// The site.
    pub site: &'static str,
    /// Section of requirements.
    pub requirements: &'static str,
    /// What a requirement asks.
    pub asks: &'static str,
    /// Where it shows.
    pub shows: &'static str,
    /// Why.
    pub why: &'static str,
    /// The deadline.
    pub due: &'static str,
    /// What a visit saw.
    pub seen: &'static str,
    /// The word for a visit.
    pub visit: &'static str,
    /// Before its day.
    pub of: &'static str,
    /// The page.
    pub page: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// The root.
    pub root: &'static str,
    /// The register.
    pub register: &'static str,
    /// A remark.
    pub note: &'static str,
}

const APPLICATION_IT: ApplicationWords = ApplicationWords {
    title: "Candidatura",
    application: "La candidatura",
    notice: "Avviso",
    sum: "Somma",
    reading: "Lettura della somma",
    state: "Stato",
    decree: "Decreto",
    verdict: "Verdetto",
    fiscal_code: "Codice fiscale",
    site: "Sito",
    requirements: "I requisiti",
    asks: "Chiede",
    shows: "Dove si vede",
    why: "Perché",
    due: "Entro il",
    seen: "Sul sito",
    visit: "visita",
    of: "del",
    page: "Pagina",
    rule: "Regola",
    root: "Radice delle prove",
    register: "Nel registro",
    note: "Nota",
};

const APPLICATION_EN: ApplicationWords = ApplicationWords {
    title: "Application",
    application: "The application",
    notice: "Notice",
    sum: "Sum",
    reading: "Reading of the sum",
    state: "State",
    decree: "Decree",
    verdict: "Verdict",
    fiscal_code: "Fiscal code",
    site: "Website",
    requirements: "The requirements",
    asks: "Asks",
    shows: "Where it shows",
    why: "Why",
    due: "Due",
    seen: "On the site",
    visit: "visit",
    of: "of",
    page: "Page",
    rule: "Rule",
    root: "Root of the evidence",
    register: "In the register",
    note: "Note",
};

/// The phrases on one application.
pub const fn application_words(lang: Lang) -> &'static ApplicationWords {
    match lang {
        Lang::It => &APPLICATION_IT,
        Lang::En => &APPLICATION_EN,
    }
}
