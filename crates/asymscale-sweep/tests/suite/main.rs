//! The sweep from outside: what must hold of a store on a real disk, of threads, shards and
//! interruptions.

mod compare;
mod csv;
mod damage;
mod example;
mod failure;
mod runs;
mod stale;
