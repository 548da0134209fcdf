//! `--save-model`: the features of a table, and those it does not show, as a model that theory can
//! be asked about.

use super::words::{digits, many};
use crate::cli::{Failure, files};
use crate::fitting::diagnosis::{
    ActivationCounts, Continuation, Diagnosis, Estimate, FeatureModel, FeatureModels, Method,
    ModelFeature, ModelTail,
};
use crate::sampling::Key;
use asymscale_tables::Lines;
use clap::Args;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The most draws of a model.
const MOST_DRAWS: usize = 1000;

#[derive(Debug, Args)]
pub(super) struct SaveModelFlags {
    /// Save variance and activity of every feature, seen or expected, as a CSV that --model of
    /// loss, coverage, simulate, frontier and descent reads
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,
    /// Save as many draws of what might as well be true beside it, FILE.1.csv and so on: answers
    /// to all of them make an interval. In 0..1000
    #[arg(
        long,
        value_name = "K",
        value_parser = draws,
        default_value = "0",
        requires = "save_model",
        allow_hyphen_values = true
    )]
    model_resamples: usize,
}

fn draws(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|draws| *draws <= MOST_DRAWS)
        .ok_or_else(|| format!("{text:?} must be a whole number in 0..{MOST_DRAWS}"))
}

/// What features of a table are called.
pub(super) struct FeatureNames<'a> {
    /// As the table has them; may be empty.
    pub(super) names: &'a [String],
    pub(super) lines: &'a Lines,
}

impl SaveModelFlags {
    /// Whether a model is to be saved.
    pub(super) fn asked(&self) -> bool {
        self.save_model.is_some()
    }

    /// Refuses files that could not be written, and the table itself, before any work.
    pub(super) fn check(&self, table: Option<&Path>) -> Result<(), Failure> {
        for path in self.paths() {
            files::check_writable("save-model", &path)?;
            let same = |path: &Path| path.canonicalize().ok();
            if same(&path).is_some_and(|path| table.and_then(same) == Some(path)) {
                return Err(Failure::input(format!(
                    "--save-model {}: must be another file than the table that is read",
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// The file of the model and those of its draws.
    fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let draws = |path: &PathBuf| {
            let path = path.clone();
            (0..=self.model_resamples).map(move |draw| of_draw(&path, draw))
        };
        self.save_model.iter().flat_map(draws)
    }

    /// Writes the models and says what is in them; `None` where none is asked for.
    pub(super) fn save(
        &self,
        counts: &ActivationCounts,
        diagnosis: &Diagnosis,
        names: &FeatureNames<'_>,
        (level, seed): (f64, u64),
    ) -> Result<Option<String>, Failure> {
        let Some(path) = &self.save_model else { return Ok(None) };
        let models = FeatureModels::new(counts, diagnosis, level);
        let fitted = models.fitted();
        for (draw, path) in self.paths().enumerate() {
            let key = Key::new(seed).label("diagnose").label("model").index(draw as u64);
            let text = match draw {
                0 => table(&fitted, names),
                _ => table(&models.draw(&mut key.stream()), names),
            };
            files::save("save-model", &path, text.as_bytes())?;
        }
        let mut said = told(path, &fitted, counts, names);
        if self.model_resamples > 0 {
            let last = of_draw(path, self.model_resamples);
            writeln!(
                said,
                "Draws of what might as well be true: {} to {}; answers to all of them make an interval.",
                of_draw(path, 1).display(),
                last.display()
            )
            .expect("writes to a string");
        }
        Ok(Some(said))
    }
}

/// `features.csv`, `features.1.csv`, `features.2.csv`.
fn of_draw(path: &Path, draw: usize) -> PathBuf {
    if draw == 0 {
        return path.to_owned();
    }
    match path.extension() {
        Some(extension) => path.with_extension(format!("{draw}.{}", extension.display())),
        None => path.with_extension(draw.to_string()),
    }
}

/// The file: the tail, a header, a row a feature.
fn table(model: &FeatureModel, names: &FeatureNames<'_>) -> String {
    let mut text = String::new();
    if let Some(ModelTail { variance, activity }) = model.tail {
        let [a, b, c, d] =
            [variance.front, variance.exponent, activity.front, activity.exponent].map(number);
        text = format!("# tail: variance {a} {b}, activity {c} {d}\n");
    }
    text += "feature,count,variance,activity,activity_mean,activity_low,activity_high\n";
    for feature in &model.features {
        let &ModelFeature { row, count, variance, activity, posterior } = feature;
        let name = row.map_or(String::new(), |row| match names.names.get(row) {
            Some(name) => quoted(name),
            None => names.lines.of(row).to_string(),
        });
        let (variance, activity) = (number(variance), number(activity));
        let ends = posterior.map_or(",,".to_owned(), |Estimate { value, lower, upper }| {
            format!("{},{},{}", number(value), number(lower), number(upper))
        });
        writeln!(text, "{name},{count},{variance},{activity},{ends}").expect("writes to a string");
    }
    text
}

/// The fewest digits that read back as the same number.
fn number(value: f64) -> String {
    if value == 0.0 || (1e-4..1e15).contains(&value) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// A cell of a CSV.
fn quoted(name: &str) -> String {
    let plain = !name.contains(['"', ',', '\n', '\r', '#', ';', '\t']) && name.trim() == name;
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// What is in the file, and what it rests on.
fn told(
    path: &Path,
    model: &FeatureModel,
    counts: &ActivationCounts,
    names: &FeatureNames<'_>,
) -> String {
    let (seen, all) = (model.seen(), model.features.len());
    let mut lines = vec![format!(
        "Saved a model of {} to {}: {} seen and {} expected but not seen.",
        many(all as f64, "feature"),
        path.display(),
        digits(seen as f64),
        digits((all - seen) as f64)
    )];
    lines.push(continuation(model));
    if model.law.is_some() {
        lines.push(
            "Activities are counts over samples, moved towards the law where counts are small; features of equal count are \
             spread over what their count leaves open, in the order of the table."
                .into(),
        );
    }
    lines.push(match (counts.has_second_moments(), model.law) {
        (false, _) => {
            "Variances are activities: every activation is taken to have energy 1 (--moment-column if that is known).".into()
        }
        (true, Some(_)) => {
            "Variances are second moments, moved towards their relation to activity where counts are small.".into()
        }
        (true, None) => "Variances are second moments as they stand.".into(),
    });
    let unit = if counts.grouped() { "group" } else { "sample" };
    if counts.grouped() {
        lines.push("A sample of the model is a group: activities are by groups.".into());
    }
    lines.push(match counts.floor() {
        1 => format!(
            "{} of the model are expected to show {}; the table has {}.",
            many(counts.units(), unit),
            many(model.expected_seen(counts.units()), "feature"),
            digits(seen as f64)
        ),
        floor => format!(
            "Features active less than {floor} times are among those expected, also where the table has them."
        ),
    });
    if names.names.is_empty() {
        lines.push(format!("Features are called by their {} in the table.", names.lines.word()));
    }
    lines.join("\n") + "\n"
}

/// What follows the last row, and why.
fn continuation(model: &FeatureModel) -> String {
    match (model.continuation, model.tail) {
        (_, Some(ModelTail { variance, activity })) => format!(
            "After the last row activity goes on as i^-{:.3} and variance as i^-{:.3} by {}, i the number of the row.",
            activity.exponent,
            variance.exponent,
            match model.law {
                Some(Method::PowerLaw) => "the power law",
                _ => "the tangent of the law, which falls faster further on",
            }
        ),
        (Continuation::Endless | Continuation::NoSum, None) => {
            "There is no tail: by the law, activities or variances of ever rarer features have no sum that counts can tell."
                .into()
        }
        (Continuation::Ends, None) => {
            "There is no tail: by the law, there are no more features than these.".into()
        }
        (Continuation::Cut, None) => {
            "There is no tail, and the rarest of the known features are missing: they are more than a model has rows.".into()
        }
        (Continuation::Undecided, None) => {
            "There is no tail: laws with and without an end fit alike. What was not seen is listed by the best of them as far \
             as rows go; what is asked about much more data is too optimistic if more follows. Draws (--model-resamples) go on or end as their laws do."
                .into()
        }
        (Continuation::AllSeen, None) => "There is no tail: all features were seen.".into(),
        (Continuation::NoLaw, None) => {
            "There is no tail: no law of activity describes these counts. Activities are counts over samples, features not \
             seen are left out, and what is asked about more data is too optimistic where there are any."
                .into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{number, of_draw, quoted};
    use std::path::Path;

    #[test]
    fn numbers_read_back_as_they_were() {
        for value in [0.0, 1.0, 0.1 + 0.2, 1e-4, 1.234_567_890_123_456_7e-17, 5e-324, 3e300] {
            assert_eq!(number(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!((number(0.25), number(2.5e-7)), ("0.25".into(), "2.5e-7".into()));
    }

    #[test]
    fn draws_are_numbered_before_the_extension() {
        let names = ["a/f.csv", "f", "f.tar.csv"].map(|path| of_draw(Path::new(path), 3));
        assert_eq!(
            names.map(|name| name.display().to_string()),
            ["a/f.3.csv", "f.3", "f.tar.3.csv"]
        );
    }

    #[test]
    fn names_are_quoted_where_a_cell_would_end() {
        let cells = ["the", "a,b", "say \"so\"", " x"].map(quoted);
        assert_eq!(cells, ["the", "\"a,b\"", "\"say \"\"so\"\"\"", "\" x\""]);
    }
}
