//! The studentised score test of one additional direction beside a law, with random signs of
//! blocks. Nothing is refitted.
//!
//! Residuals of the law without the direction are projected off its gradients, and their product
//! with what these leave of the direction is divided by its own error, from the scatter of blocks
//! (rows, or groups with correlated errors). What that ratio is by chance follows from the same
//! residuals with random signs (the restricted wild cluster bootstrap: A. C. Cameron, J. B.
//! Gelbach, D. L. Miller, *Rev. Econ. Stat.* 90 (2008) 414). Residuals are first made as large as
//! those of a fit without their block (J. G. `MacKinnon`, M. Ø. Nielsen, M. D. Webb, *J. Appl.
//! Econometrics* 38 (2023) 671). All of it is computed from sums of five numbers over blocks.

use rand::{Rng, RngExt};

use super::signal::winsorise_at;
use crate::runs::optimiser::symmetric::{
    Mask, Matrix, PARAMETERS, Vector, add_outer, cholesky, dot, solve,
};
use crate::student::Uncertainty;

/// Residuals beyond so many robust standard deviations count as that many. Lower numbers see more
/// where tails are heavy, but lose the size: the residuals of 35 public runs are rejected 0.020
/// times at 2 and 0.072 times at 1.5. Where rows of a group have correlated errors, their sizes are
/// those of few groups, and a low number cuts whole groups (0.113 with 16 groups at 1.5, 0.060 at
/// 4).
const WINSORISED_AT: f64 = 2.0;
const WINSORISED_AT_WITH_GROUPS: f64 = 4.0;
/// With more blocks than this no random signs are drawn, since the statistic follows Student's t.
const STUDENT_FROM: usize = 20_000;
/// With fewer rows than this the p-value is at least that of Student's t for the error from
/// jackknifed residuals.
const BOUNDED_BELOW: usize = 12;
/// A direction is collinear with the law if the law leaves less than this share of it.
const COLLINEAR: f64 = 1e-9;

/// Sums over the rows of a block.
struct Block {
    /// Of direction times residual.
    score: f64,
    /// Of gradients times residual.
    gradient_sum: Vector,
    /// Of gradients times direction.
    shared: Vector,
    /// Of direction times direction.
    square: f64,
    gram: Matrix,
}

/// A direction beside a law.
pub(crate) struct Score {
    blocks: Vec<Block>,
    mask: Mask,
    /// Factor of the Gram matrix of the gradients.
    factor: Matrix,
    gram: Matrix,
}

impl Score {
    /// From gradients and direction, row by row, and residuals; `None` where the law leaves nothing
    /// of either.
    pub(crate) fn new(
        gradients: &[Vector],
        direction: &[f64],
        residuals: &[f64],
        (mask, blocks): (Mask, &[Vec<usize>]),
    ) -> Option<Self> {
        let mut gram = [[0.0; PARAMETERS]; PARAMETERS];
        for gradient in gradients {
            add_outer(&mut gram, 1.0, gradient);
        }
        let factor = cholesky(&gram, mask)?;
        let left = |values: &[f64]| {
            let gradient_sum = solve(&factor, mask, &sum(gradients, values, 0..values.len()));
            values
                .iter()
                .zip(gradients)
                .map(|(value, g)| value - dot(&gradient_sum, g))
                .collect::<Vec<f64>>()
        };
        let rest = left(&left(direction));
        let square = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
        let single = blocks.len() == residuals.len();
        let mut winsorised = residuals.to_vec();
        winsorise_at(
            &mut winsorised,
            if single { WINSORISED_AT } else { WINSORISED_AT_WITH_GROUPS },
        );
        let residuals = left(&winsorised);
        if !(square(&rest) > COLLINEAR * square(direction) && square(&residuals) > 0.0) {
            return None;
        }
        let block = |rows: &Vec<usize>| Block::new(gradients, &rest, &residuals, rows);
        Some(Self { blocks: blocks.iter().map(block).collect(), mask, factor, gram })
    }

    /// The p-value of a score of 0 along the direction, from so many patterns of random signs.
    pub(crate) fn p_value<R: Rng + ?Sized>(&self, patterns: usize, rng: &mut R) -> f64 {
        let given: Vec<(f64, Vector)> =
            self.blocks.iter().map(|block| (block.score, block.gradient_sum)).collect();
        let observed = self.statistic(&given);
        if self.blocks.len() > STUDENT_FROM || patterns == 0 {
            return self.student_p_value(observed);
        }
        let jackknifed: Vec<(f64, Vector)> =
            self.blocks.iter().map(|block| self.jackknifed(block)).collect();
        let mut drawn = jackknifed.clone();
        let mut extreme = 0;
        for _ in 0..patterns {
            for ((score, gradient_sum), (whole, all)) in drawn.iter_mut().zip(&jackknifed) {
                let weight = if rng.random::<bool>() { 1.0 } else { -1.0 };
                (*score, *gradient_sum) = (weight * whole, all.map(|sum| weight * sum));
            }
            extreme += usize::from(self.statistic(&drawn) >= observed * (1.0 - 1e-12));
        }
        let p_value = (1 + extreme) as f64 / (1 + patterns) as f64;
        if self.blocks.len() >= BOUNDED_BELOW {
            return p_value;
        }
        let score: f64 = given.iter().map(|(score, _)| score).sum();
        let errors: f64 = jackknifed.iter().map(|(score, _)| score * score).sum();
        p_value.max(self.student_p_value(score * score / errors))
    }

    /// With the blocks less the parameters as degrees of freedom.
    fn student_p_value(&self, observed: f64) -> f64 {
        let parameters = 1 + self.mask.iter().filter(|&&used| used).count();
        let dof = self.blocks.len().saturating_sub(parameters).max(1) as f64;
        Uncertainty { standard_error: 1.0, degrees_of_freedom: dof }.p_value(observed.sqrt())
    }

    /// The square of the score over that of its error, once law and direction are fitted.
    fn statistic(&self, blocks: &[(f64, Vector)]) -> f64 {
        let mut score = 0.0;
        let mut gradient_sum = [0.0; PARAMETERS];
        for (own, gradients) in blocks {
            score += own;
            gradient_sum.iter_mut().zip(gradients).for_each(|(sum, own)| *sum += own);
        }
        let law = solve(&self.factor, self.mask, &gradient_sum);
        let square: f64 = self.blocks.iter().map(|block| block.square).sum();
        let error = |(block, (own, _)): (&Block, &(f64, Vector))| {
            (own - dot(&block.shared, &law) - block.square * score / square).powi(2)
        };
        let errors: f64 = self.blocks.iter().zip(blocks).map(error).sum();
        if score == 0.0 { 0.0 } else { score * score / errors }
    }

    /// The sums of a block with the residuals of the law fitted without it.
    fn jackknifed(&self, block: &Block) -> (f64, Vector) {
        let rest: Matrix =
            std::array::from_fn(|i| std::array::from_fn(|j| self.gram[i][j] - block.gram[i][j]));
        let Some(factor) = cholesky(&rest, self.mask) else {
            return (block.score, block.gradient_sum);
        };
        let more = solve(&factor, self.mask, &block.gradient_sum);
        let gradient_sum =
            std::array::from_fn(|k| block.gradient_sum[k] + dot(&block.gram[k], &more));
        (block.score + dot(&block.shared, &more), gradient_sum)
    }
}

impl Block {
    fn new(gradients: &[Vector], rest: &[f64], residuals: &[f64], rows: &[usize]) -> Self {
        let mut gram = [[0.0; PARAMETERS]; PARAMETERS];
        for &row in rows {
            add_outer(&mut gram, 1.0, &gradients[row]);
        }
        Self {
            score: rows.iter().map(|&row| rest[row] * residuals[row]).sum(),
            gradient_sum: sum(gradients, residuals, rows.iter().copied()),
            shared: sum(gradients, rest, rows.iter().copied()),
            square: rows.iter().map(|&row| rest[row] * rest[row]).sum(),
            gram,
        }
    }
}

/// `Σ value · gradient` over some rows.
fn sum(gradients: &[Vector], values: &[f64], rows: impl Iterator<Item = usize>) -> Vector {
    let mut sum = [0.0; PARAMETERS];
    for row in rows {
        sum.iter_mut().zip(&gradients[row]).for_each(|(sum, g)| *sum += values[row] * g);
    }
    sum
}
