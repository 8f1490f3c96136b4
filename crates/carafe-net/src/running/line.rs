//! One line from a Unix stream, whatever the other side does: capped in length and in time.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// A stream, and what has been read of it beyond the last line.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) stream: UnixStream,
    pub(super) rest: Vec<u8>,
}

impl Lines {
    pub(super) fn new(stream: UnixStream) -> Lines {
        Lines { stream, rest: Vec::new() }
    }

    /// The next line without its end, of at most `cap` bytes; `None` waits for as long as it takes.
    ///
    /// # Errors
    /// When the line is too long, late, cut off or no text.
    pub(super) fn next(&mut self, cap: usize, limit: Option<Duration>) -> io::Result<String> {
        let deadline = limit.map(|limit| Instant::now() + limit);
        loop {
            if let Some(line) = self.take_line(cap)? {
                return Ok(line);
            }
            let left = deadline.map(time_left).transpose()?;
            self.stream.set_read_timeout(left)?;
            let mut bytes = [0; 512];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.rest.extend_from_slice(&bytes[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What a timeout of a socket is called.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A whole line, if there is one among what was read.
    pub(super) fn take_line(&mut self, cap: usize) -> io::Result<Option<String>> {
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidData, what);
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        if end.unwrap_or(self.rest.len()) > cap {
            return Err(invalid("the line is too long"));
        }
        let Some(end) = end else { return Ok(None) };
        let mut line: Vec<u8> = self.rest.drain(..=end).collect();
        line.pop();
        String::from_utf8(line).map(Some).map_err(|_| invalid("the line is no text"))
    }
}

/// What is left of the time.
pub(super) fn time_left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What comes of these bytes, each part written by itself, within a cap of four.
    fn check(bytes: &[&[u8]], close: bool, expected: Result<&str, io::ErrorKind>) {
        let (mut near, far) = UnixStream::pair().unwrap();
        for part in bytes {
            near.write_all(part).unwrap();
        }
        let _open = (!close).then_some(near);
        let line = Lines::new(far).next(4, Some(Duration::from_millis(50)));
        assert_eq!(line.as_deref().map_err(|error| error.kind()), expected, "{bytes:?}");
    }

    #[test]
    fn a_line_is_capped_in_length_and_time() {
        check(&[b"abcd\n"], false, Ok("abcd"));
        check(&[b"ab", b"c\nde"], false, Ok("abc"));
        check(&[b"\n"], false, Ok(""));
        check(&[b"abcde\n"], false, Err(io::ErrorKind::InvalidData));
        check(&[b"abcde"], false, Err(io::ErrorKind::InvalidData));
        check(&[b"\xff\n"], false, Err(io::ErrorKind::InvalidData));
        check(&[b"abc"], false, Err(io::ErrorKind::TimedOut));
        check(&[b"abc"], true, Err(io::ErrorKind::UnexpectedEof));
        check(&[], true, Err(io::ErrorKind::UnexpectedEof));
    }

    #[test]
    fn lines_follow_each_other() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(b"one\ntwo\n").unwrap();
        let mut lines = Lines::new(far);
        assert_eq!(lines.next(4, None).unwrap(), "one");
        assert_eq!(lines.next(4, None).unwrap(), "two");
    }
}
