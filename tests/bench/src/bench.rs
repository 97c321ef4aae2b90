//! What all scenarios share: where everything is, how often they run, and how peers take turns.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::machine::Spent;
use crate::peer::{Kind, Peer, Programs, Variation};
use crate::stats::number;
use crate::table::Series;

/// One call of the benchmarks.
pub(crate) struct Bench {
    pub(crate) programs: Programs,
    pub(crate) upstream: SocketAddr,
    /// For databases, logs and configurations; on the disk that is measured.
    pub(crate) folder: PathBuf,
    pub(crate) runs: usize,
    /// A tenth of the load.
    pub(crate) quick: bool,
    /// A PostgreSQL to measure on, where there is one.
    pub(crate) postgres: Option<String>,
    pub(crate) pgbench: Option<PathBuf>,
}

impl Bench {
    /// A server with nothing in its database.
    pub(crate) fn start(&self, kind: Kind, variation: &Variation) -> Result<Peer> {
        let folder = self.fresh("peer")?;
        Peer::start(kind, &self.programs, self.upstream, variation, &folder)
    }

    /// The same, with what is in its database.
    pub(crate) fn start_again(&self, kind: Kind, variation: &Variation) -> Result<Peer> {
        let folder = self.folder.join("peer");
        Peer::start(kind, &self.programs, self.upstream, variation, &folder)
    }

    /// An empty folder.
    pub(crate) fn fresh(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("emptying {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(folder)
    }

    /// How many: all, or in a short run a tenth.
    pub(crate) fn count(&self, all: usize) -> usize {
        if self.quick { (all / 10).max(1) } else { all }
    }

    /// Measures each kind once in each run, every time in another order, and gives a series for each
    /// figure.
    pub(crate) fn compare<const FIGURES: usize>(
        &self,
        kinds: &[Kind],
        variation: &Variation,
        measure: impl Fn(&Peer) -> Result<[f64; FIGURES]>,
    ) -> Result<[Series; FIGURES]> {
        let mut series: [Series; FIGURES] = std::array::from_fn(|_| Series::default());
        for run in 0..self.runs {
            let mut order = kinds.to_vec();
            order.rotate_left(run % kinds.len());
            for kind in order {
                let peer = self.start(kind, variation)?;
                let figures = measure(&peer).map_err(|error| peer.explain(&error))?;
                for (series, figure) in series.iter_mut().zip(figures) {
                    series.push(kind, figure);
                }
            }
        }
        Ok(series)
    }
}

/// How long a server that has nothing to do is watched.
const STILL: Duration = Duration::from_millis(100);
/// What one that has nothing to do may use of that.
const IDLE: Duration = Duration::from_millis(2);
/// How often it is watched.
const LOOKS: usize = 100;

/// The processor time that `work` costs a process, with what it does afterwards because of it; and what
/// came of it.
pub(crate) fn cost<T>(pid: u32, work: impl FnOnce() -> Result<T>) -> Result<(Duration, T)> {
    let before = settled(pid)?;
    let done = work()?;
    let after = settled(pid)?;
    Ok((after.since(&before), done))
}

/// Waits until the process has nothing more to do.
fn settled(pid: u32) -> Result<Spent> {
    let mut spent = Spent::of(pid)?;
    for _ in 0..LOOKS {
        sleep(STILL);
        let now = Spent::of(pid)?;
        let used = now.since(&spent);
        spent = now;
        if used < IDLE {
            break;
        }
    }
    Ok(spent)
}

/// Seconds of processor time for ten thousand.
pub(crate) fn per_ten_thousand(spent: Duration, count: usize) -> f64 {
    spent.as_secs_f64() * 10_000.0 / number(count)
}

/// In milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
