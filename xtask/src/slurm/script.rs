//! The text of the scripts. Every word in them has been checked to need no quoting; they are quoted
//! all the same.

use super::options::Options;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Against tasks that come back for ever; a sweep of fifty limits wants more shards.
const MOST_REQUEUES: u32 = 50;

/// Where the binary lies within the shared folder.
pub(crate) fn binary(out: &Path) -> PathBuf {
    out.join("bin/paper-repro")
}

/// Where the scripts lie.
pub(crate) fn folder(out: &Path) -> PathBuf {
    out.join("slurm")
}

/// What the jobs say, a file a shard.
pub(crate) fn logs(out: &Path) -> PathBuf {
    out.join("slurm/log")
}

/// All scripts with their names.
pub(crate) fn all(options: &Options) -> [(&'static str, String); 3] {
    [
        ("array.sbatch", array(options)),
        ("merge.sbatch", merge(options)),
        ("submit.sh", submit(options)),
    ]
}

/// The array: a task a shard.
fn array(options: &Options) -> String {
    let shards = options.shards;
    format!(
        r#"#!/usr/bin/env bash
{head}#SBATCH --array=1-{shards}
#SBATCH --output={logs}/shard-%a.txt
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@60
set -u

# A minute before the time is up Slurm sends USR1 to this script. The worker then starts no further cell, finishes those that run,
# and this task is queued again: it goes on with what is missing. TERM is how a job is cancelled: the worker ends likewise, but
# nobody wants it back. However a worker ends, the cells it finished are kept.
stop= worker= watchdog=
finished() {{ cat {out}/progress/"$SLURM_ARRAY_TASK_ID-of-{shards}" 2>/dev/null | wc -l; }}
before=$(finished)
end() {{
  stop=$1
  [ -n "$worker" ] && kill -TERM "$worker" 2>/dev/null
}}
trap 'end USR1' USR1
trap 'end TERM' TERM

{binary} {words}--out {out} --shard "$SLURM_ARRAY_TASK_ID/{shards}" --threads "${{SLURM_CPUS_PER_TASK:-1}}" &
worker=$!
[ -n "$stop" ] && end "$stop"
# A signal interrupts `wait`, not the worker.
while :; do
  wait "$worker"
  code=$?
  kill -0 "$worker" 2>/dev/null || break
  # Cells too long for what is left of the minute are given up.
  if [ -z "$watchdog" ]; then
    (sleep 40; kill -KILL "$worker") >/dev/null 2>&1 &
    watchdog=$!
  fi
done
[ -n "$watchdog" ] && kill "$watchdog" 2>/dev/null

# 75: cells are left. Else cells that run were given up: to begin them again helps only if this shard finished some, of which the
# worker keeps a list.
if [ "$stop" = USR1 ] && [ "$code" -ne 0 ] && [ "$code" -ne 75 ] && [ "$(finished)" -eq "$before" ]; then
  echo "shard $SLURM_ARRAY_TASK_ID/{shards}: a cell takes longer than --time leaves it: ask for more"
elif [ "$stop" = USR1 ] && [ "$code" -ne 0 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {requeues} ]; then
  echo "shard $SLURM_ARRAY_TASK_ID/{shards}: time is up, queued again"
  # This ends the task; by its own name, since one task of an array bears the number of them all.
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$code"
"#,
        head = head(options, &options.name),
        requeues = MOST_REQUEUES,
        logs = logs(&options.out).display(),
        binary = quoted(&binary(&options.out)),
        words = words(options),
        out = quoted(&options.out),
    )
}

/// The merge: the same binary without a shard, which refuses when cells are missing.
fn merge(options: &Options) -> String {
    format!(
        r#"#!/usr/bin/env bash
{head}#SBATCH --output={logs}/merge.txt
#SBATCH --open-mode=append
exec {binary} {words}--out {out} --merge --threads "${{SLURM_CPUS_PER_TASK:-1}}"
"#,
        head = head(options, &format!("{}-merge", options.name)),
        logs = logs(&options.out).display(),
        binary = quoted(&binary(&options.out)),
        words = words(options),
        out = quoted(&options.out),
    )
}

/// Submits the array, and the merge for when every shard has ended well.
fn submit(options: &Options) -> String {
    format!(
        r#"#!/usr/bin/env bash
# Run it again after a failure: shards whose cells are there end at once.
set -euo pipefail
cd {folder}
array=$(sbatch --parsable array.sbatch)
array=${{array%%;*}}
merge=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes merge.sbatch)
echo "array $array merge ${{merge%%;*}}"
"#,
        folder = quoted(&folder(&options.out)),
    )
}

/// What both jobs ask of the cluster.
fn head(options: &Options, name: &str) -> String {
    let mut head = format!(
        "#SBATCH --job-name={name}\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task={}\n#SBATCH --time={}\n",
        options.cpus, options.time
    );
    let asked = [
        ("partition", &options.partition),
        ("account", &options.account),
        ("mem", &options.memory),
    ];
    for (flag, value) in asked {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(head, "#SBATCH --{flag}={value}");
        }
    }
    head
}

fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display())
}

fn words(options: &Options) -> String {
    options.words.iter().fold(String::new(), |text, word| text + word + " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    fn options(line: &str) -> Options {
        Options::read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()).unwrap()
    }

    fn full() -> Options {
        options(
            "--shards 8 --out /shared --time 02:00:00 --cpus 4 --memory 4G --partition p --account a -- 02 --full",
        )
    }

    #[test]
    fn the_array_asks_for_what_the_user_asked_for() {
        let text = array(&full());
        let directives: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("#SBATCH --")).collect();
        let expected = [
            "job-name=asymscale",
            "ntasks=1",
            "cpus-per-task=4",
            "time=02:00:00",
            "partition=p",
            "account=a",
            "mem=4G",
            "array=1-8",
            "output=/shared/slurm/log/shard-%a.txt",
            "open-mode=append",
            "requeue",
            "signal=B:USR1@60",
        ];
        assert_eq!(directives, expected);
        let worker = "\"/shared/bin/paper-repro\" 02 --full --out \"/shared\" --shard \"$SLURM_ARRAY_TASK_ID/8\" --threads";
        assert!(text.contains(worker), "{text}");
    }

    #[test]
    fn the_merge_waits_for_the_array_and_has_no_shard() {
        let text = merge(&full());
        assert!(
            text.contains("02 --full --out \"/shared\" --merge") && !text.contains("--shard"),
            "{text}"
        );
        assert!(text.contains("job-name=asymscale-merge") && !text.contains("--array"), "{text}");
        let submit = submit(&full());
        assert!(
            submit
                .contains("--dependency=\"afterok:$array\" --kill-on-invalid-dep=yes merge.sbatch"),
            "{submit}"
        );
    }

    #[test]
    fn what_was_not_asked_for_is_left_to_the_cluster() {
        let text = array(&options("--shards 1 --out /shared"));
        for flag in ["partition", "account", "mem="] {
            assert!(!text.contains(flag), "{flag}");
        }
        assert!(text.contains("\"/shared/bin/paper-repro\" --out"), "{text}");
    }

    /// A worker that says so when it is there, and gives up what it does when asked to end.
    const WORKER: &str = "trap 'exit 1' TERM; touch \"$TEST/ready\"; while :; do sleep 0.01; done";

    /// What the task of shard 1 of 2 says when its time is up, its worker having begun with these
    /// words.
    fn said_when_time_is_up(words: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().canonicalize().unwrap();
        for (name, text) in
            [("bin/paper-repro", &*format!("{words}; {WORKER}")), ("bin/scontrol", "exit 1")]
        {
            fs::create_dir_all(out.join("bin")).unwrap();
            let mut install = Command::new("install")
                .args(["-m", "755", "/dev/stdin"])
                .arg(out.join(name))
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let text = format!("#!/usr/bin/env bash\nmkdir -p \"$TEST/progress\"; {text}\n");
            install.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            assert!(install.wait().unwrap().success());
        }
        let script = array(&options(&format!("--shards 2 --out {}", out.display())));
        let path = format!("{}:{}", out.join("bin").display(), std::env::var("PATH").unwrap());
        let task = Command::new("bash")
            .args(["-c", &script])
            .envs([("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_JOB_ID", "7"), ("PATH", &path)])
            .env("TEST", &out)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !out.join("ready").exists() && start.elapsed() < Duration::from_mins(1) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(
            Command::new("kill")
                .args(["-USR1", &task.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        String::from_utf8(task.wait_with_output().unwrap().stdout).unwrap()
    }

    #[test]
    fn a_shard_comes_back_for_its_own_progress_and_not_for_that_of_others() {
        let own = said_when_time_is_up("echo cell >> \"$TEST/progress/1-of-2\"");
        assert!(own.contains("shard 1/2: time is up, queued again"), "{own}");
        let other = said_when_time_is_up("echo cell >> \"$TEST/progress/2-of-2\"");
        assert!(other.contains("shard 1/2: a cell takes longer than --time leaves it"), "{other}");
    }

    #[test]
    fn the_scripts_are_bash() {
        for (name, text) in all(&full()) {
            let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
            bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            assert!(bash.wait().unwrap().success(), "{name}");
        }
    }
}
