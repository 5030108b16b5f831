//! Lists the public interface of a crate, one item to a line: `txotp-public-api FILE`, where the file is rustdoc's JSON.
//!
//! Derived implementations are in it, since a `Clone` or a `Debug` is a promise; blanket and automatic ones are not.

use std::error::Error;

use public_api::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("name the JSON")?;
    let api = Builder::from_rustdoc_json(file)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;
    print!("{api}");
    Ok(())
}
