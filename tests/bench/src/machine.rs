//! What Linux tells of processes, and where they run: one processor for whoever is measured, another one
//! for the load and for Mono.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Who is measured.
pub(crate) const MEASURED: usize = 0;
/// The load and the fake Mono.
pub(crate) const LOAD: usize = 1;

/// File descriptors that ten thousand streams and what else is open need.
const DESCRIPTORS: u64 = 16_384;

/// `utime` and `stime` in `/proc/PID/stat` are in hundredths of a second on every Linux of today.
const TICK: Duration = Duration::from_millis(10);

/// Moves this thread, and whatever it starts from now on, to one processor. With one processor only there
/// is nothing to choose.
#[cfg(target_os = "linux")]
pub(crate) fn pin(processor: usize) -> Result<()> {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    if processors()? < 2 {
        return Ok(());
    }
    let mut set = CpuSet::new();
    set.set(processor).context("choosing a processor")?;
    sched_setaffinity(Pid::from_raw(0), &set).context("moving to a processor")
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_processor: usize) -> Result<()> {
    bail!("the benchmarks read /proc, which only Linux has")
}

/// How many processors the machine has, wherever this thread is pinned to.
pub(crate) fn processors() -> Result<usize> {
    let text = fs::read_to_string("/proc/cpuinfo").context("reading /proc/cpuinfo")?;
    let named = text.lines().filter(|line| line.starts_with("processor"));
    Ok(named
        .count()
        .max(available_parallelism().map_or(1, usize::from).min(1)))
}

/// Lets this process, and those that it starts, have as many files open as streams need.
#[cfg(target_os = "linux")]
pub(crate) fn allow_descriptors() -> Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let (soft, hard) =
        getrlimit(Resource::RLIMIT_NOFILE).context("asking for the limit of files")?;
    if soft >= DESCRIPTORS {
        return Ok(());
    }
    if hard < DESCRIPTORS {
        bail!("{DESCRIPTORS} open files are needed, and {hard} are allowed: raise `ulimit -Hn`");
    }
    setrlimit(Resource::RLIMIT_NOFILE, DESCRIPTORS, hard).context("raising the limit of files")
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn allow_descriptors() -> Result<()> {
    Ok(())
}

/// Lets sleeps of this thread end when they should.
#[cfg(target_os = "linux")]
pub(crate) fn wake_on_time() -> Result<()> {
    nix::sys::prctl::set_timerslack(1).context("setting the slack of timers")
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn wake_on_time() -> Result<()> {
    Ok(())
}

/// Asks a process to end.
#[cfg(unix)]
pub(crate) fn terminate(pid: u32) -> Result<()> {
    use nix::errno::Errno;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let pid = Pid::from_raw(i32::try_from(pid).context("a process id is an i32")?);
    match kill(pid, Signal::SIGTERM) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).context("sending SIGTERM"),
    }
}

/// The processor time that a process and its children had until now.
#[derive(Debug)]
pub(crate) struct Spent {
    /// Of each thread that lives, in nanoseconds.
    threads: BTreeMap<u32, u64>,
    /// Of all, those that have ended included, but coarse.
    ticks: u64,
}

impl Spent {
    /// Until now.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let mut spent = Self {
            threads: BTreeMap::new(),
            ticks: 0,
        };
        for pid in tree(pid)? {
            spent.ticks += ticks(&read(&format!("/proc/{pid}/stat"))?)?;
            for thread in numbers(Path::new(&format!("/proc/{pid}/task")))? {
                // A thread may end while we look.
                if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat"))
                {
                    spent.threads.insert(thread, first_number(&text)?);
                }
            }
        }
        Ok(spent)
    }

    /// Since an earlier look: to the nanosecond, unless a thread has ended and took its count along.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        if earlier
            .threads
            .keys()
            .all(|thread| self.threads.contains_key(thread))
        {
            let before = |thread| earlier.threads.get(thread).copied().unwrap_or(0);
            let spent = self
                .threads
                .iter()
                .map(|(thread, now)| now.saturating_sub(before(thread)));
            return Duration::from_nanos(spent.sum());
        }
        let ticks = self.ticks.saturating_sub(earlier.ticks);
        TICK.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
    }
}

/// Resident memory of a process and its children, in bytes.
pub(crate) fn resident(pid: u32) -> Result<u64> {
    of_tree(pid, "VmRSS:")
}

/// The most that was resident since [`forget_peak`].
pub(crate) fn peak_resident(pid: u32) -> Result<u64> {
    of_tree(pid, "VmHWM:")
}

/// Lets the peak begin anew.
pub(crate) fn forget_peak(pid: u32) -> Result<()> {
    for pid in tree(pid)? {
        fs::write(format!("/proc/{pid}/clear_refs"), "5").context("forgetting the peak")?;
    }
    Ok(())
}

fn of_tree(pid: u32, field: &str) -> Result<u64> {
    let mut sum = 0;
    for pid in tree(pid)? {
        let status = read(&format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kilobytes = first_number(line.with_context(|| format!("no {field} of {pid}"))?)?;
        sum += kilobytes * 1024;
    }
    Ok(sum)
}

/// The process and whatever it has started.
fn tree(root: u32) -> Result<Vec<u32>> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        next += 1;
        for thread in numbers(Path::new(&format!("/proc/{pid}/task")))? {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{thread}/children"));
            let children = children.unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }
    Ok(found)
}

fn numbers(folder: &Path) -> Result<Vec<u32>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    Ok(names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect())
}

/// `utime` and `stime`, the 14th and 15th field. The second, the name, may hold blanks.
fn ticks(stat: &str) -> Result<u64> {
    let (_, after_name) = stat.rsplit_once(')').context("a process without a name")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let field = |at: usize| -> Result<u64> {
        let text = fields.get(at).context("a short line of a process")?;
        text.parse().context("a time that is no number")
    };
    Ok(field(11)? + field(12)?)
}

fn first_number(text: &str) -> Result<u64> {
    let number = text
        .split_whitespace()
        .next()
        .context("nothing where a number should be")?;
    number.parse().context("not a number")
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_read_behind_a_name_with_blanks() {
        let stat = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20 0 1 0";
        assert_eq!(ticks(stat).unwrap(), 150);
        ticks("42 (a) S 1 2").unwrap_err();
    }

    #[test]
    fn time_is_exact_while_every_thread_lives() {
        let spent = |threads: &[(u32, u64)], ticks| Spent {
            threads: threads.iter().copied().collect(),
            ticks,
        };
        let earlier = spent(&[(1, 100), (2, 50)], 10);
        let later = spent(&[(1, 150), (2, 60), (3, 5)], 99);
        assert_eq!(later.since(&earlier), Duration::from_nanos(65));
        let without = spent(&[(1, 150)], 14);
        assert_eq!(without.since(&earlier), Duration::from_millis(40));
    }
}
