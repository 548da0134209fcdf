//! The volatile facts of a run: when, where, on what, from which commit, by which compiler. They go
//! into the JSON beside a figure and nowhere else, so that figures and tables keep their bytes.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What stands for a fact that this system does not tell.
const UNKNOWN: &str = "unknown";

/// Facts that change from run to run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Provenance {
    /// Commit the sources were at, "unknown" outside a checkout.
    pub(crate) commit: String,
    /// Whether tracked files other than generated ones differ from that commit.
    pub(crate) dirty: bool,
    /// The compiler that built this binary.
    pub(crate) rustc: String,
    /// The operating system and its kernel, as they name themselves.
    pub(crate) os: String,
    /// Kind of operating system and architecture.
    pub(crate) platform: String,
    /// Processor, as the operating system names it.
    pub(crate) cpu: String,
    /// Those instruction sets of the processor that arithmetic may be done with.
    pub(crate) cpu_features: String,
    /// Memory of the machine in bytes; none where the system does not tell.
    pub(crate) memory_bytes: Option<u64>,
    /// Worker threads of the run.
    pub(crate) threads: usize,
    /// Seconds since 1970 at which the run ended.
    pub(crate) finished_unix: u64,
    /// The command that makes it again.
    pub(crate) command: String,
}

impl Provenance {
    /// Collects the facts.
    pub(crate) fn collect(top: &Path, threads: usize, command: String) -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            commit: git(top, &["rev-parse", "HEAD"]).unwrap_or_else(|| UNKNOWN.to_owned()),
            dirty: is_dirty(top),
            rustc: env!("PAPER_REPRO_RUSTC").to_owned(),
            os: os(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cpu: cpu(),
            cpu_features: cpu_features(),
            memory_bytes: memory(&text_of("/proc/meminfo")),
            threads,
            finished_unix: since.map_or(0, |elapsed| elapsed.as_secs()),
            command,
        }
    }
}

/// The facts by which two runs may differ though their code is the same, with their names in words.
/// Commit and threads are among them: neither moves a byte, but a reader will ask.
const COMPARED: [(&str, &str); 9] = [
    ("commit", "commit"),
    ("dirty", "changes that are not committed"),
    ("rustc", "compiler"),
    ("os", "operating system"),
    ("platform", "platform"),
    ("cpu", "processor"),
    ("cpu_features", "instruction sets"),
    ("memory_bytes", "bytes of memory"),
    ("threads", "threads"),
];

/// What differs between here and where figures were made, a line for each fact and each value that
/// it had; `made` has the name of each figure's chapter and the JSON beside it.
pub(crate) fn differences(here: &Provenance, made: &[(&str, Value)]) -> Vec<String> {
    let here = serde_json::to_value(here).unwrap_or_default();
    let mut lines = Vec::new();
    for (key, name) in COMPARED {
        let mut chapters: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (chapter, facts) in made.iter().filter(|(_, facts)| facts[key] != here[key]) {
            chapters.entry(told(&facts[key])).or_default().push(chapter);
        }
        for (there, mut chapters) in chapters {
            chapters.dedup();
            let whose = if chapters.len() == made.len() && chapters.len() > 1 {
                "all chapters".to_owned()
            } else {
                chapters.join(", ")
            };
            lines.push(format!("{name}: {there} when made, {} here ({whose})", told(&here[key])));
        }
    }
    lines
}

/// A fact in words.
fn told(fact: &Value) -> String {
    match fact {
        Value::Null => "not known".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Generated files are left out: they are what the run is about to change.
fn is_dirty(top: &Path) -> bool {
    let words = [
        "status",
        "--porcelain",
        "--",
        ".",
        ":!figures",
        ":!paper-repro/report",
        ":!paper-repro/README.md",
    ];
    git(top, &words).is_some_and(|changes| !changes.is_empty())
}

fn git(top: &Path, words: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(top).args(words).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn text_of(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The distribution and the kernel, as far as each is told.
fn os() -> String {
    let (release, kernel) = (text_of("/etc/os-release"), text_of("/proc/sys/kernel/osrelease"));
    let told = [distribution(&release), Some(kernel.trim()).filter(|text| !text.is_empty())];
    let told: Vec<&str> = told.into_iter().flatten().collect();
    if told.is_empty() { UNKNOWN.to_owned() } else { told.join(", kernel ") }
}

fn distribution(release: &str) -> Option<&str> {
    let line = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    line.map(|name| name.trim_matches('"')).filter(|name| !name.is_empty())
}

fn memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn cpu() -> String {
    let info = text_of("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or_else(|| UNKNOWN.to_owned(), |(_, name)| name.trim().to_owned())
}

/// The instruction sets among which linear algebra chooses when it runs, so that last bits may
/// follow from them.
fn cpu_features() -> String {
    #[cfg(target_arch = "x86_64")]
    let sets = [
        ("sse4.1", std::arch::is_x86_feature_detected!("sse4.1")),
        ("avx", std::arch::is_x86_feature_detected!("avx")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("avx512bw", std::arch::is_x86_feature_detected!("avx512bw")),
        ("avx512dq", std::arch::is_x86_feature_detected!("avx512dq")),
        ("avx512vl", std::arch::is_x86_feature_detected!("avx512vl")),
    ];
    #[cfg(target_arch = "aarch64")]
    let sets = [("neon", std::arch::is_aarch64_feature_detected!("neon"))];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let sets: [(&str, bool); 0] = [];
    let there: Vec<&str> = sets.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if there.is_empty() { UNKNOWN.to_owned() } else { there.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn facts_are_read_as_the_system_writes_them_or_not_known() {
        let release = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(distribution(release), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(memory("MemTotal:        1024 kB\nMemFree: 1 kB\n"), Some(1_048_576));
        assert_eq!((distribution(""), memory(""), memory("MemTotal: much")), (None, None, None));
    }

    #[test]
    fn every_compared_fact_is_recorded_and_the_compiler_is_known() {
        let here = Provenance::collect(Path::new("."), 2, String::new());
        let facts = serde_json::to_value(&here).unwrap();
        assert!(COMPARED.iter().all(|(key, _)| facts.get(key).is_some()), "{facts}");
        assert!(here.rustc.starts_with("rustc ") && !here.cpu_features.is_empty());
    }

    #[test]
    fn a_check_elsewhere_says_what_differs_and_where() {
        let here = Provenance::collect(Path::new("."), 2, String::new());
        let same = serde_json::to_value(&here).unwrap();
        assert!(differences(&here, &[("01", same.clone())]).is_empty());
        let mut other = same.clone();
        other["cpu"] = json!("another processor");
        other["memory_bytes"] = json!(null);
        let lines = differences(&here, &[("01", same), ("02", other.clone())]);
        assert!(
            lines[0].starts_with("processor: another processor when made, ")
                && lines[0].ends_with(" here (02)"),
            "{lines:?}"
        );
        assert!(here.memory_bytes.is_none() || lines[1].contains("not known when made"));
        // Facts of an older runner, which kept fewer of them.
        let lines = differences(&here, &[("01", json!({})), ("02", json!({}))]);
        assert_eq!(lines.len(), COMPARED.len() - usize::from(here.memory_bytes.is_none()));
        assert!(
            lines
                .iter()
                .all(|line| line.contains("not known when made, ")
                    && line.ends_with("(all chapters)"))
        );
    }
}
