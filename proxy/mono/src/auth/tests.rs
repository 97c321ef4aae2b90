use proptest::prelude::*;

use super::api::read_account_id;

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read_account_id(&body).is_err());
    }

    #[test]
    fn an_id_is_what_was_sent_or_nothing(id in "\\PC{0,70}", wrapped in any::<bool>(), key in "_?id") {
        let inner = serde_json::json!({key: id});
        let body = if wrapped { serde_json::json!({"data": inner}) } else { inner };
        let is_id = (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        match read_account_id(body.to_string().as_bytes()) {
            Ok(read) => prop_assert_eq!(read.as_str(), id),
            Err(_) => prop_assert!(!is_id),
        }
    }
}
