//! Guests' pictures as files. What a file is, its first bytes say; its name and what the browser
//! claims are not believed, and are not kept.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

use carafe::config::Bytes;
use carafe::{Result, Upload};

use crate::random;

/// What a guest chose in the form.
pub(crate) enum Choice<'a> {
    Nothing,
    Picture(Picture<'a>),
    /// Why it cannot be taken.
    Refused(String),
}

/// A picture that was uploaded and not kept yet.
pub(crate) struct Picture<'a> {
    upload: &'a Upload,
    ending: &'static str,
}

impl<'a> Choice<'a> {
    /// Looks at an upload; `most` is the largest size.
    pub(crate) fn new(upload: Option<&'a Upload>, most: Bytes) -> Result<Choice<'a>> {
        let Some(upload) = upload else {
            return Ok(Choice::Nothing);
        };
        if upload.size() > most.get() {
            return Ok(Choice::Refused(format!("This picture is larger than {most}")));
        }
        let mut first_bytes = Vec::new();
        upload.open().take(16).read_to_end(&mut first_bytes)?;
        Ok(match ending(&first_bytes) {
            Some(ending) => Choice::Picture(Picture { upload, ending }),
            None => Choice::Refused("This is not a PNG, JPEG, WebP or GIF picture".to_owned()),
        })
    }
}

impl Picture<'_> {
    /// Writes the picture into a folder and gives its new name, which nobody can guess.
    pub(crate) fn keep(&self, folder: &Path) -> Result<String> {
        fs::create_dir_all(folder)?;
        let name = format!("{}.{}", random::token()?, self.ending);
        self.upload.save_blocking(folder.join(&name))?;
        Ok(name)
    }
}

/// Removes a picture; one that is gone already is no error.
pub(crate) fn remove(folder: &Path, name: &str) -> Result<()> {
    match fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The ending for a picture's file by its first bytes; `None` for anything that is not a picture.
fn ending(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_pictures_by_their_first_bytes() {
        let check = |bytes: &[u8], wanted| assert_eq!(ending(bytes), wanted, "{bytes:?}");
        check(b"\x89PNG\r\n\x1a\n", Some("png"));
        check(b"\xff\xd8\xff\xe0", Some("jpg"));
        check(b"GIF89a..", Some("gif"));
        check(b"RIFF\x10\0\0\0WEBPVP8 ", Some("webp"));
        check(b"", None);
        check(b"\x89PNG", None);
        check(b"<svg onload=alert(1)>", None);
        check(b"<html>\x89PNG\r\n\x1a\n", None);
        check(b"RIFF\x10\0\0\0WAVEfmt ", None);
    }
}
