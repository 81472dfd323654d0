//! axum on listenfd: the sockets of LISTEN_FDS, each by its kind.

use std::collections::HashMap;
use std::time::Duration;

use axum::{body::Bytes, extract::Query, routing::any, Router};
use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{signal, SignalKind};
use tokio::task::JoinSet;

async fn answer(Query(query): Query<HashMap<String, f64>>, _body: Bytes) -> String {
    if let Some(&seconds) = query.get("sleep") {
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
    let generation = std::env::var("SERVER_STARTER_GENERATION").unwrap_or_else(|_| "0".into());
    format!("gen={} pid={}\n", generation, std::process::id())
}

async fn term() {
    let mut term = signal(SignalKind::terminate()).expect("cannot listen for TERM");
    term.recv().await;
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().fallback(any(answer));
    let mut handed = ListenFd::from_env();
    let mut servers = JoinSet::new();
    for i in 0..handed.len() {
        let app = app.clone();
        if let Ok(Some(listener)) = handed.take_tcp_listener(i) {
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            servers.spawn(axum::serve(listener, app).with_graceful_shutdown(term()).into_future());
        } else if let Some(listener) = handed.take_unix_listener(i)? {
            listener.set_nonblocking(true)?;
            let listener = UnixListener::from_std(listener)?;
            servers.spawn(axum::serve(listener, app).with_graceful_shutdown(term()).into_future());
        }
    }
    while let Some(done) = servers.join_next().await {
        done??;
    }
    Ok(())
}
