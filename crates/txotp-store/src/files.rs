//! Files that only their owner can read, and that are there whole or not at all.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a file of mode 0600, where there is none.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a file, where there is one, the mode 0600.
pub(crate) fn restrict(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        match std::fs::set_permissions(path, mode) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Gives a file that is whole another name, durably, and replaces nothing.
pub(crate) fn rename_new(file: &Path, name: &Path) -> io::Result<()> {
    match std::fs::hard_link(file, name) {
        // It has its name; the other one in excess is no reason to call that back.
        Ok(()) => drop(std::fs::remove_file(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => take_name(file, name)?,
    }
    sync_folder(name)
}

/// Where the file system has no links, as FAT: takes the name by an empty file, and replaces that. Who looks in
/// between finds an empty file, and so does who looks after a crash.
fn take_name(file: &Path, name: &Path) -> io::Result<()> {
    create_new(name)?;
    std::fs::rename(file, name).inspect_err(|_| {
        // The error that is told is the first.
        let _ = std::fs::remove_file(name);
    })
}

/// Makes a new file's name durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_name_is_given_once_with_links_and_without() {
        for give in [rename_new, take_name] {
            let folder = tempfile::tempdir().unwrap();
            let path = |name| folder.path().join(name);
            std::fs::write(path("new"), "whole").unwrap();
            give(&path("new"), &path("named")).unwrap();
            assert_eq!(std::fs::read(path("named")).unwrap(), b"whole");
            assert!(!path("new").exists());

            std::fs::write(path("other"), "other").unwrap();
            let refused = give(&path("other"), &path("named")).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(path("named")).unwrap(), b"whole");
            assert_eq!(std::fs::read(path("other")).unwrap(), b"other");

            give(&path("nowhere"), &path("not named")).unwrap_err();
            assert!(!path("not named").exists());
        }
    }
}
