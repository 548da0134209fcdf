//! The mean loss of one pass of plain steps against its exact second moments.

use asymscale_dynamics::{Learner, Rule, Training, train};
use asymscale_model::{Amplitude, Coordinates, Decay, Schedule, SparseModel};
use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};

/// `E L_t` for `t = 0, …`: with `v_i = E e_i²`, `L = Σ λ_i v_i` and `m_i = E x_i⁴` a step of size
/// `η` on `B` fresh samples with noise of variance `σ²` leads to
/// `v_i ← (1 − ηλ_i)² v_i + (η²/B)[λ_i L + (m_i − 2λ_i²)v_i + σ²λ_i]`.
fn mean_losses(model: &SparseModel, training: &Training, count: u32, last: u64) -> Vec<f64> {
    let fourth = match model.amplitude() {
        Amplitude::Gaussian => 3.0,
        Amplitude::Rademacher => 1.0,
    };
    let of = |i: u32| {
        let index = f64::from(i);
        let lambda = model.eigenvalue(index);
        (lambda, fourth * lambda * lambda / model.activity(index))
    };
    let moments: Vec<(f64, f64)> = (1..=count).map(of).collect();
    let mut v = vec![1.0; count as usize];
    let mut losses = Vec::new();
    for step in 0..=last {
        let loss: f64 = moments.iter().zip(&v).map(|((lambda, _), v)| lambda * v).sum();
        losses.push(loss);
        let eta = training.schedule().rate_at(step);
        for ((lambda, m), v) in moments.iter().zip(&mut v) {
            let spread =
                lambda * loss + (m - 2.0 * lambda * lambda) * *v + training.noise() * lambda;
            *v = (1.0 - eta * lambda).powi(2) * *v + eta * eta / training.batch() as f64 * spread;
        }
    }
    losses
}

/// `n` = 20 000 runs of 64 steps on 40 coordinates, seeds from 40 on. Four standard errors for each
/// of 28 means: two-sided α = 6e-5 each.
#[test]
fn one_pass_of_plain_steps_has_the_mean_of_its_second_moments() {
    let cases = [
        (Amplitude::Gaussian, 1, 0.0, Decay::Constant),
        (Amplitude::Rademacher, 1, 0.5, Decay::Constant),
        (Amplitude::Gaussian, 4, 0.5, Decay::Cosine),
        (Amplitude::Rademacher, 2, 0.0, Decay::Power(0.5)),
    ];
    let steps = [0, 1, 2, 4, 8, 16, 64];
    for (case, (amplitude, batch, noise, decay)) in cases.into_iter().enumerate() {
        let model = SparseModel::power_law(1.0, 1.5, 1.5).unwrap().with_amplitude(amplitude);
        let model = model.with_coordinates(Coordinates::Finite(40)).unwrap();
        let schedule = Schedule::new(0.25, 64).unwrap().with_decay(decay).unwrap();
        let training = Training::new(Rule::Sgd, schedule, batch).unwrap();
        let training = training.with_noise(noise).unwrap();
        let mut losses = vec![Vec::new(); steps.len()];
        for run in 0..20_000 {
            let key = Key::new(40 + case as u64).index(run);
            let mut rng = key.label("design").stream();
            let design = Design::sample(&model, 64 * batch, &mut rng).unwrap();
            let teachers = Teachers::draw(&design, 1, TeacherLaw::Gaussian, &key);
            let (all, mut rng) = (Learner::Coordinates, key.label("training").stream());
            let trained = train(&design, &teachers, all, &training, &steps, &mut rng).unwrap();
            for (losses, loss) in losses.iter_mut().zip(trained.losses.losses) {
                losses.push(loss[0]);
            }
        }
        let exact = mean_losses(&model, &training, 40, 64);
        for (step, losses) in steps.iter().zip(&losses) {
            let (mean, error) = mean_and_standard_error(losses);
            let exact = exact[*step as usize];
            println!("{amplitude} B = {batch}, t = {step}: {mean:.5} ± {error:.5}, {exact:.5}");
            assert!((mean - exact).abs() < 4.0 * error, "{amplitude} B = {batch}, t = {step}");
        }
    }
}
