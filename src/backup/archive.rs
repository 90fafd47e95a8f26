//! The one file that a backup is: a tar archive, compressed by Zstandard, the manifest first.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, Entry, EntryType, Header};

use super::{
    error::BackupError,
    manifest::{Contents, Manifest},
};

const MANIFEST: &str = "manifest.json";
/// Far more than a manifest is long.
const MOST_MANIFEST_BYTES: u64 = 64 * 1024;
/// What Zstandard itself uses when it is not told otherwise.
const LEVEL: i32 = 3;

/// Length and hash of a file.
pub(super) fn contents(path: &Path) -> io::Result<Contents> {
    let mut hash = Hashing::default();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hash.contents())
}

/// Writes the archive of the manifest and the files that it names, which lie in `folder`.
pub(super) fn write(to: &mut dyn Write, manifest: &Manifest, folder: &Path) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(to, LEVEL)?;
    encoder.include_checksum(true)?;
    let mut archive = Builder::new(encoder);
    let text = manifest.to_json();
    append(&mut archive, MANIFEST, text.len() as u64, text.as_bytes())?;
    for (name, contents) in &manifest.files {
        append(&mut archive, name, contents.bytes, File::open(folder.join(name))?)?;
    }
    archive.into_inner()?.finish()?.flush()
}

/// Takes an archive apart into `folder`, a new one: nothing but a manifest and the files that it
/// names, each as it says, and no more than there is room for.
pub(super) fn unpack(from: &mut dyn Read, folder: &Path) -> Result<Manifest, BackupError> {
    let decoder = zstd::Decoder::new(from).map_err(BackupError::Read)?;
    let mut archive = Archive::new(decoder);
    // Raw: nothing that an archive may say about an entry is carried out, such as other names.
    let mut entries = archive.entries().map_err(BackupError::Read)?.raw(true);
    let first = entries.next().ok_or_else(|| BackupError::refused("it is empty"))?;
    let mut first = first.map_err(BackupError::Read)?;
    if name(&first)? != MANIFEST || first.size() > MOST_MANIFEST_BYTES {
        return Err(BackupError::refused("it does not begin with a manifest"));
    }
    let mut text = Vec::new();
    first.read_to_end(&mut text).map_err(BackupError::Read)?;
    let manifest = Manifest::parse(&text)?;
    has_room(&manifest, folder)?;
    let mut missing = manifest.files.clone();
    for entry in entries {
        let mut entry = entry.map_err(BackupError::Read)?;
        let name = name(&entry)?;
        let Some(wanted) = missing.remove(&name) else {
            return Err(BackupError::refused("it holds something that its manifest does not name"));
        };
        if entry.size() != wanted.bytes || extract(&mut entry, &folder.join(&name))? != wanted {
            return Err(BackupError::refused(format!("{name} is not what the manifest says")));
        }
    }
    match missing.keys().next() {
        Some(name) => Err(BackupError::refused(format!("{name} is missing"))),
        None => Ok(manifest),
    }
}

fn append(
    archive: &mut Builder<impl Write>,
    name: &str,
    bytes: u64,
    contents: impl Read,
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_path(name)?;
    header.set_mode(0o600);
    header.set_size(bytes);
    header.set_cksum();
    archive.append(&header, contents)
}

/// The name of a plain file; what is anything else has no business in a backup.
fn name(entry: &Entry<'_, impl Read>) -> Result<String, BackupError> {
    let name = String::from_utf8(entry.path_bytes().into_owned());
    match name {
        Ok(name) if entry.header().entry_type() == EntryType::Regular => Ok(name),
        _ => Err(BackupError::refused("it holds something that is not a plain file")),
    }
}

fn has_room(manifest: &Manifest, folder: &Path) -> Result<(), BackupError> {
    let needed = manifest.files.values().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
    let disk =
        rustix::fs::statvfs(folder).map_err(|error| BackupError::write(folder)(error.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if needed > free { Err(BackupError::NoRoom { needed, free }) } else { Ok(()) }
}

/// Writes an entry to a new file, which is on disk then.
fn extract(entry: &mut impl Read, path: &Path) -> Result<Contents, BackupError> {
    let failed = BackupError::write(path);
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(&failed)?;
    let mut hash = Hashing::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = entry.read(&mut buffer).map_err(BackupError::Read)?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read]).map_err(&failed)?;
        hash.take(&buffer[..read]);
    }
    file.sync_all().map_err(&failed)?;
    Ok(hash.contents())
}

#[derive(Default)]
struct Hashing {
    bytes: u64,
    hash: Sha256,
}

impl Hashing {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    fn contents(self) -> Contents {
        Contents { bytes: self.bytes, sha256: HEXLOWER.encode(&self.hash.finalize()) }
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
