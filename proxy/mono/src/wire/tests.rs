use jiff::Timestamp;
use proptest::prelude::*;
use serde::Deserialize;

use super::{Field, Lenient, Meta, Moment, Money, Object, Paging, Text, unreadable_path};

fn money(json: &str) -> Option<i64> {
    serde_json::from_str::<Money>(json)
        .ok()
        .map(|Money(money)| money)
}

#[test]
fn money_is_whole_or_it_is_no_money() {
    for (json, expected) in [
        ("147085", 147_085),
        ("-1", -1),
        ("0", 0),
        ("-0", 0),
        ("147085.0", 147_085),
        ("147085.00", 147_085),
        ("1e3", 1000),
        ("1.5e1", 15),
        ("\"147085\"", 147_085),
        ("\"-5\"", -5),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("9007199254740993", 9_007_199_254_740_993),
        ("\"9007199254740993\"", 9_007_199_254_740_993),
    ] {
        assert_eq!(money(json), Some(expected), "{json}");
    }
    for json in [
        "147085.5",
        "147085.01",
        "0.1",
        "1e-1",
        "9223372036854775808",
        "-9223372036854775809",
        "1e300",
        "1e999",
        "9007199254740993.0",
        "NaN",
        "\"NaN\"",
        "\"147085.0\"",
        "\"1,470\"",
        "\" 1\"",
        "\"\"",
        "\"0x10\"",
        "\"9223372036854775808\"",
        "true",
        "null",
        "[]",
        "{}",
        "[1]",
    ] {
        assert_eq!(money(json), None, "{json}");
    }
}

fn moment(text: &str) -> Option<String> {
    let json = serde_json::to_string(text).unwrap();
    serde_json::from_str::<Moment>(&json)
        .ok()
        .map(|Moment(moment)| moment.to_string())
}

#[test]
fn a_moment_without_an_offset_is_in_utc() {
    for (text, expected) in [
        ("2022-05-30T16:03:00.000Z", "2022-05-30T16:03:00Z"),
        ("2022-05-30T16:03:00+01:00", "2022-05-30T15:03:00Z"),
        (
            "2022-05-30T16:03:00.123456-05:30",
            "2022-05-30T21:33:00.123456Z",
        ),
        ("2022-05-30T16:03:00", "2022-05-30T16:03:00Z"),
        ("2022-05-30T16:03:00.5", "2022-05-30T16:03:00.5Z"),
        ("2022-05-30 16:03:00", "2022-05-30T16:03:00Z"),
        ("2022-05-30", "2022-05-30T00:00:00Z"),
    ] {
        assert_eq!(moment(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "yesterday",
        "30-05-2022",
        "2022-13-01T00:00:00Z",
        "2022-02-30",
        "2022-05-30T16:03:00[Africa/Lagos]",
        "2022-05-30T16:03:00+99:99",
        "2022-05-30T16:03:00 EST",
        "2022-05-30T25:00:00",
        "1653926580000",
        "2022-05-3ü",
    ] {
        assert_eq!(moment(text), None, "{text}");
    }
    for json in ["1653926580000", "null", "{}", "[]"] {
        assert!(serde_json::from_str::<Moment>(json).is_err(), "{json}");
    }
}

#[test]
fn text_is_a_text_or_a_whole_number() {
    for (json, expected) in [
        ("\"a\"", Some("a")),
        ("\"\\u20ac\"", Some("€")),
        ("\"\"", Some("")),
        ("17", Some("17")),
        ("-1", Some("-1")),
        ("true", None),
        ("1.0", None),
        ("null", None),
        ("{\"a\":[1]}", None),
        ("[\"a\"]", None),
    ] {
        let text: Text = serde_json::from_str(json).unwrap();
        assert_eq!(text.into_option().as_deref(), expected, "{json}");
    }
}

#[test]
fn absent_null_and_present_are_three_things() {
    #[derive(Deserialize)]
    struct Holder {
        #[serde(default)]
        field: Field<u8>,
    }
    for (json, expected) in [
        ("{}", Field::Absent),
        (r#"{"field":null}"#, Field::Null),
        (r#"{"field":1}"#, Field::Present(1)),
    ] {
        assert_eq!(
            serde_json::from_str::<Holder>(json).unwrap().field,
            expected,
            "{json}"
        );
    }
}

#[test]
fn a_lenient_part_does_not_spoil_the_rest() {
    type Part = Lenient<Object<Paging>>;
    for json in ["1", "\"a\"", "null", "[]", "[1,2,3]", "true"] {
        assert!(
            serde_json::from_str::<Part>(json)
                .unwrap()
                .into_option()
                .is_none(),
            "{json}"
        );
    }
    assert!(
        serde_json::from_str::<Part>("{}")
            .unwrap()
            .into_option()
            .is_some()
    );
}

#[test]
fn paging_is_read_wherever_it_stands() {
    for json in [
        r#"{"total":7,"page":2,"next":null}"#,
        r#"{"paging":{"total":7,"page":2,"next":null}}"#,
        r#"{"total":"7","paging":{"total":99,"page":"2","next":null}}"#,
        r#"{"total":7,"page":2,"pages":40,"next":null,"previous":"x"}"#,
    ] {
        let paging = serde_json::from_str::<Meta>(json).unwrap().into_paging();
        let read = (paging.total(), paging.page(), paging.has_next());
        assert_eq!(read, (Some(7), Some(2), Some(false)), "{json}");
    }
    // `pages` is how many pages there are, not which one this is.
    let paging: Paging = serde_json::from_str(r#"{"total":40,"pages":4}"#).unwrap();
    assert_eq!(
        (paging.total(), paging.page(), paging.has_next()),
        (Some(40), None, None)
    );
    for (json, expected) in [
        (
            r#"{"next":"https://api.withmono.com/v2/x/transactions?page=2"}"#,
            Some(true),
        ),
        (r#"{"next":""}"#, Some(false)),
        (r#"{"next":3}"#, Some(true)),
        (r#"{"next":{}}"#, None),
        (r#"{"total":-1,"page":-1}"#, None),
    ] {
        let paging: Paging = serde_json::from_str(json).unwrap();
        assert_eq!(
            (paging.has_next(), paging.total(), paging.page()),
            (expected, None, None)
        );
    }
}

#[test]
fn a_place_is_named_by_keys_of_ours_only() {
    #[derive(Debug, Deserialize)]
    struct Holder {
        #[expect(dead_code, reason = "only its place is looked at")]
        money: Money,
    }
    let json = br#"{"somebody's name":{"x":1},"money":"lots"}"#;
    assert_eq!(unreadable_path::<Object<Holder>>(json), "money");
    assert_eq!(unreadable_path::<Object<Holder>>(b"<html>"), ".");
}

proptest! {
    #[test]
    fn every_whole_amount_is_read_exactly(amount in any::<i64>()) {
        prop_assert_eq!(money(&amount.to_string()), Some(amount));
        prop_assert_eq!(money(&format!("\"{amount}\"")), Some(amount));
    }

    #[test]
    fn a_float_is_read_exactly_or_not_at_all(whole in any::<i64>(), zeros in 1_usize..6) {
        let read = money(&format!("{whole}.{}", "0".repeat(zeros)));
        prop_assert!(read.is_none_or(|read| read == whole), "{whole} became {read:?}");
    }

    #[test]
    fn floats_in_use_are_read(whole in -100_000_000_000_i64..100_000_000_000, zeros in 1_usize..4) {
        prop_assert_eq!(money(&format!("{whole}.{}", "0".repeat(zeros))), Some(whole));
    }

    #[test]
    fn no_fraction_of_a_kobo_is_rounded_away(whole in 0_i64..8_796_093_022_208, part in 1_u32..100) {
        prop_assert_eq!(money(&format!("{whole}.{part:02}")), None);
    }

    #[test]
    fn no_text_is_too_odd_for_a_moment(text in "\\PC*") {
        let _ = moment(&text);
    }

    #[test]
    fn every_moment_survives(second in -377_705_023_201_i64..=253_402_207_200) {
        let expected = Timestamp::from_second(second).unwrap().to_string();
        prop_assert_eq!(moment(&expected), Some(expected));
    }
}
