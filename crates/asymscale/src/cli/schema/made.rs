//! Makes the schemas from the types of the answers, and holds the files against them.

use super::SCHEMAS;
use crate::cli::answer::Column;
use crate::cli::fit::answer::ends::Named;
use crate::cli::model_flags;
use crate::cli::output::{Given, Number, Size};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::path::Path;

/// Marks a number that may be infinite, which is null with a key beside it.
const MAY_BE_INFINITE: &str = "x-may-be-infinite";

/// A number that is null where it is not known or not finite.
fn number() -> Schema {
    json_schema!({ "type": ["number", "null"], (MAY_BE_INFINITE): true })
}

/// A type whose schema stands where it is used.
macro_rules! in_place {
    ($($type:ty => $schema:expr;)+) => {
        $(impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        })+
    };
}

in_place! {
    Number => number();
    Size => number();
    Given => json_schema!({ "type": "number" });
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        let marked = value.get(MAY_BE_INFINITE).is_some();
        let mut named = json_schema!({ "type": "object", "additionalProperties": value });
        if marked {
            named.insert("patternProperties".to_owned(), infinities());
        }
        named
    }
}

/// The schema of a row that is explained by columns: numbers but for `words`. Ends of intervals may
/// be left out.
pub(crate) fn of_columns(columns: &[Column], words: &[&str]) -> Schema {
    let mut properties = Map::new();
    for Column { name, text } in columns {
        let mut schema = if words.contains(name) {
            json!({ "type": ["string", "null"] })
        } else {
            number().to_value()
        };
        schema["description"] = (*text).into();
        properties.insert((*name).to_owned(), schema);
    }
    let is_end = |name: &str| name.ends_with("_lower") || name.ends_with("_upper");
    let required: Vec<&str> =
        columns.iter().map(|column| column.name).filter(|name| !is_end(name)).collect();
    json_schema!({ "type": "object", "properties": properties, "required": required })
}

/// A row of an answer whose columns are explained by hand.
macro_rules! explained {
    ($type:ty $(, $word:literal)*) => {
        #[cfg(test)]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), stringify!($type)).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let columns = <$type as crate::cli::answer::Answer>::columns();
                crate::cli::schema::made::of_columns(&columns, &[$($word),*])
            }
        }
    };
}

pub(crate) use explained;

/// How a command answers in JSON.
pub(crate) enum Answers {
    /// One object of one of these shapes.
    Object(Vec<Schema>),
    /// An object, or an array of such objects, with columns for parameters that have lists.
    Rows(Vec<Schema>),
}

/// The schemas of some types, which share what they are made of.
macro_rules! schemas_of {
    ($generator:expr; $($type:ty),+ $(,)?) => {
        vec![$(<$type as schemars::JsonSchema>::json_schema($generator)),+]
    };
}

pub(crate) use schemas_of;

/// What each command answers.
fn answers(command: &str, of: &mut SchemaGenerator) -> Answers {
    use crate::cli::{
        columns, coverage, descent, diagnose, fit, frontier, instability, loss, predict, simulate,
        train,
    };
    match command {
        "loss" => Answers::Rows(loss::schemas(of)),
        "coverage" => Answers::Rows(coverage::schemas(of)),
        "instability" => Answers::Rows(instability::schemas(of)),
        "frontier" => Answers::Rows(frontier::schemas(of)),
        "simulate" => Answers::Rows(simulate::schemas(of)),
        "descent" => Answers::Rows(descent::schemas(of)),
        "train" => Answers::Rows(train::schemas(of)),
        "predict" => Answers::Rows(predict::schemas(of)),
        "columns" => Answers::Rows(columns::schemas(of)),
        "diagnose" => Answers::Object(diagnose::schemas(of)),
        "fit" => Answers::Object(fit::schemas(of)),
        other => panic!("no types are known of asymscale {other}"),
    }
}

/// The schema of a command.
fn schema(command: &str) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let answers = answers(command, &mut generator);
    let (shapes, rows) = match answers {
        Answers::Object(shapes) => (shapes, false),
        Answers::Rows(shapes) => (shapes, true),
    };
    let swept = model_flags::columns_of(command);
    let shapes: Vec<Value> = shapes.into_iter().map(|shape| swept_by(shape, &swept)).collect();
    let one = if let [shape] = &shapes[..] { shape.clone() } else { json!({ "anyOf": shapes }) };
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("asymscale {command} --json"),
    });
    let mut definitions = generator.take_definitions(true);
    if rows {
        definitions.insert("Row".to_owned(), one);
        let row = json!({ "$ref": "#/$defs/Row" });
        root["anyOf"] = json!([row, { "type": "array", "items": row }]);
    } else if let Value::Object(fields) = one {
        for (key, value) in fields {
            root[key] = value;
        }
    }
    if !definitions.is_empty() {
        root["$defs"] = definitions.into();
    }
    finished(&mut root);
    root
}

/// A row with columns for parameters that have lists, which are no columns of its own.
fn swept_by(shape: Schema, swept: &[Column]) -> Value {
    let mut shape = shape.to_value();
    let Some(properties) = shape["properties"].as_object_mut() else { return shape };
    for Column { name, text } in swept {
        if !properties.contains_key(*name) {
            let mut cell = json!({ "type": ["number", "string", "null"], (MAY_BE_INFINITE): true });
            cell["description"] = format!("{text} A column where it has a list or a range.").into();
            properties.insert((*name).to_owned(), cell);
        }
    }
    shape
}

/// Says in JSON Schema what holds for all answers: keys beside numbers that are infinite, null for
/// numbers that are not finite, no other keys.
fn finished(schema: &mut Value) {
    match schema {
        Value::Array(values) => {
            for value in values {
                finished(value);
            }
        }
        Value::Object(object) => {
            object.remove("format");
            if object.get("type").is_some_and(|of| of == "number") {
                object["type"] = json!(["number", "null"]);
            }
            if let Some(Value::Object(properties)) = object.get("properties") {
                let marked = |schema: &Value| schema.get(MAY_BE_INFINITE).is_some();
                if properties.values().any(marked) {
                    object.insert("patternProperties".to_owned(), infinities());
                }
                object.entry("additionalProperties").or_insert(false.into());
            }
            object.remove(MAY_BE_INFINITE);
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            for value in object.values_mut() {
                finished(value);
            }
        }
        _ => {}
    }
}

/// The keys that stand beside numbers that are infinite.
fn infinities() -> Value {
    let text = "Whether KEY of KEY_infinite, which is null, is infinite, or that of \
                KEY_minus_infinite minus infinite.";
    json!({ "_infinite$": { "type": "boolean", "description": text } })
}

/// The files are what the types say; `INSTA_UPDATE=always` writes them.
#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let renew = std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always");
    for (command, shipped) in SCHEMAS {
        let made = format!("{:#}\n", schema(command));
        if renew {
            std::fs::write(folder.join(format!("{command}.json")), &made).unwrap();
        } else {
            assert!(
                made == *shipped,
                "schemas/{command}.json is not what the types say: write it with INSTA_UPDATE=always"
            );
        }
    }
}

/// A command that answers in columns has a schema.
#[test]
fn every_command_with_columns_has_a_schema() {
    let with_columns = crate::cli::columns::commands();
    let with_schemas: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
    assert_eq!(with_columns, with_schemas);
}
