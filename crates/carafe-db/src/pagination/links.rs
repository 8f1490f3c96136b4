//! What templates write pages by: `iter_pages(..)` and `page_links(..)`.

use carafe::Markup;
use carafe::templates::minijinja::value::Kwargs;
use carafe::templates::minijinja::{Error, State};
use carafe::templates::{Setup, Value};

use super::{Edges, iter_pages};

/// Adds the functions to an app's templates.
pub(crate) fn add_helpers(setup: &mut Setup) {
    setup.function("iter_pages", |page: Value, options: Kwargs| {
        let numbers = numbers(&page, &options)?.into_iter();
        Ok::<Value, Error>(
            numbers.map(|number| number.map_or(Value::from(()), Value::from)).collect(),
        )
    });
    setup.function("page_links", |state: &State, page: Value, options: Kwargs| {
        let request = state.lookup("request").unwrap_or_default();
        let query = request.get_attr("query_string").unwrap_or_default();
        let query = query.as_str().unwrap_or_default().to_owned();
        let current = number(&page, "page").unwrap_or(1);
        let links = links(current, &numbers(&page, &options)?, &query);
        Ok::<Value, Error>(Value::from_safe_string(links))
    });
}

fn number(page: &Value, name: &str) -> Option<i64> {
    page.get_attr(name).ok().and_then(|value| value.as_i64())
}

fn numbers(page: &Value, options: &Kwargs) -> Result<Vec<Option<i64>>, Error> {
    let usual = Edges::default();
    let option = |name: &str, usual: i64| {
        Ok::<i64, Error>(options.get::<Option<i64>>(name)?.unwrap_or(usual))
    };
    let edges = Edges {
        left_edge: option("left_edge", usual.left_edge)?,
        left_current: option("left_current", usual.left_current)?,
        right_current: option("right_current", usual.right_current)?,
        right_edge: option("right_edge", usual.right_edge)?,
    };
    options.assert_all_used()?;
    Ok(iter_pages(number(page, "page").unwrap_or(1), number(page, "pages").unwrap_or(0), edges))
}

/// The links, or nothing where there is one page only. The rest of the query stays as it is.
fn links(current: i64, numbers: &[Option<i64>], query: &str) -> String {
    let Some(last) = numbers.iter().flatten().last().filter(|last| **last > 1) else {
        return String::new();
    };
    let rest: String = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("page"))
        .map(|pair| format!("&{pair}"))
        .collect();
    let rest = Markup::escape(&rest).to_string();
    let link = |number: i64, words: &str, more: &str| {
        format!("<a href=\"?page={number}{rest}\"{more}>{words}</a>")
    };
    let mut html = String::from("<nav class=\"pagination\" aria-label=\"Pages\">");
    if current > 1 {
        html.push_str(&link(current - 1, "&lsaquo;", " rel=\"prev\""));
    }
    for number in numbers {
        match number {
            Some(number) if *number == current => {
                html.push_str(&format!("<strong aria-current=\"page\">{number}</strong>"));
            }
            Some(number) => html.push_str(&link(*number, &number.to_string(), "")),
            None => html.push_str("<span>&hellip;</span>"),
        }
    }
    if current < *last {
        html.push_str(&link(current + 1, "&rsaquo;", " rel=\"next\""));
    }
    html.push_str("</nav>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_links() {
        assert_eq!(links(1, &[Some(1)], ""), "");
        assert_eq!(links(1, &[], ""), "");
        assert_eq!(
            links(2, &[Some(1), Some(2), None, Some(9)], "page=2&q=a%20\"><script>"),
            "<nav class=\"pagination\" aria-label=\"Pages\">\
             <a href=\"?page=1&amp;q=a%20&#34;&gt;&lt;script&gt;\" rel=\"prev\">&lsaquo;</a>\
             <a href=\"?page=1&amp;q=a%20&#34;&gt;&lt;script&gt;\">1</a>\
             <strong aria-current=\"page\">2</strong><span>&hellip;</span>\
             <a href=\"?page=9&amp;q=a%20&#34;&gt;&lt;script&gt;\">9</a>\
             <a href=\"?page=3&amp;q=a%20&#34;&gt;&lt;script&gt;\" rel=\"next\">&rsaquo;</a></nav>"
        );
    }
}
