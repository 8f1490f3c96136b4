//! [`System`]: where facts about the machine are read.

use std::path::{Path, PathBuf};

/// The machine, or a folder that looks like one.
///
/// Everything that is read from files (`/proc`, `/sys`, `/etc`) is read below its root, so that a
/// test can hand in a machine that it made up.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
}

impl Default for System {
    fn default() -> System {
        System::this()
    }
}

impl System {
    /// The machine that this runs on.
    pub fn this() -> System {
        System::at("/")
    }

    /// A made-up machine whose `proc`, `sys` and `etc` are in this folder.
    pub fn at(root: impl Into<PathBuf>) -> System {
        System { root: root.into() }
    }

    /// A path such as `proc/net/tcp`, on this machine.
    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.root.join(inside)
    }

    /// Whether it is the machine that this runs on, and none that was made up.
    pub fn is_this(&self) -> bool {
        self.root == Path::new("/")
    }
}
