//! A store behind a line that can be cut for some puts and for nothing else.
//!
//! HTTP/1.1 in clear, path style: every request goes on byte for byte, its `Host` header included, which is signed. A put
//! whose path has a part that is cut never reaches the store: its connection ends instead of an answer. Leaves alone: what
//! is in a request, and answers.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::ports::free_port;
use crate::seaweed::Seaweed;

/// No request line or header of a store's client is longer.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// The line to a store. Dropping it ends it for those who come anew.
#[derive(Debug)]
pub struct CutLine {
    port: u16,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    store: SocketAddr,
    ends: AtomicBool,
    /// Parts of paths that are cut now.
    parts: Mutex<Vec<String>>,
    /// Puts that were cut so far, by the part that their path has.
    cut: Mutex<BTreeMap<String, usize>>,
}

impl CutLine {
    /// A line to the store, open for everything.
    ///
    /// # Panics
    /// If its port is taken by somebody else at the last moment.
    #[must_use]
    pub fn to(store: &Seaweed) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port was free");
        let shared = Arc::new(Shared {
            store: SocketAddr::from(([127, 0, 0, 1], store.port())),
            ends: AtomicBool::new(false),
            parts: Mutex::default(),
            cut: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        let listener = std::thread::spawn(move || accept(&listener, &accepting));
        Self {
            port,
            shared,
            listener: Some(listener),
        }
    }

    /// What a process needs in its environment to reach the store over this line.
    #[must_use]
    pub fn environment(&self, store: &Seaweed) -> Vec<(String, String)> {
        let mut pairs = store.environment();
        for (name, value) in &mut pairs {
            if name.starts_with("AWS_ENDPOINT") {
                *value = format!("http://127.0.0.1:{}", self.port);
            }
        }
        pairs
    }

    /// From now on cuts puts whose path has one of the parts, such as `/landing/`.
    ///
    /// # Panics
    /// Never: nobody panics while holding the parts.
    pub fn cut(&self, parts: &[&str]) {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        *self.shared.parts.lock().expect("nobody panics over it") = parts;
    }

    /// From now on cuts nothing.
    pub fn mend(&self) {
        self.cut(&[]);
    }

    /// Puts that were cut so far and whose path has the part.
    ///
    /// # Panics
    /// Never: nobody panics while counting.
    #[must_use]
    pub fn count(&self, part: &str) -> usize {
        let cut = self.shared.cut.lock().expect("nobody panics over it");
        cut.get(part).copied().unwrap_or(0)
    }
}

impl Drop for CutLine {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes whoever accepts; one that is gone already needs no waking.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.ends.load(Ordering::SeqCst) {
            return;
        }
        let (Ok(client), shared) = (client, Arc::clone(shared)) else {
            continue;
        };
        // A line that breaks is a store that is out of reach: the client's business.
        std::thread::spawn(move || drop(serve(&client, &shared)));
    }
}

/// Requests of one connection, until an end of it is gone or one of them is cut.
fn serve(client: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let Ok(store) = TcpStream::connect(shared.store) else {
        return client.shutdown(Shutdown::Both);
    };
    let (mut answers, mut asking) = (store.try_clone()?, client.try_clone()?);
    let answering = std::thread::spawn(move || {
        drop(std::io::copy(&mut answers, &mut asking));
        drop(asking.shutdown(Shutdown::Both));
    });
    let ended = requests(client, &store, shared);
    drop(client.shutdown(Shutdown::Both));
    drop(store.shutdown(Shutdown::Both));
    drop(answering.join());
    ended
}

fn requests(client: &TcpStream, mut store: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    while let Some(head) = head(&mut client)? {
        if shared.is_cut(&head) {
            return Ok(());
        }
        store.write_all(&head)?;
        std::io::copy(&mut client.by_ref().take(body_bytes(&head)), &mut store)?;
    }
    Ok(())
}

/// Request line and headers with the empty line after them; none at the end of the connection.
fn head(client: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    loop {
        let before = head.len();
        client
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut head)?;
        match head.get(before..) {
            None | Some([]) => return Ok(None),
            Some(b"\r\n") => return Ok(Some(head)),
            Some(_) => {}
        }
    }
}

/// The length of a body is always told: clients of stores sign it.
fn body_bytes(head: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(head);
    let told = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    told.unwrap_or(0)
}

impl Shared {
    /// Whether this put is to be cut, and counts it then.
    fn is_cut(&self, head: &[u8]) -> bool {
        let text = String::from_utf8_lossy(head);
        let line = text.lines().next().unwrap_or_default();
        let Some(path) = line.strip_prefix("PUT ") else {
            return false;
        };
        let parts = self.parts.lock().expect("nobody panics over it");
        let Some(part) = parts.iter().find(|part| path.contains(part.as_str())) else {
            return false;
        };
        let mut cut = self.cut.lock().expect("nobody panics over it");
        *cut.entry(part.clone()).or_default() += 1;
        true
    }
}
