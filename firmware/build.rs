//! Tells the linker what memory the chip has, and turns the published vectors into tables.

#[cfg(feature = "vectors")]
#[path = "build/tables.rs"]
mod tables;

fn main() -> std::io::Result<()> {
    let out = std::env::var_os("OUT_DIR").expect("cargo gives a build script its folder");
    let out = std::path::PathBuf::from(out);
    std::fs::copy("memory.x", out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=build");
    #[cfg(feature = "vectors")]
    std::fs::write(out.join("tables.rs"), tables::of("../test-vectors"))?;
    Ok(())
}
