//! `/metrics`, `/healthz` and `/readyz`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus::{Encoder, TextEncoder};
use tokio::net::TcpListener;
use yidang_ingest::report::{Report, Role};

use crate::exit::{Exit, Failure};

/// Binds the address and serves until the process ends. Gives the address that was bound.
pub async fn serve(listen: &str, report: Arc<Report>) -> Result<SocketAddr, Failure> {
    let taken = |error: std::io::Error| {
        let text = format!("listen on {listen} for /metrics: {error}");
        Failure::new(Exit::Invalid, text)
            .with_next("choose another address: yidang run --listen 127.0.0.1:0 …")
    };
    let listener = TcpListener::bind(listen).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(report);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the metrics page ended");
        }
    });
    Ok(address)
}

async fn metrics(State(report): State<Arc<Report>>) -> impl IntoResponse {
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    match encoder.encode(&report.registry().gather(), &mut text) {
        Ok(()) => (
            StatusCode::OK,
            [(CONTENT_TYPE, encoder.format_type().to_owned())],
            text,
        ),
        Err(error) => {
            let plain = "text/plain".to_owned();
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                [(CONTENT_TYPE, plain)],
                error.to_string().into_bytes(),
            )
        }
    }
}

/// Ready: the state is loaded, as leader or as standby.
async fn ready(State(report): State<Arc<Report>>) -> impl IntoResponse {
    let role = report.status().borrow().role;
    match role {
        Role::Leader | Role::Standby => (StatusCode::OK, format!("{}\n", role.name())),
        Role::Starting | Role::Recovering | Role::Ended => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("{}\n", role.name()),
        ),
    }
}
