//! As much HTTP as chromedriver needs: one request a connection, JSON both ways.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// The longest that a command may take, such as a page that loads.
const DEADLINE: Duration = Duration::from_secs(60);

/// Sends a command and gives back the `value` of the answer, or the driver's error in words.
pub(super) fn call(port: u16, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let answer = exchange(port, method, path, &body.to_string())
        .map_err(|error| format!("{method} {path}: chromedriver did not answer: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let mut answer: Value = serde_json::from_str(body)
        .map_err(|error| format!("{method} {path}: {error} in {head:?}, {body:?}"))?;
    let value = answer["value"].take();
    match head.split(' ').nth(1) {
        Some("200") => Ok(value),
        _ => Err(format!("{method} {path}: {}: {}", value["error"], value["message"])),
    }
}

fn exchange(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let body = if method == "POST" { body } else { "" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 64 * 1024];
    // The driver does not always close the connection, so the announced length ends the reading.
    while !is_whole(&answer) {
        match stream.read(&mut piece)? {
            0 => break,
            count => answer.extend_from_slice(&piece[..count]),
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    length.is_some_and(|length: usize| answer.len() >= end + 4 + length)
}
