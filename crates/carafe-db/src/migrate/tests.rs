//! Migrations on a real database, of whichever kind the environment names.

use std::sync::Arc;

use carafe::config::Profile;

use super::apply::{State, at_start, down, status, up};
use super::{Migrations, Step};
use crate::background::Background;
use crate::base::Base;
use crate::error::{Error, Kind, Result};
use crate::extension::inside;
use crate::settings::{Migrate, Settings};
use crate::testing::Fresh;

const FIRST: (&str, &str) = ("0001_create_a.up.sql", "create table a (x bigint primary key)");
const FIRST_DOWN: (&str, &str) = ("0001_create_a.down.sql", "drop table a");
const SECOND: (&str, &str) = (
    "0002_create_b.up.sql",
    "create table b (x bigint references a (x));\ninsert into a values (1)",
);
const SECOND_DOWN: (&str, &str) = ("0002_create_b.down.sql", "drop table b; delete from a");
const BROKEN: (&str, &str) = (
    "0003_broken.sql",
    "create table c (x bigint); insert into c values (1); select wrong from nowhere",
);

const ONE: Migrations = Migrations::embedded(None, "migrations", &[FIRST, FIRST_DOWN]);
const TWO: Migrations =
    Migrations::embedded(None, "migrations", &[FIRST, FIRST_DOWN, SECOND, SECOND_DOWN]);
const BAD: Migrations =
    Migrations::embedded(None, "migrations", &[FIRST, FIRST_DOWN, SECOND, BROKEN]);
const CHANGED: Migrations = Migrations::embedded(
    None,
    "migrations",
    &[("0001_create_a.up.sql", "create table a (y bigint)"), FIRST_DOWN],
);

/// A database, and the way to call what is to be polled inside its runtime.
struct Bench {
    base: Arc<Base>,
}

impl Bench {
    fn new(change: impl FnOnce(&mut crate::settings::Options)) -> Bench {
        let runtime = Background::start().unwrap();
        let mut options = Settings::default().databases().remove(0);
        change(&mut options);
        let own = runtime.clone();
        let open = inside(&runtime, async move { Fresh::open(options, None, own).await });
        Bench { base: Arc::new(open.wait().unwrap()) }
    }

    fn steps(&self, migrations: Migrations) -> Vec<Step> {
        migrations.steps(self.base.dialect()).unwrap()
    }

    fn up(&self, migrations: Migrations, to: Option<i64>) -> Result<Vec<String>> {
        let (base, steps) = (self.base.clone(), self.steps(migrations));
        inside(&self.base.runtime, async move { up(&base, steps, to).await }).wait()
    }

    fn down(&self, migrations: Migrations, count: usize) -> Result<Vec<String>> {
        let (base, steps) = (self.base.clone(), self.steps(migrations));
        inside(&self.base.runtime, async move { down(&base, steps, count).await }).wait()
    }

    fn start(&self, migrations: Migrations, profile: Profile) -> Result<()> {
        let (base, steps) = (self.base.clone(), self.steps(migrations));
        inside(&self.base.runtime, async move { at_start(&base, steps, profile).await }).wait()
    }

    fn states(&self, migrations: Migrations) -> Vec<State> {
        let (base, steps) = (self.base.clone(), self.steps(migrations));
        let status =
            inside(&self.base.runtime, async move { status(&base, steps).await }).wait().unwrap();
        status.steps.iter().map(|(_, state)| *state).collect()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let base = self.base.clone();
        let closed = inside(&self.base.runtime, async move {
            base.close().await;
            base.remove_if_fresh().await;
            Ok(())
        });
        let _ = closed.wait();
    }
}

fn words(result: Result<impl std::fmt::Debug>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn up_and_down() {
    let bench = Bench::new(|_| {});
    assert_eq!(bench.states(TWO), [State::Pending, State::Pending]);
    assert_eq!(bench.up(TWO, Some(1)).unwrap(), ["0001_create_a"]);
    assert_eq!(bench.states(TWO), [State::Applied, State::Pending]);
    assert_eq!(bench.up(TWO, None).unwrap(), ["0002_create_b"]);
    assert_eq!(bench.up(TWO, None).unwrap(), [] as [&str; 0]);
    assert_eq!(bench.down(TWO, 1).unwrap(), ["0002_create_b"]);
    assert_eq!(bench.up(TWO, None).unwrap(), ["0002_create_b"]);
    assert_eq!(bench.down(TWO, 9).unwrap(), ["0002_create_b", "0001_create_a"]);
    assert_eq!(bench.down(TWO, 1).unwrap(), [] as [&str; 0]);
}

#[test]
fn a_failing_one_leaves_nothing() {
    let bench = Bench::new(|_| {});
    let error = words(bench.up(BAD, None));
    assert!(
        error.starts_with("the migration 3 (broken) of the database `default` failed: "),
        "{error}"
    );
    assert!(
        error.ends_with("hint: nothing of it was kept; the ones before it are applied"),
        "{error}"
    );
    assert_eq!(bench.states(BAD), [State::Applied, State::Applied, State::Pending]);
    // The table of the failed one would be in the way.
    let error = words(bench.up(BAD, None));
    assert!(!error.contains("already exists"), "{error}");
    let error = words(bench.down(BAD, 1));
    assert_eq!(
        error,
        "the migration `0002_create_b` cannot be taken back\n\n\
         hint: say how in `0002_create_b.down.sql`, and name the other `0002_create_b.up.sql`"
    );
}

#[test]
fn the_start_applies_or_refuses() {
    let bench = Bench::new(|_| {});
    assert_eq!(
        words(bench.start(TWO, Profile::Release)),
        "2 migrations are pending on the database `default`: `0001_create_a`, `0002_create_b`\n\n\
         hint: apply them with this program's `db up`, after a backup\n\
         hint: `db.migrate = \"apply\"` applies them at each start"
    );
    bench.start(ONE, Profile::Development).unwrap();
    let error = words(bench.start(TWO, Profile::Release));
    assert!(
        error.starts_with("a migration is pending on the database `default`: `0002_create_b`\n"),
        "{error}"
    );
    bench.start(TWO, Profile::Development).unwrap();
    bench.start(TWO, Profile::Release).unwrap();
    // The older release beside a newer one goes on; nothing is changed under the newer one's feet.
    bench.start(ONE, Profile::Release).unwrap();
    let error = words(bench.start(ONE, Profile::Development));
    assert!(
        error.starts_with(
            "the database `default` has the migration 2, which this program does not know"
        ),
        "{error}"
    );
    for (policy, serves) in
        [(Migrate::Refuse, false), (Migrate::Apply, true), (Migrate::Ignore, true)]
    {
        let bench = Bench::new(|options| options.migrate = policy);
        assert_eq!(bench.start(TWO, Profile::Release).is_ok(), serves, "{policy:?}");
        let applied = bench.states(TWO) == [State::Applied; 2];
        assert_eq!(applied, policy == Migrate::Apply, "{policy:?}");
    }
}

#[test]
fn what_was_applied_may_not_change() {
    let bench = Bench::new(|_| {});
    bench.up(ONE, None).unwrap();
    let expected = "the migration `0001_create_a` was changed after it was applied to the database `default`\n\n\
         hint: put the file back as it was, and say what else has to change in a new one: `db new NAME`\n\
         hint: where its data may be lost: `db down` takes it back, `db up` applies it as it is now";
    assert_eq!(words(bench.up(CHANGED, None)), expected);
    assert_eq!(words(bench.start(CHANGED, Profile::Development)), expected);
    assert_eq!(words(bench.start(CHANGED, Profile::Release)), expected);
    assert_eq!(bench.states(CHANGED), [State::Changed]);
    bench.down(CHANGED, 1).unwrap();
    bench.up(CHANGED, None).unwrap();
}

/// As many instances start at the same time; each migration is applied once, and none of them fails.
#[test]
fn one_at_a_time() {
    let bench = Bench::new(|_| {});
    let applied: Vec<String> = std::thread::scope(|scope| {
        let bench = &bench;
        let threads: Vec<_> =
            (0..6).map(|_| scope.spawn(|| bench.up(TWO, None).unwrap())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut applied = applied;
    applied.sort();
    assert_eq!(applied, ["0001_create_a", "0002_create_b"]);
}

/// SQLite changes a table by building another, which foreign keys would forbid.
#[test]
fn tables_are_rebuilt() {
    const REBUILD: Migrations = Migrations::embedded(
        None,
        "migrations",
        &[
            FIRST,
            SECOND,
            (
                "sqlite/0003_rebuild.sql",
                "create table n (x bigint primary key, y text); insert into n (x) select x from a; drop table a; alter table n rename to a",
            ),
            ("sqlite/0004_orphan.sql", "insert into b values (77)"),
            ("postgres/0003_rebuild.sql", "alter table a add column y text"),
        ],
    );
    let bench = Bench::new(|_| {});
    let result = bench.up(REBUILD, Some(3));
    assert_eq!(result.unwrap().len(), 3);
    if bench.base.dialect() == crate::Dialect::Sqlite {
        let error = words(bench.up(REBUILD, None));
        assert!(
            error.starts_with("rows of the table `b` refer to others that are not there any more"),
            "{error}"
        );
    }
}

#[test]
fn kinds() {
    let bench = Bench::new(|_| {});
    let error: Error = bench.up(BAD, None).unwrap_err();
    assert_eq!(error.kind(), Kind::Migration);
}
