//! The folder of the control sockets: of one user, and closed to all others.

use std::fs::{DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The folder where this user's apps put their control sockets; it is made if it is not there.
///
/// `$XDG_RUNTIME_DIR/carafe` if that is this user's own, else `/tmp/carafe-UID`.
///
/// # Errors
/// When it cannot be made, or when others could enter it or put something in its place: it has to
/// belong to this user, have mode 0700, and be no link.
pub fn control_folder() -> io::Result<PathBuf> {
    let folder = match runtime_folder(std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)) {
        Some(own) => own.join("carafe"),
        None => shared_folder(),
    };
    make(&folder)?;
    Ok(folder)
}

/// All folders where this user's apps may have put theirs: an app that systemd started has other
/// variables than a shell. Only those that are safe to look into.
pub(super) fn control_folders() -> Vec<PathBuf> {
    let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let usual = PathBuf::from(format!("/run/user/{}", uid()));
    let mut folders: Vec<PathBuf> = [named, Some(usual)]
        .into_iter()
        .filter_map(runtime_folder)
        .map(|folder| folder.join("carafe"))
        .chain([shared_folder()])
        .filter(|folder| refusal(folder).is_ok_and(|refusal| refusal.is_none()))
        .collect();
    folders.dedup();
    folders
}

fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A runtime folder if it is this user's. With `sudo` the variable may still name another's, in which
/// nothing of ours should be left behind.
fn runtime_folder(folder: Option<PathBuf>) -> Option<PathBuf> {
    let folder = folder.filter(|folder| folder.is_absolute())?;
    let metadata = folder.metadata().ok()?;
    (metadata.is_dir() && metadata.uid() == uid()).then_some(folder)
}

fn shared_folder() -> PathBuf {
    PathBuf::from(format!("/tmp/carafe-{}", uid()))
}

fn make(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => match refusal(folder)? {
            None => Ok(()),
            Some(why) => Err(io::Error::other(format!("`{}` {why}", folder.display()))),
        },
    }
}

/// Why a folder is not to be trusted.
fn refusal(folder: &Path) -> io::Result<Option<&'static str>> {
    // Not through a link: whoever made it could lead us anywhere.
    let metadata: Metadata = folder.symlink_metadata()?;
    Ok(if !metadata.is_dir() {
        Some("is no folder")
    } else if metadata.uid() != uid() {
        Some("belongs to another user")
    } else if metadata.mode() & 0o077 != 0 {
        Some("can be entered by other users: its mode has to be 0700")
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_folder_that_others_could_use_is_refused() {
        let root = std::env::temp_dir().join(format!("carafe-folder-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let folder = root.join("good");
        make(&folder).unwrap();
        make(&folder).unwrap();
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
        let check = |folder: &Path, why: &str| {
            let error = make(folder).unwrap_err().to_string();
            assert_eq!(error, format!("`{}` {why}", folder.display()));
        };
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o750)).unwrap();
        check(&folder, "can be entered by other users: its mode has to be 0700");
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        symlink(&folder, root.join("link")).unwrap();
        check(&root.join("link"), "is no folder");
        std::fs::write(root.join("file"), "").unwrap();
        check(&root.join("file"), "is no folder");
        if uid() == 0 {
            std::os::unix::fs::chown(&folder, Some(12345), None).unwrap();
            check(&folder, "belongs to another user");
        }
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_runtime_folder_has_to_be_ones_own() {
        assert_eq!(runtime_folder(None), None);
        assert_eq!(runtime_folder(Some("run".into())), None);
        assert_eq!(runtime_folder(Some("/nonexistent".into())), None);
        let own = std::env::temp_dir();
        let expected = (own.metadata().unwrap().uid() == uid()).then(|| own.clone());
        assert_eq!(runtime_folder(Some(own)), expected);
    }
}
