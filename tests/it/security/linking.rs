//! What binds a link to its user.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mono_connect_tests::TestApp;

#[tokio::test]
async fn references_are_random() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let mut seen = BTreeSet::new();
    let mut ever_set = [0_u8; 16];
    let mut ever_clear = [0_u8; 16];
    for _ in 0..64 {
        let reference = visitor.starts_link().await;
        let random = reference.strip_prefix("mcl_").unwrap();
        let bits: [u8; 16] = URL_SAFE_NO_PAD.decode(random).unwrap().try_into().unwrap();
        for (at, byte) in bits.into_iter().enumerate() {
            ever_set[at] |= byte;
            ever_clear[at] |= !byte;
        }
        assert!(seen.insert(bits), "no reference comes twice");
    }
    // A bit that never changes among 64 is not random, but for one time in 10^17.
    assert_eq!((ever_set, ever_clear), ([0xff; 16], [0xff; 16]));
}
