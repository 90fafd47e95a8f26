//! Has the program built anew when the embedded UI changes.

fn main() {
    println!("cargo:rerun-if-changed=web-dist");
}
