//! Which features were active in which samples, and the groups that samples come in.

use crate::counts::interned::InternedTexts;
use crate::table::column::Fault;
use crate::table::lines::Lines;
use crate::table::usable::{ColumnFaults, Rows};
use crate::{TableError, quote};

/// Which features were active in which samples, where a table says so: events and matrices do.
///
/// Samples are numbered from 0 in the order in which they first appear in the file, so that drift
/// along it can be seen; of a matrix with a column a sample, in the order of columns.
///
/// ```
/// use asymscale_tables::{CountRequest, Layout, ReadOptions, Source, Table, read_counts};
/// let text = b"book,verse,word\nGen,G1,the\nGen,G1,sea\nGen,G2,the\nEx,E1,the\n".to_vec();
/// let table = Table::open(Source::bytes("words", text), ReadOptions::default())?;
/// let layout = Layout::Events { sample: "verse", feature: "word" };
/// let request = CountRequest { layout, group: Some("book"), ..CountRequest::default() };
/// let found = read_counts(&table, &request)?;
/// assert_eq!(found.counts, [3.0, 1.0]);
/// let incidence = found.incidence.expect("events say which samples they belong to");
/// assert_eq!(incidence.pairs, [(0, 0), (0, 1), (0, 2), (1, 0)]);
/// assert_eq!((incidence.samples, incidence.group_count), (3, 2));
/// assert_eq!(incidence.groups, Some(vec![0, 0, 1]));
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incidence {
    /// A feature, by its entry in [`counts`](crate::CountTable::counts), and a sample in which it
    /// was active; each once, ascending.
    pub pairs: Vec<(u32, u32)>,
    /// Samples, those without an active feature among them where they are known.
    pub samples: usize,
    /// The group of each sample, numbered from 0 in order of first appearance. Of events only
    /// samples that occur have one: where more samples were given, this is shorter than
    /// [`samples`](Self::samples).
    pub groups: Option<Vec<u32>>,
    /// Groups; 0 where none were asked for.
    pub group_count: usize,
}

/// What stands in the cells of a column of names that cannot be used.
pub(crate) fn suspect<'a>(title: &'a str, names: &mut InternedTexts) -> ColumnFaults<'a> {
    let faults: Vec<(usize, Fault)> = std::mem::take(&mut names.faults);
    ColumnFaults { title, must: "a name or a number", faults }
}

/// Refuses a column of one group only: nothing can be resampled by it.
pub(crate) fn refuse_single_group(
    file: &str,
    title: &str,
    groups: &InternedTexts,
) -> Result<(), TableError> {
    if groups.distinct() > 1 {
        return Ok(());
    }
    let what = format!(
        "--group-column: column {} holds {} in all rows that are used: at least two groups are needed; leave it out, or \
         name the column that says which document, book or run a sample belongs to",
        quote::name(title),
        quote::quoted(groups.text(0))
    );
    Err(TableError::Unclear { file: file.to_owned(), what })
}

/// The columns of samples and of groups of some rows, with their titles.
pub(crate) struct Grouped<'a> {
    pub(crate) samples: (&'a str, &'a InternedTexts),
    pub(crate) groups: (&'a str, &'a InternedTexts),
    pub(crate) kept: &'a Rows,
    pub(crate) lines: &'a Lines,
}

impl Grouped<'_> {
    /// The group of every sample, which must be the same in all of its rows.
    pub(crate) fn of_samples(&self, file: &str) -> Result<Vec<u32>, TableError> {
        refuse_single_group(file, self.groups.0, self.groups.1)?;
        let mut found: Vec<u32> = Vec::with_capacity(self.samples.1.distinct());
        let rows = self.samples.1.ids.iter().zip(&self.groups.1.ids);
        for (at, (&sample, &group)) in rows.enumerate() {
            match found.get(sample as usize) {
                Some(&known) if known != group => return Err(self.conflict(file, at, known)),
                Some(_) => {}
                // Samples are numbered as they appear, so this is the next one.
                None => found.push(group),
            }
        }
        Ok(found)
    }

    /// The sample of the row at `at` of those that are kept has another group than in its first
    /// row.
    fn conflict(&self, file: &str, at: usize, known: u32) -> TableError {
        let (sample, groups) = (self.samples.1.ids[at], self.groups.1);
        let first = self.samples.1.ids.iter().position(|id| *id == sample).unwrap_or(at);
        let place =
            |at: usize| self.lines.name(&self.kept.iter().nth(at).into_iter().collect::<Vec<_>>());
        let what = format!(
            "--group-column: sample {} of column {} is in group {} in {} and in group {} in {}: a sample belongs to one \
             group (column {}); if samples are numbered anew in each group, name them such that all differ",
            quote::quoted(self.samples.1.text(sample)),
            quote::name(self.samples.0),
            quote::quoted(groups.text(known)),
            place(first),
            quote::quoted(groups.text(groups.ids[at])),
            place(at),
            quote::name(self.groups.0)
        );
        TableError::Unclear { file: file.to_owned(), what }
    }
}
