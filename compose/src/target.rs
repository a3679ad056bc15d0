//! Targets: what the runtime that a composition is meant for provides and understands.

use wasmparser::WasmFeatures;
use wcompose_wit::{ExternName, MatchKey};

/// A runtime profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// wasmtime 48, with the interfaces of `wasmtime-wasi` and `wasmtime-wasi-http`.
    #[default]
    Wasmtime48,
    /// No host at all: every import must be connected or allowed.
    None,
}

impl Target {
    /// The name that `--target` takes.
    pub fn name(&self) -> &'static str {
        match self {
            Target::Wasmtime48 => "wasmtime-48",
            Target::None => "none",
        }
    }

    /// The target of that name.
    pub fn by_name(name: &str) -> Option<Target> {
        [Target::Wasmtime48, Target::None].into_iter().find(|target| target.name() == name)
    }

    /// Whether the runtime provides an interface of this name, at any version of its track.
    pub fn provides(&self, name: &ExternName) -> bool {
        match self {
            Target::Wasmtime48 => WASMTIME_48
                .iter()
                .any(|(version, paths)| paths.iter().any(|path| name.key() == key(path, version))),
            Target::None => false,
        }
    }

    /// What the validator accepts: everything that the runtime can be told to run, whether on by default or not.
    pub fn features(&self) -> WasmFeatures {
        WasmFeatures::WASM3
            | WasmFeatures::COMPONENT_MODEL
            | WasmFeatures::CM_ASYNC
            | WasmFeatures::CM_ASYNC_STACKFUL
            | WasmFeatures::CM_MORE_ASYNC_BUILTINS
            | WasmFeatures::CM_ERROR_CONTEXT
            | WasmFeatures::CM_FIXED_LENGTH_LISTS
            | WasmFeatures::CM_MAP
            | WasmFeatures::CM_IMPLEMENTS
            | WasmFeatures::CM_THREADING
            | WasmFeatures::CUSTOM_PAGE_SIZES
            | WasmFeatures::WIDE_ARITHMETIC
    }
}

fn key(path: &str, version: &str) -> MatchKey {
    ExternName::new(format!("{path}@{version}")).key()
}

/// The interfaces that wasmtime-wasi and wasmtime-wasi-http 48.0.8 add to a linker, by track.
const WASMTIME_48: &[(&str, &[&str])] = &[
    (
        "0.2.0",
        &[
            "wasi:cli/environment",
            "wasi:cli/exit",
            "wasi:cli/stderr",
            "wasi:cli/stdin",
            "wasi:cli/stdout",
            "wasi:cli/terminal-input",
            "wasi:cli/terminal-output",
            "wasi:cli/terminal-stderr",
            "wasi:cli/terminal-stdin",
            "wasi:cli/terminal-stdout",
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/wall-clock",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
            "wasi:http/outgoing-handler",
            "wasi:http/types",
            "wasi:io/error",
            "wasi:io/poll",
            "wasi:io/streams",
            "wasi:random/insecure",
            "wasi:random/insecure-seed",
            "wasi:random/random",
            "wasi:sockets/instance-network",
            "wasi:sockets/ip-name-lookup",
            "wasi:sockets/network",
            "wasi:sockets/tcp",
            "wasi:sockets/tcp-create-socket",
            "wasi:sockets/udp",
            "wasi:sockets/udp-create-socket",
        ],
    ),
    (
        "0.3.0",
        &[
            "wasi:cli/environment",
            "wasi:cli/exit",
            "wasi:cli/stderr",
            "wasi:cli/stdin",
            "wasi:cli/stdout",
            "wasi:cli/terminal-input",
            "wasi:cli/terminal-output",
            "wasi:cli/terminal-stderr",
            "wasi:cli/terminal-stdin",
            "wasi:cli/terminal-stdout",
            "wasi:cli/types",
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/system-clock",
            "wasi:clocks/types",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
            "wasi:http/client",
            "wasi:http/types",
            "wasi:random/insecure",
            "wasi:random/insecure-seed",
            "wasi:random/random",
            "wasi:sockets/ip-name-lookup",
            "wasi:sockets/types",
        ],
    ),
];
