//! tower layers around the whole app: [`App::layer`](crate::App::layer).
//!
//! An app without layers never comes here.

use std::any::Any;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body as HttpBody;
use tower_layer::Layer;
use tower_service::Service;

use crate::app::App;
use crate::handler::LocalFuture;
use crate::http::{Body, BoxError};

type HttpRequest = ::http::Request<Body>;
type HttpResponse = ::http::Response<Body>;

/// What a layer wraps: the app, or the app under the layers that were added before.
#[derive(Clone)]
pub struct LayerInner(Arc<dyn Fn(HttpRequest) -> LocalFuture<Result<HttpResponse, BoxError>>>);

impl LayerInner {
    pub(crate) fn new(
        call: impl Fn(HttpRequest) -> LocalFuture<Result<HttpResponse, BoxError>> + 'static,
    ) -> LayerInner {
        LayerInner(Arc::new(call))
    }

    pub(crate) fn run(&self, request: HttpRequest) -> LocalFuture<Result<HttpResponse, BoxError>> {
        (self.0)(request)
    }
}

/// A layer may wrap the request's body, as a limit does.
impl<B> Service<::http::Request<B>> for LayerInner
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = LocalFuture<Result<HttpResponse, BoxError>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ::http::Request<B>) -> Self::Future {
        self.run(request.map(into_body))
    }
}

/// Any body as ours; our own stays as it is.
fn into_body<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut body = Some(body);
    if let Some(ours) = (&mut body as &mut dyn Any).downcast_mut::<Option<Body>>() {
        return ours.take().unwrap_or_default();
    }
    body.map_or_else(Body::empty, Body::new)
}

type Wrap = Arc<dyn Fn(LayerInner) -> LayerInner + Send + Sync>;

/// The layers of an app, innermost first.
#[derive(Clone, Default)]
pub(crate) struct Layers(Vec<Wrap>);

impl Layers {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn wrap(&self, inner: LayerInner) -> LayerInner {
        self.0.iter().fold(inner, |inner, wrap| wrap(inner))
    }
}

impl App {
    /// Wraps the whole app in a tower layer; the last one added sees a request first.
    ///
    /// tower-http's CORS, compression and tracing layers fit as they are. What a layer puts into
    /// the request's extensions is found by [`Request::extension`](crate::Request::extension).
    #[must_use]
    pub fn layer<L, B>(mut self, layer: L) -> App
    where
        L: Layer<LayerInner> + Send + Sync + 'static,
        L::Service: Service<HttpRequest, Response = ::http::Response<B>> + Clone + 'static,
        <L::Service as Service<HttpRequest>>::Error: Into<BoxError>,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.layers.0.push(Arc::new(move |inner| {
            let service = layer.layer(inner);
            LayerInner::new(move |request| {
                let mut service = service.clone();
                Box::pin(async move {
                    poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
                    let response = service.call(request).await.map_err(Into::into)?;
                    Ok(response.map(into_body))
                })
            })
        }));
        self
    }
}
