//! Tests of the public interface, in one program so that the readers are linked once.

mod common;
mod counts;
mod damage;
mod extras;
mod incidence;
mod one_size;
mod outcomes;
mod parquet;
mod refusals;
mod runs;
mod sources;
