use carafe::prelude::*;

struct Users;

impl Users {
    #[get("/method")]
    async fn method(&self) -> &'static str {
        "method"
    }
}

#[get("/generic")]
async fn generic<T: FromRequest>(value: T) -> &'static str {
    drop(value);
    "generic"
}

#[get("/unsafe")]
unsafe fn dangerous() -> &'static str {
    "dangerous"
}

#[get("/extern")]
extern "C" fn foreign() {}

#[get("/mut")]
async fn mutable(request: &mut Request) -> String {
    request.path().to_owned()
}

#[get("/borrowed")]
async fn borrowed(request: &Request) -> &str {
    request.path()
}

#[get("/struct")]
struct NotAFunction;

fn main() {}
