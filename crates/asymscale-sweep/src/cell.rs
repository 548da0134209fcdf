//! One unit of work: a name, parameters, a relative cost.

use crate::SweepError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

/// One unit of work of a [`Plan`](crate::Plan).
///
/// Parameters are kept as a JSON object with sorted keys, so that neither the order of a struct's
/// fields nor that of a map decides what is recomputed. The name is a label: it is not part of the
/// identity, renaming a cell recomputes nothing. Nor is the cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    name: String,
    parameters: Json,
    cost: f64,
}

impl Cell {
    /// A cell of cost 1.
    ///
    /// `parameters` is anything that serialises to a JSON object. JSON has no infinity and no NaN
    /// and writes both as `null`, which would let different cells share an identity: `null` is
    /// refused. Write such fields with `#[serde(with = "asymscale_sweep::real")]`, leave out absent
    /// ones with `skip_serializing_if`.
    ///
    /// ```
    /// use asymscale_sweep::Cell;
    /// let cell = Cell::new("dense", &serde_json::json!({ "samples": 64, "beta": 0.0 }))?;
    /// assert_eq!(cell.parameters().to_string(), r#"{"beta":0.0,"samples":64}"#);
    /// assert!(Cell::new("limit", &serde_json::json!({ "samples": f64::INFINITY })).is_err());
    /// # Ok::<(), asymscale_sweep::SweepError>(())
    /// ```
    pub fn new(name: impl Into<String>, parameters: &impl Serialize) -> Result<Self, SweepError> {
        let name = name.into();
        let refused = |reason: String| SweepError::Parameters { cell: name.clone(), reason };
        let mut parameters =
            serde_json::to_value(parameters).map_err(|error| refused(error.to_string()))?;
        if !parameters.is_object() {
            return Err(refused(format!("{parameters} is not a JSON object")));
        }
        if let Some(path) = path_to_null(&parameters) {
            return Err(refused(format!(
                "{path} is null, which is also what JSON makes of inf and NaN"
            )));
        }
        parameters.sort_all_objects();
        Ok(Self { name, parameters, cost: 1.0 })
    }

    /// The same cell with a relative cost, any unit: the longest cells start first, shards are
    /// balanced by it, and it weighs the time left. [`Plan::new`](crate::Plan::new) refuses a cost
    /// that is not a finite number > 0.
    #[must_use]
    pub fn with_cost(self, cost: f64) -> Self {
        Self { cost, ..self }
    }

    /// The label, unique within a plan.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The parameters as a JSON object with sorted keys.
    pub fn parameters(&self) -> &Json {
        &self.parameters
    }

    /// The relative cost.
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// The parameters as the type they were made from.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, SweepError> {
        T::deserialize(&self.parameters).map_err(|error| SweepError::Parameters {
            cell: self.name.clone(),
            reason: error.to_string(),
        })
    }
}

/// Where in the value a `null` stands, as a path from the root.
fn path_to_null(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some(String::new()),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| Some(format!("[{i}]{}", path_to_null(item)?))),
        Json::Object(map) => {
            map.iter().find_map(|(key, item)| Some(format!(".{key}{}", path_to_null(item)?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_is_forgotten() -> Result<(), SweepError> {
        let one = Cell::new("a", &json!({ "b": { "y": 1, "x": 2 }, "a": 3 }))?;
        let two = Cell::new("a", &json!({ "a": 3, "b": { "x": 2, "y": 1 } }))?;
        assert_eq!(one.parameters().to_string(), two.parameters().to_string());
        Ok(())
    }

    #[test]
    fn a_hidden_infinity_is_refused_with_its_path() {
        let error =
            Cell::new("limit", &json!({ "grid": { "sizes": [1.0, f64::INFINITY] } })).unwrap_err();
        let expected = "parameters of cell `limit`: .grid.sizes[1] is null, which is also what JSON makes of inf and NaN";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn parameters_are_an_object() {
        let error = Cell::new("five", &5).unwrap_err();
        assert_eq!(error.to_string(), "parameters of cell `five`: 5 is not a JSON object");
    }

    #[test]
    fn reading_as_another_type_names_the_cell() {
        #[derive(serde::Deserialize, Debug)]
        struct Wanted {
            #[serde(rename = "beta")]
            _beta: f64,
        }
        let cell = Cell::new("a", &json!({ "alpha": 1.0 })).unwrap();
        let message = cell.read::<Wanted>().unwrap_err().to_string();
        assert!(message.starts_with("parameters of cell `a`: missing field `beta`"), "{message}");
    }
}
