use carafe::prelude::*;

struct Page;

#[get("/")]
async fn index() -> Page {
    Page
}

#[get("/plain")]
fn plain() -> Result<u64> {
    Ok(5)
}

fn main() {}
