//! Starting foreign processes so that none of them outlives the test run.
//!
//! A test that panics, is interrupted or killed runs no destructor worth trusting, so the kernel is asked to end the child when
//! the thread that started it ends (`setpriv --pdeathsig`, of util-linux). That thread is one that lives as long as the process.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{LazyLock, Mutex};

type Order = (Command, SyncSender<io::Result<Child>>);

static SPAWNER: LazyLock<Mutex<SyncSender<Order>>> = LazyLock::new(|| {
    let (sender, receiver) = sync_channel::<Order>(1);
    std::thread::spawn(move || serve(&receiver));
    Mutex::new(sender)
});

fn serve(orders: &Receiver<Order>) {
    for (mut command, answer) in orders {
        // Nobody waits for the answer only if the asking thread died; its child is then dropped, and runs until we end.
        drop(answer.send(command.spawn()));
    }
}

/// A command for `program` whose process is killed when this one ends. Its process id is the program's own.
#[must_use]
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Starts a command made by [`command`].
///
/// # Panics
/// If it cannot be started.
pub fn start(command: Command) -> Child {
    let shown = format!("{command:?}");
    let (sender, receiver) = sync_channel(1);
    let spawner = SPAWNER.lock().expect("nobody panics while ordering");
    spawner
        .send((command, sender))
        .expect("the spawning thread lives as long as the process");
    drop(spawner);
    let answer = receiver
        .recv()
        .expect("the spawning thread answers every order");
    answer.unwrap_or_else(|error| panic!("cannot start {shown}: {error}"))
}
