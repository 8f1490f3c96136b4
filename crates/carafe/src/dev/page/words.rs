//! The page's own words, in English and in Korean.

use carafe_net::Lang;

use crate::config::Settings;

/// The words in one language.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) lang: Lang,
}

impl Words {
    /// The language of the configuration (`lang`), else the system's.
    pub(super) fn of(settings: &Settings) -> Words {
        let chosen = settings.lang.as_deref().and_then(Lang::parse);
        Words { lang: chosen.unwrap_or_else(|| Lang::of_system(|name| std::env::var(name).ok())) }
    }

    /// The code of the language in HTML.
    pub(super) fn code(self) -> &'static str {
        self.lang.pick("en", "ko")
    }

    /// A label or a heading; one that is not known stays as it is.
    pub(super) fn word(self, english: &'static str) -> &'static str {
        if !matches!(self.lang, Lang::Korean) {
            return english;
        }
        match english {
            "Request" => "요청",
            "Path values" => "경로 값",
            "Query" => "쿼리",
            "Form" => "폼",
            "Body" => "본문",
            "Session" => "세션",
            "Cookies" => "쿠키",
            "Headers" => "헤더",
            "g" => "g",
            "Debug this request" => "이 요청을 디버그",
            "Source" => "소스",
            "Template" => "템플릿",
            "Why" => "이유",
            "What ran" => "실행된 것",
            "Log" => "로그",
            "Handler" => "핸들러",
            "caused by" => "원인",
            "open" => "열기",
            "hint" => "힌트",
            "field" => "필드",
            "error" => "오류 번호",
            "Rules tried" => "시도한 규칙",
            "from" => "포함한 곳",
            other => other,
        }
    }

    pub(super) fn others(self, count: usize) -> String {
        match (self.lang, count) {
            (Lang::Korean, _) => format!("프레임워크와 라이브러리의 함수 {count}개"),
            (_, 1) => "1 function of the framework and libraries".to_owned(),
            _ => format!("{count} functions of the framework and libraries"),
        }
    }

    pub(super) fn called(self, count: usize) -> String {
        match (self.lang, count) {
            (Lang::Korean, _) => {
                format!("맨 위 함수가 부른 프레임워크와 라이브러리의 함수 {count}개")
            }
            (_, 1) => {
                "1 function of the framework and libraries, which the first one called".to_owned()
            }
            _ => format!(
                "{count} functions of the framework and libraries, which the first one called"
            ),
        }
    }

    pub(super) fn other_rules(self, count: usize) -> String {
        match (self.lang, count) {
            (Lang::Korean, _) => format!("다른 규칙 {count}개는 `explain`으로 볼 수 있습니다"),
            (_, 1) => "and 1 other rule, which `explain` shows".to_owned(),
            _ => format!("and {count} other rules, which `explain` shows"),
        }
    }

    pub(super) fn footer(self) -> &'static str {
        self.lang.pick(
            "Only this computer sees this page, and only in development. Secrets are hidden.",
            "이 페이지는 개발 중에 이 컴퓨터에서만 보입니다. 비밀 값은 가려집니다.",
        )
    }
}
