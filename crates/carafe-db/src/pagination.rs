//! [`Pagination`]: one page of a result, and the links to the others.

mod links;

use std::fmt;

use carafe::{FromRequest, Provided, Request, State};
use serde::Serialize;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::args::Args;
use crate::call::Call;
use crate::connection::{Record, Statement};
use crate::databases::Databases;
use crate::db::Db;
use crate::error::{Error, Kind};
use crate::op::{All, First, perform, prepare, translate};
use crate::settings::Settings;

/// Which page is wanted: `?page=2&per_page=50` of the request's query, as an argument of a handler.
///
/// `per_page` is 20 unless the query or `db.per_page` says otherwise, and at most `db.max_per_page`, 100. A page that is no
/// number from 1 is a 404.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageQuery {
    page: i64,
    per_page: i64,
    max_per_page: i64,
}

impl PageQuery {
    /// A page by its number, from 1, of 20 rows.
    pub fn new(page: u32) -> PageQuery {
        PageQuery { page: i64::from(page.max(1)), per_page: 20, max_per_page: 100 }
    }

    /// How many rows a page has; at most 100, or what `max_per_page` said.
    #[must_use]
    pub fn per_page(mut self, rows: u32) -> PageQuery {
        self.per_page = i64::from(rows).clamp(1, self.max_per_page);
        self
    }

    /// How many rows a page may have at most.
    #[must_use]
    pub fn max_per_page(mut self, rows: u32) -> PageQuery {
        self.max_per_page = i64::from(rows.max(1));
        self.per_page = self.per_page.min(self.max_per_page);
        self
    }

    fn of_query(query: &Query, settings: Option<&Settings>) -> carafe::Result<PageQuery> {
        let most = settings.map_or(100, |settings| i64::from(settings.max_per_page.max(1)));
        let usual = settings.map_or(20, |settings| i64::from(settings.per_page));
        let number =
            |name: &str, text: &Option<String>| match text.as_deref().map(str::parse::<i64>) {
                None => Ok(None),
                Some(Ok(number)) if number >= 1 => Ok(Some(number)),
                _ => Err(carafe::abort(404).describe(format!("`{name}` is no number from 1"))),
            };
        let page = number("page", &query.page)?.unwrap_or(1);
        let per_page = number("per_page", &query.per_page)?.unwrap_or(usual).clamp(1, most);
        // Beyond it, the offset would not fit.
        match page.checked_mul(per_page) {
            Some(_) => Ok(PageQuery { page, per_page, max_per_page: most }),
            None => Err(carafe::abort(404)),
        }
    }
}

#[derive(serde::Deserialize)]
struct Query {
    page: Option<String>,
    per_page: Option<String>,
}

impl FromRequest for PageQuery {
    async fn from_request(request: &Request) -> carafe::Result<PageQuery> {
        let databases = State::<Databases>::from_request(request).await?;
        let query = carafe::Query::<Query>::from_request(request).await?;
        PageQuery::of_query(&query, databases.settings())
    }

    fn missing(provided: &Provided) -> Option<String> {
        <Db as FromRequest>::missing(provided)
    }
}

/// One page of a result, as [`Db::paginate`] gives it; Flask-SQLAlchemy's, for templates too.
///
/// ```
/// # use carafe::prelude::*;
/// # use carafe_db::{Db, PageQuery};
/// #[get("/notes")]
/// async fn notes(page: PageQuery, db: Db) -> Result<Html> {
///     # db.script("create table if not exists notes (id bigint, text text)").await?;
///     let notes = db.paginate::<(i64, String)>("select id, text from notes order by id desc", (), &page).await?;
///     render_string!("{% for note in notes.items %}<p>{{ note[1] }}</p>{% endfor %}{{ page_links(notes) }}", notes)
/// }
/// # use carafe::render_string;
/// # let app = App::new().extension(carafe_db::Database::from_config()).routes(routes![notes]);
/// # let client = app.test_client();
/// # assert_eq!(client.get("/notes").send().text(), "");
/// # assert_eq!(client.get("/notes?page=2").send().status(), 404);
/// # assert_eq!(client.get("/notes?page=0").send().status(), 404);
/// ```
///
/// In templates, `page_links(notes)` writes the links (`<nav class="pagination">`), and `iter_pages(notes, left_edge=2,
/// left_current=2, right_current=4, right_edge=2)` gives the numbers to write them by hand, `none` where some are
/// left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pagination<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Its number, from 1.
    pub page: i64,
    /// How many rows a page has.
    pub per_page: i64,
    /// How many rows there are on all pages.
    pub total: i64,
    /// How many pages there are; 0 without rows.
    pub pages: i64,
    /// The number of the first row on this page, from 1; 0 without rows.
    pub first: i64,
    /// The number of the last row on this page.
    pub last: i64,
    /// Whether there is a page before this.
    pub has_prev: bool,
    /// Its number.
    pub prev_num: Option<i64>,
    /// Whether there is a page after this.
    pub has_next: bool,
    /// Its number.
    pub next_num: Option<i64>,
}

impl<T> Pagination<T> {
    fn new(items: Vec<T>, total: i64, query: PageQuery) -> Pagination<T> {
        let PageQuery { page, per_page, .. } = query;
        let pages = total / per_page + i64::from(total % per_page > 0);
        let first = if items.is_empty() { 0 } else { (page - 1) * per_page + 1 };
        let last = if items.is_empty() { 0 } else { first + items.len() as i64 - 1 };
        let (has_prev, has_next) = (page > 1, page < pages);
        Pagination {
            items,
            page,
            per_page,
            total,
            pages,
            first,
            last,
            has_prev,
            prev_num: has_prev.then(|| page - 1),
            has_next,
            next_num: has_next.then(|| page + 1),
        }
    }

    /// The numbers of the pages to link to, around this one and at both ends; `None` where some are left out.
    pub fn iter_pages(&self) -> impl Iterator<Item = Option<i64>> + use<T> {
        iter_pages(self.page, self.pages, Edges::default()).into_iter()
    }

    /// The same page with other items, such as records turned into what a template wants.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Pagination<U> {
        Pagination {
            items: self.items.into_iter().map(change).collect(),
            page: self.page,
            per_page: self.per_page,
            total: self.total,
            pages: self.pages,
            first: self.first,
            last: self.last,
            has_prev: self.has_prev,
            prev_num: self.prev_num,
            has_next: self.has_next,
            next_num: self.next_num,
        }
    }
}

pub(crate) use self::links::add_helpers;

/// How many pages are linked to where; Flask-SQLAlchemy's numbers.
#[derive(Clone, Copy)]
struct Edges {
    left_edge: i64,
    left_current: i64,
    right_current: i64,
    right_edge: i64,
}

impl Default for Edges {
    fn default() -> Edges {
        Edges { left_edge: 2, left_current: 2, right_current: 4, right_edge: 2 }
    }
}

fn iter_pages(page: i64, pages: i64, edges: Edges) -> Vec<Option<i64>> {
    let mut numbers = Vec::new();
    let mut before = 0;
    let ranges = [
        (1, edges.left_edge),
        (page - edges.left_current, page + edges.right_current),
        (pages - edges.right_edge + 1, pages),
    ];
    for (from, to) in ranges {
        let from = from.max(before + 1);
        let to = to.min(pages);
        if from > to {
            continue;
        }
        if from > before + 1 {
            numbers.push(None);
        }
        numbers.extend((from..=to).map(Some));
        before = to;
    }
    if before < pages {
        numbers.push(None);
    }
    numbers
}

pub(crate) fn paginate<'q, T: Record>(
    db: &Db,
    sql: SqlStr,
    args: impl Args<'q>,
    page: &PageQuery,
) -> Call<Pagination<T>> {
    let (db, page) = (db.clone(), *page);
    let runtime = db.base.runtime.clone();
    let counted = prepare(db.base.dialect(), &sql, args);
    Call::new(runtime, async move {
        let mut counted = counted?;
        let text = sql.as_str().trim_end().trim_end_matches(';');
        let bound = counted.bound.clone();
        let count =
            AssertSqlSafe(format!("select count(*) from ({text}) as counted")).into_sql_str();
        counted.sql = translate(db.base.dialect(), &count);
        let op = First::<(i64,)>(std::marker::PhantomData);
        let total = perform(db.clone(), count, counted, op).await?.map_or(0, |(count,)| count);
        let offset = (page.page - 1) * page.per_page;
        if page.page > 1 && offset >= total {
            return Err(Error::new(Kind::NotFound, format!("there is no page {}", page.page)));
        }
        let paged = AssertSqlSafe(format!("{text} limit ? offset ?")).into_sql_str();
        let mut statement = Statement { sql: translate(db.base.dialect(), &paged), bound };
        statement.bound.push(page.per_page)?;
        statement.bound.push(offset)?;
        let items = perform(db, paged, statement, All::<T>(std::marker::PhantomData)).await?;
        Ok(Pagination::new(items, total, page))
    })
}

impl<T> fmt::Display for Pagination<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of {}", self.page, self.pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_around() {
        let check = |page: i64, pages: i64, expected: &str| {
            let shown: Vec<String> = iter_pages(page, pages, Edges::default())
                .into_iter()
                .map(|number| number.map_or("..".to_owned(), |number| number.to_string()))
                .collect();
            assert_eq!(shown.join(" "), expected, "{page} of {pages}");
        };
        check(1, 0, "");
        check(1, 1, "1");
        check(1, 3, "1 2 3");
        // As Flask-SQLAlchemy's documentation has it.
        check(7, 20, "1 2 .. 5 6 7 8 9 10 11 .. 19 20");
        check(1, 20, "1 2 3 4 5 .. 19 20");
        check(20, 20, "1 2 .. 18 19 20");
        check(5, 9, "1 2 3 4 5 6 7 8 9");
    }

    #[test]
    fn counts() {
        let check = |page: u32, total: i64, items: usize, expected: (i64, i64, i64, bool, bool)| {
            let query = PageQuery::new(page).per_page(10);
            let made = Pagination::new(vec![0; items], total, query);
            let got = (made.pages, made.first, made.last, made.has_prev, made.has_next);
            assert_eq!(got, expected, "page {page} of {total} rows");
        };
        check(1, 0, 0, (0, 0, 0, false, false));
        check(1, 10, 10, (1, 1, 10, false, false));
        check(1, 11, 10, (2, 1, 10, false, true));
        check(2, 11, 1, (2, 11, 11, true, false));
    }

    #[test]
    fn reads_queries() {
        let check = |page: Option<&str>, per_page: Option<&str>, expected: Option<(i64, i64)>| {
            let query =
                Query { page: page.map(str::to_owned), per_page: per_page.map(str::to_owned) };
            let read = PageQuery::of_query(&query, None).ok();
            assert_eq!(
                read.map(|read| (read.page, read.per_page)),
                expected,
                "{page:?} {per_page:?}"
            );
        };
        check(None, None, Some((1, 20)));
        check(Some("3"), Some("50"), Some((3, 50)));
        check(Some("3"), Some("5000"), Some((3, 100)));
        check(Some("0"), None, None);
        check(Some("-1"), None, None);
        check(Some("x"), None, None);
        check(Some("1"), Some("0"), None);
        check(Some("9223372036854775807"), None, None);
        check(Some("9223372036854775807"), Some("1"), Some((9_223_372_036_854_775_807, 1)));
    }
}
