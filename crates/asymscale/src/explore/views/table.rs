//! The reader's own table under a law that is adjusted by hand.

use super::{Asked, View, percent};
use crate::answers::Refusal;
use crate::cli::Failure;
use crate::explore::figures::{Drawn, spaced, theory};
use crate::explore::state::State;
use crate::explore::tables::Data;
use crate::explore::told::short;
use crate::fitting::diagnosis::ActivationCounts;
use crate::fitting::{Parameters, Runs};
use crate::model::InvalidInput;
use asymscale_numerics::{mean, sorted};
use asymscale_plots::{Axis, Color, Marker, Panel, Points};
use serde_json::{Value as Json, json};

/// Points a figure shows at most.
const DRAWN: usize = 600;
/// Points along a line.
const NODES: usize = 50;

pub(super) fn view(state: &State, asked: Asked) -> Result<View, Refusal> {
    match asked.table.map(|table| &table.data) {
        None => Ok(View::default()),
        Some(Data::Runs(runs)) => of_runs(state, runs, asked.narrow),
        Some(Data::Counts(counts)) => of_counts(state, counts, asked.narrow),
    }
}

fn number(name: &str, value: f64, about: &str) -> Json {
    json!({ "name": name, "value": value, "text": short(value), "about": about })
}

fn of_runs(state: &State, runs: &Runs, narrow: bool) -> Result<View, Refusal> {
    let law = checked(state)?;
    let (n, d, losses) = (runs.features(), runs.samples(), runs.losses());
    let residual = |row: usize| (losses[row] / law.loss(n[row], d[row])).ln();
    let square = mean((0..runs.len()).map(|row| residual(row).powi(2)));
    let typical = sorted((0..runs.len()).map(|row| residual(row).abs()))[runs.len() / 2];
    let figure = |name,
                  title: &str,
                  sizes: (&str, &[f64], &str, &[f64]),
                  law: &dyn Fn(f64, f64) -> f64| {
        let panel = panel(runs, sizes, law);
        let description = format!(
            "{} runs over the law that is adjusted by hand, whose residuals have a root mean square \
             of {}.",
            runs.len(),
            percent(square.sqrt())
        );
        Drawn { name, title: title.to_owned(), description, panel }.json(narrow)
    };
    Ok(View {
        numbers: vec![
            number("rms", square.sqrt(), "Root mean square of ln(loss / law) over all runs."),
            number("median", typical, "Median of |ln(loss / law)|, which single runs do not move."),
        ],
        words: vec![format!(
            "The law by hand is off by {} in the root mean square, by {} in the median.",
            percent(square.sqrt()),
            percent(typical)
        )],
        figures: vec![
            figure("runs-n", "Runs against N", ("N", n, "D", d), &|n, d| law.loss(n, d))?,
            figure("runs-d", "Runs against D", ("D", d, "N", n), &|d, n| law.loss(n, d))?,
        ],
        ..View::default()
    })
}

/// The law, each of whose parameters is in range.
fn checked(state: &State) -> Result<Parameters, Failure> {
    let law = &state.law;
    let each = [
        ("law_e", law.floor, 0.0),
        ("law_a", law.features_factor, 0.0),
        ("law_b", law.samples_factor, 0.0),
        ("law_alpha", law.features_exponent, f64::MIN_POSITIVE),
        ("law_beta", law.samples_exponent, f64::MIN_POSITIVE),
    ];
    match each.iter().find(|(_, value, least)| !(value.is_finite() && value >= least)) {
        Some((name, value, least)) => {
            let must = if *least > 0.0 {
                "must be a finite number > 0"
            } else {
                "must be a finite number >= 0"
            };
            Err(Failure::Input(InvalidInput::of(name, value, must)))
        }
        None => Ok(law.parameters()),
    }
}

/// Runs against one size with the law at a middle of each third of the other; a run is carried to
/// its line along the law, so that its distance from the line is its residual.
fn panel(
    runs: &Runs,
    (label, x, other, by): (&str, &[f64], &str, &[f64]),
    law: &dyn Fn(f64, f64) -> f64,
) -> Panel {
    let rows = runs.thinned(DRAWN);
    let ordered = sorted(by.iter().copied());
    let third = |value: f64| 3 * ordered.partition_point(|v| *v < value) / ordered.len();
    let (low, high) =
        x.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
    let losses = runs.losses();
    let (least, most) =
        losses.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &y| (low.min(y), high.max(y)));
    // The axis stays while the law is moved.
    let axis = Axis::log(format!("loss, at the ${other}$ of its line"), "");
    let axis = axis.range(0.9 * least, 1.1 * most);
    let mut panel = Panel::new("", Axis::log(format!("${label}$"), ""), axis);
    for part in 0..3 {
        let rows: Vec<usize> = rows.iter().copied().filter(|&row| third(by[row]) == part).collect();
        if rows.is_empty() {
            continue;
        }
        let middle = mean(rows.iter().map(|&row| by[row].ln())).exp();
        let name = format!("${other}$ near {middle:.1e}");
        let line = spaced(low, high, NODES).into_iter().map(|x| (x, law(x, middle))).collect();
        let carried =
            |&row: &usize| (x[row], losses[row] * law(x[row], middle) / law(x[row], by[row]));
        panel = panel.with(theory(name.clone(), line, Color::Series(part))).with(Points {
            name,
            points: rows.iter().map(carried).collect(),
            color: Color::Series(part),
            marker: Marker::series(part),
            ..Points::default()
        });
    }
    panel
}

fn of_counts(state: &State, counts: &ActivationCounts, narrow: bool) -> Result<View, Refusal> {
    // Bad exponents are refused as those of the model are.
    state.model()?;
    let samples = counts.samples();
    let law = |rank: f64| (state.onset / rank).powf(state.beta).min(1.0);
    let mut steps: Vec<u64> =
        spaced(1.0, samples.max(2.0), 4 * NODES).into_iter().map(|k| k.round() as u64).collect();
    steps.dedup();
    let mut points: Vec<(f64, f64)> = steps
        .iter()
        .map(|&count| (counts.active_at_least(count) as f64, count as f64 / samples))
        .filter(|(rank, _)| *rank > 0.0)
        .collect();
    // Of counts that no feature has, the largest stands for the place.
    points.reverse();
    points.dedup_by_key(|(rank, _)| *rank);
    let seen = counts.seen() as f64;
    let off = mean(points.iter().map(|(rank, share)| (share / law(*rank)).ln().powi(2))).sqrt();
    let lines =
        spaced(1.0, (2.0 * seen).max(10.0), NODES).into_iter().map(|i| (i, law(i))).collect();
    let panel = Panel::new(
        "",
        Axis::log("rank of the feature $i$", ""),
        Axis::log("share of samples it is active in", "").range(0.3 / samples, 2.0),
    )
    .with(theory("min(1, $(c/i)^\\beta$)", lines, Color::Series(0)))
    .with(Points {
        name: "your features".into(),
        points,
        color: Color::Series(2),
        ..Points::default()
    });
    let description = format!(
        "Activity of {} features by rank in {} samples, and the law of activity with exponent {} and \
         onset {}.",
        short(seen),
        short(samples),
        short(state.beta),
        short(state.onset)
    );
    let title = "Activity by rank".to_owned();
    let drawn = Drawn { name: "counts", title, description, panel };
    Ok(View {
        numbers: vec![
            number("seen", seen, "Features that were active in some sample."),
            number("samples", samples, "Samples of the table."),
            number("rms", off, "Root mean square of ln(activity / law) along the points shown."),
        ],
        words: vec![format!(
            "With the sliders β and c, lay min(1, (c/i)^β) over your counts: it is off by a factor of \
             {} in the root mean square.",
            short(off.exp())
        )],
        figures: vec![drawn.json(narrow)?],
        ..View::default()
    })
}
