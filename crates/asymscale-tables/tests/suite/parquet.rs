//! Parquet of every type that holds numbers, in every codec, beside columns that hold none.

use std::io::Cursor;

use asymscale_tables::{CountRequest, Layout, RunRequest};
use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, ListArray, PrimitiveArray, Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::offset::OffsetsBuffer;
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, RowGroupIterator, StatisticsOptions, Version,
    WriteOptions,
};

use crate::common::{counts, plain, runs, same_runs};

/// A file of some columns, in row groups of the given size.
pub(crate) fn file(
    columns: &[(&str, Box<dyn Array>)],
    compression: CompressionOptions,
    group: usize,
    encoding: Encoding,
) -> Vec<u8> {
    let field = |(name, array): &(&str, Box<dyn Array>)| {
        Field::new((*name).into(), array.dtype().clone(), true)
    };
    let schema: ArrowSchema =
        columns.iter().map(field).map(|field| (field.name.clone(), field)).collect();
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression,
        data_page_size: None,
    };
    let rows = columns[0].1.len();
    let starts = (0..rows).step_by(group);
    let batches = starts.map(|start| {
        let size = group.min(rows - start);
        let arrays = columns.iter().map(|(_, array)| array.sliced(start, size)).collect();
        Ok(RecordBatchT::new(size, schema.clone().into(), arrays))
    });
    let encodings =
        columns.iter().map(|(_, array)| vec![encoding_of(array.as_ref(), encoding)]).collect();
    let groups = RowGroupIterator::try_new(batches, &schema, options, encodings).unwrap();
    let mut writer = FileWriter::try_new(Cursor::new(Vec::new()), schema.clone(), options).unwrap();
    for (number, columns) in groups.enumerate() {
        writer.write(group.min(rows - number * group) as u64, columns.unwrap()).unwrap();
    }
    writer.end(None).unwrap();
    writer.into_inner().into_inner()
}

fn encoding_of(array: &dyn Array, wanted: Encoding) -> Encoding {
    if matches!(array.dtype(), ArrowDataType::Boolean | ArrowDataType::Null) {
        Encoding::Plain
    } else {
        wanted
    }
}

fn numbers(values: &[f64]) -> Box<dyn Array> {
    PrimitiveArray::<f64>::from_slice(values).boxed()
}

/// N, D and the loss of the 25 runs.
fn columns() -> [Vec<f64>; 3] {
    let plain = plain();
    [
        plain.iter().map(|run| run.0 as f64).collect(),
        plain.iter().map(|run| run.1 as f64).collect(),
        plain.iter().map(|run| run.2.parse().unwrap()).collect(),
    ]
}

pub(crate) fn plain_file() -> Vec<u8> {
    let [n, d, loss] = columns();
    let columns = [("N", numbers(&n)), ("D", numbers(&d)), ("loss", numbers(&loss))];
    file(&columns, CompressionOptions::Snappy, 10, Encoding::Plain)
}

#[test]
fn every_codec() {
    let [n, d, loss] = columns();
    let columns = [("N", numbers(&n)), ("D", numbers(&d)), ("loss", numbers(&loss))];
    let codecs = [
        CompressionOptions::Uncompressed,
        CompressionOptions::Snappy,
        CompressionOptions::Gzip(None),
        CompressionOptions::Lz4Raw,
        CompressionOptions::Zstd(None),
        CompressionOptions::Brotli(None),
    ];
    for codec in codecs {
        for encoding in [Encoding::Plain, Encoding::RleDictionary] {
            for group in [7, 1000] {
                let name = format!("{codec:?} {encoding:?} {group}");
                let table =
                    runs(&name, &file(&columns, codec, group, encoding), &RunRequest::default());
                same_runs(&name, &table.unwrap_or_else(|error| panic!("{name}: {error}")));
            }
        }
    }
}

#[test]
fn types_of_sizes_and_losses() {
    let [n, d, loss] = columns();
    let texts = |values: &[String]| Utf8ViewArray::from_slice_values(values).boxed();
    let plain = plain();
    let n_as: Vec<(&str, Box<dyn Array>)> = vec![
        ("i32", PrimitiveArray::<i32>::from_vec(n.iter().map(|x| *x as i32).collect()).boxed()),
        ("u32", PrimitiveArray::<u32>::from_vec(n.iter().map(|x| *x as u32).collect()).boxed()),
        ("i64", PrimitiveArray::<i64>::from_vec(n.iter().map(|x| *x as i64).collect()).boxed()),
        ("u64", PrimitiveArray::<u64>::from_vec(n.iter().map(|x| *x as u64).collect()).boxed()),
        ("f32", PrimitiveArray::<f32>::from_vec(n.iter().map(|x| *x as f32).collect()).boxed()),
        ("text", texts(&plain.iter().map(|run| run.0.to_string()).collect::<Vec<_>>())),
        (
            "bytes",
            BinaryViewArray::from_slice_values(
                plain.iter().map(|run| run.0.to_string().into_bytes()).collect::<Vec<_>>(),
            )
            .boxed(),
        ),
        ("decimal", decimals(&n.iter().map(|x| *x as i128 * 100).collect::<Vec<_>>(), 20, 2)),
    ];
    let rows = n.len();
    for (name, n) in n_as {
        for encoding in [Encoding::Plain, Encoding::RleDictionary] {
            if encoding == Encoding::RleDictionary && name == "decimal" {
                continue;
            }
            let losses = decimals(
                &plain
                    .iter()
                    .map(|run| run.2.replace('.', "").parse().unwrap())
                    .collect::<Vec<_>>(),
                9,
                6,
            );
            let columns = [
                ("N", n.clone()),
                ("D", numbers(&d)),
                ("loss", if name == "decimal" { losses } else { numbers(&loss) }),
                ("when", dates(rows)),
            ];
            let table = runs(
                name,
                &file(&columns, CompressionOptions::Snappy, 1000, encoding),
                &RunRequest::default(),
            );
            same_runs(name, &table.unwrap_or_else(|error| panic!("{name}: {error}")));
        }
    }
}

fn decimals(values: &[i128], precision: usize, scale: usize) -> Box<dyn Array> {
    PrimitiveArray::<i128>::from_slice(values).to(ArrowDataType::Decimal(precision, scale)).boxed()
}

fn dates(rows: usize) -> Box<dyn Array> {
    let values: Vec<i64> = (0..rows as i64).map(|row| row * 86_400_000).collect();
    PrimitiveArray::<i64>::from_vec(values)
        .to(ArrowDataType::Timestamp(TimeUnit::Millisecond, None))
        .boxed()
}

#[test]
fn small_types_nulls_and_columns_of_other_things() {
    let values = [3_u8, 1, 2, 0, 7];
    let valid = Bitmap::from([true, true, true, true, true]);
    let as_type: Vec<(&str, Box<dyn Array>)> = vec![
        ("i8", PrimitiveArray::<i8>::from_vec(values.map(|x| x as i8).to_vec()).boxed()),
        (
            "i16",
            PrimitiveArray::<i16>::from_vec(values.map(i16::from).to_vec())
                .with_validity(Some(valid))
                .boxed(),
        ),
        ("u8", PrimitiveArray::<u8>::from_vec(values.to_vec()).boxed()),
        ("u16", PrimitiveArray::<u16>::from_vec(values.map(u16::from).to_vec()).boxed()),
    ];
    for (name, array) in as_type {
        let lists = ListArray::<i64>::new(
            ListArray::<i64>::default_datatype(ArrowDataType::Int8),
            OffsetsBuffer::try_from(vec![0, 1, 2, 3, 4, 5]).unwrap(),
            PrimitiveArray::<i8>::from_vec(vec![1; 5]).boxed(),
            None,
        );
        let columns: [(&str, Box<dyn Array>); 3] = [
            ("tokens", lists.boxed()),
            ("count", array),
            ("flag", BooleanArray::from_slice([true, false, true, false, true]).boxed()),
        ];
        let bytes = file(&columns, CompressionOptions::Snappy, 1000, Encoding::Plain);
        let request = CountRequest { samples: Some(100.0), ..CountRequest::default() };
        let table =
            counts(name, &bytes, &request).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(table.counts, values.map(f64::from), "{name}");
        let flags =
            counts(name, &bytes, &CountRequest { count: Some("flag"), ..request.clone() }).unwrap();
        assert_eq!(flags.counts, [1.0, 0.0, 1.0, 0.0, 1.0]);
        let refused =
            counts(name, &bytes, &CountRequest { count: Some("tokens"), ..request }).unwrap_err();
        assert!(refused.to_string().contains("a list or an object in rows 1 to 5"), "{refused}");
    }
}

/// Names of 64 bits differ in their last digits only, beyond what a floating-point number can hold.
#[test]
fn events_with_names_of_64_bits() {
    let top = u64::MAX;
    let array = |values: [u64; 4]| PrimitiveArray::<u64>::from_slice(values).boxed();
    let signed =
        PrimitiveArray::<i64>::from_slice([i64::MAX, i64::MAX - 1, i64::MAX, -i64::MAX]).boxed();
    let groups: [Option<&str>; 4] = [Some("x"), Some("x"), Some("y"), Some("x")];
    let columns: [(&str, Box<dyn Array>); 4] = [
        ("doc", array([top, top - 1, top - 2, top])),
        ("word", signed),
        ("book", Utf8ViewArray::from_slice(groups).boxed()),
        ("hole", PrimitiveArray::<i64>::from([Some(1), None, Some(2), Some(1)]).boxed()),
    ];
    let bytes = file(&columns, CompressionOptions::Snappy, 3, Encoding::Plain);
    let layout = Layout::Events { sample: "doc", feature: "word" };
    let request = CountRequest { layout, group: Some("book"), ..CountRequest::default() };
    let table = counts("events", &bytes, &request).unwrap();
    assert_eq!((table.counts, table.samples), (vec![2.0, 1.0, 1.0], 3.0));
    let incidence = table.incidence.unwrap();
    assert_eq!(incidence.pairs, [(0, 0), (0, 2), (1, 1), (2, 0)]);
    assert_eq!(incidence.groups, Some(vec![0, 0, 1]));
    let hole =
        counts("events", &bytes, &CountRequest { group: Some("hole"), ..request }).unwrap_err();
    assert!(
        hole.to_string().contains("`hole` is empty in row 2; must be a name or a number"),
        "{hole}"
    );
}

/// Files that other programs wrote: pandas with its index and categories, half precision,
/// dictionaries, decimals.
#[test]
fn files_of_other_programs() {
    for (name, bytes) in [
        ("pandas", &include_bytes!("../data/fit/p_pandas.parquet")[..]),
        ("index", include_bytes!("../data/fit/p_index.parquet")),
        ("categories", include_bytes!("../data/fit/p_categorical.parquet")),
        ("lists", include_bytes!("../data/fit/p_list.parquet")),
        ("dictionaries of numbers", include_bytes!("../data/fit/p_dict_number.parquet")),
    ] {
        let table =
            runs(name, bytes, &RunRequest::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            (table.features[0], table.samples[24], table.losses[0]),
            (2e7, 1.024e11, 4.443549),
            "{name}"
        );
    }
    let half =
        runs("half", include_bytes!("../data/fit/p_f16.parquet"), &RunRequest::default()).unwrap();
    assert!((half.losses[0] - 4.443549).abs() < 2e-3, "{}", half.losses[0]);
    let request = CountRequest { samples: Some(2000.0), ..CountRequest::default() };
    let expected = counts("u64", include_bytes!("../data/diagnose/pq_uint64.parquet"), &request)
        .unwrap()
        .counts;
    assert_eq!(expected.len(), 264);
    for bytes in [
        &include_bytes!("../data/diagnose/pq_decimal.parquet")[..],
        include_bytes!("../data/diagnose/pq_dict.parquet"),
        include_bytes!("../data/diagnose/pq_extra_nested.parquet"),
        include_bytes!("../data/diagnose/pq_pandas_index.parquet"),
    ] {
        assert_eq!(counts("counts", bytes, &request).unwrap().counts, expected);
    }
}
