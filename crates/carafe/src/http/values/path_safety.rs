//! Names from outside that become names of files. Looks at text only, never at the disk.

use super::ascii_fold::fold_to_ascii;
use std::path::{Path, PathBuf};

/// Joins a path from a URL to a directory; `None` when it could lead out of it.
///
/// Follows Werkzeug's `safe_join` as it answers on Windows, on every system: what is served on one
/// is served on all. Refused are absolute paths, `..` out of the directory, NUL and backslashes,
/// drives and streams (`c:x`), and the names of devices (`con`, `nul.txt`). Links on the disk are
/// the caller's to judge.
///
/// ```
/// use carafe::http::values::safe_join;
/// use std::path::Path;
/// let base = Path::new("static");
/// assert_eq!(safe_join(base, "css/../app.js").as_deref(), Some(Path::new("static/app.js")));
/// assert_eq!(safe_join(base, "../secret"), None);
/// ```
pub fn safe_join(base: &Path, user: &str) -> Option<PathBuf> {
    if user.starts_with('/') || user.contains(['\0', '\\', ':']) {
        return None;
    }
    let mut parts = Vec::new();
    for part in user.split('/') {
        match part {
            "" | "." => {}
            // Above the directory there is nothing to take away.
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    if parts.iter().any(|part| is_device(part)) {
        return None;
    }
    // An empty base would let the first part decide what the path is relative to.
    let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let mut path = base.to_path_buf();
    path.extend(parts);
    Some(path)
}

/// A name that is safe as the name of one file: ASCII letters, digits, `.`, `_` and `-`.
///
/// Follows Werkzeug's `secure_filename` as it answers on Windows, on every system: accents are
/// dropped, spaces and slashes become `_`, devices (`con`) get one in front. The result may be
/// empty: then choose a name yourself.
///
/// ```
/// use carafe::http::values::secure_filename;
/// assert_eq!(secure_filename("My cool movie.mov"), "My_cool_movie.mov");
/// assert_eq!(secure_filename("../../../etc/passwd"), "etc_passwd");
/// assert_eq!(secure_filename("한글"), "");
/// ```
#[inline]
pub fn secure_filename(name: &str) -> String {
    let ascii = fold_to_ascii(name).replace(['/', '\\'], " ");
    // Python's `split` also takes the ASCII separators 0x1c to 0x1f for spaces.
    let is_space = |c: char| c.is_ascii_whitespace() || matches!(c, '\x0b' | '\x1c'..='\x1f');
    let words: Vec<&str> = ascii.split(is_space).filter(|word| !word.is_empty()).collect();
    let mut name = words.join("_");
    name.retain(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let name = name.trim_matches(['.', '_']);
    if is_device(name) { format!("_{name}") } else { name.to_owned() }
}

/// Names that open a device on Windows, whatever follows the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or(name).trim();
    let is = |device: &str| stem.eq_ignore_ascii_case(device);
    ["AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"].into_iter().any(is) || is_port(stem)
}

/// `COM1` to `COM9` and `LPT1` to `LPT9`; the superscript digits count too.
fn is_port(stem: &str) -> bool {
    let Some((kind, number)) = stem.split_at_checked(3) else {
        return false;
    };
    let is_port = kind.eq_ignore_ascii_case("COM") || kind.eq_ignore_ascii_case("LPT");
    let mut digits = number.chars();
    let is_number = matches!(digits.next(), Some('1'..='9' | '¹' | '²' | '³'));
    is_port && is_number && digits.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Werkzeug's `safe_join`; the second half is what it says on Windows.
    #[test]
    fn joins() {
        let check = |user: &str, joined: Option<&str>| {
            let got = safe_join(Path::new("/b"), user);
            assert_eq!(got.as_deref(), joined.map(Path::new), "{user:?}");
        };
        check("a", Some("/b/a"));
        check("a/b", Some("/b/a/b"));
        check("", Some("/b"));
        check(".", Some("/b/."));
        check("./a", Some("/b/a"));
        check("a/./b", Some("/b/a/b"));
        check("a/../b", Some("/b/b"));
        check("a/..", Some("/b/."));
        check("..", None);
        check("../a", None);
        check("a/../..", None);
        check("a/../../b", None);
        check("/a", None);
        check("//a", None);
        check("a//b", Some("/b/a/b"));
        check("a/", Some("/b/a"));
        check("...", Some("/b/..."));
        check("..a", Some("/b/..a"));
        check("a/...", Some("/b/a/..."));
        check("%2e%2e/a", Some("/b/%2e%2e/a"));
        check("~/a", Some("/b/~/a"));
        check("한/é", Some("/b/한/é"));
        check("a\\b", None);
        check("..\\a", None);
        check("a\0b", None);
        check("C:/a", None);
        check("a/c:b", None);
        check("con", None);
        check("a/NUL.txt", None);
        check("aux /b", None);
        check("com¹", None);
        check("LPT9.x.y", None);
        check("com0", Some("/b/com0"));
        check("com12", Some("/b/com12"));
        check("console", Some("/b/console"));
        check("con/../a", Some("/b/a"));
        assert_eq!(safe_join(Path::new(""), "a").as_deref(), Some(Path::new("./a")));
    }

    /// Expected values are Werkzeug's `secure_filename`; the second half is its Windows.
    #[test]
    fn secures() {
        let check = |name, secured: &str| assert_eq!(secure_filename(name), secured, "{name:?}");
        check("My cool movie.mov", "My_cool_movie.mov");
        check("../../../etc/passwd", "etc_passwd");
        check("i contain cool ümläuts.txt", "i_contain_cool_umlauts.txt");
        check("..", "");
        check(".", "");
        check("", "");
        check("...", "");
        check("_a_", "a");
        check(".bashrc", "bashrc");
        check("a/b/c", "a_b_c");
        check("a  b\tc\n", "a_b_c");
        check("Åłł.txt", "A.txt");
        check("／etc／passwd", "etc_passwd");
        check("ﬁle.txt", "file.txt");
        check("½.txt", "12.txt");
        check("a;b|c&d", "abcd");
        check("a\u{0}b", "ab");
        check("-x-", "-x-");
        check("Ấn.txt", "An.txt");
        check("한글.hwp", "hwp");
        check("a\u{1c}b", "a_b");
        check("𝐀bc", "Abc");
        check("…x", "x");
        check("x y", "x_y");
        check("æøå", "a");
        check("Ⅷ.txt", "VIII.txt");
        check("..\\..\\a\\b", "a_b");
        check("C:\\x\\y.txt", "C_x_y.txt");
        check("con", "_con");
        check("NUL.tar.gz", "_NUL.tar.gz");
    }
}
