//! What repeated data are worth, in plain words.

use super::json::parameters;
use super::{Found, Repeats, SHARES};
use crate::cli::fit::answer::digits::digits;
use crate::cli::numbers::asked_percent;
use crate::cli::output::{Format, write};
use crate::fitting::repeated::{RepeatedParameter, RepeatedStatus};
use asymscale_tables::many;
use std::fmt::Write as _;

/// What can be said, then the numbers.
pub(super) fn summary(repeats: &Repeats, format: Format) -> String {
    let mut text = repeated(repeats);
    if repeats.is_settled() {
        text += &(exponents(repeats) + &worth(repeats) + &beyond_balance(repeats));
        text += &largest(repeats);
    } else {
        text += &unsettled(repeats);
    }
    text += &residuals(repeats);
    text += "\n";
    text += &write(&parameters(repeats), true, format);
    text += &foot(repeats);
    for warning in &repeats.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn repeated(repeats: &Repeats) -> String {
    let runs = repeats.fit.runs();
    format!(
        "{} of {} runs repeat data, the most {} times.\n",
        runs.repeating(),
        runs.runs().len(),
        digits(repeats.most_epochs())
    )
}

/// In place of what follows from the law.
fn unsettled(repeats: &Repeats) -> String {
    let (fit, starts) = (&repeats.fit, &repeats.fit.starts);
    let stopped = match fit.status {
        RepeatedStatus::Converged | RepeatedStatus::AtBound(_) => {
            format!("{} of {} descents were", starts.iteration_limit, starts.total)
        }
        RepeatedStatus::IterationLimit | RepeatedStatus::NotFinite => {
            format!("the best of {} descents was", starts.total)
        }
    };
    format!(
        "Exponents and the worth of repeats are not told: {stopped} stopped before a minimum. The parameters below are those where \
         the best descent was, and may be others for the same runs in another order. Losses that this law does not describe do \
         that, and sizes of a narrow range.\n"
    )
}

fn exponents(repeats: &Repeats) -> String {
    let exponent = |parameter| with_ends(&repeats.parameter(parameter));
    let alpha = exponent(RepeatedParameter::Alpha);
    let mut text = if repeats.fit.options().tied {
        format!("The exponent, taken to be one in effective N and D, is {alpha}.")
    } else {
        let beta = exponent(RepeatedParameter::Beta);
        format!("The exponent in effective N is {alpha}, in effective D {beta}.")
    };
    if let Some(ignored) = &repeats.ignored {
        let of = format!("{} and {}", digits(ignored.alpha), digits(ignored.beta));
        let _ = write!(text, " With repeats taken for fresh data they would be {of}.");
    }
    text + "\n"
}

/// Beyond how many epochs more of the same is worth less than a share.
fn worth(repeats: &Repeats) -> String {
    let epochs: Vec<Found> = SHARES.iter().map(|&share| repeats.epochs_worth(share)).collect();
    let most = repeats.most_epochs();
    // After a second epoch repeats may be worth next to nothing, or as much as fresh data.
    let r_d = repeats.parameter(RepeatedParameter::RD);
    let open = r_d.1.is_some_and(|ends| ends.lower < 1.0 && ends.upper.is_infinite());
    if open || r_d.0.is_nan() {
        return format!(
            "These runs cannot tell what repeats are worth. Runs that would tell: the same unique data many more than {} times, \
             beside fresh data of the same size.\n",
            digits(most)
        );
    }
    let mut text = String::new();
    for (share, found) in SHARES.iter().zip(&epochs) {
        let percent = format!("{:.0} % of fresh data", 100.0 * share);
        let beyond = if found.0 > most { " (none of the runs has as many)" } else { "" };
        let _ = match (found.0.is_infinite(), found.1) {
            (true, Some(ends)) => writeln!(
                text,
                "No limit is seen of how often data can be repeated: more of the same is worth less than {percent} beyond {} epochs at the \
                 earliest.",
                digits(ends.lower)
            ),
            (true, None) => {
                writeln!(text, "By the fitted law repeats are worth as much as fresh data.")
            }
            (false, Some(ends)) if ends.upper.is_infinite() => writeln!(
                text,
                "Beyond {} epochs (at the earliest {}; these runs set no upper limit) more of the same data is worth less than {percent}{beyond}.",
                digits(found.0),
                digits(ends.lower)
            ),
            _ => writeln!(
                text,
                "Beyond {} epochs more of the same data is worth less than {percent}{beyond}.",
                with_ends(found)
            ),
        };
    }
    text
}

/// What parameters are worth beyond the N that is balanced for the unique data.
fn beyond_balance(repeats: &Repeats) -> String {
    let found = repeats.parameter(RepeatedParameter::RN);
    let open = found.1.is_some_and(|ends| ends.lower < 1e-3 && ends.upper.is_infinite());
    if found.0.is_nan() {
        "No run has more parameters than are balanced for its unique data: what those would be worth (R_N) is not told.\n".to_owned()
    } else if open {
        "What parameters beyond those balanced for the unique data are worth (R_N) these runs cannot tell.\n"
            .to_owned()
    } else if found.0.is_infinite() {
        let least = found
            .1
            .map_or_else(String::new, |ends| format!(" (R_N at least {})", digits(ends.lower)));
        format!("Parameters beyond those balanced for the unique data count in full{least}.\n")
    } else {
        format!(
            "Parameters beyond those balanced for the unique data add at most R_N = {} times these.\n",
            with_ends(&found)
        )
    }
}

fn largest(repeats: &Repeats) -> String {
    let (n, d, unique) = repeats.largest_run();
    let [samples, features] = repeats.effective();
    let name = repeats.lines.name(&[repeats.largest]);
    let at = format!("The largest run ({name}: N = {}, D = {}", digits(n), digits(d));
    let data = if unique < d {
        let (unique, epochs) = (digits(unique), digits(d / unique));
        format!(
            "{at}, {unique} of it unique, {epochs} epochs) is worth D' = {} fresh samples",
            told(&samples)
        )
    } else {
        format!("{at}, all of it unique) is worth all its samples")
    };
    let whole = |found: &Found| found.0 == n && found.1.is_none_or(|ends| ends.lower > 0.999 * n);
    let parameters = if whole(&features) {
        "all its parameters".to_owned()
    } else {
        format!("N' = {} parameters", told(&features))
    };
    format!("{data} and {parameters}.\n")
}

fn told(found: &Found) -> String {
    if found.0.is_nan() { "(not told)".to_owned() } else { with_ends(found) }
}

/// How well the law fits, and where it does not.
fn residuals(repeats: &Repeats) -> String {
    let residuals = repeats.fit.residuals();
    let mut rows: Vec<usize> = (0..residuals.len()).collect();
    rows.sort_by(|&a, &b| residuals[b].abs().total_cmp(&residuals[a].abs()).then(a.cmp(&b)));
    let square = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64;
    let worst = rows.iter().take(3).map(|&row| {
        format!("{} ({:+.2} %)", repeats.lines.name(&[row]), 100.0 * residuals[row].exp_m1())
    });
    format!(
        "Residuals are {} % (root mean square); the largest: {}.\n",
        digits(100.0 * square.sqrt()),
        worst.collect::<Vec<String>>().join(", ")
    )
}

fn foot(repeats: &Repeats) -> String {
    let (fit, starts) = (&repeats.fit, &repeats.fit.starts);
    let intervals = repeats.bootstrap.as_ref().map_or_else(
        || "no intervals without resamples".to_owned(),
        |found| {
            format!(
                "{} bca intervals, {}",
                asked_percent(repeats.level),
                many(found.refits.len(), "resample")
            )
        },
    );
    format!(
        "{}, {} objective {:.9e}, {}; {} of {} descents reached it; {intervals}\n",
        many(fit.runs().runs().len(), "row"),
        repeats.objective,
        fit.objective,
        fit.status.name(),
        starts.best,
        starts.total,
    )
}

fn with_ends((value, interval): &Found) -> String {
    let ends = interval.map_or_else(String::new, |ends| {
        if ends.upper.is_infinite() {
            format!(" ({} and more)", digits(ends.lower))
        } else {
            format!(" ({} to {})", digits(ends.lower), digits(ends.upper))
        }
    });
    digits(*value) + &ends
}
