//! `cargo xtask repro`: regenerates every figure, table and verdict.

fn main() -> std::process::ExitCode {
    paper_repro::command::main()
}
