//! The `wcompose` program, built once more as a binary of the tests' own package.

fn main() -> std::process::ExitCode {
    wcompose_cli::main()
}
