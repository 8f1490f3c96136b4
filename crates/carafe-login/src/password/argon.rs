//! argon2id (RFC 9106) in the PHC string format.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, Salt, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use carafe::Result;

use super::unreadable;

/// The bytes of a salt: RFC 9106, section 3.1, recommends 16.
const SALT: usize = 16;

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// KiB.
    pub(crate) memory: u32,
    /// Passes.
    pub(crate) iterations: u32,
}

impl Cost {
    /// OWASP's minimum (Password Storage Cheat Sheet): 19 MiB and two passes.
    pub(crate) const USUAL: Cost = Cost { memory: 19 * 1024, iterations: 2 };
    /// For tests of apps, which sign in often.
    pub(crate) const LEAST: Cost = Cost { memory: 8, iterations: 1 };

    fn engine(self) -> Result<Argon2<'static>> {
        let params = Params::new(self.memory, self.iterations, 1, None).map_err(|error| {
            carafe::abort(500).caused_by(format!(
                "`login.password_memory` {} and `login.password_iterations` {} cannot be used: {error}",
                self.memory, self.iterations
            ))
        })?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// Whether argon2 takes it.
    pub(crate) fn check(self) -> Result<()> {
        self.engine().map(drop)
    }
}

pub(super) fn hash(password: &str, cost: Cost) -> Result<String> {
    let mut bytes = [0; SALT];
    crate::random::fill(&mut bytes)?;
    let failed = |error: argon2::password_hash::Error| {
        carafe::abort(500).caused_by(format!("the password could not be hashed: {error}"))
    };
    let salt = SaltString::encode_b64(&bytes).map_err(failed)?;
    let salt: Salt<'_> = salt.as_salt();
    Ok(cost.engine()?.hash_password(password.as_bytes(), salt).map_err(failed)?.to_string())
}

/// Whether the password is right, and whether the hash is as dear as it should be.
pub(super) fn verify(password: &str, hash: &str, cost: Cost) -> Result<(bool, bool)> {
    let parsed = PasswordHash::new(hash).map_err(|error| unreadable(&error.to_string()))?;
    let params = Params::try_from(&parsed).map_err(|error| unreadable(&error.to_string()))?;
    if parsed.hash.is_none() || parsed.salt.is_none() {
        return Err(unreadable("it ends too early"));
    }
    let right = match cost.engine()?.verify_password(password.as_bytes(), &parsed) {
        Ok(()) => true,
        Err(argon2::password_hash::Error::Password) => false,
        Err(error) => return Err(unreadable(&error.to_string())),
    };
    let current = parsed.algorithm == Algorithm::Argon2id.ident()
        && parsed.version == Some(Version::V0x13.into())
        && params.m_cost() >= cost.memory
        && params.t_cost() >= cost.iterations;
    Ok((right, current))
}

/// Computes as much as verifying does.
pub(super) fn spend(password: &str, cost: Cost) {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    if let Ok(engine) = cost.engine() {
        let _ = engine.hash_password_into(password.as_bytes(), &[0; SALT], &mut out);
    }
    std::hint::black_box(out);
}
