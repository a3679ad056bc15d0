//! The `wcompose` program. All of it is in the library, so that tests can call it too.

fn main() -> std::process::ExitCode {
    wcompose_cli::main()
}
