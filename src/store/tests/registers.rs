//! Registers in the database: one transaction, idempotent, and comuni found again by whatever names them.

use jiff::civil::date;

use super::{
    super::{
        sql::{Text, query, query_scalar},
        *,
    },
    Engine, assert_sound, on_both, open, outside, url, visit,
};
use crate::{
    config::MaxAges,
    model::{Comune, Visit},
    registry::{Extract, Register, RegisterState, read},
};

const ISTAT: &str = "Codice Comune formato alfanumerico;Denominazione in italiano;Denominazione Regione;Sigla automobilistica;Codice Catastale del comune;Popolazione\n\
    063001;Casanova;Campania;NA;X001;4990\n016004;Castro;Lombardia;BG;X004;1300\n075005;Castro;Puglia;LE;X005;2400\n";
const IPA: &str = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Sito_istituzionale\n\
    c_x001,Comune di Casanova,00000000011,L6,063001,www.comune.casanova.na.it\n";
const APPIO: &str = r#"[{"o":"Casanova","fc":"00000000011","s":[{"i":"A","n":"TARI"},{"i":"B","n":"IMU"}]}]"#;
const CANDIDATURE: &str = "codice_ipa,tipologia_ente,comune,cod_comune,importo_finanziamento,avviso,codice_cup,stato_candidatura,misura\n\
    C_X001,Comuni,Casanova,063001,14000.0,1.4.4 SPID CIE - Comuni,J1,E,1.4.4 x\n\
    c_x001,Comuni,Casanova,063001,3928.4,1.4.4 ANPR,J2,R,1.4.4 x\n\
    c_zzzz,Comuni,Castro,016004,14000.0,1.4.4 SPID CIE - Comuni,J3,A,1.4.4 x\n";

fn extract(register: Register, text: &str) -> Extract {
    read(register, text.as_bytes()).unwrap()
}

async fn import(store: &Store, register: Register, text: &str) -> ImportDone {
    store.import_register(&extract(register, text), date(2024, 1, 1), false, "file").await.unwrap()
}

pub(super) async fn filled(store: &Store) {
    // The order does not matter: what comes first is tied when its partner arrives.
    import(store, Register::Appio, APPIO).await;
    import(store, Register::Candidature, CANDIDATURE).await;
    import(store, Register::Ipa, IPA).await;
    import(store, Register::Istat, ISTAT).await;
}

/// Every row of every table, as an outsider reads them.
async fn digest(store: &Store) -> Vec<String> {
    let witness = outside(store).await;
    let mut all = Vec::new();
    for statement in [
        "SELECT concat_ws('|', id, register, part, dated, sha256, imported) FROM register_snapshot",
        "SELECT concat_ws('|', snapshot, catastale, name, population) FROM istat_comune",
        "SELECT concat_ws('|', snapshot, codice_ipa, comune, url) FROM ipa_body",
        "SELECT concat_ws('|', snapshot, position, codice_ipa, cents, state, comune) FROM application",
        "SELECT concat_ws('|', snapshot, codice_fiscale, services, comune) FROM appio_body",
        "SELECT concat_ws('|', snapshot, codice_fiscale, service, name) FROM appio_service",
        "SELECT concat_ws('|', catastale, name, codice_ipa, codice_fiscale, is_current) FROM known_comune",
        "SELECT concat_ws('|', kind, code, catastale) FROM known_code",
    ] {
        all.extend(query_scalar::<String>(statement).fetch_all(&witness).await.unwrap());
    }
    all
}

async fn the_same_file_twice_is_one_snapshot_and_another_for_the_date_takes_its_place(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    filled(&store).await;
    let before = digest(&store).await;
    assert!(before.len() > 15, "{before:#?}");
    for (register, text) in [(Register::Ipa, IPA), (Register::Appio, APPIO)] {
        assert_eq!(import(&store, register, text).await.did, Imported::Unchanged);
    }
    // Nobody named the date: the same bytes are the same snapshot, on whatever day they are read.
    let guessed = store.import_register(&extract(Register::Ipa, IPA), date(2026, 5, 5), true, "x").await.unwrap();
    assert_eq!((guessed.did, guessed.dated), (Imported::Unchanged, date(2024, 1, 1)));
    assert_eq!(digest(&store).await, before);
    let other = APPIO.replace("\"B\"", "\"C\"");
    assert_eq!(import(&store, Register::Appio, &other).await.did, Imported::Replaced);
    assert_eq!(store.snapshots(None).await.unwrap().len(), 4);
    assert_sound(&store).await;
}

async fn an_import_that_breaks_off_leaves_nothing(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    filled(&store).await;
    let before = digest(&store).await;
    query(Text::each(
        "CREATE TRIGGER refuse BEFORE INSERT ON application WHEN new.state = 'A'
         BEGIN SELECT raise(ABORT, 'refused by the test'); END",
        "ALTER TABLE application ADD CONSTRAINT refuse CHECK (state <> 'A') NOT VALID",
    ))
    .execute(&outside(&store).await)
    .await
    .unwrap();
    let changed = extract(Register::Candidature, &CANDIDATURE.replace("14000.0", "15000.0"));
    store.import_register(&changed, date(2024, 1, 1), false, "file").await.unwrap_err();
    store.import_register(&changed, date(2025, 1, 1), false, "file").await.unwrap_err();
    assert_eq!(digest(&store).await, before);
    assert_sound(&store).await;
}

async fn a_comune_is_found_by_any_of_its_names_with_all_that_is_known(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    filled(&store).await;
    for subject in ["Casanova", "comune di CASANOVA", "x001", "C_X001", "063001", "00000000011"] {
        let Looked::One(file) = store.comune_file(subject).await.unwrap() else { panic!("{subject}") };
        assert_eq!(file.catastale, "X001", "{subject}");
    }
    let Looked::One(file) = store.comune_file("x001").await.unwrap() else { panic!() };
    assert_eq!(
        (file.live_cents, file.live_cents_without_anpr_ansc, file.waived_cents),
        (1_400_000, 1_400_000, 392_840)
    );
    let sums: Vec<_> =
        file.sums.iter().map(|sum| (sum.measure.as_str(), sum.live, sum.live_cents, sum.waived_cents)).collect();
    assert_eq!(sums, [("1.4.4-anpr-ansc", 0, 0, 392_840), ("1.4.4-spid-cie", 1, 1_400_000, 0)]);
    assert_eq!((file.population, file.population_source.as_deref()), (Some(4_990), Some("file")));
    assert_eq!(file.url.as_deref(), Some("https://www.comune.casanova.na.it/"));
    assert_eq!(file.appio, [AppIoState { dated: date(2024, 1, 1), services: Some(2) }]);
    let Looked::One(castro) = store.comune_file("X004").await.unwrap() else { panic!() };
    assert_eq!(castro.applications.len(), 1, "by the ISTAT code, where the IPA code leads nowhere");
    assert_eq!(castro.appio[0].services, None, "an extract says nothing of those it leaves out");
    let Looked::Several(several) = store.comune_file("castro").await.unwrap() else { panic!() };
    assert_eq!(several.iter().map(|one| one.catastale.as_str()).collect::<Vec<_>>(), ["X004", "X005"]);
    let Looked::Nobody(near) = store.comune_file("Cassanova").await.unwrap() else { panic!() };
    assert_eq!(near[0].name, "Casanova");
    let Looked::Nobody(near) = store.comune_file("Roccacannuccia").await.unwrap() else { panic!() };
    assert!(near.is_empty());
}

async fn only_a_whole_list_says_that_a_known_comune_has_no_service(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    import(&store, Register::Ipa, IPA).await;
    import(&store, Register::Istat, ISTAT).await;
    let mut listed = extract(Register::Appio, &APPIO.replace("00000000011", "00000000099"));
    for (whole, services) in [(false, None), (true, Some(0))] {
        listed.whole = whole;
        listed.sha256 = if whole { "a" } else { "b" }.repeat(64);
        store.import_register(&listed, date(2024, 1, 1), false, "file").await.unwrap();
        let Looked::One(known) = store.comune_file("x001").await.unwrap() else { panic!() };
        assert_eq!(known.appio[0].services, services);
        let Looked::One(without_code) = store.comune_file("X004").await.unwrap() else { panic!() };
        assert_eq!(without_code.appio[0].services, None, "no fiscal code, so nothing could have joined");
    }
}

async fn the_state_of_the_registers_is_that_of_a_day(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let later = extract(Register::Ipa, &IPA.replace("www.comune", "comune"));
    import(&store, Register::Ipa, IPA).await;
    store.import_register(&later, date(2024, 6, 1), false, "later").await.unwrap();
    import(&store, Register::Appio, APPIO).await;
    let states = async |day| store.register_states(day, MaxAges::all(100)).await.unwrap();
    assert_eq!(states(date(2023, 12, 31)).await, [], "nothing was known by then");
    let told = |states: &[RegisterState]| -> Vec<_> {
        states.iter().map(|one| (one.register.code(), one.source.clone(), one.age_days, one.stale)).collect()
    };
    let spring = states(date(2024, 4, 10)).await;
    assert_eq!(told(&spring), [("appio", "file".to_owned(), 100, false), ("ipa", "file".to_owned(), 100, false)]);
    let summer = states(date(2024, 6, 11)).await;
    assert_eq!(told(&summer), [("appio", "file".to_owned(), 162, true), ("ipa", "later".to_owned(), 10, false)]);
    assert_eq!((summer[1].digest.as_str(), summer[1].kept), (later.sha256.as_str(), 1));
}

async fn a_visit_belongs_to_the_comune_of_its_codes_or_of_its_address(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    filled(&store).await;
    let home = url("https://www.comune.casanova.na.it/");
    // As `check --save` keeps an address of which nothing else is known.
    let by_address = Visit { url: home, comune: Comune::default(), ..visit(1) };
    let findings = async || {
        let Looked::One(file) = store.comune_file("x001").await.unwrap() else { panic!() };
        file.findings
    };
    assert_eq!(findings().await, []);
    store.save_visit(&by_address).await.unwrap();
    let found = findings().await;
    assert_eq!(found.len(), by_address.findings.len());
    assert!(found.iter().all(|one| one.visited == by_address.started && one.url == by_address.url.as_str()));
    store.save_visit(&visit(2)).await.unwrap();
    assert_eq!(findings().await, found, "another site is another comune's");
}

on_both! {
    the_same_file_twice_is_one_snapshot_and_another_for_the_date_takes_its_place,
    an_import_that_breaks_off_leaves_nothing,
    a_comune_is_found_by_any_of_its_names_with_all_that_is_known,
    only_a_whole_list_says_that_a_known_comune_has_no_service,
    the_state_of_the_registers_is_that_of_a_day,
    a_visit_belongs_to_the_comune_of_its_codes_or_of_its_address,
}
