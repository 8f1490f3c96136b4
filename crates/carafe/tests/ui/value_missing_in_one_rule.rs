use carafe::prelude::*;

#[get("/notes/<int:page>")]
#[get("/notes")]
async fn notes(page: u32) -> String {
    page.to_string()
}

fn main() {}
