use axum::http::header;

use super::*;
use crate::random::SystemRandom;

fn signer(secure: bool) -> SessionSigner {
    SessionSigner::new(&SessionKeys::parse(&"ab".repeat(32)).unwrap(), secure)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

fn headers(cookies: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for cookie in cookies {
        headers.append(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
    }
    headers
}

fn known(user: &UserId) -> Identity {
    Identity::Known {
        user: user.clone(),
        until: Some(now() + LIFETIME),
    }
}

fn identity(signer: &SessionSigner, headers: &HeaderMap, now: Timestamp) -> Identity {
    signer.identify(headers, now).0
}

fn minted(signer: &SessionSigner) -> (UserId, String, String) {
    let new = signer.mint(&SystemRandom, now()).unwrap();
    let set_cookie = new.set_cookie.to_str().unwrap().to_owned();
    let pair = set_cookie.split(';').next().unwrap().to_owned();
    (new.user, set_cookie, pair)
}

#[test]
fn a_minted_session_is_known_again() {
    let signer = signer(false);
    let (user, _, pair) = minted(&signer);
    let among_others = format!("a=b; {pair}; c=d");
    for cookies in [&pair, &among_others] {
        let identified = signer.identify(&headers(&[cookies]), now());
        assert_eq!(identified, (known(&user), None), "{cookies}");
    }
    assert_eq!(
        identity(&signer, &headers(&["a=b"]), now()),
        Identity::Nobody
    );
}

#[test]
fn another_cookie_hides_nothing() {
    let signer = signer(false);
    let (user, _, pair) = minted(&signer);
    let header = [
        b"name=Ad\xc3\xa9; ".as_slice(),
        pair.as_bytes(),
        b"; x=\xff",
    ]
    .concat();
    let mut headers = HeaderMap::new();
    headers.append(header::COOKIE, HeaderValue::from_bytes(&header).unwrap());
    assert_eq!(identity(&signer, &headers, now()), known(&user));
    let unreadable = [b"mono_connect_session=".as_slice(), b"\xff\xfe"].concat();
    let mut headers = HeaderMap::new();
    headers.append(
        header::COOKIE,
        HeaderValue::from_bytes(&unreadable).unwrap(),
    );
    assert_eq!(identity(&signer, &headers, now()), Identity::Invalid);
}

#[test]
fn flags_of_the_cookie() {
    let (_, plain, _) = minted(&signer(false));
    assert!(plain.starts_with("mono_connect_session="));
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(plain.contains(flag), "{plain}");
    }
    assert!(
        !plain.contains("Secure") && !plain.contains("Domain"),
        "{plain}"
    );
    let (_, secure, _) = minted(&signer(true));
    assert!(secure.starts_with("__Host-Http-mono_connect_session="));
    assert!(
        secure.contains("Secure") && !secure.contains("Domain"),
        "{secure}"
    );
}

#[test]
fn whatever_does_not_verify_is_refused() {
    let signer = signer(false);
    let (user, _, pair) = minted(&signer);
    let (_, value) = pair.split_once('=').unwrap();
    let expires = value.split('.').nth(2).unwrap();
    assert_eq!(identity(&signer, &headers(&[&pair]), now()), known(&user));
    let other_key = SessionSigner::new(&SessionKeys::parse(&"cd".repeat(32)).unwrap(), false);
    let forged = [
        String::new(),
        "v1".to_owned(),
        "....".to_owned(),
        format!("v1.{user}.{expires}"),
        format!("v1.{user}.{expires}."),
        format!("v1.{user}.{expires}.AAAA"),
        value.replace(user.as_str(), "anon_somebody"),
        value.replace(expires, "99999999999"),
        value.replacen("v1.", "v2.", 1),
        format!("{value}x"),
        value[..value.len() - 1].to_owned(),
        other_key.sign(&user, now()).unwrap(),
    ];
    for value in forged {
        let cookie = format!("mono_connect_session={value}");
        assert_eq!(
            identity(&signer, &headers(&[&cookie]), now()),
            Identity::Invalid,
            "{value}"
        );
    }
}

#[test]
fn a_session_ends() {
    let signer = signer(false);
    let (user, _, pair) = minted(&signer);
    let last = now() + LIFETIME - SignedDuration::from_secs(1);
    assert_eq!(identity(&signer, &headers(&[&pair]), last), known(&user));
    assert_eq!(
        identity(&signer, &headers(&[&pair]), now() + LIFETIME),
        Identity::Invalid
    );
}

#[test]
fn a_session_that_is_used_goes_on() {
    let signer = signer(false);
    let (user, _, pair) = minted(&signer);
    let half = now() + LIFETIME / 2;
    let (_, early) = signer.identify(&headers(&[&pair]), half);
    assert_eq!(early, None, "half of its time is left");
    let later = half + SignedDuration::from_secs(1);
    let (_, renewed) = signer.identify(&headers(&[&pair]), later);
    let renewed = renewed.unwrap().to_str().unwrap().to_owned();
    assert!(renewed.contains("HttpOnly"), "{renewed}");
    let renewed = renewed.split(';').next().unwrap();
    let Identity::Known {
        user: same,
        until: Some(until),
    } = identity(&signer, &headers(&[renewed]), now() + LIFETIME)
    else {
        panic!("it lives on")
    };
    assert_eq!((same, until), (user, later + LIFETIME));
}

#[test]
fn a_key_is_rotated_without_losing_anybody() {
    let keys = |text: &str| SessionSigner::new(&SessionKeys::parse(text).unwrap(), false);
    let (old, new) = ("ab".repeat(32), "cd".repeat(32));
    let (user, _, pair) = minted(&keys(&old));
    let both = keys(&format!("{new}, {old}"));
    let (identified, renewed) = both.identify(&headers(&[&pair]), now());
    assert_eq!(identified, known(&user));
    let renewed = renewed.unwrap().to_str().unwrap().to_owned();
    let renewed = renewed.split(';').next().unwrap();
    let after = keys(&new);
    let identified = after.identify(&headers(&[renewed]), now());
    assert_eq!(identified, (known(&user), None), "nothing is left to renew");
    assert_eq!(
        identity(&after, &headers(&[&pair]), now()),
        Identity::Invalid,
        "the old key is worth nothing once it is gone"
    );
}

#[test]
fn two_cookies_of_the_name_are_refused() {
    let signer = signer(false);
    let (_, _, first) = minted(&signer);
    let (_, _, second) = minted(&signer);
    let both = format!("{first}; {second}");
    assert_eq!(
        identity(&signer, &headers(&[&both]), now()),
        Identity::Invalid
    );
    assert_eq!(
        identity(&signer, &headers(&[&first, &second]), now()),
        Identity::Invalid
    );
}
