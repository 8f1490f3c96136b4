//! A QR code for a terminal. Its size follows from the text: an address needs 25 to 29 modules.

use qrcodegen::{QrCode, QrCodeEcc};

/// The light border that readers look for, in modules (ISO/IEC 18004 section 9.1).
const QUIET: i32 = 4;
/// Black on white of the fixed part of the palette: a code in the terminal's own colours would be
/// inverted in a dark one, and themes redefine the first 16. `NO_COLOR` does not apply: these
/// colours carry the meaning, and are only sent when somebody asks for a code.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// The code for a URL, two rows of modules to a line; `None` for more than fits into a code.
pub(super) fn code(url: &str) -> Option<String> {
    // A screen is not scratched: the lowest level gives the smallest code.
    let code = QrCode::encode_text(url, QrCodeEcc::Low).ok()?;
    let end = code.size() + QUIET;
    let mut text = String::new();
    for y in (-QUIET..end).step_by(2) {
        text.push_str("  ");
        text.push_str(BLACK_ON_WHITE);
        // Outside of the code there is light.
        text.extend(
            (-QUIET..end).map(|x| half_blocks(code.get_module(x, y), code.get_module(x, y + 1))),
        );
        text.push_str(PLAIN);
        text.push('\n');
    }
    Some(text)
}

/// Two modules, one above the other.
fn half_blocks(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (false, false) => ' ',
        (true, false) => '▀',
        (false, true) => '▄',
        (true, true) => '█',
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What a reader makes of the printed lines: they are turned back into a picture first.
    fn read(printed: &str) -> String {
        const SCALE: usize = 4;
        let lines: Vec<&str> = printed
            .lines()
            .map(|line| {
                let line =
                    line.strip_prefix("  ").and_then(|line| line.strip_prefix(BLACK_ON_WHITE));
                line.unwrap().strip_suffix(PLAIN).unwrap()
            })
            .collect();
        let mut rows: Vec<String> = Vec::new();
        for line in lines {
            let half = |dark: [char; 2]| -> String {
                let pixel = |c| if dark.contains(&c) { "1" } else { "0" };
                line.chars().map(|c| pixel(c).repeat(SCALE)).collect()
            };
            for row in [half(['▀', '█']), half(['▄', '█'])] {
                rows.extend(std::iter::repeat_n(row, SCALE));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("code.pbm");
        let size = format!("P1\n{} {}\n", rows[0].len(), rows.len());
        std::fs::write(&picture, size + &rows.join("\n")).unwrap();
        let mut reader = Command::new("zbarimg");
        let output = reader.args(["--raw", "--quiet"]).arg(&picture).output();
        let output = output.expect("the test needs zbarimg: `apt-get install zbar-tools`");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_reader_reads_what_is_printed() {
        for url in [
            "http://10.0.0.1:80",
            "http://192.168.100.200:65535",
            "http://[fd12:3456:789a:bcde:f012:3456:789a:bcde]:65535",
        ] {
            assert_eq!(read(&code(url).unwrap()), format!("{url}\n"));
        }
    }

    #[test]
    fn what_does_not_fit_is_no_code() {
        assert!(code(&"x".repeat(4000)).is_none());
    }

    #[test]
    fn it_stays_within_a_small_terminal() {
        let code = code("http://192.168.100.200:65535").unwrap();
        let width = code.lines().map(|line| line.matches([' ', '▀', '▄', '█']).count()).max();
        assert!(
            width <= Some(40) && code.lines().count() <= 20,
            "{width:?}, {}",
            code.lines().count()
        );
    }
}
