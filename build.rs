//! Has the program built anew when the embedded UI changes, and compresses its files here, once, so
//! that no server has to do it while somebody waits.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use brotli::{BrotliCompress, enc::BrotliEncoderParams};
use flate2::{Compression, write::GzEncoder};

/// What is no image: those are compressed already.
const COMPRESSIBLE: [&str; 4] = ["css", "js", "svg", "webmanifest"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=web-dist");
    let target = env::var_os("OUT_DIR").map(PathBuf::from).expect("cargo says where");
    let target = target.join("compressed");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    compress_folder(Path::new("web-dist"), &target)
}

fn compress_folder(folder: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, target) = (entry.path(), target.join(entry.file_name()));
        if path.is_dir() {
            compress_folder(&path, &target)?;
        } else if path.extension().is_some_and(|kind| COMPRESSIBLE.iter().any(|name| kind == *name))
        {
            compress(&fs::read(path)?, &target)?;
        }
    }
    Ok(())
}

/// Writes each form of a file beside `target`, if it is any smaller.
fn compress(plain: &[u8], target: &Path) -> io::Result<()> {
    for (ending, compressed) in [("br", brotli(plain)?), ("gz", gzip(plain)?)] {
        if compressed.len() < plain.len() {
            fs::write(target.with_added_extension(ending), compressed)?;
        }
    }
    Ok(())
}

fn brotli(mut plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    // Its own defaults are the smallest that it can do.
    BrotliCompress(&mut plain, &mut compressed, &BrotliEncoderParams::default())?;
    Ok(compressed)
}

fn gzip(mut plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    io::copy(&mut plain, &mut encoder)?;
    encoder.finish()
}
