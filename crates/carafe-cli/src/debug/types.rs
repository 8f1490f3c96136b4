//! Names of types as they are written in Rust: debuggers take Rust for C++, and spell out every module.

/// What lldb calls the numbers of Rust. It does not tell `isize` from `i64`.
const NUMBERS: [(&str, &str); 16] = [
    ("signed char", "i8"),
    ("unsigned char", "u8"),
    ("short", "i16"),
    ("unsigned short", "u16"),
    ("int", "i32"),
    ("unsigned int", "u32"),
    ("long", "i64"),
    ("unsigned long", "u64"),
    ("long long", "i64"),
    ("unsigned long long", "u64"),
    ("__int128", "i128"),
    ("unsigned __int128", "u128"),
    ("float", "f32"),
    ("double", "f64"),
    ("char32_t", "char"),
    ("void", "()"),
];
/// Parameters that nobody writes.
const DEFAULTS: [&str; 3] = [
    ", alloc::alloc::Global",
    ", std::hash::random::RandomState",
    ", std::collections::hash::map::RandomState",
];

/// `&User` of `app::models::User *`, `HashMap<String, u32>` of what that is in full.
pub(super) fn readable(name: &str) -> String {
    let name =
        DEFAULTS.iter().fold(name.trim().to_owned(), |name, default| name.replace(default, ""));
    if let Some(inner) = name.strip_suffix('*').or_else(|| name.strip_suffix('&')) {
        return format!("&{}", readable(inner.trim_end().trim_end_matches("const")));
    }
    let (mut short, mut part) = (String::new(), String::new());
    for c in name.chars() {
        match c {
            '<' | '>' | ',' | '(' | ')' | '[' | ']' | ';' => {
                short.push_str(&spoken(&part));
                part.clear();
                short.push(c);
            }
            c => part.push(c),
        }
    }
    short + &spoken(&part)
}

/// One name between brackets and commas, with the space before it.
fn spoken(part: &str) -> String {
    let name = part.trim();
    let space = if part.starts_with(' ') && !name.is_empty() { " " } else { "" };
    let number = NUMBERS.iter().find(|(long, _)| *long == name).map(|(_, short)| *short);
    let reference = name.rfind(['&', '*']).map_or("", |at| &name[..=at]);
    let last = name.rsplit("::").next().unwrap_or(name);
    let last = last.trim_start_matches(['&', '*']).trim_start_matches("mut ");
    format!("{space}{reference}{}", number.unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_they_are_written() {
        let check = |name: &str, expected: &str| assert_eq!(readable(name), expected);
        check("carafe::extract::state::State<guestbook::store::Store>", "State<Store>");
        check("alloc::vec::Vec<&str, alloc::alloc::Global>", "Vec<&str>");
        check(
            "std::collections::hash::map::HashMap<alloc::string::String, unsigned int, \
             std::hash::random::RandomState, alloc::alloc::Global>",
            "HashMap<String, u32>",
        );
        check("debuggee::User *", "&User");
        check("core::option::Option<long>", "Option<i64>");
        check("(alloc::string::String, u32)", "(String, u32)");
        check("unsigned char", "u8");
        check("bool", "bool");
        check("&[alloc::string::String]", "&[String]");
        check("", "");
    }
}
