use super::{
    super::{Decoded, Hint, Misfit, decode, schema::SumsKind},
    notice, notices,
};
use crate::model::Euro;

fn read(id: &str, sum: &str, hint: Option<Hint<'_>>) -> Decoded {
    decode(&notice(id), Euro::parse(sum).unwrap(), hint)
}

/// `band services phase adjustment`, `?` for each reading of an ambiguous sum, or the misfit.
fn short(decoded: &Decoded) -> String {
    let reading = |reading: &super::super::Reading| {
        let parts = [
            Some(reading.band.clone()),
            reading.services.map(|services| services.to_string()),
            reading.phase.clone(),
            reading.adjustment.clone(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    match decoded {
        Decoded::Fits { reading: one, agrees, confirmed } => {
            let agrees = match agrees {
                Some(true) => " as hinted",
                Some(false) => " against the hint",
                None => "",
            };
            format!("{}{agrees}{}", reading(one), if *confirmed { "" } else { " unconfirmed" })
        }
        Decoded::Ambiguous { readings } => {
            readings.iter().map(|one| format!("{}?", reading(one))).collect::<Vec<_>>().join(" ")
        }
        Decoded::Misfit { why, near } => {
            let near: Vec<String> = near.iter().map(|one| format!("; {}", reading(one))).collect();
            format!("{}{}", why.code(), near.concat())
        }
        Decoded::Unconfirmed => "unconfirmed".to_owned(),
        Decoded::Undisclosed => "undisclosed".to_owned(),
    }
}

#[test]
fn sums_of_the_notices_are_read_back() {
    let residents = |number| Some(Hint::Residents(number));
    let (pagopa, appio, cittadino, fondo) = (
        "pad2026-143-pagopa-2022-04",
        "pad2026-143-appio-2022-04",
        "pad2026-141-cittadino-2022-04",
        "fondo-innovazione-2020",
    );
    let cases = [
        // Two bands pay it: 72 services of the smallest, 24 of the one with 38,222 residents.
        (pagopa, "43704.0", None, "5000 72? 100000 24?"),
        (pagopa, "43704.0", residents(38_222), "100000 24 as hinted"),
        (pagopa, "43704.0", Some(Hint::Band("5000")), "5000 72 as hinted"),
        (pagopa, "43704.0", residents(10_000), "5000 72? 100000 24?"),
        // The limits leave one reading: fewer than five services of the larger band, more than 117 of the smaller.
        (pagopa, "1821", None, "5000 3"),
        (pagopa, "80124.0", None, "100000 44"),
        (pagopa, "1821", residents(38_222), "5000 3 against the hint"),
        (pagopa, "1214", None, "too-few-services; 5000 2"),
        (pagopa, "932139", None, "over 117"),
        (pagopa, "940106", None, "too-many-services; over 118"),
        (pagopa, "1000.0", None, "no-band-pays-it"),
        (pagopa, "0", None, "too-few-services; 5000 0; 20000 0; 100000 0; 250000 0; over 0"),
        (appio, "36400.0", None, "100000 50"),
        (appio, "29120.0", residents(23_882), "100000 40 as hinted"),
        (appio, "37128", None, "too-many-services; 100000 51"),
        (appio, "2912", None, "too-few-services; 100000 4"),
        (appio, "2911.99", None, "no-band-pays-it"),
        (cittadino, "280932.0", None, "50000 5"),
        (cittadino, "328160", None, "100000 6"),
        (cittadino, "79922", None, "5000 4"),
        (cittadino, "28902", None, "5000 0"),
        (cittadino, "1277083", None, "over 10"),
        (cittadino, "92677", None, "too-many-services; 5000 5"),
        (fondo, "11850", residents(82_951), "medio-alto as hinted"),
        (fondo, "3900", residents(5_000), "basso as hinted"),
        (fondo, "7950", residents(5_001), "medio-basso as hinted"),
        (fondo, "50000", residents(200_001), "alto as hinted"),
        (fondo, "2370", None, "medio-alto I"),
        (fondo, "9480", None, "medio-alto II"),
        (fondo, "2962.50", None, "medio-alto premialita"),
        (fondo, "2730", None, "basso piccoli-comuni"),
        (fondo, "546", None, "basso I piccoli-comuni"),
        (fondo, "5565", None, "no-band-pays-it"),
        ("pad2026-144-spid-cie-2022-04", "14000.0", None, "all"),
        ("pad2026-144-spid-cie-2022-04", "13999", None, "no-band-pays-it"),
        ("pad2026-144-anpr-ansc-2024-07", "3928.4", None, "1"),
        ("pad2026-144-anpr-ansc-2025-07", "4000", None, "unconfirmed"),
        ("pad2026-143-appio-2024-05", "36400", None, "100000 50 unconfirmed"),
        ("pad2026-143-appio-2024-05", "36401", None, "unconfirmed"),
        ("pad2026-12-cloud-2022-04", "241530.0", None, "undisclosed"),
    ];
    for (id, sum, hint, expected) in cases {
        assert_eq!(short(&read(id, sum, hint)), expected, "{id} {sum} {hint:?}");
    }
}

#[test]
fn services_are_told_only_by_one_confirmed_reading() {
    let services = |id, sum, hint| read(id, sum, hint).services();
    assert_eq!(services("pad2026-143-appio-2022-04", "36400", None), Some(50));
    assert_eq!(services("pad2026-143-appio-2024-05", "36400", None), None);
    assert_eq!(services("pad2026-143-pagopa-2022-04", "43704", None), None);
    assert_eq!(services("pad2026-143-pagopa-2022-04", "43704", Some(Hint::Residents(38_222))), Some(24));
    assert_eq!(services("fondo-innovazione-2020", "11850", None), None);
}

/// Whatever a notice can pay is read back as what it pays for, and no hint makes it wrong.
#[test]
fn every_sum_that_a_notice_can_pay_is_read_back() {
    let mut sums = 0;
    for notice in notices().all().iter().filter(|notice| notice.sums.kind == SumsKind::Known) {
        for (band, sum, services) in super::super::decode::whole_sums(notice) {
            sums += 1;
            let Decoded::Fits { reading, agrees: Some(true), .. } = decode(notice, sum, Some(Hint::Band(band))) else {
                panic!("{} {band} {sum}", notice.id);
            };
            assert_eq!((reading.band.as_str(), reading.services), (band, services));
            for hint in [None, Some(Hint::Residents(1)), Some(Hint::Residents(60_000)), Some(Hint::Band("nobody"))] {
                let decoded = decode(notice, sum, hint);
                assert!(matches!(decoded, Decoded::Fits { .. } | Decoded::Ambiguous { .. }), "{} {sum}", notice.id);
            }
        }
    }
    assert!(sums > 2_000, "{sums}");
}

#[test]
fn too_few_is_told_before_too_many_by_the_comune_s_own_band() {
    let sum = "71019";
    assert_eq!(short(&read("pad2026-143-pagopa-2022-04", sum, None)), "5000 117? 100000 39?");
    // 118 of the smallest band is no multiple of another.
    let decoded = read("pad2026-143-pagopa-2022-04", "71626", Some(Hint::Residents(100)));
    assert!(matches!(decoded, Decoded::Misfit { why: Misfit::TooManyServices, .. }), "{decoded:?}");
}
