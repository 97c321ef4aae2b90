use super::*;
use crate::random::SystemRandom;

fn signer(secure: bool) -> SessionSigner {
    SessionSigner::new(&SessionKey::parse(&"ab".repeat(32)).unwrap(), secure)
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
    assert_eq!(
        signer.identify(&headers(&[&pair]), now()),
        Identity::Known(user.clone())
    );
    let among_others = format!("a=b; {pair}; c=d");
    assert_eq!(
        signer.identify(&headers(&[&among_others]), now()),
        Identity::Known(user)
    );
    assert_eq!(signer.identify(&headers(&["a=b"]), now()), Identity::Nobody);
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
    assert_eq!(signer.identify(&headers, now()), Identity::Known(user));
    let unreadable = [b"mono_connect_session=".as_slice(), b"\xff\xfe"].concat();
    let mut headers = HeaderMap::new();
    headers.append(
        header::COOKIE,
        HeaderValue::from_bytes(&unreadable).unwrap(),
    );
    assert_eq!(signer.identify(&headers, now()), Identity::Invalid);
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
    let other_key = SessionSigner::new(&SessionKey::parse(&"cd".repeat(32)).unwrap(), false);
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
            signer.identify(&headers(&[&cookie]), now()),
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
    assert_eq!(
        signer.identify(&headers(&[&pair]), last),
        Identity::Known(user)
    );
    assert_eq!(
        signer.identify(&headers(&[&pair]), now() + LIFETIME),
        Identity::Invalid
    );
}

#[test]
fn two_cookies_of_the_name_are_refused() {
    let signer = signer(false);
    let (_, _, first) = minted(&signer);
    let (_, _, second) = minted(&signer);
    let both = format!("{first}; {second}");
    assert_eq!(
        signer.identify(&headers(&[&both]), now()),
        Identity::Invalid
    );
    assert_eq!(
        signer.identify(&headers(&[&first, &second]), now()),
        Identity::Invalid
    );
}
