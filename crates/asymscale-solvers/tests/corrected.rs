//! The closed form to the next order in `1/N` against means over drawn features.

use asymscale_model::SparseModel;
use asymscale_sampling::{Column, Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression, conditional_mean_curve};

fn design(alpha: f64, onset: f64, samples: usize) -> Design {
    let model = SparseModel::power_law(alpha, 1.5, onset).unwrap();
    Design::sample(&model, samples, &mut Key::new(1).stream()).unwrap()
}

/// Mean and standard error of the loss at each size over `count` draws of features.
fn simulated(
    design: &Design,
    sizes: &[usize],
    regression: Regression,
    count: u64,
) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); sizes.len()];
    for k in 0..count {
        let losses =
            conditional_mean_curve(design, sizes, regression, &Key::new(99).index(k)).unwrap();
        sums.iter_mut()
            .zip(losses)
            .for_each(|(sum, loss)| *sum = (sum.0 + loss, sum.1 + loss * loss));
    }
    let n = count as f64;
    sums.iter().map(|(a, b)| (a / n, ((b / n - (a / n).powi(2)) / n).sqrt())).collect()
}

#[test]
fn means_over_features_are_within_the_truncation_error() {
    let cases = [
        (1.0, 20.0, Regression::default()),
        (1.0, 1.0, Regression::default()),
        (2.0, 20.0, Regression::default()),
        (0.5, 20.0, Regression::new(0.0, 0.1).unwrap()),
        (2.0, 20.0, Regression::new(1e-3, 0.0).unwrap()),
        (1.0, 20.0, Regression::new(1e-2, 0.1).unwrap()),
    ];
    let sizes = [4, 8, 16, 24];
    for (alpha, onset, regression) in cases {
        let design = design(alpha, onset, 60);
        let spectrum = DesignSpectrum::new(&design).unwrap();
        // n = 2000 draws: 0.1–1 % of standard error. 4 of them for 24 comparisons: α below 0.2 %.
        for (n, (mean, error)) in sizes.iter().zip(simulated(&design, &sizes, regression, 2000)) {
            let corrected = spectrum.corrected_loss(*n as f64, regression).unwrap();
            let equivalent = spectrum.averaged_loss(*n as f64, regression).unwrap();
            let distance = (corrected.loss - mean).abs();
            let case = format!(
                "α = {alpha}, c = {onset}, {regression:?}, N = {n}: {corrected:?}, {mean} ± {error}"
            );
            assert!(distance < 4.0 * error + corrected.truncation, "{case}");
            // The correction is one: what it corrects is further away wherever that shows.
            assert!((equivalent - mean).abs() > distance - 2.0 * error, "{case}, {equivalent}");
        }
    }
}

/// A design whose samples show one coordinate each: its eigenvalues are what we like, times
/// `λ = 1/i²`.
fn diagonal(eigenvalues: &[f64]) -> Design {
    let samples = eigenvalues.len();
    let column = |(j, s): (usize, &f64)| {
        let (index, entries) = (j as f64 + 1.0, vec![(j as u32, (s * samples as f64).sqrt())]);
        Column { index, eigenvalue: index.powi(-2), entries }
    };
    Design::from_columns(samples, eigenvalues.iter().enumerate().map(column).collect(), 0.05)
        .unwrap()
}

/// Steep spectra, a gap, ridges far below the smallest eigenvalue, sizes on both sides of the rank:
/// the loss is finite, and as near to the mean over features as it says, or it says that it does
/// not know. Heavy tails near the rank: 8 standard errors of 500 draws. It must not say that too
/// often: for three quarters of the cases it knows.
#[test]
fn where_the_series_fails_it_says_so() {
    let steep: Vec<f64> = (1..=20).map(|i| f64::from(i).powi(-2)).collect();
    let gap: Vec<f64> = (0..30).map(|i| if i == 0 { 1.0 } else { 1e-4 }).collect();
    let (mut known, mut all) = (0, 0);
    for eigenvalues in [steep, gap] {
        let design = diagonal(&eigenvalues);
        let spectrum = DesignSpectrum::new(&design).unwrap();
        let r = eigenvalues.len();
        let sizes = [2, 5, r / 2, r - 3, r, r + 1, r + 5, 3 * r];
        for ridge in [0.0, 1e-8, 1e-6, 1e-4, 1e-2] {
            let regression = Regression::new(ridge, 0.0).unwrap();
            for (n, (mean, error)) in sizes.iter().zip(simulated(&design, &sizes, regression, 500))
            {
                let corrected = spectrum.corrected_loss(*n as f64, regression).unwrap();
                let case =
                    format!("r = {r}, ridge {ridge}, N = {n}: {corrected:?}, {mean} ± {error}");
                if ridge == 0.0 && n.abs_diff(r) <= 1 {
                    assert_eq!(corrected.loss, f64::INFINITY, "{case}");
                    continue;
                }
                assert!(corrected.loss > 0.0 && corrected.loss.is_finite(), "{case}");
                let far = (corrected.loss - mean).abs();
                assert!(far < 8.0 * error + corrected.truncation, "{case}");
                known += usize::from(corrected.truncation.is_finite());
                all += 1;
            }
        }
    }
    assert!(4 * known > 3 * all, "{known} of {all}");
}

/// Both sum the same orders; the transforms of the flow are right to 1e-6 of its first loss.
#[test]
fn it_is_where_gradient_flow_ends() {
    let spectrum = DesignSpectrum::new(&design(1.0, 1.0, 100)).unwrap();
    let first = spectrum.flow_curve(5.0, &[0.0]).unwrap()[0];
    for n in [1.0, 5.0, 20.5, 0.9 * spectrum.rank() as f64] {
        let late = spectrum.flow_curve(n, &[1e15]).unwrap()[0];
        let corrected = spectrum.corrected_loss(n, Regression::default()).unwrap().loss;
        assert!((corrected - late).abs() < 3e-6 * first, "N = {n}: {corrected} {late}");
    }
}

#[test]
fn where_the_equivalent_is_exact_nothing_is_corrected() {
    let spectrum = DesignSpectrum::new(&design(1.0, 1.0, 100)).unwrap();
    let rank = spectrum.rank() as f64;
    for n in [rank - 1.0, rank, rank + 1.0, rank + 5.0, f64::INFINITY] {
        let corrected = spectrum.corrected_loss(n, Regression::default()).unwrap();
        let plain = spectrum.averaged_loss(n, Regression::default()).unwrap();
        assert_eq!((corrected.loss, corrected.truncation), (plain, 0.0), "N = {n}");
    }
    let ridged = Regression::new(0.01, 0.2).unwrap();
    let wide = spectrum.corrected_loss(1e12, ridged).unwrap();
    let limit = spectrum.corrected_loss(f64::INFINITY, ridged).unwrap();
    // The corrections are of order r/N = 1e-10.
    assert!(
        (wide.loss / limit.loss - 1.0).abs() < 1e-9
            && wide.truncation < 1e-9
            && limit.truncation == 0.0
    );
}

#[test]
fn a_ridge_that_fades_is_none() {
    let spectrum = DesignSpectrum::new(&design(1.0, 20.0, 60)).unwrap();
    for noise in [0.0, 0.3] {
        let at = |ridge| {
            spectrum.corrected_loss(20.0, Regression::new(ridge, noise).unwrap()).unwrap().loss
        };
        // First order in the ridge over the smallest κ involved, 5e-3 here.
        assert!((at(1e-12) / at(0.0) - 1.0).abs() < 1e-8, "{} {}", at(1e-12), at(0.0));
    }
}
