//! [`Args`]: the values of a query, as each database takes them.

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Encode, Postgres, Sqlite, Type};

use crate::error::{Error, Kind, Result};

/// One value that a query can be given: a number, a text, bytes, a `bool`, an `Option` of these, and with the
/// features `uuid`, `chrono` and `time` their types.
///
/// PostgreSQL has no unsigned numbers, and neither has this; `i64` suits both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a value of a query",
    label = "not a value that both SQLite and PostgreSQL know",
    note = "numbers are `i32`, `i64` or `f64`; unsigned ones need `i64::from(..)` or `i64::try_from(..)`",
    note = "dates and UUIDs need a feature of carafe-db: `chrono`, `time` or `uuid`"
)]
pub trait Value<'q>:
    Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

impl<'q, T> Value<'q> for T where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

/// The values that stand for the `?` of a query, in order: `()`, `[id]`, `(name, age)`, a `Vec`, or a tuple of up to 16.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the values of a query",
    label = "neither `()`, nor an array, a `Vec` or a tuple of values",
    note = "one value is written as an array: `[id]`",
    note = "values are what implements `carafe_db::Value`, such as `i64`, `f64`, `bool`, `&str` and `String`"
)]
pub trait Args<'q> {
    /// The values as the database of this type takes them.
    #[doc(hidden)]
    fn bind(self, into: &mut impl Binder) -> Result<()>;
}

/// What values are put into.
#[doc(hidden)]
pub trait Binder {
    fn value<'q, T: Value<'q>>(&mut self, value: T) -> Result<()>;
}

/// A value that cannot be written down, such as one that is too large.
fn refused(error: sqlx::error::BoxDynError) -> Error {
    Error::new(Kind::Misuse, "a value of the query cannot be written")
        .caused_by(sqlx::Error::Encode(error))
}

impl Binder for SqliteArguments {
    fn value<'q, T: Value<'q>>(&mut self, value: T) -> Result<()> {
        self.add(value).map_err(refused)
    }
}

impl Binder for PgArguments {
    fn value<'q, T: Value<'q>>(&mut self, value: T) -> Result<()> {
        self.add(value).map_err(refused)
    }
}

impl<'q> Args<'q> for () {
    fn bind(self, _: &mut impl Binder) -> Result<()> {
        Ok(())
    }
}

impl<'q, T: Value<'q>, const N: usize> Args<'q> for [T; N] {
    fn bind(self, into: &mut impl Binder) -> Result<()> {
        self.into_iter().try_for_each(|value| into.value(value))
    }
}

impl<'q, T: Value<'q>> Args<'q> for Vec<T> {
    fn bind(self, into: &mut impl Binder) -> Result<()> {
        self.into_iter().try_for_each(|value| into.value(value))
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<'q, $($name: Value<'q>),+> Args<'q> for ($($name,)+) {
            #[expect(non_snake_case, reason = "a value is named as its type")]
            fn bind(self, into: &mut impl Binder) -> Result<()> {
                let ($($name,)+) = self;
                $(into.value($name)?;)+
                Ok(())
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
    A B C D E F G H I J K L M;
    A B C D E F G H I J K L M N;
    A B C D E F G H I J K L M N O;
    A B C D E F G H I J K L M N O P;
}

/// A bound set of values.
#[derive(Clone)]
pub(crate) enum Bound {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

impl Bound {
    pub(crate) fn new<'q>(dialect: crate::Dialect, args: impl Args<'q>) -> Result<Bound> {
        Ok(match dialect {
            crate::Dialect::Sqlite => {
                let mut bound = SqliteArguments::default();
                args.bind(&mut bound)?;
                Bound::Sqlite(bound)
            }
            crate::Dialect::Postgres => {
                let mut bound = PgArguments::default();
                args.bind(&mut bound)?;
                Bound::Postgres(bound)
            }
        })
    }

    /// Adds the limit and the offset of a page.
    pub(crate) fn push(&mut self, value: i64) -> Result<()> {
        match self {
            Bound::Sqlite(bound) => bound.value(value),
            Bound::Postgres(bound) => bound.value(value),
        }
    }
}
