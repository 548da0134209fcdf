//! The loss on lifts of designs, which is right near the threshold too.

use crate::ChapterError;
use asymscale_model::SparseModel;
use asymscale_montecarlo::{LiftedSettings, lifted_curve, replicates};
use asymscale_sampling::Key;
use asymscale_sweep::{Table, row};
use rand::Rng;

/// Copies of every coordinate in a lift.
const COPIES: usize = 4;
/// Designs drawn for their rank and unseen mass with every lift.
const DESIGNS: usize = 64;

/// The losses of independent lifts, each with the ranks of its own designs, in the columns of
/// [`curve_rows`](crate::kit::curve_rows): a row per lift and model size. Ranks, coordinates and
/// masses do not apply and are 0.
///
/// # Errors
/// As [`lifted_curve`].
pub fn lifted_rows(
    case: &str,
    model: &SparseModel,
    (samples, lifts): (usize, usize),
    features: &[usize],
    seed: u64,
) -> Result<Table, ChapterError> {
    let losses = replicates(&Key::new(seed), 0, lifts, |_, key| {
        let (copies, seed) = (COPIES, key.stream().next_u64());
        let features = features.to_vec();
        let settings =
            LiftedSettings { samples, features, copies, lifts: 1, designs: DESIGNS, seed };
        lifted_curve(model, &settings)
    })?;
    let mut rows = Table::default();
    for (number, lift) in losses.iter().enumerate() {
        for at in lift {
            rows.push(row! {
                case, samples: samples as i64, design: number as i64, rank: 0_i64, seen: 0_i64,
                unseen: 0.0, features: at.features as i64, loss: at.mean.mean
            })?;
        }
    }
    Ok(rows)
}
