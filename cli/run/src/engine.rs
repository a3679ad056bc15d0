//! The engine: which features it accepts, and the ticks that let a spinning component be stopped.

use crate::options::Features;
use crate::outcome::{Compiler, HostError};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use wasmtime::{Config, Engine, OptLevel, Strategy};

/// How often running code hands control back, so that limits are seen.
const TICK: Duration = Duration::from_millis(10);

/// An engine that accepts `features`, as far as `compiler` has them.
pub(crate) fn engine(features: Features, compiler: Compiler) -> Result<Engine, HostError> {
    let mut config = Config::new();
    // Frames are found without what other unwinders need, which takes time to write and to register.
    config.epoch_interruption(true).native_unwind_info(false);
    match compiler {
        Compiler::Cranelift => config.strategy(Strategy::Cranelift),
        // Cranelift makes the entries of functions for Winch too: straight code, in which there is nothing to optimize.
        Compiler::Winch => config.strategy(Strategy::Winch).cranelift_opt_level(OptLevel::None),
    };
    match features {
        // What is on without a flag in wasmtime's command line is what is on in `Config::new`.
        Features::Default => {}
        Features::Extended => {
            config
                .wasm_component_model_async_stackful(true)
                .wasm_component_model_more_async_builtins(true)
                .wasm_component_model_threading(true)
                .wasm_component_model_error_context(true)
                .wasm_component_model_map(true)
                .wasm_component_model_fixed_length_lists(true)
                .wasm_component_model_implements(true)
                .wasm_custom_page_sizes(true)
                .wasm_wide_arithmetic(true);
        }
    }
    Engine::new(&config).map_err(|error| HostError::Engine { message: format!("{error:#}") })
}

/// Advances an engine's epoch for as long as it lives.
pub(crate) struct Ticks {
    _alive: mpsc::Sender<()>,
}

impl Ticks {
    /// Starts ticking on a thread of its own.
    pub(crate) fn start(engine: &Engine) -> Result<Self, HostError> {
        let (alive, ended) = mpsc::channel();
        let engine = engine.weak();
        thread::Builder::new()
            .name("wcompose-ticks".to_owned())
            .spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(TICK) {
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                }
            })
            .map_err(HostError::Resources)?;
        Ok(Self { _alive: alive })
    }
}
