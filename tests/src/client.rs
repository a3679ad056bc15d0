//! A client for HTTP/1.1: one request a connection.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};

/// A response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status line.
    pub status: String,
    /// By lower-case name; several values of one name with commas between.
    pub headers: BTreeMap<String, String>,
    /// The body, put together if it came in chunks.
    pub body: String,
}

/// Asks for a path, and for no more than that on this connection. Waits as long as a slow machine may take.
pub fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    ask(address, &format!("GET {path}"), "")
}

/// The same with a body.
pub fn post(address: SocketAddr, path: &str, body: &str) -> Result<Answer> {
    ask(address, &format!("POST {path}"), body)
}

fn ask(address: SocketAddr, request: &str, body: &str) -> Result<Answer> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(120)))?;
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    write!(connection, "{request} HTTP/1.1\r\nHost: {address}\r\n{length}Connection: close\r\n\r\n{body}")?;
    let mut text = String::new();
    connection.read_to_string(&mut text)?;

    let (head, body) = text.split_once("\r\n\r\n").with_context(|| format!("no head: {text}"))?;
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().to_owned();
    let mut headers = BTreeMap::<String, String>::new();
    for line in lines {
        let (name, value) = line.split_once(": ").with_context(|| format!("no header: {line}"))?;
        let values = headers.entry(name.to_lowercase()).or_default();
        *values = if values.is_empty() { value.into() } else { format!("{values}, {value}") };
    }
    let chunked = headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked");
    let body = if chunked { unchunked(body)? } else { body.into() };
    Ok(Answer { status, headers, body })
}

fn unchunked(mut rest: &str) -> Result<String> {
    let mut body = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n").context("a chunk has a size")?;
        let size = usize::from_str_radix(size, 16)?;
        if size == 0 {
            return Ok(body);
        }
        body += after.get(..size).context("a chunk is whole")?;
        rest = after[size..].strip_prefix("\r\n").context("a chunk ends")?;
    }
}
