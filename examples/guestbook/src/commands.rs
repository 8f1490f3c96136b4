//! The guestbook's own commands: `cargo run -p guestbook -- seed`.

use std::io::{self, Write};

use carafe::prelude::*;

use crate::filters::now;
use crate::store::{NewEntry, Store};

const EXAMPLES: &[(&str, &str)] = &[
    (
        "Hanna Weiss",
        "Two nights became five. We counted the swallows from the terrace every evening and never got the same number.",
    ),
    ("Théo", "The bread alone is worth the climb."),
    ("Park Ji-woo", "비 오는 날의 창가 자리가 가장 좋았어요. 다시 올게요!"),
    (
        "Marguerite Okafor",
        "Came for the wine, stayed for the conversation with the cook.\n\nThank you for the map. We found the chapel.",
    ),
    ("Lars", "My daughter learned to whistle here. You have been warned, next guests."),
    (
        "The Abadi family",
        "Four of us, one dog, no complaints. The dog asks when we are coming back.",
    ),
    (
        "Ines & Tomás",
        "Forty years to the day since our first visit. The same table, the same carafe, and it was full.",
    ),
    ("Wren", "I wrote the last chapter in your library. You are in the acknowledgements."),
    ("Óscar", "Lost my hat to the wind on the ridge. If it comes by, please give it a drink."),
    ("佐藤 美咲", "静かな朝と、焼きたてのパン。ありがとうございました。"),
    ("Ruth", "Slept like a stone."),
    ("Emre Yıldız", "The stars! Nobody told us about the stars."),
];

/// Adds example entries, spread over the last weeks.
#[command]
pub(crate) fn seed(
    /// How many.
    #[arg(long, default = 12)]
    count: u32,
    store: State<Store>,
) -> Result<()> {
    let now = now();
    for (i, (name, message)) in (0..count).zip(EXAMPLES.iter().cycle()) {
        // Each step back is longer than the one before, as memories go.
        let age = i64::from(count - i);
        let created_at = Some(now - age * age * 5 * 60 * 60 / 2);
        store.add(&NewEntry { name, message, created_at, ..NewEntry::default() })?;
    }
    writeln!(io::stderr(), "{count} entries were added")?;
    Ok(())
}

/// Prints every entry as JSON, oldest first.
#[command]
pub(crate) fn export(store: State<Store>) -> Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &store.all()?)?;
    writeln!(out)?;
    Ok(())
}
