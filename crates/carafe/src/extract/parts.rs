//! The parts of a request that are taken as they are: method, URI, headers, body.

use ::http::{HeaderMap, Method, Uri};
use bytes::Bytes;

use crate::error::Result;
use crate::http::Body;
use crate::request::Request;

use super::FromRequest;

macro_rules! part {
    ($($part:ty: $request:ident => $take:expr;)*) => {$(
        impl FromRequest for $part {
            async fn from_request($request: &Request) -> Result<$part> {
                $take
            }
        }
    )*};
}

part! {
    Method: request => Ok(request.method().clone());
    Uri: request => Ok(request.uri().clone());
    HeaderMap: request => Ok(request.headers().clone());
    Bytes: request => request.bytes().await;
    Vec<u8>: request => Ok(request.bytes().await?.into());
    String: request => request.text().await;
    Body: request => request.take_body();
}
