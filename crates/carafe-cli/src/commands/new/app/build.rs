//! Lets cargo see new templates and static files, which release builds embed.

fn main() {
    println!("cargo::rerun-if-changed=templates\ncargo::rerun-if-changed=static");
}
