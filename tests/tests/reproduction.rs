//! The real binary: the same bytes for any number of threads, split into shards or interruption;
//! errors that name what is wrong; a check that turns red.

use asymscale_tests::{parts, products};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A chapter that is quick, has several cells, and goes through sampling, solving and theory.
const CHAPTER: &str = "04";
const TABLE: &str = "figures/04-unseen-bottleneck.csv";

fn command(out: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repro-under-test"));
    command.arg("--quick").args(words).arg("--out").arg(out).stdin(Stdio::null());
    command
}

fn run(out: &Path, words: &[&str]) -> Output {
    command(out, words).output().unwrap()
}

fn succeed(out: &Path, words: &[&str]) -> String {
    let output = run(out, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn threads_and_shards_leave_the_bytes_alone() {
    let (one, two, split) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    succeed(one.path(), &[CHAPTER, "--threads", "1"]);
    succeed(two.path(), &[CHAPTER, "--threads", "2"]);
    for shard in ["2/3", "1/3", "3/3"] {
        let before = parts(split.path()).len();
        succeed(split.path(), &[CHAPTER, "--shard", shard]);
        // By these lines a scheduler's script tells whether a shard got on, other shards beside it
        // or not.
        let notes =
            fs::read_to_string(split.path().join("progress").join(shard.replace('/', "-of-")))
                .unwrap();
        assert_eq!(notes.lines().count(), parts(split.path()).len() - before, "{notes}");
    }
    let merged = succeed(split.path(), &[CHAPTER]);
    assert_eq!(
        merged.lines().filter(|line| line.contains(" cached, 0 computed")).count(),
        1,
        "the merge computes nothing, no defect either: {merged}"
    );
    assert!(products(one.path()).len() >= 4);
    assert_eq!(products(one.path()), products(two.path()));
    assert_eq!(products(one.path()), products(split.path()));
}

#[test]
fn weaving_again_gives_the_same_bytes() {
    let out = tempfile::tempdir().unwrap();
    let page = || fs::read(out.path().join("report/index.html")).unwrap();
    succeed(out.path(), &[CHAPTER]);
    let first = page();
    succeed(out.path(), &[CHAPTER, "--threads", "1"]);
    assert!(first.len() > 10_000 && first == page());
}

#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    succeed(whole.path(), &[CHAPTER]);
    let all = parts(whole.path()).len();
    let mut child = command(killed.path(), &[CHAPTER, "--threads", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while parts(killed.path()).len() < 3 && start.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    let kept = parts(killed.path()).len();
    assert!(kept >= 3 && kept < all, "{kept} of {all} parts when killed");
    succeed(killed.path(), &[CHAPTER]);
    assert_eq!(products(whole.path()), products(killed.path()));
}

#[test]
fn a_signal_ends_a_run_cleanly() {
    let whole = tempfile::tempdir().unwrap();
    succeed(whole.path(), &[CHAPTER]);
    let all = parts(whole.path()).len();
    let stopped_by = |signal: &str| {
        let folder = tempfile::tempdir().unwrap();
        let child = command(folder.path(), &[CHAPTER, "--threads", "1"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let kill = |signal: &str| {
            let status = Command::new("kill").args([signal, &child.id().to_string()]).status();
            assert!(status.unwrap().success(), "{signal}");
        };
        let start = Instant::now();
        while parts(folder.path()).len() < 3 && start.elapsed() < Duration::from_mins(1) {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Held in mid-run, so that it cannot end before the signal arrives.
        kill("-STOP");
        kill(signal);
        kill("-CONT");
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(75), "{signal}: {said}");
        let now = parts(folder.path()).len();
        let counts = format!("stopped by a signal: {now} cells computed, {} left", all - now);
        assert!(said.contains(&counts), "{signal}: {counts}: {said}");
        folder
    };
    let [stopped, ..] = ["-INT", "-TERM", "-USR1"].map(stopped_by);
    let refused = run(stopped.path(), &[CHAPTER, "--merge"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let missing = all - parts(stopped.path()).len();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("--merge: {missing} of {all} cells are missing")), "{said}");
    succeed(stopped.path(), &[CHAPTER]);
    succeed(stopped.path(), &[CHAPTER, "--merge"]);
    assert_eq!(products(whole.path()), products(stopped.path()));
}

#[test]
fn an_estimate_prints_a_table_and_leaves_nothing() {
    let out = tempfile::tempdir().unwrap();
    let output = run(out.path(), &[CHAPTER, "--estimate", "--wall", "00:30:00", "--cores", "2"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = said.lines().find(|line| line.starts_with("04-unseen-bottleneck")).unwrap();
    let plain = line.replace(['(', ')', '…'], " ");
    let fields: Vec<&str> = plain.split_whitespace().collect();
    let [middle, low, high] = [2, 3, 4].map(|place| fields[place].parse::<f64>().unwrap());
    assert!(low <= middle && middle <= high && high < 0.1, "{line}");
    let whole = tempfile::tempdir().unwrap();
    succeed(whole.path(), &[CHAPTER]);
    // The planted defect shares the cells of this chapter.
    assert_eq!(fields[1].parse(), Ok(parts(whole.path()).len()), "{line}");
    assert!(
        said.contains("shards of 2 cores to end within 0.50 h: 1, or 1 if the high values hold"),
        "{said}"
    );
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0, "something was left");
}

#[test]
fn two_workers_of_one_shard_do_no_harm() {
    let (whole, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    succeed(whole.path(), &[CHAPTER]);
    let words = [CHAPTER, "--threads", "1", "--shard"];
    let twins = ["1/2", "1/2", "2/2", "2/2"].map(|shard| {
        command(shared.path(), &[&words[..], &[shard]].concat())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    });
    for mut twin in twins {
        assert!(twin.wait().unwrap().success());
    }
    assert_eq!(parts(shared.path()).len(), parts(whole.path()).len());
    succeed(shared.path(), &[CHAPTER, "--merge"]);
    assert_eq!(products(whole.path()), products(shared.path()));
}

#[test]
fn a_damaged_part_is_noticed_and_computed_again() {
    let out = tempfile::tempdir().unwrap();
    succeed(out.path(), &[CHAPTER]);
    let before = products(out.path());
    let part = parts(out.path()).swap_remove(1);
    let mut bytes = fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&part, bytes).unwrap();
    let said = succeed(out.path(), &[CHAPTER]);
    assert!(said.contains("damaged") && said.contains("1 computed"), "{said}");
    assert_eq!(products(out.path()), before);
}

#[test]
fn a_check_is_green_on_what_was_written_and_red_on_a_changed_number() {
    let out = tempfile::tempdir().unwrap();
    succeed(out.path(), &[CHAPTER]);
    let green = run(out.path(), &[CHAPTER, "--check"]);
    assert_eq!(green.status.code(), Some(0), "{}", String::from_utf8_lossy(&green.stdout));
    let table = out.path().join(TABLE);
    let text = fs::read_to_string(&table).unwrap();
    let line = text.lines().find(|line| line.starts_with("sparse,")).unwrap();
    let fields: Vec<&str> = line.split(',').collect();
    let changed =
        line.replacen(fields[3], &format!("{}", fields[3].parse::<f64>().unwrap() * 1.01), 1);
    fs::write(&table, text.replacen(line, &changed, 1)).unwrap();
    let red = run(out.path(), &[CHAPTER, "--check"]);
    let said = String::from_utf8_lossy(&red.stdout).into_owned();
    assert_eq!(red.status.code(), Some(1), "{said}");
    assert!(said.contains("share"), "the drifting column is named: {said}");
    assert!(!said.contains("when made"), "nothing differs here: {said}");
    // Elsewhere something does, and that is no drift.
    fs::write(&table, text).unwrap();
    let facts = table.with_extension("json");
    let known = fs::read_to_string(&facts).unwrap();
    let compiler = known.lines().find(|line| line.contains("\"rustc\"")).unwrap();
    fs::write(&facts, known.replace(compiler, "  \"rustc\": \"rustc 1.0.0\",")).unwrap();
    let other = run(out.path(), &[CHAPTER, "--check"]);
    let said = String::from_utf8_lossy(&other.stdout).into_owned();
    assert_eq!(other.status.code(), Some(0), "{said}");
    assert!(said.contains("compiler: rustc 1.0.0 when made, rustc "), "{said}");
    assert!(!left_of_checks(out.path()));
}

/// Whatever became of the JSON beside a figure, a run says which file it was and makes it again,
/// and nothing in it becomes a mark of the page.
#[test]
fn facts_beside_a_figure_that_are_broken_or_foreign_are_named_and_made_again() {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join(TABLE).with_extension("json");
    succeed(out.path(), &[CHAPTER]);
    let whole = fs::read_to_string(&path).unwrap();
    let status = || {
        let output = run(out.path(), &[CHAPTER, "--status"]);
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let name = path.display().to_string();
    for broken in [String::new(), format!("<<<<<<< ours\n{whole}=======\n{whole}>>>>>>> theirs\n")]
    {
        fs::write(&path, broken).unwrap();
        let told = status();
        assert!(
            told.contains("rows fresh; figures stale, since ") && told.contains(&name),
            "{told}"
        );
        let said = succeed(out.path(), &[CHAPTER]);
        assert!(said.contains(&format!("{name}: ")) && said.contains("written again"), "{said}");
        assert!(status().contains("rows fresh; figures fresh"));
    }
    // What is left by a run of other code that is killed after the figure and before its facts.
    let at = whole.find("\"figures\"").unwrap() + "\"figures\": {\n    \"fingerprint\": \"".len();
    fs::write(&path, format!("{}0000{}", &whole[..at], &whole[at + 4..])).unwrap();
    assert!(status().contains("figures stale"), "{}", status());
    succeed(out.path(), &[CHAPTER]);
    assert!(status().contains("rows fresh; figures fresh"));
    // Marks in a text, which is left as it is, and a text where a number should be, which is not.
    let mark = "<script>alert(1)</script>";
    for (key, stays) in [("command", true), ("threads", false)] {
        let line = whole.lines().find(|line| line.contains(&format!("\"{key}\""))).unwrap();
        let comma = if line.ends_with(',') { "," } else { "" };
        let foreign = whole.replace(line, &format!("  \"{key}\": \"{mark}\"{comma}"));
        fs::write(&path, &foreign).unwrap();
        succeed(out.path(), &[CHAPTER]);
        assert_eq!(fs::read_to_string(&path).unwrap().contains(mark), stays, "{key}");
        let page = fs::read_to_string(out.path().join("report/index.html")).unwrap();
        assert!(!page.contains(mark) && page.contains("&lt;script&gt;") == stays, "{key}");
    }
}

/// A part says by its checksum that it was written whole, not that it is a result.
#[test]
fn parts_that_are_no_results_or_no_files_are_computed_again() {
    let out = tempfile::tempdir().unwrap();
    succeed(out.path(), &[CHAPTER]);
    let before = products(out.path());
    let part = parts(out.path()).swap_remove(1);
    let text = fs::read_to_string(&part).unwrap();
    let head: Vec<&str> = text.split_inclusive('\n').take(3).collect();
    let row = text.lines().nth(3).unwrap();
    let first_number = row.split(',').position(|field| field.parse::<f64>().is_ok()).unwrap();
    let unknown: Vec<&str> = row
        .split(',')
        .enumerate()
        .map(|(k, f)| if k == first_number { "NaN" } else { f })
        .collect();
    for rows in [String::new(), unknown.join(",") + "\n"] {
        let content = head.concat() + &rows;
        let digits: Vec<String> =
            Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        let sum = digits.concat();
        fs::write(&part, format!("{content}sha256 {sum}\n")).unwrap();
        let said = succeed(out.path(), &[CHAPTER]);
        let reason = if rows.is_empty() { "it has no rows" } else { "row 0: NaN" };
        assert!(said.contains(reason) && said.contains("1 computed"), "{said}");
    }
    fs::remove_file(&part).unwrap();
    assert!(Command::new("mkfifo").arg(&part).status().unwrap().success());
    let said = succeed(out.path(), &[CHAPTER]);
    assert!(said.contains("no file") && said.contains("1 computed"), "{said}");
    assert_eq!(products(out.path()), before);
}

#[test]
fn more_shards_than_cells_are_as_good_as_others() {
    let out = tempfile::tempdir().unwrap();
    let said = succeed(out.path(), &[CHAPTER, "--shard", "1/18446744073709551615"]);
    assert!(said.contains("left to other shards"), "{said}");
}

/// Where cargo builds is where untracked results go.
#[test]
fn what_is_not_tracked_goes_where_cargo_builds() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("elsewhere");
    let mut command = Command::new(env!("CARGO_BIN_EXE_repro-under-test"));
    let ran = command
        .args([CHAPTER, "--quick"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(
        target.join("repro/quick").join(TABLE).exists() && target.join("repro/seconds").exists()
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something lies beside it");
}

/// A run says what a user wants to know: the ledger with verdicts and worst findings, and where the
/// results are. The rest is said when it is asked for.
#[test]
fn a_run_is_brief_unless_more_is_asked_for() {
    let out = tempfile::tempdir().unwrap();
    let all = |words: &[&str]| {
        let output = run(out.path(), words);
        assert!(output.status.success());
        let [out, err] =
            [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
        (out, err)
    };
    let (brief, progress) = all(&[CHAPTER]);
    let starts: Vec<&str> = brief.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(starts, ["claim", "C2", "C3", "wrote", "read"]);
    let told = progress.lines().filter(|line| line.contains(" cached, ")).count();
    assert!(brief.contains("5 of 5") && told == 1, "{brief}{progress}");
    let (same, progress) = all(&[CHAPTER, "--verbose"]);
    assert_eq!(same.lines().count(), brief.lines().count());
    assert_eq!(progress.matches("04-unseen-bottleneck").count(), 2, "{progress}");
}

/// Whether a check left its parts behind.
fn left_of_checks(out: &Path) -> bool {
    fs::read_dir(out)
        .unwrap()
        .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("check-"))
}

#[test]
fn bad_input_is_refused_before_any_work() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("a-file");
    fs::write(&file, "").unwrap();
    let refused = |words: &[&str], out: &Path| {
        let output = run(out, words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        String::from_utf8_lossy(&output.stderr).trim().replace(&*out.to_string_lossy(), "OUT")
    };
    let messages = [
        refused(&["no-such-chapter"], out.path()),
        refused(&["--shard", "4/3"], out.path()),
        refused(&["--threads", "0"], out.path()),
        refused(&["--full"], out.path()),
        refused(&["--merge", "--shard", "1/2"], out.path()),
        refused(&["--estimate", "--wall", "90"], out.path()),
        refused(&["--estimate", "--cores", "0"], out.path()),
        refused(&["--cores", "2"], out.path()),
        refused(&[CHAPTER], &file.join("below")),
        refused(&[CHAPTER, "--check"], out.path()),
    ];
    assert!(!left_of_checks(out.path()));
    insta::assert_snapshot!("refusals", messages.join("\n---\n"));
}

/// `cargo xtask repro --help` is answered before anything is built, in the words of the binary.
#[test]
fn help_needs_no_build() {
    let told = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().unwrap();
        assert!(output.status.success());
        // Lines are wrapped as wide as the terminal is.
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let binary = told(env!("CARGO_BIN_EXE_repro-under-test"), &["--help"]);
    assert_eq!(told(env!("CARGO_BIN_EXE_xtask-under-test"), &["repro", "--help"]), binary);
    assert!(binary.len() > 200 && binary.join(" ").contains("Usage: cargo xtask repro [OPTIONS]"));
}
