use carafe::prelude::*;

#[get("/")]
async fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = url_for!(index, _extrenal = true);
    let _ = url_for!(index, page => 1);
    let _ = url_for!(index, page = 1, page = 2);
    let _ = url_for!();
    let _ = url_for!(5);
    let _ = url_for!(missing, id = 5);
}
