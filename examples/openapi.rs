//! Prints the OpenAPI document of the HTTP API: `cargo run --example openapi > web/openapi.json`.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", anonchat::api::document().to_pretty_json()?);
    Ok(())
}
