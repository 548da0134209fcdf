//! Literal runs and samples.

use crate::common::{
    AMPLITUDES, Generator, InputLaw, PLAIN, Setting, close, finite, one_hot, power_law, run,
};
use asymscale_model::{Amplitude, Coordinates, Decay, Schedule, SparseModel, Teacher};
use asymscale_theory::OnePass;

/// The losses of one literal run at some steps.
fn literal(
    model: &SparseModel,
    schedule: Schedule,
    setting: Setting,
    (steps, random): (&[u64], &mut Generator),
) -> Vec<f64> {
    let count = model.coordinates().as_f64() as usize;
    let index = |k: usize| (k + 1) as f64;
    let teacher: Vec<f64> =
        (0..count).map(|k| model.weight_energy(index(k)).sqrt() * random.normal()).collect();
    let (mut theta, mut before) = (vec![0.0; count], vec![0.0; count]);
    let inputs = InputLaw::of(model);
    let (mut x, mut losses) = (vec![0.0; count], Vec::new());
    for step in 0..=*steps.last().unwrap() {
        if steps.contains(&step) {
            let loss = |k: usize| model.eigenvalue(index(k)) * (teacher[k] - theta[k]).powi(2);
            losses.push((0..count).map(loss).sum());
        }
        let mut gradient = vec![0.0; count];
        for _ in 0..setting.batch {
            random.input(&inputs, &mut x);
            let error: f64 = (0..count).map(|k| x[k] * (teacher[k] - theta[k])).sum();
            let error = error + setting.noise.sqrt() * random.normal();
            gradient.iter_mut().zip(&x).for_each(|(g, x)| *g += error * x);
        }
        let factor = schedule.rate_at(step) / setting.batch as f64;
        for ((theta, before), gradient) in theta.iter_mut().zip(&mut before).zip(gradient) {
            let move_by = setting.momentum * (*theta - *before) + factor * gradient;
            *before = *theta;
            *theta += move_by;
        }
    }
    losses
}

/// 4000 literal runs each of eight settings, at three times, seeds 1 to 8: means within 4 standard
/// errors (one of 24 is beyond by chance with probability 0.2 %) or 1 %, whichever is more.
#[test]
fn literal_runs_have_these_means() {
    let base = |beta, amplitude| finite(&power_law(1.0, beta, 2.0, amplitude), 12);
    let hard = base(1.5, Amplitude::Rademacher).with_teacher(Teacher::power_law(1.4).unwrap());
    let [gaussian, rademacher] = AMPLITUDES;
    let twelve = Coordinates::Finite(12);
    let cases = [
        (base(1.5, gaussian), Decay::Constant, PLAIN, 0.2),
        (base(1.5, rademacher), Decay::Linear, Setting { batch: 4, noise: 0.5, ..PLAIN }, 0.5),
        (hard.unwrap(), Decay::Power(0.5), PLAIN, 0.4),
        (base(2.4, rademacher), Decay::Constant, Setting { noise: 0.2, ..PLAIN }, 0.1),
        (base(0.5, gaussian), Decay::Cosine, Setting { batch: 32, noise: 1.0, momentum: 0.5 }, 0.3),
        (base(1.5, rademacher), Decay::Constant, Setting { momentum: 0.8, ..PLAIN }, 0.05),
        (
            one_hot(1.0, 1.5, rademacher, twelve),
            Decay::Constant,
            Setting { noise: 0.1, ..PLAIN },
            0.2,
        ),
        (
            one_hot(0.5, 1.2, gaussian, twelve),
            Decay::Linear,
            Setting { batch: 3, noise: 0.0, momentum: 0.7 },
            0.05,
        ),
    ];
    let steps = [1, 8, 50];
    for (seed, (model, decay, setting, rate)) in (1..).zip(cases) {
        let schedule = Schedule::new(rate, 60).unwrap().with_decay(decay).unwrap();
        let mut random = Generator(seed);
        let runs: Vec<Vec<f64>> =
            (0..4000).map(|_| literal(&model, schedule, setting, (&steps, &mut random))).collect();
        let expected = run(&model, schedule, setting).losses(&steps).unwrap();
        for (at, expected) in expected.into_iter().enumerate() {
            let values = runs.iter().map(|run| run[at]);
            let mean = values.clone().sum::<f64>() / 4000.0;
            let variance = values.map(|x| (x - mean).powi(2)).sum::<f64>() / 3999.0;
            let allowed = (4.0 * (variance / 4000.0).sqrt()).max(0.01 * expected);
            assert!(
                (mean - expected).abs() < allowed,
                "seed {seed}, step {}: {mean} and not {expected} ± {allowed}",
                steps[at]
            );
        }
    }
}

/// Spikes among 200 000 samples of two models, seed 1: within 4 standard errors of a Poisson
/// number. The asymptote is 1 % off at these step sizes, as far as the sum is no integral.
#[test]
fn spikes_have_their_rate() {
    let mut random = Generator(1);
    for (beta, amplitude, rate) in
        [(2.5, Amplitude::Gaussian, 0.3), (3.0, Amplitude::Rademacher, 0.2)]
    {
        let model = power_law(0.5, beta, 1.0, amplitude);
        let some = finite(&model, 200);
        let inputs = InputLaw::of(&some);
        let one_pass = OnePass::new(&some, Schedule::new(rate, 1).unwrap());
        let (mut x, mut spikes) = (vec![0.0; 200], 0);
        for _ in 0..200_000 {
            random.input(&inputs, &mut x);
            spikes += x.iter().filter(|x| rate * **x * **x > 2.0).count();
        }
        let expected = 200_000.0 * one_pass.spike_rate();
        assert!((spikes as f64 - expected).abs() < 4.0 * expected.sqrt(), "{spikes} {expected}");
        let small = OnePass::new(&model, Schedule::new(0.001, 1).unwrap());
        close(small.spike_rate(), small.rare_steps().unwrap().spike_rate, 0.01, "asymptote");
    }
}
