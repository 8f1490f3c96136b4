//! Rules: converters, weights, backtracking, slashes, redirects, methods, `url_for`.
//!
//! Every rule of [`rules`] has the same view, [`show`]: it answers `endpoint key=value key=value` with the values in the
//! order of their names. A list value is joined by `+`.

use carafe::http::Method;
use carafe::prelude::*;
use carafe::routing::{Converter, UrlValue};
use carafe::{Rule, UrlFor, View};

/// `a+b+c` to a list; the custom converter `list`.
struct ListConverter;

impl Converter for ListConverter {
    type Value = Vec<String>;

    fn parse(&self, text: &str) -> Option<Vec<String>> {
        Some(text.split('+').map(str::to_owned).collect())
    }

    fn build(&self, value: &Vec<String>) -> String {
        value.join("+")
    }
}

pub(super) async fn show(request: Request) -> String {
    let mut values = request.path_values();
    values.sort();
    let values = values.iter().map(|(name, value)| format!(" {name}={value}"));
    let endpoint = request.endpoint().unwrap_or_default();
    endpoint.chars().chain(values.collect::<String>().chars()).collect()
}

fn rule(text: &str, endpoint: &str) -> Rule {
    Rule::new(text).endpoint(endpoint)
}

/// The rules, registered in this order.
fn rules() -> Vec<Rule> {
    vec![
        rule("/", "root"),
        // converters
        rule("/c/str/<string:x>", "c_str"),
        rule("/c/min/<string(minlength=3):x>", "c_min"),
        rule("/c/max/<string(maxlength=3):x>", "c_max"),
        rule("/c/len/<string(length=2):x>", "c_len"),
        rule("/c/between/<string(minlength=2, maxlength=4):x>", "c_between"),
        rule("/c/int/<int:x>", "c_int"),
        rule("/c/fixed/<int(fixed_digits=4):x>", "c_fixed"),
        rule("/c/minmax/<int(min=2, max=9):x>", "c_minmax"),
        rule("/c/signed/<int(signed=True):x>", "c_signed"),
        rule("/c/float/<float:x>", "c_float"),
        rule("/c/fsigned/<float(signed=True):x>", "c_fsigned"),
        rule("/c/frange/<float(min=1.0, max=2.5):x>", "c_frange"),
        rule("/c/path/<path:x>", "c_path"),
        rule("/c/path/<path:x>/edit", "c_path_edit"),
        rule("/c/any/<any(red, green, 'light blue'):x>", "c_any"),
        rule("/c/uuid/<uuid:x>", "c_uuid"),
        rule("/c/list/<list:x>", "c_list"),
        rule("/c/pair/<a>-<b>", "c_pair"),
        rule("/c/date/<int:y>-<int:m>-<int:d>", "c_date"),
        rule("/c/file/v<int:n>.txt", "c_file"),
        rule("/c/try/<int(max=5):x>", "c_try_int"),
        rule("/c/try/<x>", "c_try_string"),
        // weights
        rule("/w/<x>", "w_string"),
        rule("/w/<int:x>", "w_int"),
        rule("/w/<float:x>", "w_float"),
        rule("/w/<path:x>", "w_path"),
        rule("/w/static", "w_static"),
        rule("/w/<any(foo, bar):x>", "w_any"),
        rule("/w/v<int:n>", "w_vint"),
        rule("/w/<a>-<b>", "w_pair"),
        // static before dynamic, and back
        rule("/u/<x>/edit", "u_edit"),
        rule("/u/me/<y>", "u_me"),
        rule("/u/<x>/<y>/deep", "u_deep"),
        // slashes
        rule("/s/branch/", "s_branch").methods([Method::GET, Method::POST]),
        rule("/s/leaf", "s_leaf"),
        rule("/s/loose", "s_loose").strict_slashes(false),
        rule("/s/loose2/", "s_loose2").strict_slashes(false),
        rule("/s/x/y", "s_merged"),
        rule("/s/nomerge/<path:x>", "s_nomerge").merge_slashes(false),
        rule("/s/item/<int:x>/", "s_item"),
        // defaults, redirect_to, alias
        rule("/d/all/", "d_all").default("page", 1),
        rule("/d/all/page/<int:page>", "d_all"),
        rule("/d/old/<int:id>", "d_old").redirect_to("d/new/<id>"),
        rule("/d/new/<int:id>", "d_new"),
        rule("/d/real", "d_real"),
        rule("/d/nick", "d_real").alias(true),
        rule("/d/build-only", "d_build_only").build_only(true),
        // methods
        rule("/m/get", "m_get"),
        rule("/m/post", "m_post").methods([Method::POST]),
        rule("/m/many", "m_many").methods([
            Method::GET,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ]),
        rule("/m/split", "m_split_get").methods([Method::GET]),
        rule("/m/split", "m_split_post").methods([Method::POST]),
        rule("/m/own-options", "m_own_options").methods([Method::GET, Method::OPTIONS]),
        rule("/m/no-options", "m_no_options").provide_automatic_options(false),
        rule("/m/head", "m_head").methods([Method::HEAD]),
        // unicode in a rule
        rule("/caf\u{e9}/<x>", "cafe"),
    ]
}

/// An endpoint with the values and the options for its URL.
fn url(case: &str) -> Option<(&'static str, UrlFor)> {
    let url = UrlFor::new();
    Some(match case {
        "root" => ("root", url),
        "string" => ("c_str", url.value("x", "a b?#\u{e9}@:,;+")),
        "slash-in-string" => ("c_str", url.value("x", "a/b")),
        "int" => ("c_int", url.value("x", 7)),
        "fixed" => ("c_fixed", url.value("x", 42)),
        "negative" => ("c_signed", url.value("x", -3)),
        "float" => ("c_float", url.value("x", 1.5)),
        "path" => ("c_path", url.value("x", "a/b c/d")),
        "any" => ("c_any", url.value("x", "light blue")),
        "list" => {
            ("c_list", url.value("x", UrlValue::other(vec!["a".to_owned(), "b c".to_owned()])))
        }
        "pair" => ("c_pair", url.value("a", "x").value("b", "y")),
        "unicode-rule" => ("cafe", url.value("x", "\u{fc}")),
        "query" => ("root", url.value("q", "a b&c=d/\u{e9}")),
        "query-list" => ("root", url.value("tag", vec!["x", "y"])),
        "query-number" => ("root", url.value("page", 2)),
        "none-dropped" => ("root", url.value("a", None::<&str>).value("b", "1")),
        "extra" => ("c_int", url.value("x", 1).value("more", "yes")),
        "anchor" => ("root", url.anchor("top of page")),
        "query-anchor" => ("root", url.value("q", "1").anchor("end")),
        "external" => ("c_int", url.value("x", 1).external(true)),
        "external-https" => ("c_int", url.value("x", 1).external(true).scheme("https")),
        "defaults" => ("d_all", url.value("page", 1)),
        "defaults-other" => ("d_all", url.value("page", 2)),
        "alias" => ("d_real", url),
        "build-only" => ("d_build_only", url),
        "static" => ("static", url.value("filename", "sub/style.css")),
        "blueprint" => ("shop.item", url.value("id", 3)),
        "nested" => ("shop.cart.view", url),
        "unknown" => ("no_such_endpoint", url),
        "missing" => ("c_int", url),
        _ => return None,
    })
}

/// `url_for` called in this request.
#[get("/urls/<case>")]
async fn urls(request: &Request, case: String) -> Result<String> {
    let (endpoint, values) = url(&case).or_404()?;
    Ok(request.url_for(endpoint, values).unwrap_or_else(|_| "BuildError".to_owned()))
}

pub(super) fn add(app: App) -> App {
    let app = app.converter("list", |_| Ok(ListConverter));
    let view = View::new(show);
    let app = rules().into_iter().fold(app, |app, rule| app.add_url_rule(rule, view.clone()));
    app.routes(routes![urls])
}
