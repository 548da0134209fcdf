//! How often the words of `asymscale_theory::Reliability` hold, over random models, sizes, ridges
//! and noises, as a table.
//!
//! `cargo run --release -p asymscale-montecarlo --example words -- SEED POINTS DESIGNS` (1, 500 and
//! 100; some minutes).

#[path = "../tests/words/question.rs"]
mod question;

use asymscale_theory::Reliability;
use question::{Question, Verdict, stream};
use rayon::prelude::*;

/// Standard errors of a simulated mean that are not held against theory.
const DEVIATIONS: f64 = 2.5;
/// Steepest spectra of the two halves of the table.
const STEEPEST: [f64; 2] = [1.5, 20.0];

fn main() {
    let number = |n: usize, default| {
        std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"))
    };
    let (seed, points, designs) = (number(1, 1), number(2, 500), number(3, 100));
    println!("α to   word   said     compared  beyond   within 10 %");
    for steepest in STEEPEST {
        let mut rng = stream(seed as u64);
        let questions: Vec<Question> =
            (0..points).map(|_| Question::draw(&mut rng, steepest)).collect();
        let answer = |(k, question): (usize, &Question)| {
            let (_, stated) = question.stated()?;
            let verdict = Verdict::of(question, designs, DEVIATIONS, k as u64);
            Some((Reliability::of_error(stated), verdict))
        };
        let all: Vec<_> = questions.par_iter().enumerate().filter_map(answer).collect();
        for word in [Reliability::Good, Reliability::Fair, Reliability::Poor] {
            let said: Vec<_> = all.iter().filter(|(other, _)| *other == word).collect();
            let compared: Vec<Verdict> = said.iter().filter_map(|(_, verdict)| *verdict).collect();
            let beyond = compared.iter().filter(|verdict| verdict.is_beyond()).count();
            let near = compared.iter().filter(|verdict| verdict.is_within(0.1)).count();
            let share = |count: usize, all: usize| 100.0 * count as f64 / all.max(1) as f64;
            println!(
                "{steepest:4}   {word:4} {:5.1} %   {:8}  {:4.1} %    {:5.1} %",
                share(said.len(), all.len()),
                compared.len(),
                share(beyond, compared.len()),
                share(near, compared.len()),
            );
        }
    }
}
