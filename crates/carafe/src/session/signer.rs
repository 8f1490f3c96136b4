//! [`Signer`]: text that says who said it and when, and that nobody else can make.
//!
//! `1.<payload>.<time>.<signature>`: a version, then three parts in URL-safe base64 without padding.
//! The signature is HMAC-SHA-256 over everything before its dot.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::config::SecretKey;

type HmacSha256 = Hmac<Sha256>;

/// Changes with the format, so that an old text is refused instead of misread.
const VERSION: &str = "1.";
/// Bytes of a signature.
const TAG_LEN: usize = 32;
/// How far ahead the clock of the server that signed may be.
const SKEW: Duration = Duration::from_secs(60);

/// Signs texts with the app's secret key, and verifies them with it and with `secret_key_fallbacks`: itsdangerous'
/// `URLSafeTimedSerializer`.
///
/// It comes from [`Request::signer`](crate::Request::signer) and [`Running::signer`](crate::Running::signer), for one
/// purpose: a text that was signed for another one does not verify. The text is `[A-Za-z0-9._-]`, and whoever has it can
/// read the payload.
pub struct Signer {
    /// Ready to be fed, the signing one first: keying one costs two hashes.
    keys: Vec<HmacSha256>,
    signing: HmacSha256,
}

impl Signer {
    /// A signer for one purpose, named by the salt: texts of other purposes do not verify.
    pub(crate) fn new<'a>(
        secret: &SecretKey,
        fallbacks: impl IntoIterator<Item = &'a SecretKey>,
        salt: &str,
    ) -> Signer {
        let signing = derive(secret, salt);
        let mut keys = vec![signing.clone()];
        keys.extend(fallbacks.into_iter().map(|key| derive(key, salt)));
        Signer { keys, signing }
    }

    /// Signs a payload, with the present time.
    #[inline]
    pub fn sign(&self, payload: impl AsRef<[u8]>) -> String {
        self.sign_at(payload.as_ref(), SystemTime::now())
    }

    /// The payload, when this app signed the text for this purpose not longer than `max_age` ago.
    ///
    /// Signatures are compared in constant time.
    #[inline]
    pub fn verify(&self, text: &str, max_age: Duration) -> Option<Vec<u8>> {
        self.verify_at(text, max_age, SystemTime::now())
    }

    /// As [`Signer::sign`], at this time: for tests, which have a clock of their own.
    pub fn sign_at(&self, payload: &[u8], now: SystemTime) -> String {
        let mut text = String::with_capacity(VERSION.len() + payload.len() * 4 / 3 + 64);
        text.push_str(VERSION);
        URL_SAFE_NO_PAD.encode_string(payload, &mut text);
        text.push('.');
        let time = seconds(now).to_be_bytes();
        let zeros = time.iter().take_while(|byte| **byte == 0).count();
        URL_SAFE_NO_PAD.encode_string(&time[zeros..], &mut text);
        let tag = self.signing.clone().chain_update(&text).finalize().into_bytes();
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(tag, &mut text);
        text
    }

    /// The payload, when one of the keys signed it not longer than `max_age` ago.
    #[inline]
    pub fn verify_at(&self, text: &str, max_age: Duration, now: SystemTime) -> Option<Vec<u8>> {
        let (signed, tag) = text.rsplit_once('.')?;
        let (payload, time) = signed.strip_prefix(VERSION)?.split_once('.')?;
        let mut buffer = [0; TAG_LEN + 1];
        if URL_SAFE_NO_PAD.decode_slice(tag, &mut buffer) != Ok(TAG_LEN) {
            return None;
        }
        let tag = &buffer[..TAG_LEN];
        // `verify_slice` compares in constant time.
        let is_signed =
            |key: &HmacSha256| key.clone().chain_update(signed).verify_slice(tag).is_ok();
        if !self.keys.iter().any(is_signed) || !is_recent(decode_time(time)?, max_age, now) {
            return None;
        }
        URL_SAFE_NO_PAD.decode(payload).ok()
    }
}

impl fmt::Debug for Signer {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

/// The key for one purpose, so that a text signed for another one does not pass.
fn derive(secret: &SecretKey, salt: &str) -> HmacSha256 {
    let derived = keyed(secret.expose().as_bytes()).chain_update(salt).finalize().into_bytes();
    keyed(&derived)
}

fn keyed(key: &[u8]) -> HmacSha256 {
    #[expect(clippy::expect_used, reason = "RFC 2104: a key of any length")]
    HmacSha256::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[inline]
fn decode_time(text: &str) -> Option<u64> {
    // Eight bytes decode from eleven characters; the decoder wants room for a whole group more.
    let mut bytes = [0; 9];
    let len = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    let bytes = bytes.get(..len).filter(|bytes| bytes.len() <= 8)?;
    Some(bytes.iter().fold(0, |time, byte| time << 8 | u64::from(*byte)))
}

#[inline]
fn is_recent(time: u64, max_age: Duration, now: SystemTime) -> bool {
    let now = seconds(now);
    time <= now.saturating_add(SKEW.as_secs()) && now.saturating_sub(time) <= max_age.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn signer(keys: &[&str], salt: &str) -> Signer {
        let keys: Vec<_> = keys.iter().map(|key| SecretKey::new(*key)).collect();
        Signer::new(&keys[0], &keys[1..], salt)
    }

    /// Computed by Python: `hmac.new(hmac.new(secret, salt, sha256).digest(), text, sha256)`.
    #[test]
    fn the_format_is_fixed() {
        let text = signer(&["0123456789abcdef"], "salt").sign_at(b"{}", at(1_700_000_000));
        assert_eq!(text, "1.e30.ZVPxAA.CBmHH_uALg85Evaf2CR82IIs0NnZTGgpI0FfgKLa2SY");
    }

    #[test]
    fn only_its_own_texts_pass() {
        let own = signer(&["a secret"], "salt");
        let now = at(1_700_000_000);
        let text = own.sign_at(b"payload", now);
        let check = |signer: &Signer, text: &str, passes: bool| {
            let payload = signer.verify_at(text, DAY, now);
            assert_eq!(payload.as_deref(), passes.then_some(&b"payload"[..]), "{text}");
        };
        check(&own, &text, true);
        check(&signer(&["another"], "salt"), &text, false);
        check(&signer(&["a secret"], "pepper"), &text, false);
        check(&signer(&["new", "older", "a secret"], "salt"), &text, true);
        check(&own, &signer(&["new", "a secret"], "salt").sign_at(b"payload", now), false);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            check(&own, &String::from_utf8(bytes).unwrap(), false);
            check(&own, &text[..at], false);
            check(&own, &format!("{}.{}", &text[..at], &text[at..]), false);
        }
        for foreign in ["", ".", "...", "....", "1...", "1.é.é.é", "1.e30.ZVPxAA.", "eyJ9.ZVPxAA.x"]
        {
            check(&own, foreign, false);
        }
        check(&own, &format!("{text}A"), false);
        check(&own, &format!("{text}="), false);
    }

    #[test]
    fn texts_age() {
        let signer = signer(&["a secret"], "salt");
        let said = 1_700_000_000;
        let text = signer.sign_at(b"", at(said));
        let check = |now: u64, passes: bool| {
            assert_eq!(signer.verify_at(&text, DAY, at(now)).is_some(), passes, "{now}");
        };
        check(said, true);
        check(said + 86_400, true);
        check(said + 86_401, false);
        check(said - 60, true);
        check(said - 61, false);
        check(0, false);
    }

    #[test]
    fn times_of_any_size() {
        let signer = signer(&["a secret"], "salt");
        for time in [0, 1, 255, 256, u64::from(u32::MAX), 1 << 40] {
            let text = signer.sign_at(b"x", at(time));
            assert!(signer.verify_at(&text, DAY, at(time)).is_some(), "{time}");
        }
        assert_eq!(decode_time("__________8"), Some(u64::MAX));
        assert_eq!(decode_time("____________"), None);
        assert_eq!(decode_time("________________"), None);
    }
}
