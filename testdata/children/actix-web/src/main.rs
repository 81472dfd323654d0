//! actix-web on server-starter-listener: each socket by its kind, TCP or Unix.
//! With the argument "drain" it loses no request at a swap.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::{signal::unix, time::sleep};
use actix_web::{web, App, HttpResponse, HttpServer};
use server_starter_listener::{listeners, ServerStarterListener};

static DRAINING: AtomicBool = AtomicBool::new(false);

async fn answer(query: web::Query<HashMap<String, f64>>, _body: web::Bytes) -> HttpResponse {
    if let Some(&seconds) = query.get("sleep") {
        sleep(Duration::from_secs_f64(seconds)).await;
    }
    let generation = std::env::var("SERVER_STARTER_GENERATION").unwrap_or_else(|_| "0".into());
    let mut response = HttpResponse::Ok();
    if DRAINING.load(Relaxed) {
        response.force_close();
    }
    response.body(format!("gen={} pid={}\n", generation, std::process::id()))
}

/// Actix closes kept connections as soon as it is told to stop, also those on
/// which a request is under way: so let the clients close them first.
async fn drain(server: ServerHandle) {
    let mut term = unix::signal(unix::SignalKind::terminate()).expect("cannot listen for TERM");
    term.recv().await;
    server.pause().await;
    DRAINING.store(true, Relaxed);
    sleep(Duration::from_secs(1)).await;
    server.stop(true).await;
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let listeners = listeners().expect("start it by start_server or sdbridge");
    let mut server = HttpServer::new(|| App::new().default_service(web::to(answer))).workers(2);
    for listener in listeners {
        server = match listener {
            ServerStarterListener::Tcp(listener) => server.listen(listener)?,
            ServerStarterListener::Uds(listener) => server.listen_uds(listener)?,
        };
    }
    if std::env::args().any(|arg| arg == "drain") {
        let server = server.disable_signals().run();
        actix_web::rt::spawn(drain(server.handle()));
        return server.await;
    }
    server.run().await
}
