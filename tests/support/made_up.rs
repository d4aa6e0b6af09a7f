//! Registers of a made-up country of national size.

use std::path::Path;

use super::office::Input;

/// Comuni and applications of it.
const COMUNI: usize = 8_000;
const APPLICATIONS: usize = 40_000;

/// A country of that size: every comune in ISTAT, ANPR and IPA, five applications and some services for each.
pub fn registers(folder: &Path) -> std::io::Result<Vec<Input>> {
    let catastale = |n: usize| format!("{}{:03}", char::from(b'A' + u8::try_from(n / 1_000).unwrap_or(0)), n % 1_000);
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let comuni = |head: &str, row: &dyn Fn(usize) -> String| {
        let mut text = format!("{head}\n");
        (0..COMUNI).for_each(|n| text.push_str(&row(n)));
        text
    };
    let istat = comuni("codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione", &|n| {
        format!("{:06},Comune Numero {n},{},BG,Lombardia,{}\n", n + 1_000, catastale(n), 500 + n * 7)
    });
    let anpr = comuni(
        "ID,DATAISTITUZIONE,DATACESSAZIONE,CODISTAT,CODCATASTALE,DENOMINAZIONE_IT,SIGLAPROVINCIA",
        &|n| {
            let (code, istat) = (catastale(n), n + 1_000);
            format!(
                "{n},1866-11-19,1950-01-01,{istat:06},{code},NUMERO {n},BG\n{n},1950-01-02,9999-12-31,{istat:06},{code},COMUNE NUMERO {n},BG\n"
            )
        },
    );
    let ipa = comuni(
        "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Sito_istituzionale,Mail1",
        &|n| {
            let code = catastale(n).to_lowercase();
            format!(
                "c_{code},Comune di Comune Numero {n},{n:011},L6,{:06},www.comune.numero{n}.bg.example,a@pec.example\n",
                n + 1_000
            )
        },
    );
    let mut applications = "codice_ipa,ente,tipologia_ente,comune,cod_comune,provincia,importo_finanziamento,avviso,data_finanziamento,codice_cup,stato_candidatura,misura\n".to_owned();
    for n in 0..APPLICATIONS {
        let number = n % COMUNI;
        applications.push_str(&format!(
            "c_{},Comune,Comuni,Comune Numero {number},{:06},BG,14000.0,1.4.4 Adozione SPID CIE - Comuni - Aprile 2022,2022-08-02,J{n:014},A,1.4.4 x\n",
            catastale(number).to_lowercase(),
            number + 1_000
        ));
    }
    let bodies: Vec<String> = (0..COMUNI)
        .map(|n| {
            let services: Vec<String> =
                (0..4).map(|s| format!(r#"{{"i":"S{n}-{s}","n":"Servizio {s}","q":1}}"#)).collect();
            format!(r#"{{"fc":"{:011}","o":"Comune {n}","s":[{}]}}"#, n + 10, services.join(","))
        })
        .collect();
    Ok(vec![
        ("istat", write("istat.csv", istat)?, "2024-01-01"),
        ("anpr", write("anpr.csv", anpr)?, "2024-01-01"),
        ("ipa", write("ipa.csv", ipa)?, "2024-01-01"),
        ("candidature", write("candidature.csv", applications)?, "2024-01-01"),
        ("appio", write("appio.json", format!("[{}]", bodies.join(",")))?, "2024-01-01"),
    ])
}
