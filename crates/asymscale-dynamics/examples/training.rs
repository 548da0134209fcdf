//! One pass over fresh samples by several rules, beside what the samples have not shown.
//!
//! `cargo run --release -p asymscale-dynamics --example training -- 15` for `2^15` samples.

use asymscale_dynamics::{Learner, Rule, Training, train};
use asymscale_model::{Schedule, SparseModel};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let doublings = std::env::args().nth(1).map_or(Ok(15), |word| word.parse::<u32>())?;
    let samples = 1_usize << doublings;
    let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    let key = Key::new(1);
    let start = Instant::now();
    let design = Design::sample(&model, samples, &mut key.label("design").stream())?;
    let teachers = Teachers::draw(&design, 1, TeacherLaw::Gaussian, &key.label("teachers"));
    println!("{samples} samples drawn in {:.3} s", start.elapsed().as_secs_f64());
    let steps: Vec<u64> = (5..=doublings).step_by(2).map(|power| 1 << power).collect();
    let rules = [
        ("SGD", Rule::Sgd, 0.3),
        ("clipped", Rule::Clipped { norm: 1.0 }, 0.3),
        ("normalised", Rule::Normalised, 0.3),
        ("heavy ball", Rule::HeavyBall { momentum: 0.9 }, 0.03),
        ("Adagrad", Rule::Adagrad { epsilon: 0.0 }, 0.5),
        ("RMSprop", Rule::RmsProp { decay: 0.999, epsilon: 1e-8 }, 0.003),
        ("Adam", Rule::Adam { first: 0.9, second: 0.999, epsilon: 1e-8 }, 0.003),
        ("sign", Rule::Sign, 0.003),
        ("Gauss-Newton", Rule::GaussNewton { damping: 0.3 }, 1.0),
    ];
    for (name, rule, rate) in rules {
        let start = Instant::now();
        let training = Training::new(rule, Schedule::new(rate, samples as u64)?, 1)?;
        let mut rng = key.label("training").stream();
        let run = train(&design, &teachers, Learner::Coordinates, &training, &steps, &mut rng)?;
        print!("{name:>12}, {:.3} s:", start.elapsed().as_secs_f64());
        for (loss, unseen) in run.losses.teacher_means().iter().zip(&run.unseen_mass) {
            print!(" {loss:.4} ({:.1})", loss / unseen);
        }
        println!();
    }
    Ok(())
}
