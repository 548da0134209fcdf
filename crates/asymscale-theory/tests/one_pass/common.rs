//! Models, settings and the recursion over all coordinates, and a generator for literal runs.

use asymscale_model::{Activity, Amplitude, Coordinates, Schedule, SparseModel, Spectrum};
use asymscale_theory::OnePass;

pub(crate) const AMPLITUDES: [Amplitude; 2] = [Amplitude::Gaussian, Amplitude::Rademacher];

pub(crate) fn power_law(alpha: f64, beta: f64, onset: f64, amplitude: Amplitude) -> SparseModel {
    SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude)
}

pub(crate) fn finite(model: &SparseModel, count: u64) -> SparseModel {
    model.clone().with_coordinates(Coordinates::Finite(count)).unwrap()
}

pub(crate) fn one_hot(
    alpha: f64,
    beta: f64,
    amplitude: Amplitude,
    coordinates: Coordinates,
) -> SparseModel {
    let spectrum = Spectrum::power_law(alpha).unwrap();
    SparseModel::new(spectrum, Activity::one_hot(beta).unwrap(), amplitude, coordinates).unwrap()
}

pub(crate) fn close(got: f64, expected: f64, tolerance: f64, what: &str) {
    let same = got == expected || (got / expected - 1.0).abs() < tolerance;
    assert!(same, "{what}: {got:e} and not {expected:e}");
}

/// The setting of a run besides model and schedule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) batch: u64,
    pub(crate) noise: f64,
    pub(crate) momentum: f64,
}

pub(crate) const PLAIN: Setting = Setting { batch: 1, noise: 0.0, momentum: 0.0 };

pub(crate) fn run(model: &SparseModel, schedule: Schedule, setting: Setting) -> OnePass {
    let Setting { batch, noise, momentum } = setting;
    let run = OnePass::new(model, schedule).with_batch(batch).unwrap().with_noise(noise).unwrap();
    run.with_momentum(momentum).unwrap()
}

/// The recursion over all coordinates by the moments `E e_t²`, `E e_t e_{t−1}` and `E e_{t−1}²`,
/// at the steps asked for, ascending; `beyond` is a target energy that is active and never
/// learned.
pub(crate) fn one_by_one(
    model: &SparseModel,
    schedule: Schedule,
    setting: Setting,
    (steps, beyond): (&[u64], f64),
) -> Vec<f64> {
    let count = model.coordinates().as_f64() as u64;
    let fourth = if model.amplitude() == Amplitude::Gaussian { 3.0 } else { 1.0 };
    let coupled = !model.is_one_hot();
    let coordinate = |i: u64| {
        let (lambda, p) = (model.eigenvalue(i as f64), model.activity(i as f64));
        let x4 = fourth * lambda * lambda / p;
        (lambda, x4, if coupled { 2.0 } else { 1.0 })
    };
    let all: Vec<(f64, f64, f64)> = (1..=count).map(coordinate).collect();
    let mut moments: Vec<[f64; 3]> =
        (1..=count).map(|i| [model.weight_energy(i as f64); 3]).collect();
    let mu = setting.momentum;
    let loss = |moments: &[[f64; 3]]| -> f64 {
        all.iter().zip(moments).map(|((lambda, ..), v)| lambda * v[0]).sum()
    };
    let mut losses = Vec::new();
    for step in 0..=*steps.last().unwrap() {
        let now = loss(&moments);
        if steps.contains(&step) {
            losses.push(now + beyond);
        }
        let eta = schedule.rate_at(step);
        let acting = setting.noise + if coupled { now + beyond } else { 0.0 };
        for ((lambda, x4, twice), v) in all.iter().zip(&mut moments) {
            let turn = 1.0 + mu - eta * lambda;
            let noise = lambda * acting + (x4 - twice * lambda * lambda) * v[0];
            let next = turn * turn * v[0] - 2.0 * turn * mu * v[1] + mu * mu * v[2];
            let cross = turn * v[0] - mu * v[1];
            *v = [next + eta * eta * noise / setting.batch as f64, cross, v[0]];
        }
    }
    losses
}

/// A generator of pseudo-random numbers for literal runs (Steele, Lea and Flood 2014).
pub(crate) struct Generator(pub(crate) u64);

impl Generator {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (2.0 * std::f64::consts::PI * angle).cos()
    }

    pub(crate) fn amplitude(&mut self, law: Amplitude) -> f64 {
        match law {
            Amplitude::Gaussian => self.normal(),
            Amplitude::Rademacher => (self.uniform() - 0.5).signum(),
        }
    }

    /// An input with these activities and scales `a`; of one-hot inputs if `alone`.
    pub(crate) fn input(&mut self, law: &InputLaw, x: &mut [f64]) {
        let mut chosen = self.uniform();
        for (x, (p, scale)) in x.iter_mut().zip(&law.coordinates) {
            let active = if law.alone {
                chosen -= p;
                chosen < 0.0 && chosen + p >= 0.0
            } else {
                self.uniform() < *p
            };
            *x = if active { scale * self.amplitude(law.amplitude) } else { 0.0 };
        }
    }
}

/// What inputs are drawn by.
pub(crate) struct InputLaw {
    /// `p` and `a` of each coordinate.
    coordinates: Vec<(f64, f64)>,
    amplitude: Amplitude,
    alone: bool,
}

impl InputLaw {
    pub(crate) fn of(model: &SparseModel) -> Self {
        let count = model.coordinates().as_f64() as u64;
        let one = |i: u64| (model.activity(i as f64), model.scale_squared(i as f64).sqrt());
        let (amplitude, alone) = (model.amplitude(), model.is_one_hot());
        Self { coordinates: (1..=count).map(one).collect(), amplitude, alone }
    }
}
