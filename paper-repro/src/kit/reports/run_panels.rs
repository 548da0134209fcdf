//! Panels of fits of training runs: exponents, predictions, coverage, misfit.

use super::proportions::{Proportion, proportion};
use crate::draw;
use crate::kit::{
    Entry, HALF_WIDTHS, ISOFLOP_LAWS, QUANTITIES, RealErrors, RunSizes, SETS, isoflop_bias,
};
use asymscale_fitting::Parameter;
use asymscale_plots::{Axis, Color, Dash, Legend, Line, Panel, Reference};

/// The panels: exponents of the public runs, errors at the large ones, coverage where the law is
/// known, coverage under errors like those of real runs, the bias of parabolas, and the misfit on
/// the solvable model.
pub fn run_panels(all: &[Entry]) -> Vec<Panel> {
    vec![exponents(all), errors(all), coverages(all), real_errors(all), parabolas(all), misfit(all)]
}

fn exponents(all: &[Entry]) -> Panel {
    let mut panel =
        Panel::new("public runs", draw::linear("exponent in $N$"), draw::linear("exponent in $D$"))
            .with(Line {
                name: "one exponent".into(),
                points: vec![(0.1, 0.1), (0.5, 0.5)],
                dash: Dash::Dashed,
                color: Color::Muted,
                ..Line::default()
            })
            .with(Line {
                name: "half as large in $D$".into(),
                points: vec![(0.1, 0.05), (0.5, 0.25)],
                dash: Dash::Dotted,
                ..Line::default()
            });
    for (k, (set, name)) in SETS.into_iter().enumerate() {
        let of = |name: &str| {
            all.iter()
                .filter(|e| e.kind == "fit" && e.of.starts_with(set) && e.quantity == name)
                .collect::<Vec<_>>()
        };
        let (alpha, beta) = (of("alpha"), of("beta"));
        for (a, b) in alpha.iter().zip(&beta) {
            panel =
                panel.with(draw::line(k, vec![(a.interval.0, b.value), (a.interval.1, b.value)]));
        }
        let points = alpha.iter().zip(&beta).map(|(a, b)| (a.value, b.value)).collect();
        panel = panel.with(draw::marks(name, k, points, beta.iter().map(|b| b.interval).collect()));
    }
    panel
}

/// A model has four errors, one for each evaluation: they are drawn side by side, and the models of
/// a training set stand over its name.
fn errors(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "large models predicted from small",
        draw::linear("training set"),
        Axis::linear("predicted / measured loss − 1", "%"),
    )
    .with(Reference::horizontal(0.0, ""))
    .legend(Legend::None);
    let mut at = 0.0;
    for (k, (set, name)) in SETS.into_iter().enumerate() {
        let here: Vec<&Entry> =
            all.iter().filter(|e| e.kind == "held-out" && e.of.starts_with(set)).collect();
        let points =
            here.iter().enumerate().map(|(k, e)| (at + k as f64, 100.0 * e.value)).collect();
        let ends = here.iter().map(|e| (100.0 * e.interval.0, 100.0 * e.interval.1)).collect();
        panel = panel.with(draw::marks(name, k, points, ends));
        panel.x.names.push((at + 0.5 * (here.len() as f64 - 1.0), name.to_owned()));
        at += here.len() as f64 + 1.0;
    }
    panel
}

fn coverages(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "coverage of 95 % intervals, 1 % errors",
        Axis::names("parameter", ["$E$", "$A$", "$B$", "$α$", "$β$", "$β/α$"]),
        draw::linear("share that covers"),
    )
    .with(Reference::horizontal(0.95, ""));
    let kinds = [
        ("profile", RunSizes::Grid),
        ("profile", RunSizes::Public),
        ("bca", RunSizes::Grid),
        ("bca", RunSizes::Public),
    ];
    for (k, (kind, sizes)) in kinds.into_iter().enumerate() {
        let shares: Vec<Proportion> = Parameter::ALL
            .iter()
            .map(|p| proportion(all, kind, sizes.name(), p.name()))
            .filter(|share| share.sets > 0.0)
            .collect();
        let points = shares
            .iter()
            .enumerate()
            .map(|(p, share)| (p as f64 + 1.0 + 0.15 * (k as f64 - 1.5), share.value))
            .collect();
        if !shares.is_empty() {
            panel = panel.with(draw::marks(
                format!("{kind}, {} sizes", sizes.name()),
                k,
                points,
                shares.iter().map(|s| s.interval).collect(),
            ));
        }
    }
    panel
}

fn real_errors(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "coverage under errors as of real runs",
        Axis::names(
            "read off the fit",
            ["$E$", "$A$", "$B$", "$α$", "$β$", "$β/α$", "best $N$", "$L$"],
        ),
        draw::linear("share that covers"),
    )
    .with(Reference::horizontal(0.95, ""))
    .legend(Legend::Below);
    for (k, errors) in RealErrors::ALL.into_iter().enumerate() {
        let shares = QUANTITIES.map(|name| proportion(all, "real errors", errors.name(), name));
        let at = |q: usize| q as f64 + 1.0 + 0.15 * (k as f64 - 1.5);
        let points = shares.iter().enumerate().map(|(q, share)| (at(q), share.value)).collect();
        panel = panel.with(draw::marks(
            errors.short(),
            k,
            points,
            shares.iter().map(|share| share.interval).collect(),
        ));
    }
    panel
}

/// The minimum of a parabola on grids about the best N, and its closed form to the square of the
/// width.
fn parabolas(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "minimum of a parabola, no errors",
        draw::log("half-width of the grid of $N$, a factor").range(1.15, 36.0),
        draw::linear("ln of its $N$ over the best"),
    )
    .with(Reference::horizontal(0.0, ""))
    .legend(Legend::Below);
    for (k, (name, law)) in ISOFLOP_LAWS.into_iter().enumerate() {
        let found = |width: f64| {
            all.iter().find(|e| {
                e.kind == "isoflop minimum" && e.of == name && e.quantity == width.to_string()
            })
        };
        let points = HALF_WIDTHS
            .iter()
            .filter_map(|&width| found(width).map(|e| (width, e.value)))
            .collect();
        let curve = (0..40).map(|k| 1.2 * (32.0_f64 / 1.2).powf(f64::from(k) / 39.0));
        let name = format!("$α$ = {}, $β$ = {}", law.alpha, law.beta);
        let curve = curve.map(|width| (width, isoflop_bias(&law, width))).collect();
        panel = panel.with(draw::named(name.clone(), k, curve));
        panel = panel.with(draw::marks(name, k, points, vec![]));
    }
    panel
}

fn misfit(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "own model, $α$ = 1, $β$ = 2",
        draw::log("features $N$"),
        Axis::linear("loss / fitted law − 1", "%"),
    )
    .with(Reference::horizontal(0.0, ""))
    .legend(Legend::Below);
    let mut sizes: Vec<&str> =
        all.iter().filter(|e| e.kind == "misfit a10").map(|e| e.of.as_str()).collect();
    sizes.dedup();
    for (k, d) in sizes.into_iter().step_by(3).enumerate() {
        let of_size = all.iter().filter(|e| e.kind == "misfit a10" && e.of == d);
        let points: Vec<(f64, f64)> = of_size
            .map(|e| (e.quantity.parse().unwrap_or(f64::NAN), 100.0 * e.value.exp_m1()))
            .collect();
        let name = format!("$D$ = {d}");
        panel = panel.with(draw::named(name.clone(), k, points.clone()));
        panel = panel.with(draw::marks(name, k, points, vec![]));
    }
    panel
}
