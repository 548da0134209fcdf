//! A real Slurm, private to this suite: shards cancelled, killed and timed out; a merge that
//! refuses; a second submission that computes only what is missing; the bytes of a run on one
//! machine.
//!
//! Needs root and Debian's slurmctld, slurmd, slurm-client and munge: skipped with a visible word
//! where they are not, a failure where `ASYMSCALE_SLURM=required`.

use asymscale_tests::{parts, products, skipped};
use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// Chapters with some dozens of cells: a shard can be held in mid-run.
const WORDS: [&str; 3] = ["02", "03", "--quick"];
const SHARDS: usize = 4;
/// Generous: nothing here should take a tenth of it; longer than the two minutes that Slurm lets a
/// requeued job wait.
const LIMIT: Duration = Duration::from_mins(4);

#[test]
fn an_array_of_shards_survives_what_a_cluster_does_to_it() {
    let Some(cluster) = Cluster::up() else {
        assert!(
            std::env::var("ASYMSCALE_SLURM").as_deref() != Ok("required"),
            "no Slurm, or not root"
        );
        skipped("no slurmctld, slurmd, munged and sbatch on this machine, or not root");
        return;
    };
    let (whole, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let out = shared.path().canonicalize().unwrap();
    let repro = env!("CARGO_BIN_EXE_repro-under-test");
    succeed(Command::new(repro).args(WORDS).arg("--out").arg(whole.path()));
    let total = parts(whole.path()).len();

    write_scripts(&out, repro);
    let (array, merge) = cluster.submit(&out);
    // Each is held as soon as it is found, whenever its task begins; together they go on until some
    // parts are there.
    let workers: Vec<Process> = (1..=SHARDS).map(|shard| Process::of_shard(&out, shard)).collect();
    for worker in &workers {
        worker.signal("-CONT");
    }
    wait_for("some parts", || (parts(&out).len() >= 4).then_some(()));
    workers[..3].iter().for_each(|worker| worker.signal("-STOP"));
    assert!(parts(&out).len() < total && workers[..3].iter().all(Process::lives), "met in mid-run");

    // One is cancelled, one loses its worker, one is warned that its time is nearly up.
    cluster.ask("scancel", &[&format!("{array}_1")]);
    workers[1].signal("-KILL");
    cluster.ask("scancel", &["--batch", "--signal=USR1", &format!("{array}_3")]);
    wait_for("the warning to reach the worker", || {
        workers[2].has_pending_terminate().then_some(())
    });
    workers[2].signal("-CONT");
    let log = |name: &str| fs::read_to_string(out.join("slurm/log").join(name)).unwrap_or_default();
    wait_for("the warned shard to be queued again", || {
        let said = log("shard-3.txt");
        (said.contains("stopped by a signal") && said.contains("time is up, queued again"))
            .then_some(())
    });
    cluster.hurry(&format!("{array}_3"));
    for (shard, state) in [(1, "CANCELLED"), (2, "FAILED"), (3, "COMPLETED"), (4, "COMPLETED")] {
        cluster.wait_for_state(&format!("{array}_{shard}"), state);
    }
    cluster.wait_for_state(&merge, "CANCELLED"); // what it depends on can never be

    let there = ages(&out);
    let missing = total - there.len();
    assert!(missing > 0 && !there.is_empty(), "{missing} of {total} missing");
    let early =
        cluster.ask("sbatch", &["--parsable", &out.join("slurm/merge.sbatch").to_string_lossy()]);
    cluster.wait_for_state(&early, "FAILED");
    let refusal = format!("--merge: {missing} of {total} cells are missing");
    assert!(log("merge.txt").contains(&refusal), "{refusal}: {}", log("merge.txt"));
    assert!(!out.join("figures/claims.json").exists());

    let names: Vec<String> = (1..=SHARDS).map(|shard| format!("shard-{shard}.txt")).collect();
    let said_before: Vec<usize> = names.iter().map(|name| log(name).len()).collect();
    let (_, merge) = cluster.submit(&out);
    cluster.wait_for_state(&merge, "COMPLETED");
    let computed: usize =
        names.iter().zip(said_before).map(|(name, from)| computed(&log(name)[from..])).sum();
    assert_eq!(computed, missing, "only what was missing is computed");
    let now = ages(&out);
    assert!(
        there.iter().all(|(part, age)| now[part] == *age),
        "a part that was there was written again"
    );
    assert_eq!(products(whole.path()), products(&out));
}

fn write_scripts(out: &Path, repro: &str) {
    let shards = SHARDS.to_string();
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask-under-test"));
    xtask.args([
        "slurm",
        "--shards",
        &shards,
        "--time",
        "00:10:00",
        "--partition",
        "main",
        "--binary",
        repro,
    ]);
    succeed(xtask.arg("--out").arg(out).arg("--").args(WORDS));
}

/// Cells that runs say they computed.
fn computed(said: &str) -> usize {
    let before = said
        .split(" computed in ")
        .filter_map(|text| text.rsplit(' ').next()?.parse::<usize>().ok());
    before.sum()
}

fn ages(out: &Path) -> HashMap<PathBuf, SystemTime> {
    let age = |part: &PathBuf| fs::metadata(part).unwrap().modified().unwrap();
    parts(out).into_iter().map(|part| (part.clone(), age(&part))).collect()
}

/// A private cluster of one node with a processor for every shard.
struct Cluster {
    folder: TempDir,
}

impl Cluster {
    /// Brings it up, if there is a Slurm and we may.
    fn up() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let there =
            |name: &&str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
        if !["slurmctld", "slurmd", "munged", "sbatch", "scontrol"].iter().all(there)
            || !we_are_root()
        {
            return None;
        }
        let cluster = Self { folder: tempfile::tempdir().unwrap() };
        let ports = free_ports();
        let mut up = script("up.sh", cluster.folder.path());
        up.args(
            [std::process::id(), ports[0].into(), ports[1].into(), SHARDS as u32]
                .map(|n| n.to_string()),
        );
        // Daemons keep what they inherit: no pipe, or the reader waits for them for ever.
        let said = fs::File::create(cluster.folder.path().join("up.log")).unwrap();
        let status = up.stdout(Stdio::null()).stderr(said).status().unwrap();
        assert!(
            status.success(),
            "{}",
            fs::read_to_string(cluster.folder.path().join("up.log")).unwrap()
        );
        Some(cluster)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.folder.path().join("slurm.conf")).stdin(Stdio::null());
        command
    }

    fn ask(&self, program: &str, words: &[&str]) -> String {
        succeed(self.command(program).args(words))
    }

    /// Submits the array and the merge; their numbers.
    fn submit(&self, out: &Path) -> (String, String) {
        let said = succeed(self.command("bash").arg(out.join("slurm/submit.sh")));
        let words: Vec<&str> = said.split_whitespace().collect();
        assert!(words.len() == 4 && words[0] == "array" && words[2] == "merge", "{said}");
        (words[1].to_owned(), words[3].to_owned())
    }

    /// What Slurm says of a job under a name such as `JobState`.
    fn fact(&self, job: &str, name: &str) -> String {
        let said = self.ask("scontrol", &["--oneliner", "show", "job", job]);
        let fact =
            said.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        fact.unwrap_or_default().to_owned()
    }

    fn wait_for_state(&self, job: &str, wanted: &str) {
        wait_for(&format!("job {job} to be {wanted}"), || {
            (self.fact(job, "JobState") == wanted).then_some(())
        });
    }

    /// Sees a job queued again and lets it run soon: Slurm would make it wait for two minutes.
    fn hurry(&self, job: &str) {
        wait_for(&format!("job {job} to be queued again"), || {
            (self.fact(job, "Restarts") == "1" && self.fact(job, "JobState") == "PENDING")
                .then_some(())
        });
        // What a node was told of the first start is revoked up to and with the second of the
        // requeue: a start in that second is refused, and the job fails.
        std::thread::sleep(Duration::from_secs(3));
        self.ask("scontrol", &["update", &format!("JobId={job}"), "StartTime=now"]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nothing more can be done if this fails while a test panics; the cluster also watches for
        // our end.
        let _ = script("down.sh", self.folder.path()).status();
    }
}

fn script(name: &str, folder: &Path) -> Command {
    let mut bash = Command::new("bash");
    bash.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("slurm").join(name))
        .arg(folder)
        .stdin(Stdio::null());
    bash
}

fn we_are_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Two ports nobody listens at.
fn free_ports() -> [u16; 2] {
    [(); 2]
        .map(|()| TcpListener::bind("127.0.0.1:0").unwrap())
        .map(|held| held.local_addr().unwrap().port())
}

/// A worker of the array.
struct Process(u32);

impl Process {
    /// The worker of a shard, held as soon as it runs.
    fn of_shard(out: &Path, shard: usize) -> Self {
        let wanted = format!("--out\0{}\0--shard\0{shard}/{SHARDS}\0", out.display());
        let worker = Self(wait_for(&format!("shard {shard} to start"), || {
            let processes = fs::read_dir("/proc")
                .unwrap()
                .filter_map(|entry| entry.unwrap().file_name().into_string().ok());
            let mut numbers = processes.filter_map(|name| name.parse().ok());
            numbers.find(|number: &u32| {
                fs::read_to_string(format!("/proc/{number}/cmdline"))
                    .is_ok_and(|words| words.contains(&wanted))
            })
        }));
        worker.signal("-STOP");
        worker
    }

    fn signal(&self, signal: &str) {
        succeed(Command::new("kill").args([signal, &self.0.to_string()]));
    }

    fn lives(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/cmdline", self.0)).is_ok_and(|words| !words.is_empty())
    }

    /// Whether SIGTERM waits for a stopped process to go on.
    fn has_pending_terminate(&self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        let pending = status.lines().find_map(|line| line.strip_prefix("ShdPnd:")).unwrap();
        u64::from_str_radix(pending.trim(), 16).unwrap() & 1 << 14 != 0
    }
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < LIMIT, "waited {LIMIT:?} for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
