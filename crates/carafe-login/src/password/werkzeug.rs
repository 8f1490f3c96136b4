//! Werkzeug's `generate_password_hash`: `scrypt:N:r:p$salt$hex` and `pbkdf2:hash:iterations$salt$hex`. Only read, never written.

use carafe::Result;
use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha512};

use super::unreadable;
use crate::random::{hex, same};

/// The bytes of Python's `hashlib.scrypt` when nobody says how many.
const SCRYPT_LEN: usize = 64;
/// Beyond so much memory a hash is not believed; Werkzeug's own take 32 MiB.
const MOST_MEMORY: u64 = 512 << 20;
const MOST_ITERATIONS: u32 = 20_000_000;

pub(super) fn verify(password: &str, hash: &str) -> Result<bool> {
    let mut parts = hash.splitn(3, '$');
    let (Some(method), Some(salt), Some(digest)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(unreadable("it has no `method$salt$digest`"));
    };
    let computed = match method.split(':').collect::<Vec<_>>().as_slice() {
        ["scrypt", n, r, p] => {
            let number = |text: &str| text.parse::<u32>().ok();
            scrypt_of(password, salt, number(n), number(r), number(p))?
        }
        ["pbkdf2", name, iterations] => pbkdf2_of(password, salt, name, iterations.parse().ok())?,
        _ => return Err(unreadable("its method is unknown")),
    };
    Ok(same(hex(&computed).as_bytes(), digest.as_bytes()))
}

fn scrypt_of(
    password: &str,
    salt: &str,
    n: Option<u32>,
    r: Option<u32>,
    p: Option<u32>,
) -> Result<Vec<u8>> {
    let wrong = || unreadable("its numbers for scrypt cannot be used");
    let (Some(n), Some(r), Some(p)) = (n, r, p) else { return Err(wrong()) };
    let memory = u64::from(n) * u64::from(r) * 128;
    if !n.is_power_of_two() || memory > MOST_MEMORY || p > 64 {
        return Err(wrong());
    }
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| wrong())?;
    let params = scrypt::Params::new(log_n, r, p, SCRYPT_LEN).map_err(|_| wrong())?;
    let mut out = vec![0; SCRYPT_LEN];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut out).map_err(|_| wrong())?;
    Ok(out)
}

fn pbkdf2_of(password: &str, salt: &str, name: &str, iterations: Option<u32>) -> Result<Vec<u8>> {
    let iterations = iterations
        .filter(|count| (1..=MOST_ITERATIONS).contains(count))
        .ok_or_else(|| unreadable("its number of iterations cannot be used"))?;
    let (password, salt) = (password.as_bytes(), salt.as_bytes());
    match name {
        "sha256" => {
            let mut out = vec![0; 32];
            pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut out);
            Ok(out)
        }
        "sha512" => {
            let mut out = vec![0; 64];
            pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut out);
            Ok(out)
        }
        _ => Err(unreadable("its hash function is not sha256 or sha512")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Werkzeug 3.1: `generate_password_hash(password, method)`.
    const MADE_BY_WERKZEUG: &[(&str, &str)] = &[
        (
            "correct horse",
            "scrypt:32768:8:1$yPtg0MolUWTdS6fI$ba503021845c0f4262428bb01c63b5f8062ed757233d60375ce35b3680834d9034a863a6c3fd9d2c1c5830020203048fc35a417d7ce3dc0513f7e80d914e9aa9",
        ),
        (
            "pässwörd 한글",
            "scrypt:16384:8:2$al7ez2OwliO8wF4A$99d28a3ccec210c936dc4cd4587f8d3c8cbf5e0be5ba7522f909c70dfa97fcb34e9291955c4a9bd029ad10eb2608efde54707fd61395e214c2778138863da227",
        ),
        (
            "",
            "scrypt:32768:8:1$cOD7l3KvKO4SPXnR$384cfe415f67d9cd9894012f9b33694461b2aab880478c9e0d5fc34c4d56bb281ac08bad125857e96d7d7472899c42aff39f4ab7c3147c6678ce536c77aad507",
        ),
    ];

    #[test]
    fn verifies_what_werkzeug_made() {
        for (password, hash) in MADE_BY_WERKZEUG.iter().chain(super::fixtures::PBKDF2) {
            assert!(verify(password, hash).unwrap(), "{hash}");
            assert!(!verify(&format!("{password}x"), hash).unwrap(), "{hash}");
            let (rest, _) = hash.split_at(hash.len() - 1);
            assert!(!verify(password, rest).unwrap(), "{hash}");
        }
    }
}

#[cfg(test)]
mod fixtures {
    /// As above, with fewer iterations than the default of 1,000,000.
    pub(super) const PBKDF2: &[(&str, &str)] = &[
        (
            "correct horse",
            "pbkdf2:sha256:1000$3AYYeppAfVuSmaPL$89f6766c7956eb1ff9c5fe7cdadcf7129da7f8cf974626d82f7c5160ceeb4f76",
        ),
        (
            "pässwörd 한글",
            "pbkdf2:sha256:2000$LWMnMLS2Isx2Yfkc$12400da5474e784bc9e63dd58413b43e8db921d672d037ef797775061edf73ae",
        ),
        (
            "",
            "pbkdf2:sha256:1000$ii3KHCirYCJWMWrP$e2bb06b7a2c16efe4146570652ff041375c06485a5f69531b66c114a2f3de941",
        ),
        (
            "correct horse",
            "pbkdf2:sha512:2000$3moy746B1AnUp7z1$5369c90aeab29bde561b4dcb96e570edaf2fdd7a00b833afe5b9495f4df5511df9308491bba5360372dd566ecc03c678904ed9c9cd15f6e0f87a1f87be231907",
        ),
        (
            "pässwörd 한글",
            "pbkdf2:sha512:1000$nkBBzQncg6McKFHb$c3ab0ada2f041105c618a13d48f34bb79c81f51055803ce6ce55f50560f473cf4babae858230f413638b8cffab93b249d31148a706cab61e4bf2fa49a44fe61d",
        ),
    ];
}
