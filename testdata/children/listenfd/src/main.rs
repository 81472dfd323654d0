//! axum on listenfd: the sockets of LISTEN_FDS, each by its kind. With the
//! argument "drain" it loses no request at a swap.

use std::collections::HashMap;
use std::future::{pending, IntoFuture};
use std::io::Result;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{HeaderMap, HeaderValue, CONNECTION};
use axum::serve::Listener;
use axum::{routing::any, Router};
use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::watch::{channel, Receiver};
use tokio::task::JoinSet;
use tokio::time::sleep;

type Stopping = Receiver<bool>;

async fn answer(
    State(stopping): State<Stopping>,
    Query(query): Query<HashMap<String, f64>>,
    _body: Bytes,
) -> (HeaderMap, String) {
    if let Some(&seconds) = query.get("sleep") {
        sleep(Duration::from_secs_f64(seconds)).await;
    }
    let mut headers = HeaderMap::new();
    if *stopping.borrow() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let generation = std::env::var("SERVER_STARTER_GENERATION").unwrap_or_else(|_| "0".into());
    (headers, format!("gen={} pid={}\n", generation, std::process::id()))
}

async fn stopped(mut stopping: Stopping) {
    let _ = stopping.wait_for(|&yes| yes).await;
}

/// Draining accepts nothing any more when the process is to stop. Axum's graceful
/// shutdown closes connections that were accepted and not read, so it has to come
/// a while after that.
struct Draining<L>(L, Stopping);

impl<L: Listener> Listener for Draining<L> {
    type Io = L::Io;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (L::Io, L::Addr) {
        tokio::select! {
            biased;
            () = stopped(self.1.clone()) => pending().await,
            connection = self.0.accept() => connection,
        }
    }

    fn local_addr(&self) -> Result<L::Addr> {
        self.0.local_addr()
    }
}

async fn serve<L>(listener: L, app: Router, stopping: Stopping, drain: bool) -> Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    if !drain {
        return axum::serve(listener, app).with_graceful_shutdown(stopped(stopping)).into_future().await;
    }
    let quiet = async |stopping| {
        stopped(stopping).await;
        sleep(Duration::from_secs(1)).await;
    };
    axum::serve(Draining(listener, stopping.clone()), app).with_graceful_shutdown(quiet(stopping)).into_future().await
}

#[tokio::main]
async fn main() -> Result<()> {
    let drain = std::env::args().any(|arg| arg == "drain");
    let mut term = signal(SignalKind::terminate())?;
    let (stop, stopping) = channel(false);
    let app = Router::new().fallback(any(answer)).with_state(stopping.clone());
    let mut handed = ListenFd::from_env();
    let mut servers = JoinSet::new();
    for i in 0..handed.len() {
        if let Ok(Some(listener)) = handed.take_tcp_listener(i) {
            listener.set_nonblocking(true)?;
            servers.spawn(serve(TcpListener::from_std(listener)?, app.clone(), stopping.clone(), drain));
        } else if let Some(listener) = handed.take_unix_listener(i)? {
            listener.set_nonblocking(true)?;
            servers.spawn(serve(UnixListener::from_std(listener)?, app.clone(), stopping.clone(), drain));
        }
    }
    term.recv().await;
    let _ = stop.send(true);
    while let Some(done) = servers.join_next().await {
        done??;
    }
    Ok(())
}
