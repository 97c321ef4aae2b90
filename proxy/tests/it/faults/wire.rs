//! What lies between a proxy and whoever it speaks to, and can be disturbed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How often a target is looked for, for one connection.
const TRIES: u32 = 5;

/// How a wire treats what goes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As it is.
    Pass,
    /// Each piece late.
    Delay(Duration),
    /// A few bytes at a time.
    Slow,
    /// No new connection.
    Refuse,
}

/// Chooses whom a new connection leads to; nobody, if there is none.
type Target = Arc<dyn Fn() -> Option<SocketAddr> + Send + Sync>;

/// A port that leads to another one.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    mode: Arc<Mutex<Mode>>,
    /// Grows with every cut.
    cuts: watch::Sender<u64>,
}

impl Wire {
    /// To one address, always.
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self::choosing(Arc::new(move || Some(address))).await
    }

    /// To another address with every connection.
    pub(crate) async fn choosing(target: Target) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = Arc::new(Mutex::new(Mode::Pass));
        let (cuts, _) = watch::channel(0);
        let (wire_mode, wire_cuts) = (Arc::clone(&mode), cuts.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if now(&wire_mode) == Mode::Refuse {
                    continue;
                }
                let (mode, cut) = (Arc::clone(&wire_mode), wire_cuts.subscribe());
                let target = Arc::clone(&target);
                tokio::spawn(async move {
                    // Like a balancer: whoever does not listen any more has heard nothing.
                    for _ in 0..TRIES {
                        let Some(address) = target() else { return };
                        if let Ok(far) = TcpStream::connect(address).await {
                            return pump(near, far, mode, cut).await;
                        }
                    }
                });
            }
        });
        Self {
            address,
            mode,
            cuts,
        }
    }

    /// From now on, for open connections as well.
    pub(crate) fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Ends every connection.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

fn now(mode: &Mutex<Mode>) -> Mode {
    *mode.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pump(
    near: TcpStream,
    far: TcpStream,
    mode: Arc<Mutex<Mode>>,
    mut cut: watch::Receiver<u64>,
) {
    cut.mark_unchanged();
    let (near_reads, near_writes) = near.into_split();
    let (far_reads, far_writes) = far.into_split();
    tokio::select! {
        _ = cut.changed() => {}
        () = async {
            tokio::join!(
                pass(near_reads, far_writes, &mode),
                pass(far_reads, near_writes, &mode),
            );
        } => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mode: &Mutex<Mode>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        let written = match now(mode) {
            Mode::Delay(wait) => {
                tokio::time::sleep(wait).await;
                to.write_all(&buffer[..count]).await
            }
            Mode::Slow => slowly(&mut to, &buffer[..count]).await,
            Mode::Pass | Mode::Refuse => to.write_all(&buffer[..count]).await,
        };
        if written.is_err() {
            break;
        }
    }
    // Whoever reads sees the end, too.
    drop(to.shutdown().await);
}

async fn slowly(to: &mut OwnedWriteHalf, bytes: &[u8]) -> std::io::Result<()> {
    for piece in bytes.chunks(256) {
        to.write_all(piece).await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
