//! actix-web on server-starter-listener: each socket by its kind, TCP or Unix.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::{web, App, HttpServer};
use server_starter_listener::{listeners, ServerStarterListener};

async fn answer(query: web::Query<HashMap<String, f64>>, _body: web::Bytes) -> String {
    if let Some(&seconds) = query.get("sleep") {
        actix_web::rt::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
    let generation = std::env::var("SERVER_STARTER_GENERATION").unwrap_or_else(|_| "0".into());
    format!("gen={} pid={}\n", generation, std::process::id())
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
    server.run().await
}
