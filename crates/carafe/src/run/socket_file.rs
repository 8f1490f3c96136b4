//! Socket files (`host = "unix:PATH"`): opened, and removed at the end.
//!
//! A file that a dead server left behind is taken away first. One that a server answers at, one that
//! is no socket and one of another user never are.

use std::path::Path;

use carafe_net::Lang;

use super::RunError;
use super::error::refused;
use crate::server::Listener;

#[cfg(unix)]
pub(crate) use unix::SocketFile;

/// Nothing: only Unix has socket files that a server can use.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct SocketFile;

#[cfg(not(unix))]
impl SocketFile {
    pub(super) fn open(path: &Path, lang: Lang) -> Result<(Listener, SocketFile), RunError> {
        let path = path.display();
        let reason = match lang {
            Lang::Korean => format!("`unix:{path}`: 이 시스템에서는 소켓 파일을 쓸 수 없습니다"),
            _ => format!("`unix:{path}`: there are no socket files on this system"),
        };
        Err(refused(&reason, &[]))
    }

    pub(super) fn adopt(_path: &Path) -> Option<SocketFile> {
        None
    }

    pub(super) fn set_owned(&mut self, _owned: bool) {}
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, Permissions};
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
    use std::path::PathBuf;

    use carafe_net::my_uid;
    use socket2::{Domain, SockAddr, Socket, Type};

    use super::*;
    use crate::server::BACKLOG;

    /// Everyone may connect who may enter the file's folder, as everyone on this computer may connect
    /// to a port of its loopback: the proxy in front is most often another user.
    const MODE: u32 = 0o666;

    /// The longest path that `sockaddr_un` holds, in bytes: its field less the final NUL.
    const LONGEST: usize =
        if cfg!(any(target_os = "linux", target_os = "android")) { 107 } else { 103 };

    /// A socket file of ours, removed when this is dropped.
    #[derive(Debug)]
    pub(crate) struct SocketFile {
        path: PathBuf,
        /// Device and number, which tell whether another file has taken its place.
        id: (u64, u64),
        /// Whether it is ours to remove.
        owned: bool,
    }

    /// Why a socket file cannot be had.
    #[derive(Debug)]
    enum Trouble {
        TooLong(usize),
        NoFolder(PathBuf),
        /// A server answers there.
        Alive,
        /// The file is no socket, or none of streams.
        NoSocket,
        /// A dead server of another user left it.
        Foreign(u32),
        System(io::Error),
    }

    impl From<io::Error> for Trouble {
        fn from(error: io::Error) -> Trouble {
            Trouble::System(error)
        }
    }

    impl SocketFile {
        /// Listens at a path.
        ///
        /// # Errors
        /// Why it cannot, in words for people.
        pub(in super::super) fn open(
            path: &Path,
            lang: Lang,
        ) -> Result<(Listener, SocketFile), RunError> {
            open(path).map_err(|trouble| words(path, &trouble, lang))
        }

        /// The file of a socket that is being taken over. It is its server's until that has ended.
        pub(in super::super) fn adopt(path: &Path) -> Option<SocketFile> {
            let id = id_of(path).ok()?;
            Some(SocketFile { path: path.to_owned(), id, owned: false })
        }

        /// Says whether this process is the one that removes it.
        pub(in super::super) fn set_owned(&mut self, owned: bool) {
            self.owned = owned;
        }
    }

    fn id_of(path: &Path) -> io::Result<(u64, u64)> {
        let metadata = fs::symlink_metadata(path)?;
        Ok((metadata.dev(), metadata.ino()))
    }

    impl Drop for SocketFile {
        fn drop(&mut self) {
            // Whoever comes later may have put another one there.
            if self.owned && id_of(&self.path).is_ok_and(|now| now == self.id) {
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    fn open(path: &Path) -> Result<(Listener, SocketFile), Trouble> {
        let length = path.as_os_str().len();
        if length > LONGEST {
            return Err(Trouble::TooLong(length));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(Trouble::NoFolder(folder.to_owned()));
        }
        // Of two servers that find the same dead file, the slower must not take away the new one of
        // the faster. Where folders cannot be locked, nothing is lost but this.
        let lock = File::open(folder).and_then(|folder| folder.lock().map(|()| folder));
        clear(path)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(path)?)?;
        let file = SocketFile { path: path.to_owned(), id: id_of(path)?, owned: true };
        // Before it listens, so that nobody is refused who may.
        fs::set_permissions(path, Permissions::from_mode(MODE))?;
        socket.listen(BACKLOG)?;
        drop(lock);
        Ok((Listener::adopt(OwnedFd::from(socket))?, file))
    }

    /// Takes away what a dead server left.
    fn clear(path: &Path) -> Result<(), Trouble> {
        let metadata = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            metadata => metadata?,
        };
        if !metadata.file_type().is_socket() {
            return Err(Trouble::NoSocket);
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // A server with a full queue would have us wait.
        socket.set_nonblocking(true)?;
        match socket.connect(&SockAddr::unix(path)?) {
            Ok(()) => Err(Trouble::Alive),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(Trouble::Alive),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                if metadata.uid() != my_uid() {
                    return Err(Trouble::Foreign(metadata.uid()));
                }
                fs::remove_file(path)?;
                tracing::info!(target: "carafe", "removed {}, which a server left behind", path.display());
                Ok(())
            }
            // Its owner went away just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            // EPROTOTYPE has no kind: it is a socket of datagrams.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error.into()),
            Err(_) => Err(Trouble::NoSocket),
        }
    }

    fn words(path: &Path, trouble: &Trouble, lang: Lang) -> RunError {
        let reason = match lang {
            Lang::Korean => korean(path, trouble),
            _ => english(path, trouble),
        };
        refused(&reason, hint(path, trouble, lang).as_slice())
    }

    fn english(path: &Path, trouble: &Trouble) -> String {
        let path = path.display();
        match trouble {
            Trouble::TooLong(length) => format!(
                "the path of the socket file `{path}` is too long: {length} bytes, of which the system takes {LONGEST}"
            ),
            Trouble::NoFolder(folder) => {
                format!("the folder of the socket file is not there: `{}`", folder.display())
            }
            Trouble::Alive => format!("another server answers at `{path}`"),
            Trouble::NoSocket => {
                format!("`{path}` is not a web server's socket file, and is left alone")
            }
            Trouble::Foreign(uid) => format!(
                "`{path}` was left behind by a server of another user (uid {uid}), and is left alone"
            ),
            Trouble::System(error) => format!("cannot listen at the socket file `{path}`: {error}"),
        }
    }

    fn korean(path: &Path, trouble: &Trouble) -> String {
        let path = path.display();
        match trouble {
            Trouble::TooLong(length) => format!(
                "소켓 파일의 경로 `{path}`이(가) 너무 깁니다: {length}바이트이고, {LONGEST}바이트까지만 쓸 수 있습니다"
            ),
            Trouble::NoFolder(folder) => {
                format!("소켓 파일을 둘 폴더 `{}`이(가) 없습니다", folder.display())
            }
            Trouble::Alive => format!("`{path}`에서는 다른 서버가 이미 요청을 받고 있습니다"),
            Trouble::NoSocket => {
                format!("`{path}`은(는) 웹 서버의 소켓 파일이 아니므로 그대로 둡니다")
            }
            Trouble::Foreign(uid) => format!(
                "`{path}`은(는) 다른 사용자(uid {uid})의 서버가 남긴 파일이므로 그대로 둡니다"
            ),
            Trouble::System(error) => format!("소켓 파일 `{path}`을(를) 열 수 없습니다: {error}"),
        }
    }

    fn hint(path: &Path, trouble: &Trouble, lang: Lang) -> Option<String> {
        let path = quoted(path);
        let (words, command) = match trouble {
            Trouble::TooLong(_) => (
                lang.pick("choose a shorter one", "더 짧은 경로를 쓰십시오"),
                "--host unix:/tmp/app.sock".to_owned(),
            ),
            Trouble::NoFolder(folder) => {
                (lang.pick("make it", "폴더를 만들려면"), format!("mkdir -p {}", quoted(folder)))
            }
            Trouble::Alive => {
                (lang.pick("see which", "어느 프로그램인지 보려면"), format!("ss -lxp src {path}"))
            }
            Trouble::NoSocket => {
                let words = lang.pick(
                    "choose another path, or move that file away yourself",
                    "다른 경로를 쓰거나 그 파일을 직접 옮기십시오",
                );
                return Some(words.to_owned());
            }
            Trouble::Foreign(_) => {
                (lang.pick("if nobody needs it", "더는 필요 없다면"), format!("sudo rm {path}"))
            }
            Trouble::System(_) => return None,
        };
        Some(format!("{words}: `{command}`"))
    }

    fn quoted(path: &Path) -> String {
        super::super::command_line::words(std::iter::once(path.into()))
    }

    #[cfg(test)]
    mod tests {
        use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};

        use super::*;

        fn refusal(path: &Path) -> String {
            SocketFile::open(path, Lang::English).unwrap_err().to_string()
        }

        #[test]
        fn is_open_to_all_and_gone_at_the_end() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("app.sock");
            let (listener, file) = SocketFile::open(&path, Lang::English).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
            UnixStream::connect(&path).unwrap();
            drop((listener, file));
            assert!(!path.exists());
        }

        #[test]
        fn only_the_file_of_a_dead_server_is_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("app.sock");
            let alive = UnixListener::bind(&path).unwrap();
            assert!(refusal(&path).starts_with("another server answers at"));
            drop(alive);
            let (_listener, file) = SocketFile::open(&path, Lang::English).unwrap();
            UnixStream::connect(&path).unwrap();
            // Whoever replaces it, it is not ours any more.
            fs::remove_file(&path).unwrap();
            let _later = UnixListener::bind(&path).unwrap();
            drop(file);
            assert!(path.exists());
        }

        #[test]
        fn a_full_queue_is_alive() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("app.sock");
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
            socket.bind(&SockAddr::unix(&path).unwrap()).unwrap();
            socket.listen(0).unwrap();
            let mut waiting = Vec::new();
            for _ in 0..8 {
                let client = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
                client.set_nonblocking(true).unwrap();
                let _ = client.connect(&SockAddr::unix(&path).unwrap());
                waiting.push(client);
            }
            assert!(refusal(&path).starts_with("another server answers at"));
        }

        #[test]
        fn what_is_not_ours_to_remove_stays() {
            let folder = tempfile::tempdir().unwrap();
            let text = folder.path().join("notes.txt");
            fs::write(&text, "mine").unwrap();
            assert!(refusal(&text).contains("is left alone"));
            assert_eq!(fs::read_to_string(&text).unwrap(), "mine");
            let datagrams = folder.path().join("log.sock");
            let _socket = UnixDatagram::bind(&datagrams).unwrap();
            assert!(refusal(&datagrams).contains("is left alone"));
            assert!(datagrams.exists());
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).unwrap();
            assert!(refusal(&link).contains("is left alone"));
        }

        #[test]
        fn paths_that_cannot_be() {
            let long = format!("/tmp/{}", "x".repeat(LONGEST));
            assert!(refusal(Path::new(&long)).contains("is too long: 112 bytes"), "{long}");
            assert_eq!(
                refusal(Path::new("/nowhere/at all/app.sock")),
                "the folder of the socket file is not there: `/nowhere/at all`\n\n\
                 hint: make it: `mkdir -p '/nowhere/at all'`"
            );
        }
    }
}
