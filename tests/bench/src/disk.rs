//! What the disk can do: the yardstick for whatever is durable before it is answered.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// As SQLite's and PostgreSQL's logs write.
const BLOCK: [u8; 4096] = [7; 4096];

/// How many times a second a block can be appended and waited for.
pub(crate) fn appends_per_second(folder: &Path, time: Duration) -> Result<f64> {
    let path = folder.join("append");
    let options = OpenOptions::new().create(true).append(true).open(&path);
    let mut file = options.with_context(|| format!("creating {}", path.display()))?;
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < time {
        file.write_all(&BLOCK).context("appending")?;
        file.sync_data().context("waiting for the disk")?;
        count += 1;
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    std::fs::remove_file(&path).context("removing what was appended")?;
    Ok(rate)
}
