//! Links the components named on the command line through the library, as a `build.rs` would.
//!
//! `cargo run -p wcompose --example link -- OUT FILE...`

use std::error::Error;
use std::path::Path;

use wcompose::{Input, Inputs, InstanceName, Linked, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("the first argument is the output")?;
    let files = arguments
        .map(|file| std::fs::read(&file).map(|bytes| (file, bytes)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut inputs = Vec::new();
    for (file, bytes) in &files {
        let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
        inputs.push(Input { name: InstanceName::new(stem)?, file: file.clone(), bytes });
    }
    match wcompose::link(&Inputs::new(inputs)?, &Request::default()) {
        Linked::Done { output, .. } => Ok(output.write_to(&mut std::fs::File::create(out)?)?),
        Linked::Unparsed(diagnostics) | Linked::Unresolved { diagnostics, .. } => {
            let messages =
                diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect::<Vec<_>>();
            Err(messages.join("; ").into())
        }
    }
}
