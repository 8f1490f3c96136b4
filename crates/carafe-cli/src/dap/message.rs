//! The three kinds of messages.

use serde_json::{Value, json};

/// A message as it was read.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// The other side asks for something.
    Request { seq: i64, command: String, arguments: Value },
    /// The answer to a request of ours; `Err` has the words of a failure.
    Response { request_seq: i64, result: Result<Value, String> },
    /// The other side tells something.
    Event { event: String, body: Value },
}

impl Message {
    /// What a JSON value means; `None` when it is no message of the protocol.
    pub(crate) fn parse(mut value: Value) -> Option<Message> {
        let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
        match value["type"].as_str()? {
            "request" => {
                let (seq, command) = (value["seq"].as_i64()?, text(&value, "command")?);
                Some(Message::Request { seq, command, arguments: value["arguments"].take() })
            }
            "response" => {
                let request_seq = value["request_seq"].as_i64()?;
                let result = match value["success"].as_bool()? {
                    true => Ok(value["body"].take()),
                    false => Err(failure_text(&value)),
                };
                Some(Message::Response { request_seq, result })
            }
            "event" => {
                Some(Message::Event { event: text(&value, "event")?, body: value["body"].take() })
            }
            _ => None,
        }
    }
}

/// The words of a failed response: lldb-dap leaves `message` empty and fills `body`.
fn failure_text(value: &Value) -> String {
    let places = [&value["message"], &value["body"]["error"]["format"]];
    let words = places.iter().find_map(|place| place.as_str().filter(|text| !text.is_empty()));
    words.unwrap_or("no reason was given").to_owned()
}

/// A request to send.
pub(crate) fn request(seq: i64, command: &str, arguments: &Value) -> Value {
    json!({"seq": seq, "type": "request", "command": command, "arguments": arguments})
}

/// An event to send.
pub(crate) fn event(seq: i64, event: &str, body: &Value) -> Value {
    json!({"seq": seq, "type": "event", "event": event, "body": body})
}

/// The answer to a request that was done.
pub(crate) fn success(seq: i64, request_seq: i64, command: &str, body: &Value) -> Value {
    json!({
        "seq": seq, "type": "response", "request_seq": request_seq, "command": command,
        "success": true, "body": body,
    })
}

/// The answer to a request that failed; `showUser` asks the editor to show the words.
pub(crate) fn failure(seq: i64, request_seq: i64, command: &str, words: &str) -> Value {
    json!({
        "seq": seq, "type": "response", "request_seq": request_seq, "command": command,
        "success": false, "message": words,
        // Braces in `format` stand for variables.
        "body": {"error": {"id": 1, "format": "{words}", "variables": {"words": words}, "showUser": true}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let parsed = |value| format!("{:?}", Message::parse(value));
        assert_eq!(
            parsed(request(1, "next", &json!({"threadId": 2}))),
            r#"Some(Request { seq: 1, command: "next", arguments: Object {"threadId": Number(2)} })"#
        );
        assert_eq!(
            parsed(success(1, 7, "next", &json!(5))),
            "Some(Response { request_seq: 7, result: Ok(Number(5)) })"
        );
        assert_eq!(
            parsed(event(1, "stopped", &json!(null))),
            r#"Some(Event { event: "stopped", body: Null })"#
        );
        assert_eq!(parsed(json!({"type": "x"})), "None");
        assert_eq!(parsed(json!([1])), "None");
    }

    #[test]
    fn a_failure_has_words() {
        let words = |value| match Message::parse(value) {
            Some(Message::Response { result: Err(words), .. }) => words,
            other => panic!("{other:?}"),
        };
        let failed = json!({"type": "response", "request_seq": 1, "success": false});
        assert_eq!(words(failed), "no reason was given");
        let short =
            json!({"type": "response", "request_seq": 1, "success": false, "message": "no"});
        assert_eq!(words(short), "no");
    }
}
