use carafe::prelude::*;

async fn index() -> &'static str {
    "index"
}

struct About;

fn main() {
    let _ = App::new().routes(routes![index]);
    let _ = App::new().routes(routes![About]);
}
