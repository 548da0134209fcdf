//! The bias of parabolas on the grid at hand, from a law: parabolas through its own losses, against
//! its own optimum.
//!
//! With `u = ln N − ln N*` the loss of `E + A·N^−α + B·D^−β` at a budget is `E + K·(β·e^(−αu) +
//! α·e^(βu))`, which rises less steeply towards the size of the smaller exponent. A parabola
//! through a narrow symmetric grid around `c` has its minimum at `u = (β − α)·(c²/2 − m₄/(6m₂))`,
//! with `m₂` and `m₄` the moments of the grid: its minimum leaves the true one by the third
//! derivative, and by a grid off its centre.

use serde::Serialize;

use super::Isoflop;
use super::curve::{Measured, Minimum};
use super::loss::line;
use super::parabola::Parabola;
use crate::Parameters;

/// What parabolas through the losses of a law get wrong on a grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GridBias {
    /// For each budget that has a minimum, in ascending order of compute.
    pub budgets: Vec<BudgetBias>,
    /// Exponent of N\* of those parabolas less that of the law; `None` of fewer than two budgets.
    pub exponent: Option<f64>,
}

/// The same at one budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BudgetBias {
    /// C.
    pub compute: f64,
    /// N\* of the parabola over that of the law, less 1.
    pub features: f64,
    /// The loss at the minimum of the parabola over the smallest of the law, less 1.
    pub loss: f64,
    /// The minimum of the measured parabola, freed of that bias. Its interval counts as scatter
    /// only what the law does not explain of the distances from the parabola, and leaves out the
    /// error of the bias, which is small where the runs identify the law, and is not with two
    /// budgets.
    pub corrected: Minimum,
}

impl Isoflop {
    /// The bias of the parabolas if `law` were true: parabolas through its losses at the (N, D) of
    /// the runs, compared with its optimum. `None` where the law has no optimum, or no budget a
    /// minimum.
    pub fn bias(&self, law: &Parameters) -> Option<GridBias> {
        let parabolas: Vec<Parabola> =
            self.measured.iter().map(|found| self.of_law(found, law)).collect();
        let common = self.scatter_beyond_law(&parabolas, &|found| !found.own_scatter);
        let pairs = self.measured.iter().zip(&parabolas);
        let found: Option<Vec<(f64, BudgetBias)>> = pairs
            .map(|(found, parabola)| {
                let only = |other: &Measured| other.curve == found.curve;
                let scatter = if found.own_scatter {
                    self.scatter_beyond_law(&parabolas, &only)
                } else {
                    common
                };
                at_budget(
                    found,
                    parabola,
                    law,
                    (self.options().level, scatter * found.parabola.mean()),
                )
            })
            .collect();
        let (shifts, budgets): (Vec<f64>, Vec<BudgetBias>) =
            found.filter(|found| !found.is_empty())?.into_iter().unzip();
        let mean =
            self.measured.iter().map(|found| found.log_compute).sum::<f64>() / shifts.len() as f64;
        let logs: Vec<f64> = self.measured.iter().map(|found| found.log_compute - mean).collect();
        let exponent = (budgets.len() > 1).then(|| line(&logs, &shifts).1);
        Some(GridBias { budgets, exponent })
    }

    /// The parabola through the losses of a law.
    fn of_law(&self, found: &Measured, law: &Parameters) -> Parabola {
        let (n, d) = (self.runs().features(), self.runs().samples());
        let rows = &self.curves[found.curve].rows;
        found.grid.fit(&rows.iter().map(|&row| law.loss(n[row], d[row])).collect::<Vec<f64>>())
    }

    /// The relative scatter that is left of the residuals of some budgets when those of the law's
    /// own parabolas are taken away.
    fn scatter_beyond_law(&self, parabolas: &[Parabola], of: &dyn Fn(&Measured) -> bool) -> f64 {
        let one = |(found, law): (&Measured, &Parabola)| {
            let pairs = found.parabola.residuals.iter().zip(&law.residuals);
            let squares: f64 = pairs.map(|(r, law)| (r - law).powi(2)).sum();
            (squares / found.parabola.mean().powi(2), found.grid.dof() as f64)
        };
        let some = self.measured.iter().zip(parabolas).filter(|(found, _)| of(found)).map(one);
        let (squares, dof) = some.fold((0.0, 0.0), |sums, one| (sums.0 + one.0, sums.1 + one.1));
        (squares / dof).sqrt()
    }
}

fn at_budget(
    found: &Measured,
    parabola: &Parabola,
    law: &Parameters,
    (level, spread): (f64, f64),
) -> Option<(f64, BudgetBias)> {
    let (n, d) = law.optimum(found.log_product.exp(), 1.0)?;
    let shift = found.grid.vertex(parabola) - n.ln();
    let loss = found.grid.extremum(parabola, 0.0).0 / law.loss(n, d) - 1.0;
    let corrected = found.minimum_of(level, spread, (shift, loss));
    Some((
        shift,
        BudgetBias { compute: found.log_compute.exp(), features: shift.exp_m1(), loss, corrected },
    ))
}
