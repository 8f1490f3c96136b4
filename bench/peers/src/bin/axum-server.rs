//! axum on a socket: in one single-threaded runtime, or with `BENCH_THREADS=multi` as most use it.

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> std::io::Result<()> {
    let mut builder = match std::env::var("BENCH_THREADS").as_deref() {
        Ok("multi") => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    builder.worker_threads(1).enable_all().build()?.block_on(serve())
}

async fn serve() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("http://{}", listener.local_addr()?);
    let mut end = signal(SignalKind::terminate())?;
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, bench_peers::axum_app())
        .with_graceful_shutdown(async move {
            end.recv().await;
        })
        .await
}
