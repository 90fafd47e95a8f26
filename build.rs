//! Has the program built anew when the embedded UI changes, and compresses its files here, once, so
//! that no server has to do it while somebody waits.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use brotli::{BrotliCompress, enc::BrotliEncoderParams};
use flate2::{Compression, write::GzEncoder};

/// What is no image: those are compressed already.
const COMPRESSIBLE: [&str; 4] = ["css", "js", "svg", "webmanifest"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=web-dist");
    let target = env::var_os("OUT_DIR").map(PathBuf::from).expect("cargo says where");
    let mut table = String::from("&[");
    for (name, content) in compressed_files(Path::new("web-dist"))? {
        let file = name.replace('/', "-");
        fs::write(target.join(&file), content)?;
        let content =
            format!("include_bytes!(concat!(env!(\"OUT_DIR\"), {:?}))", format!("/{file}"));
        writeln!(table, "({name:?}, {content}),").expect("memory takes it");
    }
    fs::write(target.join("compressed.rs"), table + "]")
}

/// Every file under `root` in each form that is any smaller, by its name, in order.
fn compressed_files(root: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let kind = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if COMPRESSIBLE.contains(&kind) {
                let name = path.strip_prefix(root).expect("it is in there").display();
                let plain = fs::read(&path)?;
                for (ending, compressed) in [("br", brotli(&plain)?), ("gz", gzip(&plain)?)] {
                    if compressed.len() < plain.len() {
                        files.insert(format!("{name}.{ending}"), compressed);
                    }
                }
            }
        }
    }
    Ok(files)
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
