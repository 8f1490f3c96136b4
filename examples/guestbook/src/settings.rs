//! What the guestbook can be told in the `[guestbook]` section of `carafe.toml`, or in the
//! environment, such as `CARAFE_GUESTBOOK__DATA=/var/lib/guestbook`.

use std::num::NonZeroU32;
use std::path::{PathBuf, absolute};

use carafe::Result;
use carafe::config::Bytes;
use serde::Deserialize;

/// The guestbook's own settings.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Guestbook {
    /// The folder of `guestbook.db` and `uploads/`; it is made when it is missing.
    pub(crate) data: PathBuf,
    /// How many entries a page of the book holds.
    pub(crate) entries_per_page: NonZeroU32,
    /// The largest picture that a guest may leave.
    pub(crate) max_picture_size: Bytes,
}

impl Default for Guestbook {
    fn default() -> Guestbook {
        Guestbook {
            data: PathBuf::from("."),
            entries_per_page: NonZeroU32::MIN.saturating_add(9),
            max_picture_size: Bytes::new(5 << 20),
        }
    }
}

impl Guestbook {
    /// The folder of the guests' pictures, as a whole path.
    pub(crate) fn uploads(&self) -> Result<PathBuf> {
        Ok(absolute(self.data.join("uploads"))?)
    }
}
