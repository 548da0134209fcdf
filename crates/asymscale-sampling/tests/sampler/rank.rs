//! The generic rank against elimination.

use crate::support::{power_law, with_activity};
use asymscale_model::Activity;
use asymscale_sampling::{Column, Design, Key};

/// Rank by Gaussian elimination with full pivoting on unit columns (scales span decades).
fn eliminated_rank(design: &Design) -> usize {
    let mut columns: Vec<Vec<f64>> = (0..design.seen()).map(|j| unit_column(design, j)).collect();
    let mut rank = 0;
    loop {
        let entries = columns
            .iter()
            .enumerate()
            .flat_map(|(j, c)| c.iter().enumerate().map(move |(i, x)| (j, i, x.abs())));
        let Some((pivot, row, size)) = entries.max_by(|a, b| a.2.total_cmp(&b.2)) else {
            return rank;
        };
        // A design this small keeps its independent directions far above, its dependent ones far
        // below.
        if size < 1e-9 {
            return rank;
        }
        let taken = columns.swap_remove(pivot);
        for column in &mut columns {
            let factor = column[row] / taken[row];
            for (x, t) in column.iter_mut().zip(&taken) {
                *x -= factor * t;
            }
            column[row] = 0.0;
        }
        rank += 1;
    }
}

fn unit_column(design: &Design, j: usize) -> Vec<f64> {
    let (rows, values) = design.column(j);
    let norm = values.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut column = vec![0.0; design.samples()];
    for (row, value) in rows.iter().zip(values) {
        column[*row as usize] = value / norm;
    }
    column
}

/// 40 Gaussian designs at each of 6 points around the crossover, seed 51: equal with probability 1.
#[test]
fn the_matching_is_the_rank_of_gaussian_designs() {
    for (beta, onset, last, samples) in [
        (1.5, 1.0, f64::INFINITY, 40),
        (1.5, 3.0, f64::INFINITY, 60),
        (1.2, 1.0, f64::INFINITY, 30),
        (2.0, 8.0, f64::INFINITY, 50),
        (0.7, 1.0, 60.0, 30),
        (0.0, 1.0, 12.0, 20),
    ] {
        let mut rng = Key::new(51).label(&format!("{beta} {onset}")).stream();
        for replicate in 0..40 {
            let design = Design::sample(&power_law(beta, onset, last), samples, &mut rng).unwrap();
            assert_eq!(
                design.rank(),
                eliminated_rank(&design),
                "beta {beta}, onset {onset}, replicate {replicate}"
            );
        }
    }
}

#[test]
fn one_sample_has_rank_one() {
    for onset in [1.0, 7.5] {
        let design =
            Design::sample(&power_law(1.5, onset, f64::INFINITY), 1, &mut Key::new(52).stream())
                .unwrap();
        assert_eq!(design.rank(), 1);
    }
}

#[test]
fn dense_designs_have_full_rank() {
    for (last, samples) in [(30.0, 12), (12.0, 30)] {
        let design =
            Design::sample(&power_law(0.0, 1.0, last), samples, &mut Key::new(53).stream())
                .unwrap();
        assert_eq!((design.rank(), design.nonzeros()), (12, 360));
    }
}

#[test]
fn samples_without_an_active_coordinate_are_harmless() {
    let never = with_activity(Activity::table(vec![0.0; 4]).unwrap(), 4.0);
    let design = Design::sample(&never, 9, &mut Key::new(54).stream()).unwrap();
    assert_eq!((design.seen(), design.nonzeros(), design.rank()), (0, 0, 0));
    assert_eq!(design.unseen_mass(), never.total_variance());
    // 5 coordinates of 8 samples, 3 % active: nearly all rows are zero.
    let rare = with_activity(Activity::uniform(0.03).unwrap(), 5.0);
    let mut rng = Key::new(55).stream();
    for _ in 0..200 {
        let design = Design::sample(&rare, 8, &mut rng).unwrap();
        assert_eq!(design.rank(), eliminated_rank(&design));
    }
}

#[test]
fn hand_made_columns_may_come_in_any_order() {
    let column = |index: f64, rows: &[u32]| Column {
        index,
        eigenvalue: 1.0 / index,
        entries: rows.iter().map(|row| (*row, f64::from(*row) + 0.5)).collect(),
    };
    let design =
        Design::from_columns(4, vec![column(9.0, &[3, 1]), column(2.0, &[1])], 0.25).unwrap();
    assert_eq!(design.indices(), [2.0, 9.0]);
    assert_eq!(design.eigenvalues(), [0.5, 1.0 / 9.0]);
    assert_eq!(design.column(1), (&[1, 3][..], &[1.5, 3.5][..]));
    assert_eq!((design.rank(), design.unseen_mass()), (2, 0.25));
    let empty = Design::from_columns(3, vec![], 1.0).unwrap();
    assert_eq!((empty.seen(), empty.rank(), empty.samples()), (0, 0, 3));
}
