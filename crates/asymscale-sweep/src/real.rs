//! A number that may be infinite, inside JSON parameters: finite ones as numbers, the others as
//! "inf", "-inf", "NaN".

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// For `#[serde(with = "asymscale_sweep::real")]`.
///
/// ```
/// use asymscale_sweep::Cell;
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Limit {
///     #[serde(with = "asymscale_sweep::real")]
///     samples: f64,
/// }
/// let cell = Cell::new("infinite data", &Limit { samples: f64::INFINITY })?;
/// assert_eq!(cell.parameters().to_string(), r#"{"samples":"inf"}"#);
/// assert_eq!(cell.read::<Limit>()?.samples, f64::INFINITY);
/// # Ok::<(), asymscale_sweep::SweepError>(())
/// ```
// Serde hands the field over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.collect_str(value) }
}

/// The inverse of [`serialize`]; whole numbers are accepted too.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }
    match Written::deserialize(deserializer)? {
        Written::Number(value) => Ok(value),
        Written::Text(text) => match text.as_str() {
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            "NaN" => Ok(f64::NAN),
            _ => Err(D::Error::custom(format!(
                "`{text}`: must be a number, \"inf\", \"-inf\" or \"NaN\""
            ))),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Holder(#[serde(with = "super")] f64);

    #[test]
    fn every_kind_of_number_survives() {
        for value in [0.1, -0.0, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
            let text = serde_json::to_string(&Holder(value)).unwrap();
            assert_eq!(
                serde_json::from_str::<Holder>(&text).unwrap().0.to_bits(),
                value.to_bits(),
                "{text}"
            );
        }
        assert!(serde_json::from_str::<Holder>("\"NaN\"").unwrap().0.is_nan());
        assert_eq!(serde_json::from_str::<Holder>("64").unwrap().0, 64.0);
    }

    #[test]
    fn other_words_are_refused() {
        let error = serde_json::from_str::<Holder>("\"many\"").err().unwrap().to_string();
        assert!(error.contains("`many`: must be a number"), "{error}");
    }
}
