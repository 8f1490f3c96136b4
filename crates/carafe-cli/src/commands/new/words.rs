//! What `carafe new` says and writes, in English and Korean.

use std::io;
use std::path::Path;

use carafe_net::Lang;

/// The words of the app's files: a name in double brackets, and what takes its place.
const TEXTS: &[(&str, &str, &str)] = &[
    ("lang", "en", "ko"),
    ("notes", "Notes", "메모"),
    ("label", "A new note", "새 메모"),
    ("keep", "Keep it", "저장"),
    ("none", "No notes yet.", "아직 메모가 없습니다."),
    ("empty", "A note needs some words.", "메모에 내용을 적어 주세요."),
    ("kept", "This is note {id} now.", "{id}번 메모로 저장했습니다."),
    ("number", "Note {{ id }}", "{{ id }}번 메모"),
    ("back", "All notes", "모든 메모"),
    (
        "toml",
        "The app's settings. `cargo run -- config --all` shows every key and where its value comes from.",
        "앱의 설정입니다. `cargo run -- config --all`이 모든 키와 그 값의 출처를 보여 줍니다.",
    ),
    (
        "env",
        "Secrets of this computer: never committed. A server gets a key of its own.",
        "이 컴퓨터의 비밀 값입니다. 커밋하지 않습니다. 서버에는 다른 키를 둡니다.",
    ),
    ("run", "serve it, reload on save", "실행; 저장하면 바로 바뀝니다"),
    ("debug", "the same under a debugger", "디버거와 함께 실행"),
    ("test", "its tests", "테스트"),
    ("release", "one fast program", "배포할 프로그램 하나"),
    (
        "files",
        "Made with Carafe. Handlers are in `src/main.rs`, pages in `templates`, settings in `carafe.toml`, secrets in `.env` (not committed).",
        "Carafe로 만들었습니다. 핸들러는 `src/main.rs`, 페이지는 `templates`, 설정은 `carafe.toml`, 비밀 값은 `.env`에 있습니다(커밋하지 않음).",
    ),
];

/// Each name with its words.
pub(super) fn texts<'a>(lang: Lang) -> impl Iterator<Item = (&'a str, &'a str)> {
    TEXTS.iter().map(move |(key, english, korean)| {
        (*key, if lang == Lang::Korean { *korean } else { *english })
    })
}

/// What to type now: three lines at most.
pub(super) fn next_steps(name: &str, enter: Option<&Path>, lang: Lang) -> String {
    let (made, run, debug) = match lang {
        Lang::Korean => (
            "을(를) 만들었습니다",
            "http://localhost:8000 을 엽니다",
            "코드의 원하는 줄에서 멈춥니다",
        ),
        _ => (" is ready", "then open http://localhost:8000", "stops at any line that you choose"),
    };
    let enter = enter.map(|path| format!("  cd {}\n", shell_word(path))).unwrap_or_default();
    format!("`{name}`{made}\n\n{enter}  carafe run      {run}\n  carafe debug    {debug}")
}

/// A path as a shell takes it.
fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+~:,@\\".contains(c);
    if text.chars().all(is_plain) && !text.starts_with(['-', '~']) {
        return text.into_owned();
    }
    let quoted = text.replace('\'', r"'\''");
    if text.starts_with('-') { format!("'./{quoted}'") } else { format!("'{quoted}'") }
}

pub(super) fn not_empty(folder: &Path, first: &str, more: usize, lang: Lang) -> String {
    let folder = folder.display();
    match (lang, more) {
        (Lang::Korean, _) => format!(
            "`{folder}` 폴더가 비어 있지 않습니다: `{first}`{}이(가) 있습니다\n\nhint: 있는 파일은 덮어쓰지 않습니다. `--path DIR`로 다른 폴더를 고르세요",
            if more == 0 { String::new() } else { format!(" 외 {more}개") }
        ),
        _ => format!(
            "`{folder}` is not empty: it holds `{first}`{}\n\nhint: nothing is overwritten; choose another folder by `--path DIR`",
            if more == 0 { String::new() } else { format!(" and {more} more") }
        ),
    }
}

pub(super) fn cannot_write(path: &Path, error: &io::Error, lang: Lang) -> String {
    let path = path.display();
    match lang {
        Lang::Korean => format!("`{path}`에 쓸 수 없습니다: {error}"),
        _ => format!("`{path}` cannot be written: {error}"),
    }
}

pub(super) fn no_folder(error: &io::Error, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("현재 폴더를 알 수 없습니다: {error}"),
        _ => format!("there is no current folder: {error}"),
    }
}

pub(super) fn dot_and_path(lang: Lang) -> String {
    match lang {
        Lang::Korean => {
            "`.`은 이 폴더를 뜻하므로 `--path`와 함께 쓸 수 없습니다\n\nhint: 이름을 적으세요: `carafe new shop --path DIR`".to_owned()
        }
        _ => "`.` is this folder, and `--path` names another\n\nhint: give the app a name: `carafe new shop --path DIR`".to_owned(),
    }
}

/// The words about a name that was this folder's.
pub(super) fn of_folder(words: &str, lang: Lang) -> String {
    let what = words.split("\n\nhint").next().unwrap_or_default();
    match lang {
        Lang::Korean => {
            format!("{what}\n\nhint: 이름을 따로 적으세요: `carafe new my-app --path .`")
        }
        _ => format!("{what}\n\nhint: give it another name here: `carafe new my-app --path .`"),
    }
}

pub(super) fn no_copy(path: &Path, lang: Lang) -> String {
    let path = path.display();
    match lang {
        Lang::Korean => format!(
            "`{path}`은(는) carafe 저장소의 사본이 아닙니다\n\nhint: `crates/carafe`가 있는 폴더를 적으세요"
        ),
        _ => format!(
            "`{path}` is no copy of carafe's repository\n\nhint: name the folder that holds `crates/carafe`"
        ),
    }
}

pub(super) fn no_git(lang: Lang) -> String {
    match lang {
        Lang::Korean => {
            "git이 없습니다\n\nhint: `--git` 없이 다시 실행하거나 git을 설치하세요".to_owned()
        }
        _ => "there is no git\n\nhint: install it, or leave `--git` out".to_owned(),
    }
}

pub(super) fn no_repository(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("git 저장소를 만들지 못했습니다: {why}"),
        _ => format!("no git repository was made: {why}"),
    }
}

pub(super) fn no_editor_files(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("VS Code 설정 파일을 만들지 못했습니다: {why}"),
        _ => format!("no files for VS Code were made: {why}"),
    }
}

pub(super) fn no_secret(error: &io::Error, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("비밀 키를 만들 수 없습니다: {error}"),
        _ => format!("no secret key can be made: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_to_type() {
        let check = |enter: Option<&str>, lang, expected: &str| {
            assert_eq!(next_steps("shop", enter.map(Path::new), lang), expected);
        };
        check(
            Some("shop"),
            Lang::English,
            "`shop` is ready\n\n  cd shop\n  carafe run      then open http://localhost:8000\n  carafe debug    stops at any line that you choose",
        );
        check(
            None,
            Lang::Korean,
            "`shop`을(를) 만들었습니다\n\n  carafe run      http://localhost:8000 을 엽니다\n  carafe debug    코드의 원하는 줄에서 멈춥니다",
        );
    }

    #[test]
    fn quotes_for_a_shell() {
        let check = |path: &str, expected: &str| assert_eq!(shell_word(Path::new(path)), expected);
        check("a/b-c", "a/b-c");
        check("my shop", "'my shop'");
        check("it's", r"'it'\''s'");
        check("-x", "'./-x'");
        check("게시판", "게시판");
    }
}
