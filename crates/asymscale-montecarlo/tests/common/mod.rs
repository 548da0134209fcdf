//! Random models and how often intervals of `simulate` hold the mean on them.

use asymscale_model::{Amplitude, Coordinates, ModelSize, SparseModel};
use asymscale_montecarlo::{Replicate, Settings, Simulation, simulate};
use asymscale_sampling::Key;
use asymscale_solvers::Regression;
use asymscale_theory::SampleTheory;
use rand::RngExt;

/// A model and what is asked of it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) model: SparseModel,
    pub(crate) settings: Settings,
}

/// `α` from 0.1 to 2, `β` from 1.1 to 4 or, one in seven, below 0.8 with finitely many coordinates,
/// `c` from 1 to 30, `D` from 16 to
/// `16 · most`, both amplitudes; two in seven with a ridge, of which half with noise. `N` from a
/// quarter of the expected rank to four times it, and ∞.
pub(crate) fn case(seed: u64, number: u64, most: f64) -> Case {
    let mut stream = Key::new(seed).label("models").index(number).stream();
    let mut uniform = || stream.random::<f64>();
    let (alpha, dense) = (0.1 + 1.9 * uniform(), uniform() < 1.0 / 7.0);
    let beta = if dense { 0.8 * uniform() } else { 1.1 + 2.9 * uniform() };
    let onset = if uniform() < 0.4 { 1.0 } else { 30f64.powf(uniform()) };
    let samples = (16.0 * most.powf(uniform())) as usize;
    let amplitude = if uniform() < 0.5 { Amplitude::Gaussian } else { Amplitude::Rademacher };
    let mut model = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
    if dense {
        let count = Coordinates::Finite((samples as f64 * (1.0 + 3.0 * uniform())) as u64);
        model = model.with_coordinates(count).unwrap();
    }
    let kind = uniform();
    let ridge = if kind < 2.0 / 7.0 { 10f64.powf(-4.0 + 3.0 * uniform()) } else { 0.0 };
    let noise = if kind < 1.0 / 7.0 { 0.01 + 0.3 * uniform() } else { 0.0 };
    let rank = SampleTheory::new(&model, samples as f64).unwrap().rank();
    let at = |share: f64, more: f64| ModelSize::Finite((share * rank + more).max(1.0) as usize);
    let features =
        vec![at(0.25, 0.0), at(0.6, 0.0), at(1.6, 4.0), at(4.0, 4.0), ModelSize::Infinite];
    let settings = Settings {
        samples,
        features,
        regression: Regression::new(ridge, noise).unwrap(),
        seed: seed + number,
        ..Settings::default()
    };
    Case { model, settings }
}

/// Intervals that hold the mean, and all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    pub(crate) hits: f64,
    pub(crate) tried: f64,
    /// Sum over intervals of their length over that of Student's from the spread alone.
    pub(crate) length: f64,
}

impl Held {
    pub(crate) fn share(&self) -> f64 {
        self.hits / self.tried
    }
}

/// How often intervals over `group` designs hold the mean of all `designs`, over all sizes at which
/// that exists; with controls or without, and those of Student from the spread of losses alone.
pub(crate) fn coverage(
    case: &Case,
    designs: usize,
    groups: &[usize],
    controls: bool,
) -> Vec<(Held, Held)> {
    let all =
        simulate(&case.model, &Settings { repeats: designs, ..case.settings.clone() }).unwrap();
    let truth = all.summaries();
    let empty = Simulation { replicates: Vec::new(), ..all.clone() };
    let part = |replicates: &[Replicate]| {
        let mut part = Simulation { replicates: replicates.to_vec(), ..empty.clone() };
        if !controls {
            part.replicates.iter_mut().for_each(|r| r.deviations.iter_mut().for_each(|d| *d = 0.0));
        }
        part
    };
    let one = |group: &usize| {
        let (mut new, mut student) = (Held::default(), Held::default());
        for replicates in all.replicates.chunks_exact(*group) {
            let part = part(replicates);
            for (n, (summary, truth)) in part.summaries().iter().zip(&truth).enumerate() {
                let (Some(truth), Some((low, high))) = (truth.mean, summary.interval) else {
                    continue;
                };
                let plain = part.uncorrected(n).interval(0.95);
                for (held, (low, high)) in [(&mut new, (low, high)), (&mut student, plain)] {
                    held.tried += 1.0;
                    held.hits += f64::from(u8::from(low <= truth && truth <= high));
                }
                new.length += ((high - low) / (plain.1 - plain.0)).min(1e3);
            }
        }
        (new, student)
    };
    groups.iter().map(one).collect()
}
