//! Conditional answers for any response: `response.make_conditional(&request)`.

use ::http::{Method, header};

use crate::error::{Error, Result};
use crate::http::values::{Precondition, Validators, parse_date};
use crate::http::{Response, Status};
use crate::request::Request;

use super::answer::not_modified;

impl Response {
    /// Answers 304 in place of this response when the client has it already, by its `ETag` and
    /// `Last-Modified`. Only successful answers to GET and HEAD are looked at.
    ///
    /// ```
    /// use carafe::{Request, Response, Result};
    ///
    /// async fn page(request: Request) -> Result<Response> {
    ///     let mut response = Response::html("<p>the same for everyone</p>");
    ///     response.add_etag();
    ///     response.make_conditional(&request)
    /// }
    /// ```
    ///
    /// # Errors
    /// 412 when the client asked for another version with `If-Match` or `If-Unmodified-Since`.
    pub fn make_conditional(self, request: &Request) -> Result<Response> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        if !is_read || self.status() != Status::OK {
            return Ok(self);
        }
        let current = Validators {
            etag: self.header(header::ETAG).and_then(|text| text.parse().ok()),
            last_modified: self.header(header::LAST_MODIFIED).and_then(parse_date),
        };
        match request.conditions().evaluate(request.method(), Some(&current)) {
            Precondition::NotModified => {
                let (parts, _body) = self.into_http().into_parts();
                Ok(not_modified(parts.headers))
            }
            Precondition::Failed => Err(Error::new(Status::PRECONDITION_FAILED)),
            _ => Ok(self),
        }
    }
}
