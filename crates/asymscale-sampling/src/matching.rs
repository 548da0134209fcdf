//! Maximum matching between seen coordinates and samples (Hopcroft & Karp 1973,
//! doi:10.1137/0202019).
//!
//! A path may end in a free row at any depth, not at the shallowest only. That gives up the bound
//! of √(columns) phases, and in practice needs fewer of them.

const FREE: u32 = u32::MAX;

/// Size of a maximum matching between columns and the rows they are active in.
pub(crate) fn maximum(columns: &[&[u32]], rows: usize) -> usize {
    let mut order: Vec<&[u32]> = columns.to_vec();
    order.sort_by_key(|column| column.len());
    let unsure = unsure(&order);
    columns.len() - unsure + Matching::of(&order[..unsure], rows).size
}

/// The columns that some maximum matching leaves without a row, ascending: the horizontal part of
/// the decomposition of Dulmage & Mendelsohn (1958, doi:10.4153/CJM-1958-052-0).
///
/// They are the columns that alternating paths from the free columns of any one maximum matching
/// reach. The columns that [`unsure`] leaves out are never among them: the columns reached have
/// fewer rows than there are of them, while each of those left out has at least as many rows.
pub(crate) fn dispensable(columns: &[&[u32]], rows: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|j| columns[*j].len());
    let sorted: Vec<&[u32]> = order.iter().map(|j| columns[*j]).collect();
    let sorted = &sorted[..unsure(&sorted)];
    let layers = Matching::of(sorted, rows).layers(sorted);
    let mut reached: Vec<usize> =
        order.iter().zip(&layers).filter(|(_, layer)| **layer != FREE).map(|(j, _)| *j).collect();
    reached.sort_unstable();
    reached
}

/// How many of the columns, shortest first, have to be looked at: a column with at least as many
/// rows as there are columns can always be matched last; so can, by induction, all that stay when
/// such columns are taken off the end.
fn unsure(sorted: &[&[u32]]) -> usize {
    let mut count = sorted.len();
    while count > 0 && sorted[count - 1].len() >= count {
        count -= 1;
    }
    count
}

struct Matching {
    /// Row of each column.
    row_of: Vec<u32>,
    /// Column of each row.
    column_of: Vec<u32>,
    size: usize,
}

impl Matching {
    /// A maximum matching.
    fn of(columns: &[&[u32]], rows: usize) -> Self {
        let mut matching = Self::greedy(columns, rows);
        // Once every row is taken there is no other path, and the search for one would be long.
        while matching.size < rows.min(columns.len()) && matching.augment(columns) {}
        matching
    }

    /// Columns with few rows choose first.
    fn greedy(columns: &[&[u32]], rows: usize) -> Self {
        let mut matching =
            Self { row_of: vec![FREE; columns.len()], column_of: vec![FREE; rows], size: 0 };
        for (column, active) in columns.iter().enumerate() {
            if let Some(row) = active.iter().find(|row| matching.column_of[**row as usize] == FREE)
            {
                matching.pair(column, *row);
                matching.size += 1;
            }
        }
        matching
    }

    fn pair(&mut self, column: usize, row: u32) {
        self.row_of[column] = row;
        self.column_of[row as usize] = column as u32;
    }

    /// One phase: disjoint augmenting paths along the layers, at least one if there is any. False
    /// if there is none.
    fn augment(&mut self, columns: &[&[u32]]) -> bool {
        let mut layer = self.layers(columns);
        let mut next: Vec<usize> = vec![0; columns.len()];
        let before = self.size;
        for root in 0..columns.len() {
            if self.row_of[root] == FREE && self.path(root, columns, &mut layer, &mut next) {
                self.size += 1;
            }
        }
        self.size > before
    }

    /// Breadth-first distances of columns from the free ones.
    fn layers(&self, columns: &[&[u32]]) -> Vec<u32> {
        let mut layer = vec![FREE; columns.len()];
        let mut queue: Vec<usize> =
            (0..columns.len()).filter(|column| self.row_of[*column] == FREE).collect();
        for column in &queue {
            layer[*column] = 0;
        }
        let mut at = 0;
        while at < queue.len() {
            let column = queue[at];
            at += 1;
            for row in columns[column] {
                let other = self.column_of[*row as usize];
                if other != FREE && layer[other as usize] == FREE {
                    layer[other as usize] = layer[column] + 1;
                    queue.push(other as usize);
                }
            }
        }
        layer
    }

    /// Depth-first search along the layers from a free column; flips the path if it ends in a free
    /// row.
    fn path(
        &mut self,
        root: usize,
        columns: &[&[u32]],
        layer: &mut [u32],
        next: &mut [usize],
    ) -> bool {
        let mut trail = vec![root];
        while let Some(&column) = trail.last() {
            let Some(&row) = columns[column].get(next[column]) else {
                layer[column] = FREE;
                trail.pop();
                continue;
            };
            next[column] += 1;
            let other = self.column_of[row as usize];
            if other == FREE {
                self.flip(&trail, columns, next);
                return true;
            }
            if layer[other as usize] != FREE && layer[other as usize] == layer[column] + 1 {
                trail.push(other as usize);
            }
        }
        false
    }

    /// Every column of the trail takes the row it last looked at.
    fn flip(&mut self, trail: &[usize], columns: &[&[u32]], next: &[usize]) {
        for column in trail.iter().rev() {
            self.pair(*column, columns[*column][next[*column] - 1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{dispensable, maximum};
    use crate::{Design, Key};
    use asymscale_model::SparseModel;
    use rand::RngExt;

    /// Every subset of columns against every choice of rows.
    fn brute(columns: &[&[u32]], used: u32) -> usize {
        let Some((first, rest)) = columns.split_first() else { return 0 };
        let with = first
            .iter()
            .filter(|row| used & (1 << **row) == 0)
            .map(|row| 1 + brute(rest, used | (1 << row)));
        with.max().unwrap_or(0).max(brute(rest, used))
    }

    #[test]
    fn small_patterns_agree_with_brute_force() {
        let mut rng = Key::new(5).stream();
        for _ in 0..400 {
            let density = rng.random_range(0.05..0.6);
            let (count, rows) = (rng.random_range(0..7), rng.random_range(1..6));
            let columns: Vec<Vec<u32>> = (0..count)
                .map(|_| (0..rows).filter(|_| rng.random::<f64>() < density).collect())
                .collect();
            let columns: Vec<&[u32]> = columns.iter().map(Vec::as_slice).collect();
            assert_eq!(maximum(&columns, rows as usize), brute(&columns, 0), "{columns:?}");
            // Some maximum matching does without a column if the others have as large a one.
            let without = |j: usize| [&columns[..j], &columns[j + 1..]].concat();
            let expected: Vec<usize> = (0..columns.len())
                .filter(|j| brute(&without(*j), 0) == brute(&columns, 0))
                .collect();
            assert_eq!(dispensable(&columns, rows as usize), expected, "{columns:?}");
        }
    }

    /// One augmenting path at a time (the Hungarian method's search).
    fn one_by_one(columns: &[&[u32]], rows: usize) -> usize {
        fn found(
            j: usize,
            columns: &[&[u32]],
            taken: &mut [bool],
            column_of: &mut [Option<usize>],
        ) -> bool {
            for row in columns[j].iter().map(|row| *row as usize) {
                if !std::mem::replace(&mut taken[row], true)
                    && column_of[row].is_none_or(|other| found(other, columns, taken, column_of))
                {
                    column_of[row] = Some(j);
                    return true;
                }
            }
            false
        }
        let mut column_of = vec![None; rows];
        (0..columns.len())
            .filter(|j| found(*j, columns, &mut vec![false; rows], &mut column_of))
            .count()
    }

    /// Designs on both sides of the crossover from few to many seen coordinates, where greedy
    /// choices fail most.
    #[test]
    fn designs_near_the_crossover_agree_with_single_paths() {
        for (onset, samples) in [(1.0, 400), (3.0, 400), (6.0, 300), (20.0, 200)] {
            let model = SparseModel::power_law(1.0, 1.5, onset).unwrap();
            let mut rng = Key::new(6).stream();
            for _ in 0..10 {
                let design = Design::sample(&model, samples, &mut rng).unwrap();
                let columns: Vec<&[u32]> = (0..design.seen()).map(|j| design.column(j).0).collect();
                assert_eq!(design.rank(), one_by_one(&columns, samples), "onset {onset}");
            }
        }
    }

    #[test]
    fn no_columns_and_full_columns() {
        assert_eq!(maximum(&[], 4), 0);
        let full: &[u32] = &[0, 1, 2];
        assert_eq!(maximum(&[full; 2], 3), 2);
        assert_eq!(maximum(&[full; 5], 3), 3);
    }
}
