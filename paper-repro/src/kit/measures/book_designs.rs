//! Designs that are verses of a book: the words of each with random signs, whose population has a
//! diagonal covariance, and the words as they stand, whose population is the rest of the book.

use crate::ChapterError;
use crate::kit::Text;
use asymscale_sampling::{Column, Design};
use asymscale_solvers::DesignSpectrum;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par, Spec};
use rand::{Rng, RngExt};

/// How the samples of a design were chosen: words independently, verses of a book at random, or
/// verses that follow each other.
pub const BOOK_KINDS: [&str; 3] = ["independent", "verses", "passages"];

/// Directions of a smaller share of the largest square are no directions: the entries of a Gram
/// matrix of words are sums of numbers near 1, with rounding of 1e-16 each.
const NO_DIRECTION: f64 = 1e-11;

/// The share of verses that each word stands in.
pub fn word_activity(text: &Text) -> Vec<f64> {
    let samples = text.samples.len() as f64;
    text.counts().iter().map(|count| *count as f64 / samples).collect()
}

/// The design of some verses (a number may stand twice): an entry is a random sign where the word
/// is in the verse, so that words are uncorrelated in the population and `λ_i = p_i`.
///
/// # Errors
/// As [`Design::from_columns`]; none for a verse or more.
pub fn signed_design<R: Rng + ?Sized>(
    text: &Text,
    activity: &[f64],
    verses: &[usize],
    rng: &mut R,
) -> Result<Design, ChapterError> {
    let mut entries = vec![Vec::new(); text.features];
    for (row, verse) in (0..).zip(verses) {
        for word in &text.samples[*verse] {
            let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
            entries[*word as usize].push((row, sign));
        }
    }
    let unseen = activity.iter().zip(&entries).filter(|(_, entries)| entries.is_empty());
    let unseen = unseen.map(|(p, _)| p).sum();
    let columns = (1..).zip(activity).zip(entries).filter(|(_, entries)| !entries.is_empty());
    let column = |((index, p), entries): ((u32, &f64), Vec<(u32, f64)>)| Column {
        index: f64::from(index),
        eigenvalue: *p,
        entries,
    };
    Ok(Design::from_columns(verses.len(), columns.map(column).collect(), unseen)?)
}

/// The spectrum of a design of different verses whose entries are 1 where the word is in the verse
/// and 0 elsewhere, less the share `p` of the whole book; the population is all other verses.
///
/// Its second moments `H` are not diagonal. Averaged over features and iid teachers, a loss still
/// depends on nothing but the eigenvalues `s_k` of the design's covariance, `v_kᵀ H v_k` of its
/// eigenvectors, and `tr H` outside of their span: features and teachers have no preferred
/// direction, and signs of `v_k` may be changed. So it is that of a design with one coordinate of
/// variance `v_kᵀ H v_k` for each direction, and the rest unseen, which is what is returned.
/// Exact for this population; rows that depend on others, as repeated verses do, lower the rank.
/// Cost: `O(D³)`, and an addition for each pair of seen words in each verse of the book.
///
/// # Errors
/// A decomposition that does not converge; else as [`DesignSpectrum::new`].
pub fn incidence_spectrum(
    text: &Text,
    activity: &[f64],
    verses: &[usize],
) -> Result<DesignSpectrum, ChapterError> {
    let size = verses.len();
    let (total, covariance) = others(text, activity, verses);
    let (squares, vectors) = eigen(&gram(text, activity, verses))?;
    let mut turned = Mat::zeros(size, size);
    matmul(turned.as_mut(), Accum::Replace, covariance.as_ref(), vectors.as_ref(), 1.0, Par::Seq);
    let largest = squares.iter().fold(0.0, |a: f64, b| a.max(*b));
    let (mut columns, mut left) = (Vec::new(), total);
    for (k, square) in squares.iter().enumerate().filter(|at| *at.1 > NO_DIRECTION * largest) {
        let weight = (0..size).map(|j| vectors[(j, k)] * turned[(j, k)]).sum::<f64>() / square;
        let (row, index) = (columns.len() as u32, columns.len() as f64 + 1.0);
        left -= weight;
        columns.push(Column { index, eigenvalue: weight, entries: vec![(row, square.sqrt())] });
    }
    Ok(DesignSpectrum::new(&Design::from_columns(size, columns, left)?)?)
}

/// `Σ p` over the words of a verse.
fn expected_overlap(activity: &[f64], sample: &[u32]) -> f64 {
    sample.iter().map(|word| activity[*word as usize]).sum()
}

/// Products of the centred rows of some verses with each other.
fn gram(text: &Text, activity: &[f64], verses: &[usize]) -> Mat<f64> {
    let squares: f64 = activity.iter().map(|p| p * p).sum();
    let overlaps: Vec<f64> =
        verses.iter().map(|verse| expected_overlap(activity, &text.samples[*verse])).collect();
    let mut holders = vec![Vec::new(); text.features];
    for (row, verse) in verses.iter().enumerate() {
        text.samples[*verse].iter().for_each(|word| holders[*word as usize].push(row));
    }
    let size = verses.len();
    let mut gram = Mat::from_fn(size, size, |i, j| squares - overlaps[i] - overlaps[j]);
    for rows in &holders {
        for i in rows {
            for j in rows {
                gram[(*i, *j)] += 1.0;
            }
        }
    }
    gram
}

/// Of the verses that are not in the design: `tr H`, and `X H Xᵀ` for the centred rows `X` of the
/// design, from how often words of the design stand together in a verse.
fn others(text: &Text, activity: &[f64], verses: &[usize]) -> (f64, Mat<f64>) {
    const UNSEEN: usize = usize::MAX;
    let (mut places, mut seen) = (vec![UNSEEN; text.features], 0);
    let mut taken = vec![false; text.samples.len()];
    for verse in verses {
        taken[*verse] = true;
        for word in &text.samples[*verse] {
            if places[*word as usize] == UNSEEN {
                places[*word as usize] = seen;
                seen += 1;
            }
        }
    }
    let squares: f64 = activity.iter().map(|p| p * p).sum();
    let rest = text.samples.iter().zip(&taken).filter(|(_, taken)| !**taken);
    let rest: Vec<&Vec<u32>> = rest.map(|(sample, _)| sample).collect();
    // With `b` the words of another verse, `q = Σ p` over them and `c = q − Σ p²`: means of `b bᵀ`,
    // `b`, `c b`, `c` and `c²` over the other verses.
    let mut pairs = Mat::<f64>::zeros(seen, seen);
    let (mut means, mut shifted) = (vec![0.0; seen], vec![0.0; seen]);
    let (mut total, mut shift, mut shift_squares) = (0.0, 0.0, 0.0);
    let share = 1.0 / rest.len() as f64;
    for sample in rest {
        let overlap = expected_overlap(activity, sample);
        let c = overlap - squares;
        total += share * (sample.len() as f64 - 2.0 * overlap + squares);
        shift += share * c;
        shift_squares += share * c * c;
        let known = |word: &u32| Some(places[*word as usize]).filter(|place| *place != UNSEEN);
        let known: Vec<usize> = sample.iter().filter_map(known).collect();
        for i in &known {
            means[*i] += share;
            shifted[*i] += share * c;
            let with = pairs.col_as_slice_mut(*i);
            for j in &known {
                with[*j] += share;
            }
        }
    }
    let row_of = |verse: &usize| {
        let words: Vec<usize> =
            text.samples[*verse].iter().map(|word| places[*word as usize]).collect();
        let sum = |of: &[f64]| words.iter().map(|word| of[*word]).sum::<f64>();
        let (overlap, mean, shifted) =
            (expected_overlap(activity, &text.samples[*verse]), sum(&means), sum(&shifted));
        (words, overlap, mean, shifted)
    };
    let rows: Vec<_> = verses.iter().map(row_of).collect();
    let mut covariance = Mat::zeros(verses.len(), verses.len());
    for (j, (words, q, mean, shifted)) in rows.iter().enumerate() {
        let mut together = vec![0.0; seen];
        for word in words {
            let with = pairs.col_as_slice(*word);
            together.iter_mut().zip(with).for_each(|(sum, pair)| *sum += pair);
        }
        for (i, (words, other_q, other_mean, other_shifted)) in rows.iter().enumerate() {
            let product: f64 = words.iter().map(|word| together[*word]).sum();
            covariance[(i, j)] =
                product - other_q * mean - q * other_mean + q * other_q - other_shifted - shifted
                    + (q + other_q) * shift
                    + shift_squares;
        }
    }
    (total, covariance)
}

/// Eigenvalues, ascending, and eigenvectors, on this thread.
fn eigen(matrix: &Mat<f64>) -> Result<(Vec<f64>, Mat<f64>), ChapterError> {
    let size = matrix.nrows();
    let (mut values, mut vectors) = (Diag::zeros(size), Mat::zeros(size, size));
    let (with, how) = (ComputeEigenvectors::Yes, Spec::default());
    let mut memory = MemBuffer::new(self_adjoint_evd_scratch::<f64>(size, with, Par::Seq, how));
    let (stack, how) = (MemStack::new(&mut memory), Spec::default());
    self_adjoint_evd(
        matrix.as_ref(),
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        stack,
        how,
    )
    .map_err(|_| format!("eigenvalues of {size} verses: do not converge"))?;
    Ok((values.column_vector().iter().copied().collect(), vectors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sampling::Key;

    /// Forty samples of nine words, drawn by a rule of their own, and their activity.
    fn small() -> (Text, Vec<f64>) {
        let mut stream = Key::new(5).stream();
        let words = |_| {
            let drawn =
                (0..9).filter(|word| stream.random_range(0.0..1.0) < 1.2 / f64::from(*word + 2));
            drawn.collect::<Vec<u32>>()
        };
        let samples: Vec<Vec<u32>> = (0..40).map(words).collect();
        let text = Text { samples, groups: vec![0; 40], features: 9, version: 0 };
        let activity = word_activity(&text);
        (text, activity)
    }

    /// By definition, with whole vectors: products of rows, and their mean squares over the others.
    #[test]
    fn products_are_those_of_centred_vectors() {
        let (text, activity) = small();
        let vector = |verse: usize| -> Vec<f64> {
            let mut vector: Vec<f64> = activity.iter().map(|p| -p).collect();
            text.samples[verse].iter().for_each(|word| vector[*word as usize] += 1.0);
            vector
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let verses = [3, 17, 4, 30];
        let rest: Vec<Vec<f64>> =
            (0..40).filter(|verse| !verses.contains(verse)).map(vector).collect();
        let mean = |of: &dyn Fn(&[f64]) -> f64| rest.iter().map(|x| of(x)).sum::<f64>() / 36.0;
        let (total, covariance) = others(&text, &activity, &verses);
        let gram = gram(&text, &activity, &verses);
        assert!((total - mean(&|x| dot(x, x))).abs() < 1e-12);
        for (i, a) in verses.iter().enumerate() {
            for (j, b) in verses.iter().enumerate() {
                let (a, b) = (vector(*a), vector(*b));
                assert!((gram[(i, j)] - dot(&a, &b)).abs() < 1e-12);
                let expected = mean(&|x| dot(x, &a) * dot(x, &b));
                assert!((covariance[(i, j)] - expected).abs() < 1e-12, "{i} {j}");
            }
        }
    }

    /// With every direction learned nothing is left, and a repeated sample adds no rank.
    #[test]
    fn a_design_of_all_directions_learns_everything() {
        let (mut text, _) = small();
        text.samples[1] = text.samples[0].clone();
        let activity = word_activity(&text);
        let verses: Vec<usize> = (0..30).collect();
        let spectrum = incidence_spectrum(&text, &activity, &verses).unwrap();
        assert_eq!(spectrum.rank(), 9);
        assert!(spectrum.residual_mass().abs() < 1e-12);
        let two = incidence_spectrum(&text, &activity, &[0, 1, 2]).unwrap();
        assert!(two.rank() == 2 && two.residual_mass() > 0.1);
    }

    /// Signs leave the pattern, and what no verse holds is the unseen mass.
    #[test]
    fn signed_designs_have_the_pattern_of_the_verses() {
        let (text, activity) = small();
        let verses = [7, 7, 21];
        let design = signed_design(&text, &activity, &verses, &mut Key::new(1).stream()).unwrap();
        let entries: usize = verses.iter().map(|verse| text.samples[*verse].len()).sum();
        assert_eq!((design.samples(), design.nonzeros()), (3, entries));
        let whole = design.unseen_mass() + design.eigenvalues().iter().sum::<f64>();
        assert!((whole - activity.iter().sum::<f64>()).abs() < 1e-12);
        assert!(design.columns().all(|(_, values)| values.iter().all(|x| x.abs() == 1.0)));
    }
}
