//! `E[x_i x_j] = λ_i δ_ij` for every sparsity and both amplitudes.

use crate::support::{power_law, two_sided};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_sampling::{Design, Key};

/// Samples of a design, designs, coordinates looked at.
const SAMPLES: usize = 4000;
const DESIGNS: usize = 50;
const HEADS: usize = 8;

/// `Σ_samples x_i x_j` for the first coordinates, over all designs.
fn second_moments(model: &SparseModel, key: &Key) -> [[f64; HEADS]; HEADS] {
    let mut sums = [[0.0; HEADS]; HEADS];
    let mut rng = key.stream();
    for _ in 0..DESIGNS {
        let design = Design::sample(model, SAMPLES, &mut rng).unwrap();
        let mut rows = vec![[0.0; HEADS]; SAMPLES];
        for j in (0..design.seen()).filter(|j| design.index(*j) <= HEADS as f64) {
            let (active, values) = design.column(j);
            for (row, value) in active.iter().zip(values) {
                rows[*row as usize][design.index(j) as usize - 1] = *value;
            }
        }
        for row in rows {
            for (i, j) in (0..HEADS).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                sums[i][j] += row[i] * row[j];
            }
        }
    }
    sums
}

/// α = 1e-3 shared by 10 models × 36 moments, n = 200 000 samples each, seed 31. Deviations are in
/// units of the exact standard error: `E[z⁴]/p − 1` for a variance (in units of λ²), `λ_i λ_j` for
/// a product.
#[test]
fn the_covariance_is_the_spectrum() {
    let infinite = f64::INFINITY;
    let cases = [
        (0.0, 1.0, 12.0),
        (0.7, 1.0, 12.0),
        (1.5, 1.0, infinite),
        (3.0, 1.0, infinite),
        (3.0, 4.5, infinite),
    ];
    for (at, (beta, onset, last)) in cases.into_iter().enumerate() {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let model = power_law(beta, onset, last).with_amplitude(amplitude);
            let key = Key::new(31).index(at as u64).label(&amplitude.to_string());
            assert_covariance(&model, &second_moments(&model, &key));
        }
    }
}

fn assert_covariance(model: &SparseModel, sums: &[[f64; HEADS]; HEADS]) {
    let n = (SAMPLES * DESIGNS) as f64;
    let kurtosis = if model.amplitude() == Amplitude::Gaussian { 3.0 } else { 1.0 };
    for (i, row) in sums.iter().enumerate() {
        let (lambda, p) = (model.eigenvalue(i as f64 + 1.0), model.activity(i as f64 + 1.0));
        for (j, sum) in row.iter().enumerate().take(i) {
            let other = model.eigenvalue(j as f64 + 1.0);
            assert!(
                two_sided(sum / (n * lambda * other).sqrt()) > 1e-3 / 360.0,
                "E[x_{i} x_{j}] of {model:?}"
            );
        }
        let (ratio, variance) = (row[i] / (n * lambda), kurtosis / p - 1.0);
        if variance == 0.0 {
            // x² = λ in every sample: only the rounding of a sum of 2e5 equal terms.
            assert!((ratio - 1.0).abs() < 1e-10);
        } else {
            let z = (ratio - 1.0) / (variance / n).sqrt();
            assert!(two_sided(z) > 1e-3 / 360.0, "E[x_{i}²] of {model:?}: {ratio} λ");
        }
    }
}
