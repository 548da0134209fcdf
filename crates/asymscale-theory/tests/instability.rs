//! The diagonal law against golden values, its asymptote against it, and refusals.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::{
    TheoryError, expected_large_entries, instability_asymptote, instability_probability,
};

struct Row {
    model: SparseModel,
    samples: f64,
    rate: f64,
    value: f64,
}

fn parse(line: &str) -> Row {
    let fields: Vec<&str> = line.split(',').collect();
    let number = |k: usize| fields[k].parse::<f64>().unwrap();
    let model = SparseModel::power_law(number(1), number(2), number(3))
        .unwrap()
        .with_amplitude(fields[0].parse().unwrap())
        .with_coordinates(fields[4].parse().unwrap())
        .unwrap();
    Row { model, samples: number(5), rate: number(6), value: number(7) }
}

/// The generator's own precision, and what is asked for.
const TOLERANCE: f64 = 1e-6;

#[test]
fn every_golden_row_is_met() {
    let table = include_str!("data/instability.csv");
    let lines =
        table.lines().filter(|line| !line.starts_with('#') && !line.starts_with("amplitude"));
    let (mut rows, mut bad) = (0, 0);
    for line in lines {
        let row = parse(line);
        let got = instability_probability(&row.model, row.samples, row.rate).unwrap();
        let error = (got / row.value - 1.0).abs();
        rows += 1;
        if error.is_nan() || error > TOLERANCE {
            bad += 1;
            println!("{line}: got {got}, relative error {error:.1e}");
        }
    }
    assert!(rows >= 30, "only {rows} rows");
    assert_eq!(bad, 0, "of {rows} rows");
}

/// The law of a model of few coordinates, from the definition: every product and every sum in full.
fn by_definition(model: &SparseModel, coordinates: u32, samples: u32, rate: f64) -> f64 {
    use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete};
    let level = 2.0 * f64::from(samples) / rate;
    let stays = |i: f64| {
        let (p, x) = (model.activity(i), level / model.scale_squared(i));
        let below = |k: u64| match model.amplitude() {
            _ if k == 0 => 1.0,
            Amplitude::Gaussian => ChiSquared::new(k as f64).unwrap().cdf(x),
            Amplitude::Rademacher => f64::from(u8::from(k as f64 <= x)),
        };
        let count = Binomial::new(p, u64::from(samples)).unwrap();
        (0..=u64::from(samples)).map(|k| count.pmf(k) * below(k)).sum::<f64>()
    };
    1.0 - (1..=coordinates).map(|i| stays(f64::from(i))).product::<f64>()
}

/// Uniform and table activities, finite power laws, both amplitudes. The definition subtracts from
/// 1: what it loses is 1e-15 a factor, and the least probability here is 1e-3.
#[test]
fn small_models_follow_the_definition() {
    let spectrum = Spectrum::power_law(0.5).unwrap();
    let table = (1..=40).map(|i| if i % 7 == 0 { 0.0 } else { 1.0 / f64::from(i) }).collect();
    let laws = [
        Activity::uniform(0.2).unwrap(),
        Activity::table(table).unwrap(),
        Activity::power_law(2.5, 3.5).unwrap(),
        Activity::power_law(1.5, 1.0).unwrap(),
    ];
    for activity in laws {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let model = SparseModel::new(
                spectrum.clone(),
                activity.clone(),
                amplitude,
                Coordinates::Finite(40),
            )
            .unwrap();
            for (samples, rate) in [(1, 1.9), (5, 1.3), (20, 1.1)] {
                let expected = by_definition(&model, 40, samples, rate);
                let got = instability_probability(&model, f64::from(samples), rate).unwrap();
                assert!(
                    (got - expected).abs() < 1e-12 + 1e-10 * expected,
                    "{model:?} {samples}: {got} {expected}"
                );
            }
        }
    }
}

/// The law is a sum over coordinates: cutting it anywhere, in the middle of a panel too, must not
/// show.
#[test]
fn finite_numbers_of_coordinates_lead_up_to_infinitely_many() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap().with_amplitude(amplitude);
        let of = |m| {
            let model = model.clone().with_coordinates(m).unwrap();
            instability_probability(&model, 4096.0, 0.5).unwrap()
        };
        let ladder = [1_000, 1_024, 1_025, 3_000, 40_000, 1_000_000, 1_000_000_000];
        let values: Vec<f64> = ladder.into_iter().map(|m| of(Coordinates::Finite(m))).collect();
        assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{values:?}");
        // What lies beyond M is at most its expected count, D M^{-1.5}/1.5, which is 9e-11.
        let missing = of(Coordinates::Infinite) - values[values.len() - 1];
        assert!((0.0..1e-10).contains(&missing), "{missing}");
    }
}

/// Where `β` is near `1 + α` the asymptote is far off however large the separation, and its ratio
/// to the law says so.
#[test]
fn an_asymptote_that_does_not_decide_says_so() {
    for (alpha, beta, samples, rate) in
        [(0.5, 1.6, 30.0, 1.0), (0.5, 1.51, 100.0, 0.01), (1.0, 2.1, 64.0, 1.5)]
    {
        let model = SparseModel::power_law(alpha, beta, 1.0).unwrap();
        let law = instability_asymptote(&model, samples, rate).unwrap();
        let exact = instability_probability(&model, samples, rate).unwrap();
        assert_eq!(law.ratio, exact / law.probability);
        assert!(law.separation > 1e3 && !(0.5..2.0).contains(&law.ratio), "{law:?}");
    }
}

/// The asymptote is the limit: its relative error falls as `1/separation` or faster, from 1 % at
/// 100 (the first order left out is that of two activations, `(c D^{1/β}/i*)^β` and smaller, and
/// one coordinate more or less, `1/i*`).
#[test]
fn the_law_approaches_its_asymptote() {
    for (alpha, beta, onset) in [(0.5, 2.5, 1.0), (1.0, 2.5, 1.0), (1.0, 3.0, 4.0), (0.9, 2.6, 1.0)]
    {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let model =
                SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            for samples in [1e3, 1e5, 1e7] {
                let law = instability_asymptote(&model, samples, 0.2).unwrap();
                let ratio =
                    instability_probability(&model, samples, 0.2).unwrap() / law.probability;
                let allowed = 1.0 / law.separation + 10.0 / law.index + 1e-7;
                assert!(
                    law.separation < 100.0 || (ratio - 1.0).abs() < allowed,
                    "{model:?} {samples}: {ratio}"
                );
            }
        }
    }
}

#[test]
fn outside_of_its_domain_the_asymptote_is_an_error() {
    let model = |beta| SparseModel::power_law(1.0, beta, 1.0).unwrap();
    assert_eq!(
        instability_asymptote(&model(2.0), 100.0, 0.5),
        Err(TheoryError::RareNotLarge { beta: 2.0, needed: 2.0 })
    );
    assert_eq!(
        instability_asymptote(&model(3.0), 100.0, 2.0),
        Err(TheoryError::RateBeyondHead { rate: 2.0, limit: 2.0 })
    );
    let finite = model(3.0).with_coordinates(Coordinates::Finite(1000)).unwrap();
    assert!(instability_asymptote(&finite, 100.0, 0.5).is_err());
    assert!(expected_large_entries(&model(1.5), 100.0, 400.0).is_err());
    for rate in [0.0, -1.0, 5e-324, 1e31, f64::NAN, f64::INFINITY] {
        let error = instability_probability(&model(3.0), 100.0, rate).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("rate = {rate}: the step size must be a number in 1e-100..1e30")
        );
    }
    for samples in [0.0, 2.5, f64::INFINITY, f64::NAN] {
        let error = instability_probability(&model(3.0), samples, 0.5).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("samples = {samples}: must be a whole number"))
        );
    }
    let one_hot = SparseModel::new(
        Spectrum::power_law(1.0).unwrap(),
        Activity::one_hot(3.0).unwrap(),
        Amplitude::Gaussian,
        Coordinates::Infinite,
    );
    assert_eq!(instability_probability(&one_hot.unwrap(), 100.0, 0.5), Err(TheoryError::OneHot));
}

/// Below β = 1 + α the probability is exponential in D and soon below 1e-300; it stays positive and
/// falls.
#[test]
fn exponentially_small_probabilities_keep_their_digits() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let logs: Vec<f64> = [64.0, 128.0, 256.0, 512.0, 1024.0]
        .into_iter()
        .map(|samples| instability_probability(&model, samples, 0.8).unwrap().ln())
        .collect();
    // The head alone: ln P(χ_D > 2D/η)/D → −½(2.5 − 1 − ln 2.5) = −0.292 per sample, and −ln
    // D/(2D).
    for (n, pair) in logs.windows(2).enumerate() {
        let per_sample = (pair[1] - pair[0]) / (64.0 * f64::from(1 << n));
        assert!((per_sample + 0.292).abs() < 0.02, "{logs:?}");
    }
}

/// E[K] of entries is the law itself where one activation decides.
#[test]
fn large_entries_are_counted() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(0.9, 2.6, 1.0).unwrap().with_amplitude(amplitude);
        let expected = expected_large_entries(&model, 4000.0, 8000.0 / 0.3).unwrap();
        let law = instability_probability(&model, 4000.0, 0.3).unwrap();
        // Coordinates of two activations that only together exceed: of relative order D p(i*) ~
        // 1e-6.
        assert!(expected < law * (1.0 + 1e-6) && expected > 0.99 * law, "{expected} {law}");
    }
}
