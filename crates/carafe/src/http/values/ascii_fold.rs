//! Non-ASCII letters to the ASCII ones they are made of, for file names.
//!
//! The result is that of Unicode's compatibility decomposition (NFKD) with what is not ASCII
//! dropped, for Latin letters, punctuation, letter-like signs, numerals, ligatures, full-width and
//! mathematical forms. Other characters are dropped; nothing else is needed to name a file.

use std::borrow::Cow;

/// `café №5` becomes `cafe No5`, `한글` becomes the empty text.
pub(super) fn fold_to_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            push_folded(&mut out, u32::from(c));
        }
    }
    Cow::Owned(out)
}

fn push_folded(out: &mut String, code: u32) {
    match code {
        // Full-width forms are ASCII, moved.
        0xff01..=0xff5e => out.extend(char::from_u32(code - 0xfee0)),
        0x1d400..=0x1d6a3 => out.extend(mathematical_letter(code)),
        0x1d7ce..=0x1d7ff => out.extend(char::from_digit((code - 0x1d7ce) % 10, 10)),
        _ => match single(code) {
            Some(letter) => out.push(letter),
            None => out.push_str(several(code).unwrap_or("")),
        },
    }
}

/// Thirteen alphabets of A to Z and a to z, one after the other, with a few letters left out
/// because they had a place before.
fn mathematical_letter(code: u32) -> Option<char> {
    if UNASSIGNED.contains(&code) {
        return None;
    }
    let letter = ((code - 0x1d400) % 52) as u8;
    Some(char::from(if letter < 26 { b'A' + letter } else { b'a' + letter - 26 }))
}

fn single(code: u32) -> Option<char> {
    let after = SINGLE.partition_point(|(start, _)| *start <= code);
    let (start, letters) = SINGLE.get(after.checked_sub(1)?)?;
    let letter = *letters.as_bytes().get((code - start) as usize)?;
    (letter != b'?').then(|| char::from(letter))
}

fn several(code: u32) -> Option<&'static str> {
    let after = SEVERAL.partition_point(|(start, _)| *start <= code);
    let (start, texts) = SEVERAL.get(after.checked_sub(1)?)?;
    texts.split(' ').nth((code - start) as usize)
}

/// First code point, then a letter for each that follows; `?` for none.
#[rustfmt::skip]
const SINGLE: &[(u32, &str)] = &[
    (0x00a0, " ??????? ?a???? ??23 ??? 1o?????AAAAAA?CEEEEIIII?NOOOOO??UUUUY"),
    (0x00e0, "aaaaaa?ceeeeiiii?nooooo??uuuuy?yAaAaAaCcCcCcCcDd??EeEeEeEeEeGgGg"),
    (0x0120, "GgGgHh??IiIiIiIiI???JjKk?LlLlLlLl??NnNnNnn??OoOoOo??RrRrRrSsSsSs"),
    (0x0160, "SsTtTt??UuUuUuUuUuUuWwYyYZzZzZzs"),
    (0x01a0, "Oo"),
    (0x01af, "Uu"),
    (0x01cd, "AaIiOoUuUuUuUuUu?AaAa????GgKkOoOo??j???Gg??NnAa????AaAaEeEeIiIiO"),
    (0x020d, "oOoRrRrUuUuSsTt??Hh??????AaEeOoOoOoOoYy"),
    (0x02b0, "h?jr???wy"),
    (0x02d8, "      ???lsx"),
    (0x037a, " ???;?????  "),
    (0x1d2c, "A?B?DE?GHIJKLMN?O?PRTUWa???bde???g?km?o???ptu??v??????iruv"),
    (0x1d9c, "c???f"),
    (0x1dbb, "z"),
    (0x1e00, "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"),
    (0x1e40, "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"),
    (0x1e80, "WwWwWwWwWwXxXxYyZzZzZzhtwyas????AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"),
    (0x1ec0, "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy"),
    (0x1fbd, " ?   "),
    (0x1fcd, "   "),
    (0x1fdd, "   "),
    (0x1fed, "  `"),
    (0x1ffd, "  ?           "),
    (0x2017, " "),
    (0x2024, "."),
    (0x202f, " "),
    (0x203e, " "),
    (0x205f, " "),
    (0x2070, "0i??456789+?=()n0123456789+?=()?aeox?hklmnpst"),
    (0x2102, "CC?????FgHHHh?IILl?N???PQRRR??????Z???Z?KABC?eEF?Mo????i"),
    (0x2145, "Ddeij"),
    (0x215f, "1I???V????X??LCDMi???v????x??lcdm"),
    (0x2260, "="),
    (0x226e, "<>"),
    (0x2460, "123456789"),
    (0x24b6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0"),
    (0x2c7c, "jV"),
    (0x3000, " "),
];

/// First code point, then a text for each that follows.
#[rustfmt::skip]
const SEVERAL: &[(u32, &str)] = &[
    (0x00bc, "14 12 34"),
    (0x0132, "IJ ij"),
    (0x01c4, "DZ Dz dz LJ Lj lj NJ Nj nj"),
    (0x01f1, "DZ Dz dz"),
    (0x2025, ".. ..."),
    (0x203c, "!!"),
    (0x2047, "?? ?! !?"),
    (0x20a8, "Rs"),
    (0x2100, "a/c a/s"),
    (0x2105, "c/o c/u"),
    (0x2116, "No"),
    (0x2120, "SM TEL TM"),
    (0x213b, "FAX"),
    (0x2150, "17 19 110 13 23 15 25 35 45 16 56 18 38 58 78"),
    (0x2161, "II III IV"),
    (0x2165, "VI VII VIII IX"),
    (0x216a, "XI XII"),
    (0x2171, "ii iii iv"),
    (0x2175, "vi vii viii ix"),
    (0x217a, "xi xii"),
    (0x2189, "03"),
    (0x2469, "10 11 12 13 14 15 16 17 18 19 20 (1) (2) (3) (4) (5) (6) (7) (8) (9) (10)"),
    (0x247e, "(11) (12) (13) (14) (15) (16) (17) (18) (19) (20) 1. 2. 3. 4. 5. 6. 7."),
    (0x248f, "8. 9. 10. 11. 12. 13. 14. 15. 16. 17. 18. 19. 20. (a) (b) (c) (d) (e) (f)"),
    (0x24a2, "(g) (h) (i) (j) (k) (l) (m) (n) (o) (p) (q) (r) (s) (t) (u) (v) (w) (x)"),
    (0x24b4, "(y) (z)"),
    (0x2a74, "::= == ==="),
    (0xfb00, "ff fi fl ffi ffl st st"),
];

const UNASSIGNED: [u32; 24] = [
    0x1d455, 0x1d49d, 0x1d4a0, 0x1d4a1, 0x1d4a3, 0x1d4a4, 0x1d4a7, 0x1d4a8, 0x1d4ad, 0x1d4ba,
    0x1d4bc, 0x1d4c4, 0x1d506, 0x1d50b, 0x1d50c, 0x1d515, 0x1d51d, 0x1d53a, 0x1d53f, 0x1d545,
    0x1d547, 0x1d548, 0x1d549, 0x1d551,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Python's `unicodedata.normalize("NFKD", ..)`, ASCII only.
    #[test]
    fn folds() {
        let check = |text, ascii| assert_eq!(fold_to_ascii(text), ascii, "{text}");
        check("plain", "plain");
        check("café №5", "cafe No5");
        check("한글", "");
        check("Việt", "Viet");
        check("Łódź", "odz");
        check("ﬁ…Ａ½", "fi...A12");
        check("á", "a");
        check("𝐀𝟘𝑕", "A0");
        check("①⑪Ⓐ", "111A");
        check("  　", "   ");
        check("ßæø", "");
    }

    #[test]
    fn tables_are_sorted_and_do_not_overlap() {
        let ends = |rows: &[(u32, &str)], len: fn(&str) -> usize| {
            rows.windows(2).all(|pair| pair[0].0 + len(pair[0].1) as u32 <= pair[1].0)
        };
        assert!(ends(SINGLE, str::len));
        assert!(ends(SEVERAL, |texts| texts.split(' ').count()));
    }

    /// A sum over all of the table's blocks, so that no entry changes unseen.
    #[test]
    fn agrees_with_python_everywhere_it_speaks() {
        let blocks = [0x80..=0x2fff_u32, 0xfb00..=0xfb06, 0xff01..=0xff5e, 0x1d400..=0x1d7ff];
        let mut sum: u32 = 0;
        for c in blocks.into_iter().flatten().filter_map(char::from_u32) {
            for byte in fold_to_ascii(&c.to_string()).bytes() {
                sum = sum.wrapping_mul(31).wrapping_add(u32::from(byte) ^ u32::from(c));
            }
        }
        assert_eq!(sum, 327_006_390);
    }
}
