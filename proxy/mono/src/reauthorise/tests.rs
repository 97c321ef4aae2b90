use proptest::prelude::*;

use super::api::read_token;

#[test]
fn an_answer_without_a_token_is_no_success() {
    for body in [
        "{}",
        "[]",
        r#"["token"]"#,
        r#"{"token":null}"#,
        r#"{"token":""}"#,
        r#"{"token":{"a":1}}"#,
        r#"{"data":null}"#,
        r#"{"data":["token"]}"#,
        "<html>",
    ] {
        assert!(read_token(body.as_bytes()).is_err(), "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read_token(&body).is_err());
    }
}
