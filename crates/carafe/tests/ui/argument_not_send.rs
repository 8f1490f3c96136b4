use carafe::prelude::*;

use std::rc::Rc;

struct Local(Rc<u8>);

impl FromRequest for Local {
    async fn from_request(_: &Request) -> Result<Local> {
        Ok(Local(Rc::new(1)))
    }
}

#[get("/plain")]
fn plain(local: Local) -> String {
    local.0.to_string()
}

fn main() {}
