//! The law of the seen coordinates and their counts, through the probability integral transform.
//!
//! Coordinates are seen independently, coordinate `l` with probability `1 − e^{−Λ_l}`. So the next
//! seen coordinate after `l` lies beyond `m` with probability `exp(−Σ_{l<j≤m} Λ_j)`: a transform of
//! the gaps by this law, randomised over the atom of each coordinate, must give independent uniform
//! variates, however far the gaps reach.

use crate::support::{power_law, two_sided, uniform, with_activity};
use asymscale_model::{Activity, SparseModel, power_sum};
use asymscale_sampling::{Key, seen_coordinates};
use rand::RngExt;
use statrs::function::factorial::ln_binomial;

/// (name, model, samples, designs): every zone of the sampler and every law that uses it.
fn cases() -> Vec<(&'static str, SparseModel, usize, u64)> {
    let infinite = f64::INFINITY;
    let uniform = |p, last| with_activity(Activity::uniform(p).unwrap(), last);
    vec![
        ("beta 1.5", power_law(1.5, 1.0, infinite), 512, 200),
        ("beta 1.5, fractional onset", power_law(1.5, 20.7, infinite), 64, 50),
        ("beta 1.5, one sample", power_law(1.5, 20.0, infinite), 1, 1000),
        ("beta 1.05, huge indices", power_law(1.05, 1.0, infinite), 20, 200),
        ("beta 1.2", power_law(1.2, 1.0, infinite), 100, 100),
        ("beta 2, a million samples", power_law(2.0, 1.0, infinite), 1_000_000, 20),
        ("beta 3", power_law(3.0, 2.5, infinite), 1000, 1000),
        ("beta 8, steep", power_law(8.0, 1.0, infinite), 20, 20_000),
        ("beta 1, finite", power_law(1.0, 1.0, 1e12), 50, 20),
        ("beta 0.5, finite", power_law(0.5, 2.5, 1e8), 1, 1),
        ("uniform, rare", uniform(1e-6, 1e9), 20, 1),
        ("uniform, rare in a sample, likely in all", uniform(0.02, 1e4), 20, 3),
        ("uniform, frequent", uniform(0.3, 300.0), 2, 100),
    ]
}

/// `Σ Λ_l` over `from ≤ l < to`.
fn intensity(model: &SparseModel, samples: f64, from: f64, to: f64) -> f64 {
    if to - from < 200.0 {
        let terms = (0..(to - from) as u64).map(|k| -(-model.activity(from + k as f64)).ln_1p());
        return samples * terms.sum::<f64>();
    }
    match *model.activity_law() {
        Activity::PowerLaw { beta, onset } => {
            // Past the onset, where the series of the logarithm converges fast.
            let start = from.max((8.0 * onset).ceil()).min(to);
            let head = (from as u64..start as u64)
                .map(|l| -(-model.activity(l as f64)).ln_1p())
                .sum::<f64>();
            let term = |k: f64| onset.powf(k * beta) * power_sum(k * beta, start, to) / k;
            let terms = (1..=40).map(|k| term(f64::from(k)));
            // Terms fall at least as 8^{−βk}; far out two of them are all.
            samples * (head + terms.take_while(|term| *term > 1e-18).sum::<f64>())
        }
        Activity::Uniform { probability } => samples * (to - from) * -(-probability).ln_1p(),
        _ => panic!("no closed form"),
    }
}

/// Uniform variates from the gaps between seen coordinates from `first` on, the last (open) one
/// included.
fn gaps(
    model: &SparseModel,
    samples: f64,
    first: f64,
    seen: &[f64],
    mut uniform: impl FnMut() -> f64,
) -> Vec<f64> {
    let (mut start, mut transformed) = (first, Vec::new());
    for index in seen.iter().filter(|index| **index >= first) {
        let before = intensity(model, samples, start, *index);
        let own = intensity(model, samples, *index, *index + 1.0);
        transformed.push(-(-before).exp_m1() - uniform() * (-before).exp() * (-own).exp_m1());
        start = index + 1.0;
    }
    let end = model.coordinates().as_f64() + 1.0;
    transformed.push(1.0 - uniform() * (-intensity(model, samples, start, end)).exp());
    transformed
}

fn model_onset(model: &SparseModel) -> f64 {
    match model.activity_law() {
        Activity::PowerLaw { onset, .. } => onset.floor(),
        _ => 0.0,
    }
}

/// p-value of the gaps from coordinate `first` on in `designs` designs, and their number.
fn gaps_p_value(
    model: &SparseModel,
    samples: usize,
    designs: u64,
    first: f64,
    key: &Key,
) -> (f64, usize) {
    let mut transformed = Vec::new();
    for replicate in 0..designs {
        let key = key.index(replicate);
        let seen = seen_coordinates(model, samples, &mut key.stream()).unwrap();
        let indices: Vec<f64> = seen.iter().map(|coordinate| coordinate.index).collect();
        assert!(indices.windows(2).all(|pair| pair[0] < pair[1]), "not ascending: {model:?}");
        let mut atoms = key.label("atoms").stream();
        transformed.extend(gaps(model, samples as f64, first, &indices, || atoms.random()));
    }
    (uniform(&transformed, 50), transformed.len())
}

/// α = 1e-3 shared by 13 cases, n = 1 000 to 100 000 gaps in each, seed 11.
#[test]
fn gaps_between_seen_coordinates_follow_the_law() {
    for (name, model, samples, designs) in cases() {
        let first = model_onset(&model) + 1.0;
        let (p, count) = gaps_p_value(&model, samples, designs, first, &Key::new(11).label(name));
        assert!(count > 1000 && p > 1e-3 / 13.0, "{name}: p-value {p} from {count} gaps");
    }
}

/// α = 1e-3, n = 450 000 gaps, seed 14: where one sample has thousands of rare coordinates, of `p`
/// from 0.05 down, the difference between `p` and `−ln(1 − p)` (up to 2.6 %) shows.
#[test]
fn jumps_start_right_at_the_rare_coordinates() {
    let model = power_law(1.5, 2000.0, f64::INFINITY);
    let first = (2000.0 * 0.05_f64.powf(-1.0 / 1.5)).ceil();
    let (p, count) = gaps_p_value(&model, 1, 300, first, &Key::new(14));
    assert!(count > 400_000 && p > 1e-3, "p-value {p} from {count} gaps");
}

/// `P(K = k)` of `Binomial(n, p)`.
fn binomial(n: u64, p: f64, k: u64) -> f64 {
    (ln_binomial(n, k) + k as f64 * p.ln() + (n - k) as f64 * (-p).ln_1p()).exp()
}

/// α = 1e-3 shared by 13 cases, n = 1 000 to 100 000 counts in each, seed 12. Counts are
/// transformed by the law of a count given that it is at least 1, randomised over its atoms.
#[test]
fn counts_of_seen_coordinates_follow_the_truncated_law() {
    for (name, model, samples, designs) in cases() {
        let (mut transformed, n) = (Vec::new(), samples as u64);
        for replicate in 0..designs {
            let key = Key::new(12).label(name).index(replicate);
            let mut atoms = key.label("atoms").stream();
            for coordinate in seen_coordinates(&model, samples, &mut key.stream()).unwrap() {
                let (p, k) = (model.activity(coordinate.index), u64::from(coordinate.count));
                // Frequent ones are tested one by one elsewhere; a single sample leaves no choice.
                if p < 1.0 && n as f64 * p < 50.0 && n > 1 {
                    let below: f64 = (1..k).map(|j| binomial(n, p, j)).sum();
                    let hit = -(n as f64 * (-p).ln_1p()).exp_m1();
                    transformed.push((below + atoms.random::<f64>() * binomial(n, p, k)) / hit);
                }
            }
        }
        assert!(samples == 1 || transformed.len() > 900, "{name}: {} counts", transformed.len());
        let p = uniform(&transformed, 50);
        assert!(p > 1e-3 / 13.0, "{name}: p-value {p} from {} counts", transformed.len());
    }
}

/// Probability of being seen, summed over the whole model: directly up to 10⁵, then by the binomial
/// series in `p`.
fn expected_seen(model: &SparseModel, samples: f64) -> (f64, f64) {
    let (end, far) = (model.coordinates().as_f64(), 1e5);
    let hit = |l: f64| -(samples * (-model.activity(l)).ln_1p()).exp_m1();
    let near: Vec<f64> = (1..=end.min(far) as u64).map(|l| hit(l as f64)).collect();
    let (mut mean, variance) =
        (near.iter().sum::<f64>(), near.iter().map(|q| q * (1.0 - q)).sum::<f64>());
    let mut tail = 0.0;
    if let (Activity::PowerLaw { beta, onset }, true) = (model.activity_law(), end > far) {
        let term = |k: f64| onset.powf(k * beta) * power_sum(k * beta, far + 1.0, end + 1.0);
        tail = samples
            * (term(1.0) - (samples - 1.0) / 2.0 * (term(2.0) - (samples - 2.0) / 3.0 * term(3.0)));
    }
    mean += tail;
    // Far ones are so rare that their number is Poisson.
    (mean, variance + tail)
}

/// α = 1e-3 shared by 6 cases, n = 400 designs each, seed 13: mean and variance of the number of
/// seen coordinates.
#[test]
fn as_many_coordinates_are_seen_as_the_law_says() {
    let infinite = f64::INFINITY;
    let cases = [
        (1.5, 1.0, infinite),
        (1.5, 1.0, 1e3),
        (1.5, 3.3, infinite),
        (2.0, 1.0, infinite),
        (0.7, 1.0, 5e3),
        (3.0, 10.0, infinite),
    ];
    for (beta, onset, last) in cases {
        let model = power_law(beta, onset, last);
        let key = Key::new(13)
            .index((beta * 10.0) as u64)
            .index((onset * 10.0) as u64)
            .label(&last.to_string());
        let mut rng = key.stream();
        let numbers: Vec<f64> = (0..400)
            .map(|_| seen_coordinates(&model, 256, &mut rng).unwrap().len() as f64)
            .collect();
        let (mean, variance) = expected_seen(&model, 256.0);
        let found = numbers.iter().sum::<f64>() / 400.0;
        let z = (found - mean) / (variance / 400.0).sqrt();
        assert!(two_sided(z) > 1e-3 / 12.0, "beta {beta}, onset {onset}: {found}, expected {mean}");
        // A sum of many independent indicators: nearly Gaussian, its sample variance has sd
        // variance·√(2/399).
        let spread = numbers.iter().map(|number| (number - found).powi(2)).sum::<f64>() / 399.0;
        let z = (spread / variance - 1.0) / (2.0_f64 / 399.0).sqrt();
        assert!(
            two_sided(z) > 1e-3 / 12.0,
            "beta {beta}, onset {onset}: variance {spread}, expected {variance}"
        );
    }
}
