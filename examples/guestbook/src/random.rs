//! Names that nobody can guess.

use carafe::Result;

/// 128 random bits in hexadecimal.
pub(crate) fn token() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
