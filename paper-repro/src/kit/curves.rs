//! Loss curves of designs, as rows and back: one row per design and model size.

use super::median_of;
use crate::ChapterError;
use asymscale_model::ModelSize;
use asymscale_montecarlo::{Simulation, Summary};
use asymscale_sweep::{SweepError, Table, row};

/// The loss curve of one design.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// `rank X`.
    pub rank: f64,
    /// Number of samples `D`.
    pub samples: f64,
    /// Coordinates seen.
    pub seen: f64,
    /// Unseen mass.
    pub unseen: f64,
    /// Loss at each model size.
    pub losses: Vec<f64>,
}

/// Curves over the same model sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// Model sizes.
    pub features: Vec<f64>,
    /// One per design.
    pub designs: Vec<Curve>,
}

/// The rows of a simulation, one per design and model size, with the number of the first design.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn curve_rows(case: &str, simulation: &Simulation, first: u64) -> Result<Table, SweepError> {
    let mut rows = Table::default();
    for (replicate, design) in simulation.replicates.iter().zip(first as i64..) {
        for (features, loss) in simulation.features.iter().zip(&replicate.losses) {
            rows.push(row! {
                case, samples: simulation.samples as i64, design, rank: replicate.rank as i64, seen: replicate.seen as i64,
                unseen: replicate.unseen_mass, features: features.finite(), loss: *loss
            })?;
        }
    }
    Ok(rows)
}

impl Curves {
    /// Reads what [`curve_rows`] wrote for one case and one number of samples.
    ///
    /// # Errors
    /// If columns are missing or designs do not share their model sizes.
    pub fn read(rows: &Table) -> Result<Self, ChapterError> {
        let mut curves = Self { features: Vec::new(), designs: Vec::new() };
        for (_, design) in rows.group_by(&["design"])? {
            let features = design.floats("features")?;
            if !curves.features.is_empty() && curves.features != features {
                return Err("designs of one curve differ in their model sizes".into());
            }
            curves.features = features;
            let first = |column: &str| design.floats(column).map(|values| values[0]);
            curves.designs.push(Curve {
                rank: first("rank")?,
                samples: first("samples")?,
                seen: first("seen")?,
                unseen: first("unseen")?,
                losses: design.floats("loss")?,
            });
        }
        Ok(curves)
    }

    /// One summary per model size.
    pub fn summaries(&self) -> Vec<Summary> {
        (0..self.features.len())
            .map(|n| {
                let losses: Vec<f64> = self.designs.iter().map(|design| design.losses[n]).collect();
                let moments =
                    self.designs.iter().all(|design| (design.rank - self.features[n]).abs() > 3.0);
                Summary::of(ModelSize::Finite(self.features[n] as usize), &losses, moments)
            })
            .collect()
    }

    /// The model size at which the median over the given designs is largest.
    pub fn peak(&self, designs: &[&Curve]) -> f64 {
        let median = |n: usize| {
            median_of(&designs.iter().map(|design| design.losses[n]).collect::<Vec<_>>())
        };
        let highest = (0..self.features.len()).map(|n| (median(n), self.features[n]));
        highest.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(f64::NAN, |(_, features)| features)
    }
}
