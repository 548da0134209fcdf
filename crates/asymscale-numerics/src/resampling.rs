//! How often rows count when the blocks they belong to are drawn with replacement or left out.

/// How often each of `rows` rows counts when blocks of them are drawn: once for every time that its
/// block is.
///
/// For the bootstrap (B. Efron, *Bootstrap methods: another look at the jackknife*, Ann. Stat. 7
/// (1979) 1, doi:10.1214/aos/1176344552) `drawn` are as many numbers of blocks as there are blocks,
/// with replacement. Whoever draws them owns the generator.
///
/// **Cost.** The rows of the blocks drawn.
///
/// # Panics
/// If a number is no block's, or a block holds a row that is not below `rows`.
///
/// ```
/// use asymscale_numerics::block_counts;
/// let blocks = [vec![0, 2], vec![1]];
/// assert_eq!(block_counts(&blocks, 3, [0, 0]), [2.0, 0.0, 2.0]);
/// ```
pub fn block_counts(
    blocks: &[Vec<usize>],
    rows: usize,
    drawn: impl IntoIterator<Item = usize>,
) -> Vec<f64> {
    let mut counts = vec![0.0; rows];
    for block in drawn {
        assert!(block < blocks.len(), "block = {block}: must be < {}", blocks.len());
        for &row in &blocks[block] {
            assert!(row < rows, "row = {row} of block {block}: must be < {rows}");
            counts[row] += 1.0;
        }
    }
    counts
}

/// For a jackknife: lists of how often each of `rows` rows counts, 1 or 0, with each block left out
/// once; of more than `most` blocks, every `most`-th together.
///
/// The skewness of sums over the parts is that of the blocks. Source: B. Efron, *Better bootstrap
/// confidence intervals*, J. Am. Stat. Assoc. 82 (1987) 171, doi:10.1080/01621459.1987.10478410.
///
/// # Panics
/// If a block holds a row that is not below `rows`, or `most` is 0 and there are blocks.
///
/// ```
/// use asymscale_numerics::blocks_left_out;
/// let blocks = [vec![0], vec![1], vec![2]];
/// assert_eq!(blocks_left_out(&blocks, 3, 2), [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]);
/// ```
pub fn blocks_left_out(blocks: &[Vec<usize>], rows: usize, most: usize) -> Vec<Vec<f64>> {
    assert!(most > 0 || blocks.is_empty(), "most = 0: must be >= 1");
    let parts = blocks.len().min(most);
    let without = |part: usize| {
        let mut counts = vec![1.0; rows];
        for &row in blocks.iter().skip(part).step_by(parts).flatten() {
            assert!(row < rows, "row = {row}: must be < {rows}");
            counts[row] = 0.0;
        }
        counts
    };
    (0..parts).map(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_left_out_once() {
        let blocks: Vec<Vec<usize>> = (0..7).map(|k| vec![2 * k, 2 * k + 1]).collect();
        for most in [1, 3, 7, 100] {
            let lists = blocks_left_out(&blocks, 14, most);
            assert_eq!(lists.len(), most.min(7));
            for row in 0..14 {
                assert_eq!(
                    lists.iter().filter(|list| list[row] == 0.0).count(),
                    1,
                    "{most}: {row}"
                );
            }
        }
    }

    #[test]
    #[should_panic(expected = "block = 2: must be < 1")]
    fn a_block_that_is_none_is_refused() {
        block_counts(&[vec![0]], 1, [2]);
    }
}
