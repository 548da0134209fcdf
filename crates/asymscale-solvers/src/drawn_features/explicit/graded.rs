//! The loss given the features, on designs whose columns have lengths over many decades.

use super::Features;
use crate::design_reduction::reduced::Reduced;
use crate::drawn_features::sizes::Sizes;
use crate::linear_algebra::dense::product;
use crate::linear_algebra::graded::{Echelon, Learner, noise_in, weighted_squares};
use crate::{Curve, Regression, SolverError};
use asymscale_sampling::{Design, Key, Teachers};
use faer::Mat;

/// As [`crate::explicit_curve`].
pub(super) fn curve(
    design: &Design,
    teachers: &Teachers,
    sizes: &Sizes,
    regression: Regression,
    key: &Key,
) -> Result<Curve, SolverError> {
    let reduced = Reduced::of(design)?;
    let echelon = Echelon::new(reduced.to_dense());
    let noise = reduced.noise(design, teachers.count(), regression.noise(), &key.label("noise"));
    let noise = noise_in(&echelon, noise);
    let reduced = reduced.with_rows(echelon.rows());
    let features = Features::draw(design, &reduced, sizes.largest(), &key.label("features"));
    let weights = Mat::from_fn(design.seen(), teachers.count(), |j, t| teachers.weights(j)[t]);
    let shift = regression.ridge() * design.samples() as f64;
    let mut losses = Vec::new();
    for n in &sizes.sorted {
        let block = features.block(0, *n, 0, design.seen());
        let learner = Learner {
            outputs: features.outputs().subcols(0, *n),
            shift: shift * *n as f64,
            observe: &|errors| product(reduced.head(), errors.as_ref()),
            weights: &|theta| product(block.transpose(), theta.as_ref()),
            cost: &|errors| weighted_squares(errors, design.eigenvalues()),
        };
        let unseen = design.unseen_mass();
        let left = learner.learn(weights.clone(), &noise, unseen)?;
        let energy = teachers.unseen_energy();
        let norms = left.theta.col_iter().map(|theta| energy + unseen * theta.squared_norm_l2());
        losses.extend(left.losses.into_iter().zip(norms).map(|(on, off)| on + off));
    }
    Ok(sizes.curve(&losses, teachers.count()))
}
