//! Parquet: only the columns that are asked for are read, each row group after the other.

use std::borrow::Cow;
use std::io::Cursor;

use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::types::NativeType;
use polars_buffer::Buffer;
use polars_parquet::read::schema::parquet_to_arrow_schema;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, FileMetadata, PageReader, ParquetType, PhysicalType,
    PrimitiveLogicalType, column_iter_to_arrays, read_metadata,
};
use polars_parquet::write::CompressedPage;

use crate::cells::number::NumberFormat;
use crate::formats::panics::catch_panic;
use crate::formats::thrift::{check_metadata, check_pages};
use crate::table::column::{Fault, Numbers};
use crate::table::row::Cell;

/// A Parquet file whose metadata were read.
pub(crate) struct Parquet {
    bytes: Buffer<u8>,
    metadata: FileMetadata,
    /// For each column the number of its leaf, where it is flat.
    leaves: Vec<Option<usize>>,
    pub(crate) names: Vec<String>,
    pub(crate) rows: usize,
    limit: usize,
}

/// An error, in a few words.
pub(crate) type Broken = &'static str;

pub(crate) const BROKEN: Broken = "is no sound Parquet";

impl Parquet {
    pub(crate) fn new(bytes: Vec<u8>, limit: u64) -> Result<Self, Broken> {
        catch_panic(|| check_metadata(&bytes)).unwrap_or(Err(BROKEN))?;
        let bytes = Buffer::from_vec(bytes);
        let kept = bytes.clone();
        let metadata = catch_panic(move || read_metadata(&mut Cursor::new(kept.as_slice())).ok());
        let metadata = metadata.flatten().ok_or(BROKEN)?;
        let fields = metadata.schema().fields();
        let names = fields.iter().map(|field| field.name().to_owned()).collect();
        let mut leaf = 0;
        let mut number = |field: &ParquetType| {
            let first = leaf;
            leaf += leaf_count(field);
            flat(field).then_some(first)
        };
        let leaves = fields.iter().map(&mut number).collect();
        let rows = metadata
            .row_groups
            .iter()
            .try_fold(0_usize, |sum, group| sum.checked_add(group.num_rows()));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // Equal values may take no room in the file, so the number of rows is bounded by the bytes
        // they take when read.
        let rows = rows
            .filter(|rows| *rows <= limit / 8)
            .ok_or("has more rows than its bytes can hold")?;
        Ok(Self { bytes, metadata, leaves, names, rows, limit })
    }

    /// A column of numbers.
    pub(crate) fn numbers(&self, column: usize, format: NumberFormat) -> Result<Numbers, Broken> {
        let mut numbers = Numbers { values: Vec::with_capacity(self.rows), ..Numbers::default() };
        self.arrays(column, &mut |array, float16| {
            numbers_of(array, float16, format, &mut numbers);
        })?;
        self.complete(numbers.values.len())?;
        Ok(numbers)
    }

    /// Hands a column to `each` as text, row after row.
    pub(crate) fn cells(
        &self,
        column: usize,
        each: &mut dyn FnMut(&Cell<'_>),
    ) -> Result<(), Broken> {
        let mut rows = 0;
        let mut counting = |cell: &Cell<'_>| {
            rows += 1;
            each(cell);
        };
        self.arrays(column, &mut |array, _| texts_of(array, &mut counting))?;
        self.complete(rows)
    }

    fn complete(&self, found: usize) -> Result<(), Broken> {
        if found == self.rows { Ok(()) } else { Err("holds other numbers of values than it says") }
    }

    /// Hands the arrays of a column to `take`, with whether their bytes are numbers of half
    /// precision. A column of lists or objects has nulls in their place.
    fn arrays(
        &self,
        column: usize,
        take: &mut dyn FnMut(Option<&dyn Array>, bool),
    ) -> Result<(), Broken> {
        let field = &self.metadata.schema().fields()[column];
        let (Some(leaf), ParquetType::PrimitiveType(primitive)) = (self.leaves[column], field)
        else {
            (0..self.rows).for_each(|_| take(None, false));
            return Ok(());
        };
        let half = primitive.physical_type == PhysicalType::FixedLenByteArray(2)
            && primitive.logical_type == Some(PrimitiveLogicalType::Float16);
        let schema = parquet_to_arrow_schema(std::slice::from_ref(field));
        let (_, mut field) =
            schema.get_at_index(0).map(|(name, field)| (name, field.clone())).ok_or(BROKEN)?;
        if half {
            field.dtype = ArrowDataType::FixedSizeBinary(2);
        }
        for group in &self.metadata.row_groups {
            let chunk = group.parquet_columns().get(leaf).ok_or(BROKEN)?;
            if group.num_rows() == 0 {
                continue;
            }
            for array in self.chunk(chunk, &field, group.num_rows())? {
                take(Some(array.as_ref()), half);
            }
        }
        Ok(())
    }

    fn chunk(
        &self,
        chunk: &ColumnChunkMetadata,
        field: &Field,
        rows: usize,
    ) -> Result<Vec<Box<dyn Array>>, Broken> {
        let read = || {
            let range = chunk.byte_range();
            let bytes = self.bytes.clone().sliced(range.start as usize..range.end as usize);
            check_pages(&bytes)?;
            let pages = || PageReader::new(Cursor::new(bytes.clone()), chunk, vec![], self.limit);
            self.check_pages(pages(), rows)?;
            let pages = BasicDecompressor::new(pages(), vec![]);
            let types = vec![&chunk.descriptor().descriptor.primitive_type];
            let arrays = column_iter_to_arrays(vec![pages], types, field.clone(), None)
                .map_err(|_| BROKEN)?;
            Ok(arrays.0)
        };
        catch_panic(read).unwrap_or(Err(BROKEN))
    }

    /// Whether the pages hold as many values as there are rows, and no more than may be inflated.
    fn check_pages(&self, pages: PageReader, rows: usize) -> Result<(), Broken> {
        let (mut values, mut size) = (0_usize, 0_usize);
        for page in pages {
            if let CompressedPage::Data(page) = page.map_err(|_| BROKEN)? {
                values = values.saturating_add(page.num_values());
                size = size.saturating_add(page.uncompressed_size());
            }
        }
        match (values == rows, size <= self.limit) {
            (false, _) => Err("holds other numbers of values than it says"),
            (_, false) => Err("inflates to more bytes than --max-bytes allows"),
            _ => Ok(()),
        }
    }
}

fn leaf_count(field: &ParquetType) -> usize {
    match field {
        ParquetType::PrimitiveType(_) => 1,
        ParquetType::GroupType { fields, .. } => fields.iter().map(leaf_count).sum(),
    }
}

/// Whether a column is a value a row: no lists and no objects.
fn flat(field: &ParquetType) -> bool {
    let schema = parquet_to_arrow_schema(std::slice::from_ref(field));
    let nested = |dtype: &ArrowDataType| {
        matches!(dtype, ArrowDataType::LargeList(_) | ArrowDataType::Struct(_))
    };
    matches!(field, ParquetType::PrimitiveType(_))
        && schema.get_at_index(0).is_some_and(|(_, field)| !nested(&field.dtype))
}

fn numbers_of(array: Option<&dyn Array>, half: bool, format: NumberFormat, into: &mut Numbers) {
    let Some(array) = array else { return into.fault(Fault::Nested) };
    if let Some(found) = values_of(array, half) {
        let values = &mut into.values;
        let before = values.len();
        if format.shift == 0 && array.null_count() == 0 {
            values.extend(found);
            let rows = (before..values.len()).filter(|&row| values[row].is_nan());
            into.faults.extend(rows.map(|row| (row, Fault::Missing("NaN".into()))));
            return;
        }
        for (row, value) in found.enumerate() {
            if array.is_null(row) {
                into.fault(Fault::Empty);
            } else {
                into.push_value(value, format.shift);
            }
        }
        return;
    }
    let mut each = |cell: &Cell<'_>| into.push(cell, format);
    cells_of(array, &mut each);
}

fn texts_of(array: Option<&dyn Array>, each: &mut dyn FnMut(&Cell<'_>)) {
    let Some(array) = array else { return each(&Cell::Nested) };
    let Some(words) = words_of(array) else { return cells_of(array, each) };
    for (row, word) in words.enumerate() {
        let text = Cell::Text(Cow::Owned(word.into_bytes()));
        each(&if array.is_null(row) { Cell::Missing } else { text });
    }
}

/// The numbers of an array as text: whole ones with all digits, so that names of 64 bits stay
/// apart.
fn words_of(array: &dyn Array) -> Option<Box<dyn Iterator<Item = String> + '_>> {
    fn whole<T: NativeType + ToString>(
        array: &PrimitiveArray<T>,
    ) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(array.values().iter().map(T::to_string))
    }
    let any = array.as_any();
    if let Some(array) = any.downcast_ref::<PrimitiveArray<i64>>() {
        return Some(whole(array));
    }
    if let Some(array) = any.downcast_ref::<PrimitiveArray<u64>>() {
        return Some(whole(array));
    }
    if any.is::<PrimitiveArray<i128>>() {
        return None;
    }
    Some(Box::new(values_of(array, false)?.map(|value| value.to_string())))
}

type Values<'a> = Box<dyn Iterator<Item = f64> + 'a>;

/// The values of an array of numbers; whatever stands there where one is null.
fn values_of(array: &dyn Array, half: bool) -> Option<Values<'_>> {
    fn primitive<T: NativeType>(array: &dyn Array, number: fn(T) -> f64) -> Option<Values<'_>> {
        let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
        Some(Box::new(array.values().iter().map(move |value| number(*value))))
    }
    use ArrowDataType as Type;
    match array.dtype() {
        Type::Int8 => primitive::<i8>(array, f64::from),
        Type::Int16 => primitive::<i16>(array, f64::from),
        Type::Int32 => primitive::<i32>(array, f64::from),
        Type::Int64 => primitive::<i64>(array, |value| value as f64),
        Type::UInt8 => primitive::<u8>(array, f64::from),
        Type::UInt16 => primitive::<u16>(array, f64::from),
        Type::UInt32 => primitive::<u32>(array, f64::from),
        Type::UInt64 => primitive::<u64>(array, |value| value as f64),
        Type::Float32 => primitive::<f32>(array, f64::from),
        Type::Float64 => primitive::<f64>(array, |value| value),
        Type::Decimal(_, scale) => {
            let scale = *scale as i32;
            let array = array.as_any().downcast_ref::<PrimitiveArray<i128>>()?;
            Some(Box::new(array.values().iter().map(move |value| decimal(*value, scale))))
        }
        Type::Boolean => {
            let array = array.as_any().downcast_ref::<BooleanArray>()?;
            Some(Box::new(array.values().iter().map(|value| f64::from(u8::from(value)))))
        }
        Type::FixedSizeBinary(2) if half => {
            let array = array.as_any().downcast_ref::<FixedSizeBinaryArray>()?;
            Some(Box::new((0..array.len()).map(|row| half_precision(array.value(row)))))
        }
        _ => None,
    }
}

/// Text cells; of types that are neither numbers nor text, their name.
fn cells_of(array: &dyn Array, each: &mut dyn FnMut(&Cell<'_>)) {
    let texts = array.as_any().downcast_ref::<Utf8ViewArray>();
    let bytes = array.as_any().downcast_ref::<BinaryViewArray>();
    for row in 0..array.len() {
        let text: Cow<'_, [u8]> = match (texts, bytes) {
            _ if array.is_null(row) => Cow::Borrowed(b""),
            (Some(texts), _) => Cow::Borrowed(texts.value(row).trim().as_bytes()),
            (_, Some(bytes)) => Cow::Borrowed(bytes.value(row).trim_ascii()),
            _ => Cow::Owned(format!("a value of type {:?}", array.dtype()).into_bytes()),
        };
        each(&if text.is_empty() { Cell::Missing } else { Cell::Text(text) });
    }
}

/// A decimal number, correctly rounded.
fn decimal(value: i128, scale: i32) -> f64 {
    // Both operands are exact, so there is one rounding.
    if value.unsigned_abs() < 1 << 53 && (0..=22).contains(&scale) {
        return value as f64 / 10_f64.powi(scale);
    }
    format!("{value}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// IEEE 754 half precision, little-endian.
fn half_precision(bytes: &[u8]) -> f64 {
    let bits = u16::from_le_bytes([bytes[0], bytes[1]]);
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_two_bytes() {
        let cases = [
            (0x3c00_u16, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2_f64.powi(-24)),
            (0x3555, 0.333_251_953_125),
        ];
        for (bits, expected) in cases {
            assert_eq!(half_precision(&bits.to_le_bytes()), expected, "{bits:x}");
        }
        assert!(half_precision(&[0, 0x7c]).is_infinite() && half_precision(&[1, 0x7c]).is_nan());
        assert_eq!(decimal(44_435, 4), 4.4435);
    }
}
