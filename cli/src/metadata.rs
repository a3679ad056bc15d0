//! What `--metadata-file` says of a link that succeeded, for build systems: its form, with a published schema
//! (`docs/metadata.schema.json`), and how it is filled.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use wcompose::{Digest, Inputs};

use crate::paint;
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::versions;

/// What a link made, of what, and how long that took.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "wcompose metadata")]
pub(crate) struct Metadata<'m> {
    /// The version of this format; it grows when a reader could be misled by a change.
    version: u32,
    /// The release of wcompose.
    wcompose: &'static str,
    /// The runtime that the composition is for.
    target: &'m Target,
    /// What was written.
    output: File,
    /// What it was made of, in the order in which the inputs were given.
    inputs: Vec<InputFile>,
    /// How many bytes need not be stored, because inputs have them in common.
    saved: usize,
    /// How long each phase took, in seconds.
    seconds: Seconds,
}

/// The content of a file.
#[derive(Debug, Serialize, JsonSchema)]
struct File {
    /// Its name, as it was given; `-` is standard input or output.
    file: String,
    /// The number of its bytes.
    bytes: usize,
    /// Its SHA-256 digest, 64 hexadecimal digits.
    sha256: String,
}

/// An input.
#[derive(Debug, Serialize, JsonSchema)]
struct InputFile {
    /// The name of its instance.
    name: String,
    #[serde(flatten)]
    file: File,
}

/// Times in seconds.
#[derive(Debug, Serialize, JsonSchema)]
struct Seconds {
    /// Opening and reading the inputs.
    read: f64,
    /// Linking them, with all validation.
    link: f64,
    /// Writing the composition.
    write: f64,
}

/// How long each phase of a link took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub read: Duration,
    pub link: Duration,
    pub write: Duration,
}

impl<'m> Metadata<'m> {
    /// The metadata of a link by `settings` of `inputs` that wrote `output`.
    pub(crate) fn new(
        settings: &Settings,
        inputs: &Inputs<'_>,
        report: &'m Report,
        output: &[u8],
        times: Times,
    ) -> Metadata<'m> {
        let inputs = inputs.iter().zip(inputs.digests()).map(|(input, digest)| InputFile {
            name: input.name.to_string(),
            file: file(input.file.clone(), input.bytes, *digest),
        });
        let Times { read, link, write } = times;
        let [read, link, write] = [read, link, write].map(|time| time.as_secs_f64());
        Metadata {
            version: 1,
            wcompose: versions::WCOMPOSE,
            target: &report.target,
            output: file(settings.output.display().to_string(), output, Digest::of(output)),
            inputs: inputs.collect(),
            saved: report.shared.saved,
            seconds: Seconds { read, link, write },
        }
    }

    /// The JSON text.
    pub(crate) fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("metadata holds only text, numbers and lists");
        paint::json(&text) + "\n"
    }
}

fn file(file: String, bytes: &[u8], digest: Digest) -> File {
    File { file, bytes: bytes.len(), sha256: digest.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readers rely on the published schema, so it must be that of the types above.
    #[test]
    fn the_schema_is_published() {
        crate::schema::published::<Metadata<'_>>("metadata");
    }
}
