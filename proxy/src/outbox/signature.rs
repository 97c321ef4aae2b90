//! The signature of Standard Webhooks: HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::NotifySecret;

/// One signature for each secret, so that whoever knows either accepts the event. None if a secret
/// is none, which the configuration sees to.
pub(super) fn sign(
    secrets: &[NotifySecret],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> Option<String> {
    let signatures = secrets.iter().map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose()).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ))
    });
    Some(signatures.collect::<Option<Vec<_>>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::notify_secrets;

    #[test]
    fn it_is_the_one_of_the_specification() {
        let secrets = notify_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = sign(
            &secrets,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature.as_deref(), Some(expected));
    }

    #[test]
    fn while_the_secret_is_rotated_both_sign() {
        let (old, new) = (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_bmV3IHNlY3JldCwgdmVyeSByYW5kb20h",
        );
        let sign = |text: &str| sign(&notify_secrets(text), "evt_1", 1, b"{}").unwrap();
        assert_eq!(
            sign(&format!("{new},{old}")),
            format!("{} {}", sign(new), sign(old))
        );
    }
}
