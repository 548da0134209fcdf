//! The words after `cargo xtask slurm`, each checked: nothing that reaches a script could break its
//! quoting.

use std::path::{Path, PathBuf};

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
usage: cargo xtask slurm --shards n [options] -- [words for repro, such as 02 05 --full]

Builds the reproduction once, copies it into a shared folder, and writes an array of n shards, a merge that waits for
them, and submit.sh, which submits both. Nothing is submitted yet.

  --shards n         tasks of the array, 1..=1000
  --out DIR          folder that all nodes see [default: target/slurm]
  --time [D-]H:M:S   limit of a shard, 00:05:00 or more [default: 01:00:00]; when it nears, the shard ends and is queued again, at most 50 times
  --cpus n           processors, and so threads, of a shard, 1..=1024 [default: 1]
  --memory n[KMGT]   memory of a shard [default: the cluster's]
  --partition NAME   [default: the cluster's]
  --account NAME     [default: yours]
  --name NAME        of the job [default: asymscale]
  --binary FILE      a paper-repro built elsewhere, instead of building it here
";

/// Slurm's own limit (`MaxArraySize`) is 1001 as it comes: indices 0 to 1000.
const MOST_SHARDS: u32 = 1000;
/// Shards are warned a minute before the end, or up to another minute sooner: so much is left to
/// work in.
const LEAST_SECONDS: u64 = 300;

/// What the user asked for, validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) shards: u32,
    pub(crate) out: PathBuf,
    pub(crate) time: String,
    pub(crate) cpus: u32,
    pub(crate) memory: Option<String>,
    pub(crate) partition: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) name: String,
    pub(crate) binary: Option<PathBuf>,
    /// For the reproduction: chapters and the preset.
    pub(crate) words: Vec<String>,
}

impl Options {
    /// Reads and checks every word; the message names flag, value and allowed range.
    pub(crate) fn read(words: &[String]) -> Result<Self, String> {
        let mut options = Self {
            shards: 0,
            out: crate::process::target().join("slurm"),
            time: "01:00:00".to_owned(),
            cpus: 1,
            memory: None,
            partition: None,
            account: None,
            name: "asymscale".to_owned(),
            binary: None,
            words: Vec::new(),
        };
        let mut rest = words.iter();
        while let Some(flag) = rest.next() {
            if flag == "--" {
                options.words =
                    rest.by_ref().map(|word| for_repro(word)).collect::<Result<_, _>>()?;
                break;
            }
            options.set(flag, rest.next().map_or("", String::as_str))?;
        }
        if options.shards == 0 {
            return Err(format!("--shards: is needed, a whole number in 1..={MOST_SHARDS}"));
        }
        Ok(options)
    }

    fn set(&mut self, flag: &str, value: &str) -> Result<(), String> {
        match flag {
            "--shards" => self.shards = number(flag, value, MOST_SHARDS)?,
            "--cpus" => self.cpus = number(flag, value, 1024)?,
            "--out" => self.out = path(flag, value)?,
            "--binary" => self.binary = Some(path(flag, value)?),
            "--time" => self.time = time(value)?,
            "--memory" => self.memory = Some(memory(value)?),
            "--partition" => self.partition = Some(name(flag, value)?),
            "--account" => self.account = Some(name(flag, value)?),
            "--name" => self.name = name(flag, value)?,
            other => {
                return Err(format!(
                    "{other}: no flag of slurm (words for repro come after `--`)\n\n{USAGE}"
                ));
            }
        }
        Ok(())
    }
}

/// The folder, made and with its whole path, which must be as harmless as what the user typed of
/// it.
pub(crate) fn shared_folder(out: &Path) -> Result<PathBuf, String> {
    let refuse =
        |error| format!("--out {}: must be a folder that can be written ({error})", out.display());
    std::fs::create_dir_all(out).map_err(refuse)?;
    let whole = out.canonicalize().map_err(refuse)?;
    path("--out", whole.to_str().unwrap_or_default())
}

fn number(flag: &str, value: &str, most: u32) -> Result<u32, String> {
    let parsed = value.parse().ok().filter(|n| (1..=most).contains(n));
    parsed.ok_or_else(|| format!("{flag} {value}: must be a whole number in 1..={most}"))
}

fn path(flag: &str, value: &str) -> Result<PathBuf, String> {
    if value.is_empty() || value.starts_with('-') || !made_of(value, "/._-+@") {
        return Err(format!(
            "{flag} {value}: must be a path of letters, digits and / . _ - + @, not led by -"
        ));
    }
    Ok(value.into())
}

fn name(flag: &str, value: &str) -> Result<String, String> {
    if value.is_empty() || value.starts_with('-') || !made_of(value, "._-,") {
        return Err(format!(
            "{flag} {value}: must be letters, digits and . _ - , and not led by -"
        ));
    }
    Ok(value.to_owned())
}

fn memory(value: &str) -> Result<String, String> {
    let digits = value.strip_suffix(['K', 'M', 'G', 'T']).unwrap_or(value);
    if !all_digits(digits) || digits.starts_with('0') {
        return Err(format!(
            "--memory {value}: must be a whole number >= 1 with K, M, G or T, such as 4G"
        ));
    }
    Ok(value.to_owned())
}

fn time(value: &str) -> Result<String, String> {
    let seconds = seconds(value).ok_or_else(|| {
        format!(
            "--time {value}: must be hours:minutes:seconds or days-hours:minutes:seconds, such as 01:30:00"
        )
    })?;
    if seconds < LEAST_SECONDS {
        return Err(format!(
            "--time {value}: must be 00:05:00 or more, as shards are warned up to two minutes before the end"
        ));
    }
    Ok(value.to_owned())
}

fn seconds(value: &str) -> Option<u64> {
    let (days, clock) = value.split_once('-').unwrap_or(("0", value));
    let mut fields = vec![days];
    fields.extend(clock.split(':'));
    if fields.len() != 4 || !fields.iter().all(|field| all_digits(field) && field.len() < 5) {
        return None;
    }
    let [days, hours, minutes, seconds] =
        [0, 1, 2, 3].map(|place: usize| fields[place].parse::<u64>().unwrap_or(0));
    (minutes < 60 && seconds < 60).then_some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/// A word for the reproduction, unless it is one that the scripts themselves give.
fn for_repro(word: &str) -> Result<String, String> {
    let presets = ["--quick", "--full"];
    if word.starts_with('-') && !presets.contains(&word) {
        return Err(format!(
            "{word}: of the flags of repro only --quick and --full, the scripts give the others"
        ));
    }
    if word.is_empty() || !made_of(word, "-") {
        return Err(format!("chapter = {word:?}: must be letters, digits and -"));
    }
    Ok(word.to_owned())
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn made_of(text: &str, others: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        Options::read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn every_option_is_read() {
        let line = "--shards 8 --out /shared/a.b --time 1-02:00:00 --cpus 4 --memory 4G --partition main --account x_1 --name n -- 02 05 --full";
        let options = read(line).unwrap();
        assert_eq!((options.shards, options.cpus, options.time.as_str()), (8, 4, "1-02:00:00"));
        assert_eq!(
            (options.memory.as_deref(), options.partition.as_deref()),
            (Some("4G"), Some("main"))
        );
        assert_eq!((options.account.as_deref(), options.name.as_str()), (Some("x_1"), "n"));
        assert_eq!(
            (options.out, options.words),
            ("/shared/a.b".into(), vec!["02".into(), "05".into(), "--full".into()])
        );
        let bare = read("--shards 1").unwrap();
        assert_eq!((bare.time.as_str(), bare.words.len(), bare.memory), ("01:00:00", 0, None));
    }

    #[test]
    fn refusals_name_flag_value_and_range() {
        let refused = |line: &str| read(line).unwrap_err();
        let start = "--shards 2 ";
        for (line, message) in [
            ("--cpus 2", "--shards: is needed, a whole number in 1..=1000"),
            ("--shards 1001", "--shards 1001: must be a whole number in 1..=1000"),
            ("--shards", "--shards : must be a whole number in 1..=1000"),
            (
                "--shards 2 --time 5",
                "--time 5: must be hours:minutes:seconds or days-hours:minutes:seconds, such as 01:30:00",
            ),
            (
                "--shards 2 --time 0:04:59",
                "--time 0:04:59: must be 00:05:00 or more, as shards are warned up to two minutes before the end",
            ),
            (
                "--shards 2 -- --shard",
                "--shard: of the flags of repro only --quick and --full, the scripts give the others",
            ),
        ] {
            assert_eq!(refused(line), message);
        }
        for line in [
            "--cpus 0",
            "--cpus x",
            "--memory 4GB",
            "--memory 0",
            "--time 1:60:00",
            "--time 1:-1:00",
            "--name -x",
            "--memory",
        ] {
            let message = refused(&format!("{start}{line}"));
            assert!(
                message.starts_with(line.split(' ').next().unwrap()) && message.contains("must be"),
                "{message}"
            );
        }
        assert!(refused("--shards 2 --frob 1").starts_with("--frob: no flag of slurm"));
    }

    #[test]
    fn nothing_that_could_break_quoting_passes() {
        let ways = [
            "a b", "a\"b", "a'b", "a$b", "a`b`", "a;b", "a\nb", "a\\b", "a%j", "a#b", "a&b", "a*b",
            "ä", "",
        ];
        for bad in ways {
            for flag in [
                "--out",
                "--binary",
                "--partition",
                "--account",
                "--name",
                "--memory",
                "--time",
                "--shards",
                "--cpus",
            ] {
                let words = ["--shards", "2", flag, bad].map(str::to_owned);
                assert!(Options::read(&words).is_err(), "{flag} {bad:?}");
            }
            assert!(
                Options::read(&["--shards", "2", "--", bad].map(str::to_owned)).is_err(),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn times_are_counted() {
        assert_eq!(seconds("1-01:01:01"), Some(90_061));
        assert_eq!(seconds("100:00:00"), Some(360_000));
        for text in ["", "1", "1:1", "1:1:1:1", "1-1-1:1:1", "-1:1:1", "1:1:1-", "99999:00:00"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
