//! What planted defects make of rows that are computed once for both.

use asymscale_sweep::{SweepError, Table, Value};

/// The same rows with some columns multiplied by that of a factor, where it is known.
///
/// # Errors
/// Columns that are missing.
pub fn scaled(rows: &Table, columns: &[&str], factor: &str) -> Result<Table, SweepError> {
    let factors = rows.floats(factor)?;
    let mut found = Table::with_columns(rows.columns())?;
    for (row, factor) in
        rows.rows().zip(factors).map(|(row, f)| (row, if f.is_finite() { f } else { 1.0 }))
    {
        let value = |(name, value): (&String, &Value)| {
            let scaled = row.float(name).filter(|_| columns.contains(&&**name));
            (name.clone(), scaled.map_or_else(|| value.clone(), |x| Value::Float(factor * x)))
        };
        found.push(rows.columns().iter().zip(row.values()).map(value).collect::<Vec<_>>())?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sweep::row;

    #[test]
    fn only_the_named_columns_and_known_factors_count() {
        let mut rows = Table::default();
        rows.push(row! { name: "a", value: 3.0, other: 5.0, factor: 2.0 }).unwrap();
        rows.push(row! { name: "b", value: 3.0, other: 5.0, factor: f64::NAN }).unwrap();
        let found = scaled(&rows, &["value"], "factor").unwrap();
        assert_eq!(found.floats("value").unwrap(), [6.0, 3.0]);
        assert_eq!(found.floats("other").unwrap(), [5.0, 5.0]);
        assert_eq!(found.texts("name").unwrap(), ["a", "b"]);
    }
}
