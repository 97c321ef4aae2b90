use proptest::prelude::*;

use super::read_link;

#[test]
fn a_page_in_the_clear_only_counts_where_mono_is_called_so() {
    let body = br#"{"data":{"mono_url":"http://127.0.0.1:1/x"}}"#;
    assert!(read_link(body, false).is_err());
    assert_eq!(
        read_link(body, true).unwrap().url.as_str(),
        "http://127.0.0.1:1/x"
    );
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read_link(&body, true).is_err());
    }
}
