//! Turns options into what one run may use, and keeps hold of what it writes.

use crate::deadlock::Calls;
use crate::limits::Limits;
use crate::memory::MemoryLimit;
use crate::options::{Network, Options, Stdio};
use crate::outcome::HostError;
use crate::state::{Outgoing, State};
use crate::waits::{Wait, Waits};
use std::fs::File;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, Stdin};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::{IsTerminal, OutputFile, StdinStream, StdoutStream};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe, SinkOutputStream};
use wasmtime_wasi::p2::{InputStream, OutputStream};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

/// What a run wrote, readable while it goes on.
#[derive(Clone)]
pub(crate) struct Written {
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

impl Written {
    /// Nothing yet, and at most as much as `limits` allow.
    pub(crate) fn new(limits: &Limits) -> Self {
        let most = usize::try_from(limits.output).unwrap_or(usize::MAX);
        Self { stdout: MemoryOutputPipe::new(most), stderr: MemoryOutputPipe::new(most) }
    }

    /// What standard output has received so far.
    pub(crate) fn stdout(&self) -> Vec<u8> {
        self.stdout.contents().to_vec()
    }

    /// What standard error has received so far.
    pub(crate) fn stderr(&self) -> Vec<u8> {
        self.stderr.contents().to_vec()
    }
}

/// The state of a store under `options`; what the component writes goes to `written` if it is captured.
pub(crate) fn state(options: &Options, waits: &Waits, written: &Written) -> Result<State, HostError> {
    Ok(State {
        table: ResourceTable::new(),
        wasi: wasi(options, written, waits)?,
        http: WasiHttpCtx::new(),
        outgoing: Outgoing(options.network),
        memory: MemoryLimit::new(&options.limits),
        limits: options.limits.clone(),
        waits: waits.clone(),
        calls: Calls::default(),
    })
}

fn wasi(options: &Options, written: &Written, waits: &Waits) -> Result<WasiCtx, HostError> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.arg(&options.program).args(&options.args).envs(&options.environment);
    match &options.stdio {
        Stdio::Inherit => {
            wasi.stdin(CountedStdin { stdin: tokio::io::stdin(), waits: waits.clone() });
            wasi.inherit_stdout().inherit_stderr();
        }
        Stdio::Moved(stderr) => {
            wasi.stdin(CountedStdin { stdin: tokio::io::stdin(), waits: waits.clone() });
            wasi.inherit_stdout().stderr(MovedStderr(Arc::clone(stderr)));
        }
        Stdio::Captured { stdin } => {
            wasi.stdin(MemoryInputPipe::new(stdin.clone()));
            wasi.stdout(written.stdout.clone()).stderr(written.stderr.clone());
        }
    }
    for directory in &options.directories {
        wasi.preopened_dir(&directory.host, &directory.guest, FsPerms::ReadWrite).map_err(|error| {
            HostError::Directory { path: directory.host.clone(), message: format!("{error:#}") }
        })?;
    }
    match options.network {
        Network::Denied => wasi.allow_tcp(false).allow_udp(false),
        Network::Inherited => {
            wasi.inherit_network().allow_tcp(true).allow_udp(true).allow_ip_name_lookup(true)
        }
    };
    Ok(wasi.build())
}

/// A standard error that is not at its usual descriptor.
struct MovedStderr(Arc<File>);

impl MovedStderr {
    /// Another handle to it; without a descriptor to spare, what is written is lost.
    fn file(&self) -> Option<OutputFile> {
        self.0.try_clone().ok().map(OutputFile::new)
    }
}

impl IsTerminal for MovedStderr {
    fn is_terminal(&self) -> bool {
        std::io::IsTerminal::is_terminal(&*self.0)
    }
}

impl StdoutStream for MovedStderr {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        match self.file() {
            Some(file) => Box::new(file),
            None => Box::new(SinkOutputStream),
        }
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        match self.file() {
            Some(file) => Box::new(file),
            None => Box::new(tokio::io::sink()),
        }
    }
}

/// The standard input of this process, with reads that block counted as waits.
struct CountedStdin {
    stdin: Stdin,
    waits: Waits,
}

impl IsTerminal for CountedStdin {
    fn is_terminal(&self) -> bool {
        self.stdin.is_terminal()
    }
}

impl StdinStream for CountedStdin {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        let reads = Box::into_pin(self.stdin.async_stream());
        Box::new(CountedReads { reads, waits: self.waits.clone(), wait: None })
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        self.stdin.p2_stream()
    }
}

struct CountedReads {
    reads: Pin<Box<dyn AsyncRead + Send + Sync>>,
    waits: Waits,
    wait: Option<Wait>,
}

impl AsyncRead for CountedReads {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let read = self.reads.as_mut().poll_read(cx, buffer);
        self.wait = read.is_pending().then(|| self.waits.begin());
        read
    }
}
