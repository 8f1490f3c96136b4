//! User-space instructions of one more keep-alive request: counts that noise hardly moves.

use super::servers::{SERVERS, TARGETS};
use crate::budget;
use crate::error::Result;
use crate::workspace::Workspace;

/// Measures every server with every target and prints a table.
pub(super) fn print(workspace: &Workspace) -> Result<()> {
    let scratch = workspace.scratch()?;
    let mut floors = Vec::new();
    println!("\nInstructions per request (more than raw hyper)\n");
    println!("| server | {} |", TARGETS.map(|(name, _)| name).join(" | "));
    println!("|---|{}", "--:|".repeat(TARGETS.len()));
    for server in &SERVERS {
        let program = server.build(workspace)?;
        let mut cells = Vec::new();
        for (column, (_, target)) in TARGETS.iter().enumerate() {
            let count =
                budget::instructions_per_request(&program, &server.variables(), target, &scratch)?;
            let floor = *floors.get(column).unwrap_or(&count);
            if floors.len() == column {
                floors.push(count);
                cells.push(format!("{count:.0}"));
            } else {
                cells.push(format!("{count:.0} (+{:.0})", count - floor));
            }
        }
        println!("| {} | {} |", server.name, cells.join(" | "));
    }
    Ok(())
}
