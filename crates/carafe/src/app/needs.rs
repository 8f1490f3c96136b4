//! What handlers' arguments need of the app, checked before serving.

use crate::extract::Provided;
use crate::hooks::Place;

use super::route::Need;

/// What an argument of a handler needs, with the handler.
pub(super) struct Needed {
    pub(super) need: Need,
    pub(super) handler: &'static str,
    pub(super) place: Place,
}

/// What is missing, in words, each once and at the first handler that needs it.
pub(super) fn missing(needed: &[Needed], provided: &Provided) -> Vec<(String, Place)> {
    let mut found: Vec<(String, &Needed, usize)> = Vec::new();
    for one in needed {
        let Some(words) = (one.need)(provided) else { continue };
        match found.iter_mut().find(|(known, ..)| *known == words) {
            Some((_, _, others)) => *others += 1,
            None => found.push((words, one, 0)),
        }
    }
    let told = found.into_iter().map(|(words, first, others)| {
        let handler = first.handler;
        let words = match others {
            0 => format!("the handler `{handler}` lacks what it needs: {words}"),
            1 => format!("the handler `{handler}` and one more lack what they need: {words}"),
            _ => format!("the handler `{handler}` and {others} more lack what they need: {words}"),
        };
        (words, first.place)
    });
    told.collect()
}
