//! `lipsum(n=5, html=true, min=20, max=100)`: text to fill a page with while it is designed.

use minijinja::value::{Kwargs, Rest};
use minijinja::{Error, Value};

use super::super::python::random_below;

const WORDS: &str = "ad amet aliquam arcu at augue bibendum consectetur cursus dapibus diam dictum \
dignissim dolor donec dui egestas eget elit enim erat eros et facilisis felis fermentum gravida \
habitant hendrerit iaculis imperdiet in integer ipsum justo lacus laoreet lectus leo libero ligula \
lobortis lorem luctus maecenas magna mattis mauris metus mi mollis morbi nam nec nibh nisi non nulla \
nunc odio orci ornare pede pellentesque pharetra placerat porta posuere pretium proin pulvinar purus \
quam quis risus rutrum sagittis sapien sed sem semper sit sodales suscipit suspendisse tellus tempor \
tempus tincidunt tortor tristique turpis ultrices urna ut varius vel velit vestibulum vitae vivamus \
volutpat vulputate";

pub(super) fn lipsum(positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let get = |at: usize, name: &str| -> Result<Option<Value>, Error> {
        match positional.get(at) {
            Some(value) => Ok(Some(value.clone())),
            None => named.get(name),
        }
    };
    let count =
        |value: Option<Value>, default| value.and_then(|value| value.as_usize()).unwrap_or(default);
    let n = count(get(0, "n")?, 5).min(1000);
    let html = get(1, "html")?.is_none_or(|html| html.is_true());
    let min = count(get(2, "min")?, 20).min(10_000);
    let max = count(get(3, "max")?, 100).clamp(min + 1, 20_000);
    named.assert_all_used()?;
    let words: Vec<&str> = WORDS.split(' ').collect();
    let paragraphs = (0..n).map(|_| paragraph(&words, min + random_below(max - min)));
    if !html {
        return Ok(Value::from(paragraphs.collect::<Vec<_>>().join("\n\n")));
    }
    let paragraphs: Vec<String> = paragraphs.map(|text| format!("<p>{text}</p>")).collect();
    Ok(Value::from_safe_string(paragraphs.join("\n")))
}

/// Sentences of 3 to 17 words, with a comma now and then.
fn paragraph(words: &[&str], length: usize) -> String {
    let mut text = String::with_capacity(length * 8);
    let mut left = 0;
    for number in 0..length {
        let word = words.get(random_below(words.len())).copied().unwrap_or_default();
        if left == 0 {
            left = 3 + random_below(15);
            text.push_str(if number == 0 { "" } else { " " });
            text.extend(word.chars().take(1).map(|c| c.to_ascii_uppercase()));
            text.push_str(word.get(1..).unwrap_or_default());
        } else {
            text.push(' ');
            text.push_str(word);
        }
        left -= 1;
        if left == 0 || number + 1 == length {
            text.push('.');
        } else if random_below(9) == 0 {
            text.push(',');
        }
    }
    text
}
