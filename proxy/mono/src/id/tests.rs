use proptest::prelude::*;

use super::JobId;

#[test]
fn an_id_is_the_same_with_and_without_its_prefix() {
    for (text, expected) in [
        ("66f3d4b3305261f275", "66f3d4b3305261f275"),
        ("jobs.accounts_66f3d4b335261f275", "66f3d4b335261f275"),
        ("jobs.accounts_with_more_of-them", "with_more_of-them"),
        ("jobs.accounts.sync_balance_66f3", "66f3"),
        ("jobs.customers_66f3", "66f3"),
        ("jobs_66f3", "jobs_66f3"),
        ("a", "a"),
    ] {
        let read: JobId = text.parse().unwrap();
        assert_eq!(read.as_str(), expected, "{text}");
        assert_eq!(read, expected.parse().unwrap(), "{text}");
        assert_eq!(read.to_string(), expected);
    }
    let long = "a".repeat(65);
    for text in [
        "",
        "jobs.accounts_",
        "jobs.",
        "jobs.accounts",
        "jobs.accounts_jobs.accounts_a",
        "jobs.accounts_../x",
        "jobs.accounts_a/b",
        "../x",
        "a/b",
        "a%2fb",
        "a b",
        "a.b",
        "a\0",
        "ä",
        &long,
    ] {
        assert!(text.parse::<JobId>().is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_text_becomes_an_id_that_changes_a_path(text in "(jobs\\.)?(accounts_)?[ -~]{0,70}") {
        if let Ok(id) = text.parse::<JobId>() {
            prop_assert!((1..=64).contains(&id.as_str().len()));
            prop_assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
            prop_assert!(text.ends_with(id.as_str()));
            prop_assert_eq!(id.as_str().parse::<JobId>().unwrap(), id);
        }
    }
}
