//! How often 95 % intervals of `simulate` hold the mean, over random models: the table of the
//! README.
//!
//! `cargo run --release -p asymscale-montecarlo --example coverage -- SEED MODELS DESIGNS`

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Held, case, coverage};

const GROUPS: [usize; 3] = [6, 16, 50];

fn main() {
    let number =
        |n: usize, default| std::env::args().nth(n).map_or(default, |word| word.parse().unwrap());
    let (seed, models, designs) = (number(1, 1), number(2, 40), number(3, 3000));
    println!("controls  designs  held   worst model  below 90 %  length  Student alone  its worst");
    for controls in [true, false] {
        let mut all: [Vec<(Held, Held)>; 3] = Default::default();
        for k in 0..models {
            let found = coverage(&case(seed as u64, k as u64, 8.0), designs, &GROUPS, controls);
            all.iter_mut().zip(found).for_each(|(all, found)| all.push(found));
        }
        for (group, found) in GROUPS.iter().zip(&all) {
            let known: Vec<&(Held, Held)> =
                found.iter().filter(|(new, _)| new.tried > 0.0).collect();
            let count = known.len() as f64;
            let mean = |of: &dyn Fn(&(Held, Held)) -> f64| {
                known.iter().map(|held| of(held)).sum::<f64>() / count
            };
            let least = |of: &dyn Fn(&(Held, Held)) -> f64| {
                known.iter().map(|held| of(held)).fold(1.0, f64::min)
            };
            let mut lengths: Vec<f64> =
                known.iter().map(|held| held.0.length / held.0.tried).collect();
            lengths.sort_by(f64::total_cmp);
            println!(
                "{controls:<9} {group:<8} {:.3}  {:.3}        {:<10}  {:.2}    {:.3}          {:.3}",
                mean(&|held| held.0.share()),
                least(&|held| held.0.share()),
                known.iter().filter(|held| held.0.share() < 0.9).count(),
                lengths[lengths.len() / 2],
                mean(&|held| held.1.share()),
                least(&|held| held.1.share()),
            );
        }
    }
}
