//! The sandwich covariance of many rows, to first order. It is valid also where the spread differs
//! between rows or where rows of a group have correlated errors.
//!
//! With `ψ` the slope of the cost, `g` the gradient of a residual and `z = Σ ψ g` over the rows of
//! a block (a row, or a group), a fit without the block lies `(H − H_b)⁻¹ z` from the fit of all,
//! to first order in what the block weighs. The sum of the squares of these steps is the covariance
//! that the literature calls HC3 and CR3 (J. G. `MacKinnon`, H. White, *J. Econometrics* 29 (1985)
//! 305; R. M. Bell, D. F. `McCaffrey`, *Survey Methodology* 28 (2002) 169). No row is refitted, so
//! a million cost a second; the bootstrap says the same of many blocks.

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use super::bootstrap::{Audit, FitBootstrap, Refit};
use crate::runs::fit::Fit;
use crate::runs::fit::first_order::{interior, parameter_gradient};
use crate::runs::law::{Objective, Parameter};
use crate::runs::optimiser::minimise::Domain;
use crate::runs::optimiser::newton::ObjectiveFunction as _;
use crate::runs::optimiser::symmetric::{
    Mask, Matrix, PARAMETERS, Vector, add_outer, cholesky, dot, solve, times,
};

/// The covariance of the internal parameters, and the number of blocks it comes from.
struct Sandwich {
    covariance: Matrix,
    mask: Mask,
    blocks: usize,
}

/// The contribution of each row: `ψ`, `E ψ'`, and the gradient of its residual.
struct RowScores {
    slopes: Vec<f64>,
    stiffness: Vec<f64>,
    gradients: Vec<Vector>,
}

impl Fit {
    /// Parameters drawn from the normal law of the estimate, with the covariance that the scatter
    /// of the rows (of the groups, where runs have them) gives: what a bootstrap of that many rows
    /// or groups finds, at the cost of some passes over the rows. `None` where that covariance is
    /// singular.
    ///
    /// Draws come in pairs on either side of the fit; `draws` is rounded up to an even number.
    /// Intervals of the result are to be read as
    /// [`BootstrapInterval::Bca`](crate::runs::BootstrapInterval::Bca), which widens them for few
    /// groups by Student's t. `E ψ'` of a Huber loss is read from the rows nearest to 0, a quarter
    /// of very many blocks and more of few. Parameters at a bound stay there. Meant for thousands
    /// of rows; measured coverage: see the README. Cost `O(runs + draws)`.
    ///
    /// ```
    /// use asymscale_fitting::{BootstrapInterval, FitOptions, Parameter, Parameters, Runs, fit_law};
    /// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    /// let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    /// let n: Vec<f64> = (0..6000).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    /// let d: Vec<f64> = (0..6000).map(|k| 1e9 * 4f64.powi(k / 6 % 5)).collect();
    /// let error = |k: usize| 0.01 * (0.618034 * k as f64).fract() - 0.005;
    /// let losses: Vec<f64> = (0..6000).map(|k| truth.loss(n[k], d[k]) * error(k).exp()).collect();
    /// let fit = fit_law(&Runs::new(&n, &d, &losses)?, &FitOptions::default())?;
    /// let drawn = fit.sandwich(2000, &mut Xoshiro256PlusPlus::seed_from_u64(1)).expect("six sizes of each");
    /// let alpha = drawn.interval(Parameter::Alpha, 0.95, BootstrapInterval::Bca)?;
    /// assert!(alpha.contains(0.34) && alpha.upper - alpha.lower < 0.01);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn sandwich<R: Rng + ?Sized>(&self, draws: usize, rng: &mut R) -> Option<FitBootstrap> {
        let found = Sandwich::of(self)?;
        let (problem, domain) = self.problem();
        let factor = cholesky(&found.covariance, found.mask)?;
        let errors = found.standard_errors(self);
        let at = |theta: &Vector| Refit {
            parameters: self.centre.to_data(theta, problem.link),
            objective: self.objective,
            status: self.status,
            standard_errors: errors,
        };
        let mut refits = Vec::with_capacity(draws + 1);
        while refits.len() < draws {
            let step = found.step(&factor, rng);
            refits.extend([1.0, -1.0].map(|sign| at(&moved(&domain, &self.theta, &step, sign))));
        }
        Some(FitBootstrap {
            refits,
            audit: Audit { checked: 0, agreed: 0 },
            failed: 0,
            original: at(&self.theta),
            jackknife: Vec::new(),
            blocks: found.blocks,
        })
    }
}

fn moved(domain: &Domain, theta: &Vector, step: &Vector, sign: f64) -> Vector {
    domain.clamp(&std::array::from_fn(|k| theta[k] + sign * step[k]))
}

impl Sandwich {
    fn of(fit: &Fit) -> Option<Self> {
        let (problem, domain) = fit.problem();
        let mask = interior(&domain, &fit.theta);
        let groups = fit.runs.rows_by_group();
        let blocks = groups.as_ref().map_or(fit.runs.len(), Vec::len);
        let residuals = problem.residuals(&fit.theta);
        let rows =
            RowScores::new(fit.options.objective, &residuals, blocks, problem.jacobian(&fit.theta));
        let hessian = rows.hessian(0..fit.runs.len());
        let whole = cholesky(&hessian, mask)?;
        let mut covariance = [[0.0; PARAMETERS]; PARAMETERS];
        let mut add = |score: &Vector, own: &Matrix| {
            let rest: Matrix =
                std::array::from_fn(|i| std::array::from_fn(|j| hessian[i][j] - own[i][j]));
            // A block without which nothing can be fitted is used as it is.
            let factor = cholesky(&rest, mask).unwrap_or(whole);
            add_outer(&mut covariance, 1.0, &solve(&factor, mask, score));
        };
        match &groups {
            Some(groups) => groups.iter().for_each(|block| {
                add(&rows.score(block.iter().copied()), &rows.hessian(block.iter().copied()));
            }),
            None => (0..fit.runs.len())
                .for_each(|row| add(&rows.score(row..=row), &rows.hessian(row..=row))),
        }
        Some(Self { covariance, mask, blocks })
    }

    /// A step of this covariance: its lower factor times normal numbers.
    fn step<R: Rng + ?Sized>(&self, factor: &Matrix, rng: &mut R) -> Vector {
        let normal: Vector = std::array::from_fn(|_| rng.sample(StandardNormal));
        std::array::from_fn(|i| {
            if self.mask[i] {
                (0..=i).filter(|&j| self.mask[j]).map(|j| factor[i][j] * normal[j]).sum()
            } else {
                0.0
            }
        })
    }

    fn standard_errors(&self, fit: &Fit) -> [f64; 6] {
        let (problem, _) = fit.problem();
        Parameter::ALL.map(|parameter| {
            let slope = parameter_gradient(parameter, problem.link, &fit.centre, &fit.theta);
            dot(&slope, &times(&self.covariance, &slope)).sqrt()
        })
    }
}

impl RowScores {
    fn new(objective: Objective, residuals: &[f64], blocks: usize, gradients: Vec<Vector>) -> Self {
        let (slopes, stiffness) = match objective {
            Objective::HuberLog { delta } => {
                let width = width(residuals, blocks).max(delta);
                let near = |r: &f64| if r.abs() <= width { delta / width } else { 0.0 };
                let slopes = residuals.iter().map(|r| r.clamp(-delta, delta)).collect();
                (slopes, residuals.iter().map(near).collect())
            }
            _ => (residuals.to_vec(), vec![1.0; residuals.len()]),
        };
        Self { slopes, stiffness, gradients }
    }

    fn score(&self, rows: impl Iterator<Item = usize>) -> Vector {
        let mut sum = [0.0; PARAMETERS];
        for row in rows {
            sum.iter_mut()
                .zip(&self.gradients[row])
                .for_each(|(sum, g)| *sum += self.slopes[row] * g);
        }
        sum
    }

    fn hessian(&self, rows: impl Iterator<Item = usize>) -> Matrix {
        let mut sum = [[0.0; PARAMETERS]; PARAMETERS];
        for row in rows.filter(|&row| self.stiffness[row] > 0.0) {
            add_outer(&mut sum, self.stiffness[row], &self.gradients[row]);
        }
        sum
    }
}

/// The half-width around 0 from which the density of the residuals at 0 is estimated; the more
/// blocks there are, the smaller the share of residuals in it.
fn width(residuals: &[f64], blocks: usize) -> f64 {
    let share = (0.2 + 2.0 / (blocks as f64).sqrt()).min(0.7);
    let mut sizes: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
    let at = ((share * sizes.len() as f64) as usize).min(sizes.len() - 1);
    *sizes.select_nth_unstable_by(at, f64::total_cmp).1
}
