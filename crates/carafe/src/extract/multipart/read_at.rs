//! Reading a file at a place, so that many can read one file at once.

use std::fs::File;
use std::io;

use bytes::Bytes;

/// Reads into `buffer`; gives how much was read, 0 at the end of the file.
#[inline]
pub(super) fn read_some_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, buffer, place);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, buffer, place);
}

/// Exactly `length` bytes from `place` on.
///
/// # Errors
/// `UnexpectedEof` when the file is shorter than that.
#[inline]
pub(crate) fn read_at(file: &File, place: u64, length: usize) -> io::Result<Bytes> {
    let mut buffer = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match read_some_at(file, &mut buffer[filled..], place + filled as u64) {
            Ok(0) => {
                let words = "the file became shorter while it was read";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, words));
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.into())
}
