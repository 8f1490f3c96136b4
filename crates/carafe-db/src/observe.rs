//! [`Watch`]: how long a statement took, for the log and for the tools of development.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::SqlStr;

use crate::base::Base;
use crate::error::one_line;

/// A statement under way.
pub(crate) struct Watch {
    base: Arc<Base>,
    sql: SqlStr,
    began: Instant,
}

impl Watch {
    pub(crate) fn begin(base: &Arc<Base>, sql: SqlStr) -> Watch {
        Watch { base: base.clone(), sql, began: Instant::now() }
    }

    /// With the number of rows, or `None` when it failed.
    pub(crate) fn end(self, rows: Option<u64>) {
        carafe::trace::query(self.sql.as_str(), rows, self.began);
        let took = self.began.elapsed();
        let options = &self.base.options;
        if options.slow_query.is_some_and(|limit| took >= limit) {
            tracing::warn!(target: "carafe::db", "slow: {}", self.told(took, rows));
        } else if options.echo {
            tracing::info!(target: "carafe::db", "{}", self.told(took, rows));
        }
    }

    /// Without the values: they are the visitors' own.
    fn told(&self, took: Duration, rows: Option<u64>) -> String {
        let millis = took.as_secs_f64() * 1000.0;
        let outcome = match rows {
            Some(1) => "1 row".to_owned(),
            Some(rows) => format!("{rows} rows"),
            None => "failed".to_owned(),
        };
        let words: Vec<&str> = self.sql.as_str().split_whitespace().collect();
        let sql = one_line(&words.join(" "));
        match self.base.name() {
            crate::settings::DEFAULT => format!("{millis:.1} ms, {outcome}: {sql}"),
            name => format!("{name}: {millis:.1} ms, {outcome}: {sql}"),
        }
    }
}
