//! `get_flashed_messages(with_categories=false, category_filter=[])` in templates.

use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Rest, from_args};
use minijinja::{Error, State, Value};

use crate::flash;
use crate::request::Request;

#[derive(Debug)]
pub(super) struct FlashesObject(pub(super) Request);

impl Object for FlashesObject {
    #[inline]
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    #[inline]
    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (positional, named): (Rest<Value>, Kwargs) = from_args(args)?;
        let with_categories = match positional.first() {
            Some(with) => Some(with.clone()),
            None => named.get("with_categories")?,
        };
        let filter = match positional.get(1) {
            Some(filter) => Some(filter.clone()),
            None => named.get("category_filter")?,
        };
        named.assert_all_used()?;
        let wanted: Vec<String> = match filter {
            Some(filter) => filter.try_iter()?.map(|category| category.to_string()).collect(),
            None => Vec::new(),
        };
        let with_categories = with_categories.is_some_and(|with| with.is_true());
        let messages = flash::get_flashed_messages(&self.0);
        Ok(messages
            .in_categories(&wanted)
            .map(|flashed| {
                let message = Value::from(flashed.message.as_str());
                if with_categories {
                    Value::from((Value::from(flashed.category.as_str()), message))
                } else {
                    message
                }
            })
            .collect())
    }
}
