//! Reading what divan prints: it has no format for machines.

/// One measured case of a benchmark.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Case {
    /// The argument as divan prints it; empty for a benchmark without arguments.
    pub(super) argument: String,
    /// Median time in seconds, and the shortest.
    pub(super) seconds: f64,
    pub(super) shortest: f64,
    /// Floating-point operations, bytes and items per second in the shortest time; 0 where not
    /// counted.
    pub(super) rates: Rates,
}

/// What is counted, per second or in all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Rates {
    pub(super) flops: f64,
    pub(super) bytes: f64,
    pub(super) items: f64,
}

/// The cases of benchmark `name` in the tree that divan prints of it alone.
pub(super) fn cases(output: &str, name: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in output.lines() {
        let line = line.trim_start_matches(['│', '├', '╰', '─', ' ']);
        let cells: Vec<&str> = line.split('│').map(str::trim).collect();
        let [first, _, median, _, samples, _] = cells[..] else { continue };
        if samples.parse::<u64>().is_ok()
            && let Some((argument, shortest)) = first.rsplit_once("  ")
            && let (Some(seconds), Some(shortest)) = (seconds(median), seconds(shortest))
        {
            let argument = if argument.trim() == name { "" } else { argument.trim() };
            cases.push(Case {
                argument: argument.to_owned(),
                seconds,
                shortest,
                rates: Rates::default(),
            });
        } else if let Some(case) = cases.last_mut() {
            add_rate(&mut case.rates, first);
        }
    }
    cases
}

/// `142.7 ms` in seconds.
fn seconds(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let scale = match unit {
        "ps" => 1e-12,
        "ns" => 1e-9,
        "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * scale)
}

/// Adds `212.4 Mitem/s`, `8.1 GB/s` or `55 GHz`.
fn add_rate(rates: &mut Rates, text: &str) {
    let Some((number, unit)) = text.split_once(' ') else { return };
    let Ok(number) = number.parse::<f64>() else { return };
    let kinds = [("item/s", &mut rates.items), ("B/s", &mut rates.bytes), ("Hz", &mut rates.flops)];
    for (suffix, rate) in kinds {
        let scale = match unit.strip_suffix(suffix) {
            Some("") => 1.0,
            Some("K" | "k") => 1e3,
            Some("M") => 1e6,
            Some("G") => 1e9,
            Some("T") => 1e12,
            Some("P") => 1e15,
            _ => continue,
        };
        *rate = number * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_with_arguments_and_counters_is_read() {
        let output = "\
solvers                   fastest       │ slowest       │ median        │ mean          │ samples │ iters
╰─ explicit                             │               │               │               │         │
   ├─ (1.0, 2.0, 512)     46.53 ms      │ 111.8 ms      │ 74 ms         │ 77.47 ms      │ 3       │ 3
   │                      2.5 GHz       │ 1 GHz         │ 2 GHz         │ 2 GHz         │         │
   │                      212.4 Kitem/s │ 1 item/s      │ 2 Kitem/s     │ 2 item/s      │         │
   ╰─ b                   1.678 s       │ 1.678 s       │ 1.678 s       │ 1.678 s       │ 1       │ 1
                          8.5 GB/s      │ 8 GB/s        │ 8 GB/s        │ 8 GB/s        │         │
";
        let found = cases(output, "explicit");
        let rates = Rates { flops: 2.5e9, items: 212.4e3, bytes: 0.0 };
        let argument = "(1.0, 2.0, 512)".to_owned();
        assert_eq!(found[0], Case { argument, seconds: 0.074, shortest: 0.04653, rates });
        assert_eq!(
            (found[1].argument.as_str(), found[1].seconds, found[1].rates.bytes),
            ("b", 1.678, 8.5e9)
        );
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_benchmark_without_arguments_has_an_empty_one() {
        let output = "╰─ features  24.2 ms       │ 56.45 ms      │ 32.77 µs      │ 35.23 ms      │ 6       │ 6\n";
        let found = cases(output, "features");
        assert_eq!((found[0].argument.as_str(), found[0].seconds), ("", 32.77e-6));
    }
}
