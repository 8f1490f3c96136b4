//! A zip archive of a few small files, stored as they are: the same bytes for the same files, on every
//! machine and at any time.
//!
//! Numbers refer to the sections of PKWARE's APPNOTE 6.3.

/// 1 January 1980, the earliest day that the format knows (4.4.6).
const DATE: u16 = 0x0021;
/// Stored files need version 1.0 of the format (4.4.3).
const VERSION: u16 = 10;
/// Names are UTF-8 (4.4.4).
const FLAGS: u16 = 1 << 11;

/// Packs files with their names, in this order.
///
/// The files together have to stay below 4 GiB, beyond which the format needs other records; those here
/// are part of this program.
pub(super) fn pack(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in files {
        let offset = archive.len();
        let about = about(name, content);
        // 4.3.7, the local file header.
        archive.extend(0x0403_4b50_u32.to_le_bytes());
        archive.extend(&about);
        archive.extend(name.as_bytes());
        archive.extend(content);
        // 4.3.12, the central directory's header: made by version, the same, then comment's length, disk,
        // attributes inside and outside, and where the file is.
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&about);
        directory.extend([0; 10]);
        directory.extend((offset as u32).to_le_bytes());
        directory.extend(name.as_bytes());
    }
    // 4.3.16, the end of central directory record.
    let start = archive.len() as u32;
    let count = files.len() as u16;
    archive.extend(&directory);
    archive.extend(0x0605_4b50_u32.to_le_bytes());
    archive.extend([0; 4]);
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// What both headers say of a file: version, flags, method, time, date, checksum, sizes, lengths.
fn about(name: &str, content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    let mut about = Vec::with_capacity(26);
    for field in [VERSION, FLAGS, 0, 0, DATE] {
        about.extend(field.to_le_bytes());
    }
    about.extend(crc32(content).to_le_bytes());
    about.extend(size);
    about.extend(size);
    about.extend((name.len() as u16).to_le_bytes());
    about.extend([0; 2]);
    about
}

/// 4.4.7; bit by bit, as a table would be more code than it saves time here.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    let all = bytes
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)));
    !all
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn has_the_usual_checksum() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn others_can_read_it() {
        let files = [("a/[b].txt", b"one".to_vec()), ("가.txt", vec![]), ("c", vec![7; 5000])];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.zip");
        std::fs::write(&path, pack(&files)).unwrap();
        // Python checks every sum and both directories.
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                      print([(i.filename, i.file_size) for i in z.infolist()], z.read('a/[b].txt'))";
        let output = Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "[('a/[b].txt', 3), ('가.txt', 0), ('c', 5000)] b'one'",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
