//! Linear algebra, independent of losses: dense factorisations on one thread, least squares
//! with the first columns of a matrix, matrices whose columns have lengths over many decades, and
//! sparse covariances.

pub(crate) mod dense;
pub(crate) mod graded;
pub(crate) mod gram_assembly;
pub(crate) mod nested;
pub(crate) mod refinement;
pub(crate) mod sparse_gram;
pub(crate) mod sparse_products;
