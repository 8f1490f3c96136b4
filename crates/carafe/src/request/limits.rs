//! How large a request may be; an app's settings, which a hook may change for one request.

use std::sync::{Mutex, PoisonError};

use super::Request;

/// The caps on one request's body.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The whole body, in bytes; 413 above it. Config key `max_content_length`.
    pub max_content_length: u64,
    /// All fields of a multipart form that are not files together, in bytes; 413 above it.
    /// Config key `max_form_memory_size`.
    pub max_form_memory_size: u64,
    /// Fields and files of a multipart form; 413 above it. Config key `max_form_parts`.
    pub max_form_parts: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_content_length: 16 * 1024 * 1024,
            max_form_memory_size: 500_000,
            max_form_parts: 1_000,
        }
    }
}

/// One request's own limits, where a hook or handler has set some.
struct Own(Mutex<Limits>);

impl Request {
    /// The limits in force for this request.
    pub fn limits(&self) -> Limits {
        match self.existing_slot::<Own>() {
            Some(own) => *own.0.lock().unwrap_or_else(PoisonError::into_inner),
            None => self.shared().limits,
        }
    }

    /// Changes the limits for this request alone, before its body is read.
    ///
    /// ```
    /// # fn demo(request: &carafe::Request) {
    /// request.change_limits(|limits| limits.max_content_length = 100 * 1024 * 1024);
    /// # }
    /// ```
    pub fn change_limits(&self, change: impl FnOnce(&mut Limits)) {
        let own = self.slot(|| Own(Mutex::new(self.shared().limits)));
        change(&mut own.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
