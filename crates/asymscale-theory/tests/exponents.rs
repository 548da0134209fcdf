//! Exponents with ridge and label noise against local slopes of the theory they are limits of.

use asymscale_model::{
    Amplitude::{self, Gaussian, Rademacher},
    SparseModel,
};
use asymscale_theory::{
    Budget, Regime, Regression, Ridge, SampleTheory, TheoryError, exponents, exponents_with,
    frontier, frontier_exponents, frontier_exponents_with, local_exponents, noise_crossover,
};

const RIDGELESS: Ridge = Ridge::Fixed(0.0);

fn model(alpha: f64, beta: f64, amplitude: Amplitude) -> SparseModel {
    SparseModel::power_law(alpha, beta, 1.0).unwrap().with_amplitude(amplitude)
}

/// The loss of infinitely many features.
fn loss(model: &SparseModel, samples: f64, ridge: Ridge, noise: f64) -> f64 {
    let theory = SampleTheory::new(model, samples).unwrap();
    let ridge = match ridge {
        Ridge::Fixed(ridge) => ridge,
        Ridge::Optimal => theory.optimal_ridge(f64::INFINITY, noise).unwrap(),
    };
    theory.loss_with(f64::INFINITY, Regression::new(ridge, noise).unwrap()).unwrap()
}

/// `−d ln L/d ln D` over two decades from `10^12` samples on.
fn slope(model: &SparseModel, ridge: Ridge, noise: f64) -> f64 {
    (loss(model, 1e12, ridge, noise) / loss(model, 1e14, ridge, noise)).ln() / 100f64.ln()
}

#[test]
fn exponents_in_samples_are_local_slopes() {
    // α, β, at distances from β = 1 + α where the lesser power is below 1 % of the greater.
    let points =
        [(0.5, 0.4), (1.0, 0.0), (1.0, 1.5), (2.0, 1.5), (2.0, 0.8), (0.5, 2.5), (1.0, 3.5)];
    for amplitude in [Gaussian, Rademacher] {
        for (alpha, beta) in points {
            let model = model(alpha, beta, amplitude);
            for (ridge, noise) in [(RIDGELESS, 0.0), (Ridge::Optimal, 0.0), (Ridge::Optimal, 1.0)] {
                let expected =
                    exponents_with(&model, ridge, noise).unwrap().unwrap().samples.unwrap();
                let measured = slope(&model, ridge, noise);
                assert!(
                    (measured - expected).abs() < 0.01,
                    "{alpha} {beta} {noise}: {measured} {expected}"
                );
            }
        }
    }
}

/// Infinitely many features without ridge: Rademacher amplitudes let noise through as `S/D`;
/// otherwise no power law.
#[test]
fn ridgeless_noise_has_a_law_of_its_own_or_none() {
    for (alpha, beta) in [(1.0, 1.5), (2.0, 2.0), (2.0, 1.5), (0.5, 2.5)] {
        let law = |amplitude| {
            exponents_with(&model(alpha, beta, amplitude), RIDGELESS, 1.0).unwrap().unwrap()
        };
        let expected = law(Rademacher).samples.unwrap();
        assert_eq!(expected, f64::min(alpha, beta - 1.0) / beta);
        let measured = slope(&model(alpha, beta, Rademacher), RIDGELESS, 1.0);
        assert!((measured - expected).abs() < 0.01, "{alpha} {beta}: {measured} {expected}");
        assert_eq!(law(Gaussian).samples, None);
        assert_eq!(loss(&model(alpha, beta, Gaussian), 1e12, RIDGELESS, 1.0), f64::INFINITY);
    }
    for amplitude in [Gaussian, Rademacher] {
        let dense = model(1.0, 0.5, amplitude);
        assert_eq!(exponents_with(&dense, RIDGELESS, 1.0).unwrap().unwrap().samples, None);
        // It tends to a constant, α σ².
        assert!(slope(&dense, RIDGELESS, 1.0).abs() < 1e-3);
        assert!((loss(&dense, 1e12, RIDGELESS, 1.0) - 1.0).abs() < 1e-2);
    }
}

#[test]
fn a_fixed_ridge_leaves_a_constant() {
    let model = model(1.0, 1.5, Gaussian);
    for noise in [0.0, 1.0] {
        let law = exponents_with(&model, Ridge::Fixed(1e-4), noise).unwrap().unwrap();
        assert_eq!((law.features, law.samples, law.compute), (None, None, None));
        assert_eq!(frontier_exponents_with(&model, Ridge::Fixed(1e-4), noise).unwrap(), None);
        assert!(slope(&model, Ridge::Fixed(1e-4), noise).abs() < 1e-3);
    }
}

/// `[π/((1+α) sin(π/(1+α)))] (σ²/D)^{α/(1+α)}` at the best ridge for `β < 1 + α`.
#[test]
fn the_prefactor_of_noise() {
    for (alpha, beta) in [(1.0, 1.5), (2.0, 1.5), (1.0, 0.5), (0.5, 1.2)] {
        let (angle, power) = (std::f64::consts::PI / (1.0 + alpha), alpha / (1.0 + alpha));
        let expected = |samples: f64| angle / angle.sin() * (0.3 / samples).powf(power);
        let ratio = |samples| {
            loss(&model(alpha, beta, Rademacher), samples, Ridge::Optimal, 0.3) / expected(samples)
        };
        let [far, farther] = [1e10, 1e14].map(|samples| (ratio(samples) - 1.0).abs());
        // What is left is the unseen mass, a lesser power.
        assert!(far < 0.02 && farther < 0.005, "{alpha} {beta}: {far} {farther}");
    }
}

#[test]
fn without_noise_and_ridge_they_are_the_plain_ones() {
    for (alpha, beta) in [(0.7, 0.3), (1.3, 1.7), (0.4, 5.0)] {
        let model = model(alpha, beta, Gaussian);
        let (plain, law) =
            (exponents(&model).unwrap(), exponents_with(&model, RIDGELESS, 0.0).unwrap().unwrap());
        assert_eq!((law.features, law.samples), (Some(plain.features), Some(plain.samples)));
        assert_eq!((law.threshold, law.compute), (plain.threshold, Some(plain.compute)));
        assert_eq!(
            frontier_exponents(&model),
            frontier_exponents_with(&model, RIDGELESS, 0.0).unwrap()
        );
    }
    let model = model(1.0, 1.5, Gaussian);
    assert_eq!(exponents_with(&model, Ridge::Fixed(-1.0), 0.0), Err(TheoryError::Ridge(-1.0)));
    assert_eq!(exponents_with(&model, Ridge::Optimal, -1.0), Err(TheoryError::Noise(-1.0)));
    assert_eq!(noise_crossover(&model, -1.0), Err(TheoryError::Noise(-1.0)));
}

/// Slopes between the optima of two budgets a decade apart, the local ones between, and the law.
#[test]
fn the_frontier_grows_as_its_exponents_with_noise() {
    for (alpha, beta, amplitude) in
        [(1.0, 1.5, Gaussian), (0.5, 0.7, Rademacher), (2.0, 1.5, Rademacher), (0.5, 2.5, Gaussian)]
    {
        let model = model(alpha, beta, amplitude);
        for (ridge, noise) in [(RIDGELESS, 0.0), (RIDGELESS, 1.0)] {
            let budget = |compute| Budget { compute, factor: 1.0, ridge, noise };
            let [first, middle, last] = [1e13, 1e13 * 10f64.sqrt(), 1e14]
                .map(|compute| frontier(&model, budget(compute)).unwrap().best());
            let local =
                local_exponents(&model, budget(1e13 * 10f64.sqrt()), middle).unwrap().unwrap();
            let law = frontier_exponents_with(&model, ridge, noise).unwrap().unwrap();
            let slopes = [
                (last.features / first.features).log10(),
                (last.samples / first.samples).log10(),
                (last.loss / first.loss).log10(),
            ];
            let case = format!("{alpha} {beta} {noise}: {slopes:?} {local:?} {law:?}");
            // Local slopes change over a decade by less than they differ from the limit; sizes are
            // good to 1e-4.
            for (slope, local) in
                slopes.into_iter().zip([local.features, local.samples, local.loss])
            {
                assert!((slope - local).abs() < 2e-3, "{case}");
            }
            assert!(local.is_near(&law, 0.03), "{case}");
        }
    }
}

/// `σ² ∝ D^{1 − (1+α)/max(1, β)}`, and the regimes on both sides.
#[test]
fn noise_rules_beyond_its_crossover() {
    for (alpha, beta) in [(1.0, 1.5), (1.0, 0.5), (2.0, 1.5), (0.5, 1.2)] {
        let model = model(alpha, beta, Gaussian);
        let [few, many] =
            [1e-6, 1e-8].map(|noise| noise_crossover(&model, noise).unwrap().unwrap());
        let power = 1.0 - (1.0 + alpha) / f64::max(1.0, beta);
        assert!(
            (0.01f64.ln() / (many / few).ln() / power - 1.0).abs() < 0.01,
            "{alpha} {beta}: {few} {many}"
        );
        let regime = |factor: f64| {
            let theory = SampleTheory::new(&model, factor * few).unwrap();
            theory.regime_with(f64::INFINITY, Regression::new(0.0, 1e-6).unwrap()).unwrap()
        };
        assert_eq!(regime(1.01), Regime::NoiseLimited);
        let without = if beta > 1.0 { Regime::CoverageLimited } else { Regime::SampleLimited };
        assert_eq!(regime(0.99), without);
    }
    assert_eq!(noise_crossover(&model(1.0, 2.1, Gaussian), 1.0).unwrap(), None);
    assert_eq!(noise_crossover(&model(1.0, 1.5, Gaussian), 0.0).unwrap(), None);
}

#[test]
fn regimes_name_what_leaves_the_fewest_directions() {
    let theory = SampleTheory::new(&model(1.0, 1.5, Gaussian), 1e4).unwrap();
    let regime = |features, ridge, noise| {
        theory.regime_with(features, Regression::new(ridge, noise).unwrap()).unwrap()
    };
    for features in [10.0, 5000.0, theory.coverage().threshold] {
        assert_eq!(regime(features, 0.0, 0.0), theory.regime(features).unwrap());
    }
    // Noise of 1 leaves some 160 directions; so does a ridge of 1e-4.
    assert_eq!(regime(100.0, 0.0, 1.0), Regime::FeatureLimited);
    assert_eq!(regime(200.0, 0.0, 1.0), Regime::NoiseLimited);
    assert_eq!(regime(200.0, 1e-4, 1.0), Regime::NoiseLimited);
    assert_eq!(regime(200.0, 1e-3, 1.0), Regime::RidgeLimited);
    assert_eq!(regime(theory.coverage().threshold, 0.0, 1.0), Regime::Interpolation);
    assert_eq!(regime(theory.coverage().threshold, 1e-4, 1.0), Regime::NoiseLimited);
}
