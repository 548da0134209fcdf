//! What parabolas through losses at one compute get wrong, where the law is known and there are no
//! errors.

use crate::ChapterError;
use crate::kit::Entry;
use asymscale_fitting::isoflop::{Isoflop, IsoflopOptions, fit_isoflops};
use asymscale_fitting::{Parameters, Runs};
use asymscale_sampling::Key;

/// Laws of the losses: one whose exponents are about those of public runs, and one of sparse
/// features with β half of α.
pub const ISOFLOP_LAWS: [(&str, Parameters); 2] = [
    ("alike", Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 }),
    ("sparse", Parameters { e: 0.5, a: 480.0, b: 60.0, alpha: 0.5, beta: 0.25 }),
];
/// How far a grid reaches to both sides of its middle, as factors.
pub const HALF_WIDTHS: [f64; 5] = [1.5, 2.0, 4.0, 8.0, 32.0];
/// Sizes of a grid.
const SIZES: usize = 7;
const BUDGETS: [f64; 5] = [1e18, 1e19, 1e20, 1e21, 1e22];
const FACTOR: f64 = 6.0;

/// Where the sizes of each budget lie.
#[derive(Debug, Clone, Copy)]
enum Grid {
    /// About the best one, or a factor away from it.
    About(f64),
    /// The same for all budgets: about the best one of the middle budget.
    Fixed,
}

/// `ln` of the minimum of a parabola over the true one, at the middle budget, and the error of the
/// exponent, for each law and width; on grids of half-width 8 also a factor of 2 off the middle,
/// and the same sizes at all budgets.
///
/// # Errors
/// As [`fit_isoflops`].
pub fn isoflop_entries(key: &Key) -> Result<Vec<Entry>, ChapterError> {
    let mut rows = Vec::new();
    for (name, law) in ISOFLOP_LAWS {
        let grids =
            HALF_WIDTHS.iter().map(|&width| (format!("{width}"), Grid::About(1.0), width)).chain([
                ("off".to_owned(), Grid::About(2.0), 8.0),
                ("fixed".to_owned(), Grid::Fixed, 8.0),
            ]);
        for (grid, place, width) in grids {
            let found = parabolas(&law, place, width, key)?;
            let used = found.minima().count();
            let entry = |what: &str, value: f64| {
                Entry::new(&format!("isoflop {what}"), name, &grid, value, used)
            };
            if let Some((curve, minimum)) =
                found.minima().find(|(curve, _)| (curve.compute / BUDGETS[2] - 1.0).abs() < 0.01)
            {
                let best = law.optimum(curve.compute, FACTOR).map_or(f64::NAN, |best| best.0);
                rows.push(entry("minimum", (minimum.features.estimate / best).ln()));
            }
            if let Some(frontier) = &found.frontier {
                let exponent = law.beta / (law.alpha + law.beta);
                let error = frontier.features_exponent.estimate - exponent;
                // What is below 1e-9 is rounding, which differs between machines.
                rows.push(entry("exponent", if error.abs() < 1e-9 { 0.0 } else { error }));
            }
        }
    }
    Ok(rows)
}

fn parabolas(
    law: &Parameters,
    place: Grid,
    width: f64,
    key: &Key,
) -> Result<Isoflop, ChapterError> {
    let best = |compute: f64| law.optimum(compute, FACTOR).map_or(f64::NAN, |best| best.0);
    let step = |k: usize| width.powf(2.0 * k as f64 / (SIZES - 1) as f64 - 1.0);
    let (mut n, mut d, mut budgets) = (Vec::new(), Vec::new(), Vec::new());
    for compute in BUDGETS {
        let middle = match place {
            Grid::About(factor) => factor * best(compute),
            Grid::Fixed => best(BUDGETS[2]),
        };
        for k in 0..SIZES {
            n.push(middle * step(k));
            d.push(compute / FACTOR / n[n.len() - 1]);
            budgets.push(compute);
        }
    }
    let losses: Vec<f64> = n.iter().zip(&d).map(|(n, d)| law.loss(*n, *d)).collect();
    let options = IsoflopOptions { resamples: 99, ..IsoflopOptions::default() };
    Ok(fit_isoflops(&Runs::new(&n, &d, &losses)?, Some(&budgets), &options, &mut key.stream())?)
}

/// The bias of `ln N*` to the order of the square of the width: the cubic part of the loss about
/// its minimum, `(β − α)/3` of the quadratic one, tilts a parabola by `m₄/m₂`, moments of the grid
/// of `ln N`, so that its minimum is at `(α − β)·m₄/(6·m₂)`.
pub fn isoflop_bias(law: &Parameters, width: f64) -> f64 {
    let steps = (0..SIZES).map(|k| width.ln() * (2.0 * k as f64 / (SIZES - 1) as f64 - 1.0));
    let (fourth, second) =
        steps.fold((0.0, 0.0), |(fourth, second), x| (fourth + x.powi(4), second + x * x));
    (law.alpha - law.beta) * fourth / (6.0 * second)
}
