//! [`TestMultipart`]: writes a `multipart/form-data` body (RFC 7578).

use bytes::Bytes;

/// The fields and files of a form; see [`TestRequest::multipart`](crate::testing::TestRequest::multipart).
#[derive(Debug, Default)]
pub struct TestMultipart {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    head: String,
    bytes: Bytes,
}

impl TestMultipart {
    /// Adds a field.
    #[must_use]
    #[inline]
    pub fn field(mut self, name: &str, value: impl Into<Bytes>) -> TestMultipart {
        let head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        self.parts.push(Part { head, bytes: value.into() });
        self
    }

    /// Adds a file: the field's name, the file's name, its media type and its bytes.
    #[must_use]
    #[inline]
    pub fn file(
        mut self,
        name: &str,
        filename: &str,
        content_type: &str,
        bytes: impl Into<Bytes>,
    ) -> TestMultipart {
        let (name, filename) = (quoted(name), quoted(filename));
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
             Content-Type: {content_type}"
        );
        self.parts.push(Part { head, bytes: bytes.into() });
        self
    }

    /// The `Content-Type` and the body.
    #[inline]
    pub(super) fn finish(self) -> (String, Vec<u8>) {
        let boundary = self.boundary();
        let mut body = Vec::new();
        for part in self.parts {
            body.extend_from_slice(format!("--{boundary}\r\n{}\r\n\r\n", part.head).as_bytes());
            body.extend_from_slice(&part.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }

    /// A text that is in none of the parts.
    #[inline]
    fn boundary(&self) -> String {
        let mut boundary = "carafe-test".to_owned();
        while self.parts.iter().any(|part| contains(&part.bytes, boundary.as_bytes())) {
            boundary.push_str("-x");
        }
        boundary
    }
}

/// How browsers write names: the HTML standard's "multipart/form-data encoding algorithm".
#[inline]
fn quoted(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

#[inline]
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_parts() {
        let form = TestMultipart::default().field("a\"b", "c").file(
            "f",
            "x.bin",
            "image/png",
            &b"--carafe-test\r\n"[..],
        );
        let (content_type, body) = form.finish();
        assert_eq!(content_type, "multipart/form-data; boundary=carafe-test-x");
        let expected = "--carafe-test-x\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\nc\r\n\
             --carafe-test-x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n\
             Content-Type: image/png\r\n\r\n--carafe-test\r\n\r\n--carafe-test-x--\r\n";
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
