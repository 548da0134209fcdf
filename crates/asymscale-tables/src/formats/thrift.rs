//! Looks at the metadata of a Parquet file before they are read for good: the reader reserves
//! whatever length a damaged file claims, and follows columns as deep as they are nested.

use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{FileMetaData, PageHeader, SchemaElement};

use crate::formats::parquet::{BROKEN, Broken};

/// Columns nested deeper are not read: every level takes room on the stack.
const DEEPEST: usize = 100;
/// The most bytes of memory that a byte of metadata may stand for, and a smallest allowance.
const PER_BYTE: usize = 256;
const LEAST: usize = 1 << 16;
/// Bytes of the length of the metadata and of the mark at the end of a file.
const END: usize = 8;

/// Refuses a file whose metadata claim more than they can hold, or nest columns too deep.
pub(crate) fn check_metadata(file: &[u8]) -> Result<(), Broken> {
    let (rest, end) = file.split_last_chunk::<END>().ok_or(BROKEN)?;
    let length = u32::from_le_bytes([end[0], end[1], end[2], end[3]]) as usize;
    let start = rest.len().checked_sub(length).ok_or(BROKEN)?;
    let mut metadata = &rest[start..];
    let mut protocol = TCompactInputProtocol::new(&mut metadata, allowance(length));
    let found = FileMetaData::read_from_in_protocol(&mut protocol).map_err(|_| BROKEN)?;
    if depth(&found.schema) > DEEPEST {
        return Err("nests columns more than 100 deep");
    }
    Ok(())
}

/// Refuses a column whose pages have headers that claim more than they can hold.
pub(crate) fn check_pages(mut column: &[u8]) -> Result<(), Broken> {
    while !column.is_empty() {
        let room = allowance(column.len());
        let mut protocol = TCompactInputProtocol::new(&mut column, room);
        let header = PageHeader::read_from_in_protocol(&mut protocol).map_err(|_| BROKEN)?;
        let length = usize::try_from(header.compressed_page_size).map_err(|_| BROKEN)?;
        column = column.get(length..).ok_or(BROKEN)?;
    }
    Ok(())
}

fn allowance(bytes: usize) -> usize {
    bytes.saturating_mul(PER_BYTE).saturating_add(LEAST)
}

/// How deep columns are nested, given depth first, each with the number of its children.
fn depth(schema: &[SchemaElement]) -> usize {
    let (mut deepest, mut open) = (0, Vec::new());
    for element in schema {
        while open.pop_if(|left| *left == 0).is_some() {}
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        open.push(element.num_children.unwrap_or(0).max(0));
        deepest = deepest.max(open.len());
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars_parquet_format::thrift::protocol::TCompactOutputProtocol;

    /// A file without rows whose one column is nested so deep.
    fn nested(levels: usize) -> Vec<u8> {
        let element = |k: usize| SchemaElement {
            type_: None,
            type_length: None,
            repetition_type: None,
            name: "a".to_owned(),
            num_children: (k < levels).then_some(1),
            converted_type: None,
            scale: None,
            precision: None,
            field_id: None,
            logical_type: None,
        };
        let schema = (0..=levels).map(element).collect();
        let metadata = FileMetaData::new(1, schema, 0, Vec::new(), None, None, None, None, None);
        let mut bytes = b"PAR1".to_vec();
        let mut protocol = TCompactOutputProtocol::new(&mut bytes);
        let length = metadata.write_to_out_protocol(&mut protocol).unwrap() as u32;
        bytes.extend(length.to_le_bytes());
        bytes.extend(b"PAR1");
        bytes
    }

    #[test]
    fn columns_may_be_nested_and_not_without_end() {
        assert_eq!(check_metadata(&nested(90)), Ok(()));
        let deep = Err("nests columns more than 100 deep");
        assert_eq!([2000, 100_000].map(|levels| check_metadata(&nested(levels))), [deep; 2]);
        // Depth first: two groups beside each other, each with a leaf, are 3 deep.
        let mut schema: Vec<SchemaElement> = Vec::new();
        let whole = nested(3);
        let mut metadata = &whole[4..];
        let mut protocol = TCompactInputProtocol::new(&mut metadata, 1 << 20);
        let found = FileMetaData::read_from_in_protocol(&mut protocol).unwrap().schema;
        for (from, children) in [(0, Some(2)), (1, Some(1)), (3, None), (1, Some(1)), (3, None)] {
            schema.push(SchemaElement { num_children: children, ..found[from].clone() });
        }
        assert_eq!(depth(&schema), 3);
    }

    /// Lengths that damage made: `2^61` bytes of a statistic in the header of a page, and as many
    /// columns as 32 bits can count.
    #[test]
    fn lengths_beyond_the_file_are_refused_before_memory_is_taken() {
        let number = |value: u8| [0x15, value];
        let mut page: Vec<u8> = [number(0), number(20), number(20)].concat();
        // Field 5, a header of a data page: values, encodings, then field 5 of it, statistics.
        page.extend([0x2c, 0x15, 2, 0x15, 0, 0x15, 0, 0x15, 0, 0x1c, 0x18]);
        page.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 1, 2, 3]);
        assert_eq!(check_pages(&page), Err(BROKEN));
        let mut file = b"PAR1".to_vec();
        // Field 1, the version; field 2, a list of 2^31 - 1 structures.
        let metadata = [0x15, 2, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07];
        file.extend(metadata);
        file.extend((metadata.len() as u32).to_le_bytes());
        file.extend(b"PAR1");
        assert_eq!(check_metadata(&file), Err(BROKEN));
        assert_eq!(check_metadata(b"PAR1\xff\xff\xff\xffPAR1"), Err(BROKEN));
    }
}
