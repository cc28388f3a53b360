//! Free ports of the loopback interface, for servers that have to be told theirs before they start.
//!
//! Ports come from below the range that the system hands to outgoing connections, so that a server which is killed finds its
//! port free when it is started again. Each port *p* is given with *p* + 10,000 free as well: `SeaweedFS` puts gRPC there.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: u32 = 11_000;
const COUNT: u32 = 9_000;
const GRPC_DISTANCE: u32 = 10_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port that nobody listens on, different at each call within one process.
///
/// # Panics
/// If not one port of the range is free.
pub fn free_port() -> u16 {
    // Test runs beside this one begin elsewhere, by their process id.
    let start = std::process::id().wrapping_mul(97);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_add(step) % COUNT;
        if is_free(port) && is_free(port + GRPC_DISTANCE) {
            return u16::try_from(port).expect("the range ends below 65,536");
        }
    }
    panic!(
        "no free port between {FIRST} and {} on 127.0.0.1",
        FIRST + COUNT
    );
}

fn is_free(port: u32) -> bool {
    let port = u16::try_from(port).expect("the range ends below 65,536");
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
