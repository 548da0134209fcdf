//! `asymscale explore` as a browser, a script and an attacker meet it.

#![cfg(feature = "explore")]

mod answers;
mod chromium;
mod export;
mod hostile;
mod page;
mod served;
