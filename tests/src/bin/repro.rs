//! The reproduction's main function, built with the suites that run it.

fn main() -> std::process::ExitCode {
    paper_repro::command::main()
}
