//! Every trap of the registers, on made-up rows in the shapes as published.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use jiff::civil::{Date, date};

use super::{names::fold, *};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn refused(register: Register, bytes: &[u8]) -> RegistryError {
    read(register, bytes).unwrap_err()
}

macro_rules! rows {
    ($kind:ident, $extract:expr) => {{
        let extract = $extract;
        let Content::$kind(rows) = extract.content else { panic!("{:?}", extract.register) };
        rows
    }};
}

const ISTAT_HEAD: &str = "Codice Regione;\"Codice dell'Unità territoriale sovracomunale \n(valida a fini statistici)\";\
    Codice Comune formato alfanumerico;Denominazione (Italiana e straniera);Denominazione in italiano;\
    Denominazione Regione;Sigla automobilistica;Codice Comune formato numerico;Codice Catastale del comune\r\n";

fn istat_file() -> Vec<u8> {
    let text = format!(
        "{ISTAT_HEAD}15;263;063001;Casànova;Casànova;Campania;NA;63001;X001\r\n\
         01;201;001002;None;None;Piemonte;TO;1002;X002\r\n\
         20;292;092009;Castro;Castro;Sardegna;CA;92009;X003\r\n\
         03;216;016004;Castro;Castro;Lombardia;BG;16004;X004\r\n\
         04;021;021005;Prova/Probe;Prova;Trentino-Alto Adige/Südtirol;BZ;21005;X005\r\n\
         04;021;5;Rotto;Rotto;Veneto;VI;5;X006\r\n"
    );
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

#[test]
fn istat_as_published_latin_1_breaks_in_the_header_napoli_and_none() {
    let extract = read(Register::Istat, &gzip(&istat_file())).unwrap();
    assert_eq!((extract.quality.rows, extract.quality.kept), (6, 5));
    assert_eq!(extract.quality.count(Quirk::BadCode), 1, "`5` has lost more zeros than a spreadsheet takes");
    assert!(!extract.whole, "five comuni are not all: the others have not ceased");
    let rows = rows!(Istat, extract);
    assert_eq!((rows[0].name.as_str(), rows[0].sigla.as_deref()), ("Casànova", Some("NA")));
    assert_eq!(rows[0].codice_istat, "063001");
    assert_eq!(rows[1].name, "None", "a comune, not a missing value");
    assert_eq!(rows[4].full_name.as_deref(), Some("Prova/Probe"));
}

const OLD_HEAD: &str = "cod_amm\tdes_amm\tComune\tnome_resp\tCap\tProvincia\tsito_istituzionale\ttipologia_istat\tCf\t\
    mail1\ttipo_mail1\tmail2\ttipo_mail2\n";

#[test]
fn the_old_ipa_with_its_sites_codes_and_bodies_that_are_no_comuni() {
    let kind = "Comuni e loro Consorzi e Associazioni";
    let text = format!(
        "{OLD_HEAD}\
         C_X001\tComune di Casanova\tCasanova\tAnna\t80010\tNA\twww.comune,casanova,na,it\t{kind}\t00000000011\ta@b.it\taltro\tP@pec.it\tpec\n\
         X4_bpe\tComune di Bascape'\tBascape'\tAnna\t27010\tPV\thtpp://www.comune.bascape .pv.it\t{kind}\t22\tnull\tnull\tnull\tnull\n\
         x003\tComune di Castro\tCastro\tAnna\t1\tCA\tcomune@pec.it\t{kind}\t00000000033\tnull\tnull\tnull\tnull\n\
         acq\tAcquedotto \"Biviere\tCasanova\tAnna\t1\tNA\tnull\t{kind}\t00000000044\tnull\tnull\tnull\tnull\n\
         asl\tAzienda sanitaria\tCasanova\tAnna\t1\tNA\tnull\tAziende Sanitarie\t00000000055\tnull\tnull\tnull\tnull\n\
         corta\tComune\n"
    );
    let extract = read(Register::Ipa, text.as_bytes()).unwrap();
    assert_eq!(extract.part, "amministrazioni");
    let quality = extract.quality.clone();
    let counts = [
        (Quirk::CodeCase, 1),
        (Quirk::SiteRepaired, 2),
        (Quirk::SiteEmail, 1),
        (Quirk::NoSite, 1),
        (Quirk::OddCode, 2),
        (Quirk::NotComune, 1),
        (Quirk::NoFiscal, 1),
        (Quirk::OtherCategory, 1),
        (Quirk::TooFewColumns, 1),
    ];
    for (quirk, count) in counts {
        assert_eq!(quality.count(quirk), count, "{quirk:?}");
    }
    assert_eq!((quality.rows, quality.kept, quality.refused()), (6, 4, 2));
    let bodies = rows!(Ipa, extract);
    assert_eq!((bodies[0].codice_ipa.as_str(), bodies[0].published.as_str()), ("c_x001", "C_X001"));
    assert_eq!(bodies[0].url.as_deref(), Some("https://www.comune.casanova.na.it/"));
    assert_eq!((bodies[0].sigla.as_deref(), bodies[0].pec.as_deref()), (Some("NA"), Some("p@pec.it")));
    assert_eq!(bodies[1].url.as_deref(), Some("https://www.comune.bascape.pv.it/"));
    assert_eq!(bodies[2].url, None);
    assert!(!bodies[3].comune_by_name, "an aqueduct is no comune, and its quotation mark no quoting");
    let said = serde_json::to_string(&bodies).unwrap();
    assert!(!said.contains("Anna"), "names of persons are not read");
}

fn today() -> Vec<u8> {
    "_id,Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Codice_catastale_comune,Mail1,Tipo_Mail1,Sito_istituzionale\n\
     1,c_x003,Comune di Castro,00000000033,L6,118006,X003,a@pec.it,Pec,www.castro.ca.it\n\
     2,40B59AWR,COMUNE DI CASANOVA,00000000011,L6,063001,X001,,,\n\
     3,cons,Consorzio Strade Casanova,00000000066,L6,063001,X001,,,www.casanova.it\n\
     4,c_fu3v,Città di Prova,00000000077,L6,021005,,,,\n\
     5,c_x004,Comune di Altrove,00000000088,L6,099999,,,,\n\
     6,uni,Università,00000000099,L17,063001,X001,,,\n"
        .as_bytes()
        .to_vec()
}

fn listed<T>(dated: Date, whole: bool, rows: Vec<T>) -> Published<T> {
    Published { dated, whole, rows }
}

fn joined(whole: bool) -> Joined {
    let istat = rows!(Istat, read(Register::Istat, &istat_file()).unwrap());
    let anpr = "\u{feff}\"ID\",\"DATAISTITUZIONE\",\"DATACESSAZIONE\",\"CODISTAT\",\"CODCATASTALE\",\"DENOMINAZIONE_IT\",\"ALTRADENOMINAZIONE\",\"SIGLAPROVINCIA\",\"STATO\"\n\
        1,\"1866-11-19\",\"1924-11-13\",\"063001\",\"X001\",\"CASA NOVA\",\"\",\"NA\",\"C\"\n\
        2,\"1924-11-14\",\"9999-12-31\",\"063001\",\"X001\",\"CASANOVA\",\"\",\"NA\",\"A\"\n\
        3,\"1866-11-19\",\"2014-01-01\",\"063099\",\"X099\",\"SPARITO\",\"\",\"NA\",\"C\"\n\
        4,\"1866-11-19\",\"1880-01-01\",\"063098\",\"ND\",\"ANTICO\",\"\",\"NA\",\"C\"\n";
    let anpr = rows!(Anpr, read(Register::Anpr, anpr.as_bytes()).unwrap());
    let ipa = rows!(Ipa, read(Register::Ipa, &today()).unwrap());
    resolve(
        &[listed(date(2024, 1, 1), whole, istat)],
        &[listed(date(2023, 1, 1), true, anpr)],
        &[listed(date(2026, 1, 1), true, ipa)],
    )
}

#[test]
fn comuni_meet_by_cadastral_code_then_place_and_name_never_by_a_code_alone() {
    let joined = joined(true);
    let comune = |catastale: &str| joined.comuni.iter().find(|comune| comune.catastale == catastale).unwrap();
    let by = |catastale: &str| (comune(catastale).codice_ipa.as_deref(), comune(catastale).ipa_by.as_deref());
    assert_eq!(by("X003"), (Some("c_x003"), Some("code")), "Sardegna: the other numbering does not matter");
    assert_eq!(by("X001"), (Some("40b59awr"), Some("catastale")), "not the consortium that sits there");
    assert_eq!(by("X005"), (Some("c_fu3v"), Some("istat-and-name")), "a code that only looks regular");
    assert_eq!(by("X004"), (None, None), "c_x004 is another comune's by name and by place");
    assert_eq!(by("X002"), (None, None));
    let leads = |kind: &str, code: &str| -> Vec<&str> {
        let wanted = joined.codes.iter().filter(|one| one.kind == kind && one.code == code);
        wanted.map(|one| one.catastale.as_str()).collect()
    };
    assert_eq!(leads("istat", "118006"), ["X003"], "IPA's numbering is learnt");
    assert_eq!(leads("istat", "092009"), ["X003"]);
    assert_eq!(leads("name", "castro"), ["X003", "X004"], "homonyms stay two");
    assert_eq!(leads("name", "casa nova"), ["X001"], "names of the past");
    assert_eq!(leads("name", "probe"), ["X005"], "each language");
    assert_eq!(leads("fiscale", "00000000066"), Vec::<&str>::new(), "a consortium's code is not the comune's");
}

#[test]
fn what_a_list_leaves_out_has_ceased_only_when_the_list_is_whole() {
    let state = |whole: bool| {
        let joined = joined(whole);
        let gone = joined.comuni.iter().filter(|comune| !comune.exists).map(|comune| comune.catastale.clone());
        gone.collect::<Vec<_>>()
    };
    assert_eq!(state(true), ["X099"]);
    assert_eq!(state(false), ["X099"], "the archive says so");
    let gone = joined(true).comuni.into_iter().find(|comune| comune.catastale == "X099").unwrap();
    assert_eq!(gone.ceased, Some(date(2014, 1, 1)));
    let istat = rows!(Istat, read(Register::Istat, &istat_file()).unwrap());
    let partly = [listed(date(2020, 1, 1), false, istat.clone()), listed(date(2024, 1, 1), false, istat[..1].to_vec())];
    assert!(resolve(&partly, &[], &[]).comuni.iter().all(|comune| comune.exists));
    let whole = [listed(date(2020, 1, 1), true, istat.clone()), listed(date(2024, 1, 1), true, istat[..1].to_vec())];
    assert_eq!(resolve(&whole, &[], &[]).comuni.iter().filter(|comune| comune.exists).count(), 1);
}

const NEW: &str = "codice_ipa,ente,tipologia_ente,comune,cod_comune,provincia,cod_provincia,regione,cod_regione,importo_finanziamento,avviso,data_invio_candidatura,data_finanziamento,codice_cup,numero_finestra_temporale,numero_di_protocollo,decreto_finanziamento,stato_candidatura,data_stato_candidatura,misura\n\
    C_X001,Comune di Casanova,Comuni,Casanova,063001,,063,Campania,15,80124.0,1.4.3 - pagoPA - Comuni - Aprile 2022,2022-04-04T12:45:03.000+0000,2022-08-02,J11F22000000006,1,25,Decreto n.25 - 1 / 2022 - PNRR,R,2022-11-10,1.4.3 Adozione PagoPA e AppIO\n\
    c_x001,Comune di Casanova,Comuni,Casanova,063001,,063,Campania,15,80124.0,1.4.3 - pagoPA  - Comuni - Settembre 2022,2022-09-14T12:45:03.000+0000,2023-02-02,J11F22000000006,1,26,Decreto n.127,A,2023-02-02,1.4.3 Adozione PagoPA e AppIO\n\
    c_x001,Comune di Casanova,Comuni,Casanova,063001,,063,Campania,15,4368.0,1.4.3 - app IO - Comuni - Aprile 2022,2022-04-04T12:45:03.000+0000,2022-08-02,J11F22000000006,1,27,Decreto n.24,E,2023-02-02,1.4.3 Adozione PagoPA e AppIO\n\
    c_x003,Comune di Castro,Comuni,Castro,N/D,CA,092,Sardegna,20,3928.4,1.4.4 Adozione ANPR ANSC - Comuni - luglio 2024,2024-08-04T12:45:03.000+0000,2024-09-02,J21F22000000006,1,27,Decreto,A,2024-09-02,1.4.4 Adozione identità digitale\n\
    istsc_x,Istituto comprensivo,Scuole,Castro,092009,CA,092,Sardegna,20,7301.0,1.4.1 - Scuole,2022-08-04T12:45:03.000+0000,2022-09-02,J31F22000000006,1,27,Decreto,A,2022-09-02,1.4.1 Esperienza\n";

#[test]
fn applications_in_the_newer_shape_with_their_traps() {
    let extract = read(Register::Candidature, NEW.as_bytes()).unwrap();
    let counts = [
        (Quirk::Province, 3),
        (Quirk::CodeCase, 1),
        (Quirk::RepeatedCup, 1),
        (Quirk::OtherGoal, 1),
        (Quirk::NoIstat, 1),
        (Quirk::OtherBody, 1),
    ];
    for (quirk, count) in counts {
        assert_eq!(extract.quality.count(quirk), count, "{quirk:?}");
    }
    assert_eq!((extract.part.as_str(), extract.whole), ("1.4.3+1.4.4", false));
    let rows = rows!(Candidature, extract);
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, ["R", "A", "E", "A"], "the same CUP as waived and as financed: both stay");
    assert_eq!(rows[0].sigla.as_deref(), Some("NA"), "Napoli, not a missing value");
    assert_eq!(rows[1].avviso, "1.4.3 - pagoPA - Comuni - Settembre 2022", "single blanks");
    assert_eq!((rows[3].cents, rows[3].codice_istat.as_deref()), (392_840, None));
    assert_eq!(rows[0].submitted.as_deref(), Some("2022-04-04T12:45:03.000000000Z"));
    assert_eq!(rows[0].state_date, Some(date(2022, 11, 10)));
}

#[test]
fn applications_in_the_older_shape_and_as_json_say_the_same() {
    let old = "codice_ipa,ente,comune,cod_comune,provincia,cod_provincia,regione,cod_regione,importo_finanziamento,avviso,data_invio_candidatura,data_finanziamento,codice_cup,numero_finestra_temporale,numero_di_protocollo,stato_candidatura,misura,tipologia_ente\n\
        c_x001,Comune di Casanova,Casanova,063001,NA,063,Campania,15,4566860.0,1.2 Abilitazione al cloud - Comuni - Aprile 2022,2022-05-17T17:00:00.000+0000,2022-08-08,B31C22000060007,1.0,28.0,A,1.2 Abilitazione,Comune\n";
    let json = r#"[{"codice_ipa":"c_x001","comune":"Casanova","cod_comune":"063001","provincia":"NA","cod_provincia":"063",
        "regione":"Campania","importo_finanziamento":4566860.0,"avviso":"1.2 Abilitazione al cloud - Comuni - Aprile 2022",
        "data_invio_candidatura":"2022-05-17T17:00:00.000+0000","data_finanziamento":"2022-08-08","codice_cup":"B31C22000060007",
        "numero_finestra_temporale":1,"numero_di_protocollo":28,"stato_candidatura":"A","misura":"1.2 Abilitazione",
        "tipologia_ente":"Comuni","decreto_finanziamento":null}]"#;
    let csv = rows!(Candidature, read(Register::Candidature, old.as_bytes()).unwrap());
    let json = rows!(Candidature, read(Register::Candidature, json.as_bytes()).unwrap());
    assert_eq!(csv, json);
    assert_eq!((csv[0].window, csv[0].protocol.as_deref(), csv[0].state_date), (Some(1), Some("28"), None));
}

#[test]
fn the_app_io_list_in_every_shape() {
    let text = r#"[{"o":"Città di Casanova","fc":"00000000011","s":[{"i":"A","n":"Anagrafe"},{"i":"B","n":"TARI","q":1}]},
        {"o":"Comune di Casanova","fc":"00000000033","s":[{"i":"C","n":"IMU","q":0,"d":"**testo** Ã¨","sc":"LOCAL"}],"new":1},
        {"o":"Comune di Casanova","fc":"00000000044","s":[]},
        {"o":"Prova","fc":"00000000006","s":[{"i":"D","n":"x"}]},{"o":"PagoPA","fc":"15376371009","s":[{"i":"E","n":"x"}]},
        {"o":"Sette","fc":"00000000007","s":[{"i":"F","n":"x"},{"i":"A","n":"again"}]},{"o":"Bad","fc":"ABC","s":[]}]"#;
    let extract = read(Register::Appio, text.as_bytes()).unwrap();
    assert!(!extract.whole, "a few bodies are an extract");
    let counts = [
        (Quirk::TestCode, 2),
        (Quirk::BadCode, 1),
        (Quirk::RepeatedName, 1),
        (Quirk::NoService, 1),
        (Quirk::Duplicate, 1),
    ];
    for (quirk, count) in counts {
        assert_eq!(extract.quality.count(quirk), count, "{quirk:?}");
    }
    let bodies = rows!(Appio, extract);
    assert_eq!(bodies[0].services.iter().map(|one| one.quality).collect::<Vec<_>>(), [None, Some(true)]);
    assert_eq!(bodies[3].codice_fiscale, "00000000007", "seven zeros are no test code");
}

const SP: &str = r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:spid="https://spid.gov.it/saml-extensions" entityID="https://sp.example.it">
 <md:SPSSODescriptor><md:AssertionConsumerService Location="https://sp.example.it/acs"/></md:SPSSODescriptor>
 <md:Organization><md:OrganizationName xml:lang="it">Comune di Casanova</md:OrganizationName></md:Organization>
 <md:ContactPerson contactType="other"><md:Extensions><spid:IPACode>
   C_X001
 </spid:IPACode><spid:Public/></md:Extensions></md:ContactPerson></md:EntityDescriptor>"#;

/// A tar archive of one file.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut out = vec![0_u8; 512];
    out[..name.len()].copy_from_slice(name.as_bytes());
    out[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    out[156] = b'0';
    out[257..262].copy_from_slice(b"ustar");
    out.extend_from_slice(content);
    out.resize(out.len().div_ceil(512) * 512 + 1024, 0);
    out
}

#[test]
fn spid_metadata_alone_in_an_archive_and_as_the_registrys_json() {
    let one = rows!(Spid, read(Register::Spid, SP.as_bytes()).unwrap());
    assert_eq!((one[0].entity.as_str(), one[0].codice_ipa.as_deref()), ("https://sp.example.it", Some("c_x001")));
    let extract = read(Register::Spid, &gzip(&tar("a/x.xml", SP.as_bytes()))).unwrap();
    assert!(!extract.whole && extract.part.is_empty());
    assert_eq!(rows!(Spid, extract), one);
    let json = r#"[{"entity_id":"https://a","ipa_entity_code":"C_X001","entity_type":"spid-sp"},
                   {"entity_id":"https://b","entity_type":"spid-idp"},{"entity_id":"https://c"}]"#;
    let extract = read(Register::Spid, json.as_bytes()).unwrap();
    assert_eq!(extract.quality.count(Quirk::OtherCategory), 1, "identity providers are none");
    assert_eq!(rows!(Spid, extract)[0].codice_ipa.as_deref(), Some("c_x001"));
    let entities = SP.replace("<md:EntityDescriptor", "<!DOCTYPE x [<!ENTITY a \"b\">]><md:EntityDescriptor");
    assert!(matches!(refused(Register::Spid, entities.as_bytes()), RegistryError::Xml(_)));
    assert!(matches!(refused(Register::Spid, &SP.as_bytes()[..SP.len() / 2]), RegistryError::Xml(_)));
    let mut cut = tar("a/x.xml", SP.as_bytes());
    cut.truncate(700);
    assert_eq!(refused(Register::Spid, &cut), RegistryError::Damaged);
}

#[test]
fn bad_files_are_refused_whole_each_with_its_reason() {
    let candidature = |text: &str| refused(Register::Candidature, text.as_bytes());
    assert_eq!(candidature("<!DOCTYPE html><p>404"), RegistryError::WebPage);
    let cut = &NEW[..NEW.len() - 60];
    assert!(matches!(candidature(cut), RegistryError::Cut { line: 6 }), "{:?}", candidature(cut));
    let packed = gzip(NEW.as_bytes());
    assert_eq!(refused(Register::Candidature, &packed[..packed.len() - 30]), RegistryError::Damaged);
    assert_eq!(refused(Register::Candidature, b"PK\x03\x04rest"), RegistryError::Damaged);
    assert_eq!(refused(Register::Candidature, b"\xfd7zXZ\0rest"), RegistryError::Packing);
    assert_eq!(refused(Register::Candidature, b"\x00\x01\x02"), RegistryError::NotText);
    assert_eq!(candidature(""), RegistryError::Empty);
    assert!(matches!(candidature("a,b\n1,2\n"), RegistryError::NoColumn { column: "codice_ipa", .. }));
    assert!(matches!(candidature("[{\"codice_ipa\":"), RegistryError::Json(_)));
    let broken = NEW.replace("identità", "identitÃ\u{a0}");
    assert_eq!(candidature(&broken), RegistryError::Encoding { line: 5 });
    // Two titles changed places: every row says so.
    let swapped = NEW.replacen("importo_finanziamento,avviso", "avviso,importo_finanziamento", 1);
    assert!(
        matches!(candidature(&swapped), RegistryError::Misshapen { refused: 4, rows: 5 }),
        "{:?}",
        candidature(&swapped)
    );
    let long = format!("{NEW}{}", "x".repeat(LONGEST_LINE + 1));
    assert_eq!(candidature(&long), RegistryError::LongLine { line: 7 });
    let open = NEW.replacen("Comune di Casanova", "\"Comune di Casanova", 1) + &NEW.repeat(80);
    assert!(matches!(candidature(&open), RegistryError::OpenQuote { .. }), "{:?}", candidature(&open));
    let bomb = gzip(&vec![b'0'; 8 << 20]);
    assert_eq!(refused(Register::Appio, &bomb), RegistryError::Ratio);
    for error in [RegistryError::Ratio, RegistryError::Cut { line: 3 }, RegistryError::Empty] {
        assert_ne!(error.italian(), error.to_string());
    }
}

#[test]
fn notices_keep_their_window_and_a_repeated_title_counts_once() {
    let text = "titolo,misura,data_inizio_bando,data_fine_bando,stato,totale_importo_stanziato,soggetti_destinatari\n\
        \"1.4.4  SPID CIE - Comuni - Aprile 2022\",\"1.4.4 Adozione\",\"2022-04-04\",\"2022-09-02\",\"TERMINATO\",100000000.0,\"Comuni\"\n\
        \"1.4.4 SPID CIE - Comuni - aprile 2022\",\"1.4.4 Adozione\",\"2022-04-04\",\"2022-09-02\",\"TERMINATO\",1.0,\"Comuni\"\n";
    let extract = read(Register::Avvisi, text.as_bytes()).unwrap();
    assert_eq!(extract.quality.count(Quirk::Duplicate), 1);
    let rows = rows!(Avvisi, extract);
    assert_eq!((rows[0].title.as_str(), rows[0].measure.as_str()), ("1.4.4 SPID CIE - Comuni - Aprile 2022", "1.4.4"));
    assert_eq!((rows[0].closes, rows[0].cents), (Some(date(2022, 9, 2)), Some(10_000_000_000)));
}

#[test]
fn names_and_numbers_as_people_write_them() {
    assert_eq!(fold("Bascapè"), fold("BASCAPE'"));
    assert_eq!(names::of_body("COMUNE DI CASTRO").as_deref(), Some("castro"));
    assert_eq!(names::of_body("Comuni Uniti"), None);
    assert_eq!(names::of_body("Consorzio del Comune di Castro"), None);
    let notices = crate::notices::Notices::embedded().unwrap();
    let bounds = band_bounds(notices.all());
    assert_eq!(bounds, [2_500, 5_000, 20_000, 40_000, 50_000, 100_000, 200_000, 250_000]);
    for (population, bound) in [
        (4_899, None),
        (4_900, Some(5_000)),
        (5_100, Some(5_000)),
        (5_101, None),
        (40_800, Some(40_000)),
        (40_801, None),
        (83_849, None),
    ] {
        assert_eq!(near_bound(population, &bounds), bound, "{population}");
    }
    let aims = [
        ("1.4.3", "Misura 1.4.3 \"Adozione app IO\" - Comuni (aprile 2022)", "1.4.3-appio"),
        ("1.4.3", "1.4.3 Adozione pagoPA - Comuni", "1.4.3-pagopa"),
        ("1.4.4", "1.4.4 Adozione ANPR ANSC - Comuni - luglio 2024", "1.4.4-anpr-ansc"),
        ("1.4.4", "1.4.4 Adozione SPID CIE - Comuni - Aprile 2022", "1.4.4-spid-cie"),
        ("1.4.1", "Esperienza del cittadino", "1.4.1"),
        ("1.2", "Abilitazione al cloud, servizi SPID", "1.2"),
    ];
    for (measure, title, expected) in aims {
        assert_eq!(aim(measure, title), expected, "{title}");
    }
    let cases = [
        ("14000.0", Some(1_400_000)),
        ("3928.4", Some(392_840)),
        ("14.000,50", Some(1_400_050)),
        ("7", Some(700)),
        ("", None),
        ("1e9", None),
        ("-1", None),
        ("1.234", None),
        ("abc", None),
        ("1.4.1 Comuni", None),
    ];
    for (text, cents) in cases {
        assert_eq!(codes::cents(text), cents, "{text}");
    }
}
