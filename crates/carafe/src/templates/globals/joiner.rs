//! `joiner(", ")`: nothing when it is first called, then the text each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::value::{Object, ObjectRepr, Rest};
use minijinja::{Error, ErrorKind, State, Value};

#[derive(Debug)]
struct Joiner {
    between: Value,
    is_used: AtomicBool,
}

pub(super) fn joiner(arguments: Rest<Value>) -> Result<Value, Error> {
    if arguments.len() > 1 {
        return Err(Error::new(ErrorKind::TooManyArguments, "`joiner` takes one text"));
    }
    let between = arguments.first().cloned().unwrap_or_else(|| Value::from(", "));
    Ok(Value::from_object(Joiner { between, is_used: AtomicBool::new(false) }))
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        match self.is_used.swap(true, Ordering::Relaxed) {
            true => Ok(self.between.clone()),
            false => Ok(Value::from("")),
        }
    }
}
