//! What people keep for themselves.

use rusqlite::{Connection, params};

use super::rows::{Failure, all, change, value};
use crate::domain::{EntryTag, SealedEntry, ShelfTag};

pub(super) fn put(
    tx: &Connection,
    shelf: ShelfTag,
    entry: EntryTag,
    sealed: &SealedEntry,
) -> Result<(), Failure> {
    change(
        tx,
        "INSERT INTO shelf (shelf_tag, entry_tag, sealed) VALUES (?1, ?2, ?3)
         ON CONFLICT (shelf_tag, entry_tag) DO UPDATE SET sealed = excluded.sealed",
        params![shelf.0, entry.0, sealed.0],
    )?;
    Ok(())
}

pub(super) fn replace(
    tx: &Connection,
    shelf: ShelfTag,
    entry: EntryTag,
    old: &SealedEntry,
    new: &SealedEntry,
) -> Result<bool, Failure> {
    let sql = "UPDATE shelf SET sealed = ?4
               WHERE shelf_tag = ?1 AND entry_tag = ?2 AND sealed = ?3";
    Ok(change(tx, sql, params![shelf.0, entry.0, old.0, new.0])? == 1)
}

pub(super) fn entries(tx: &Connection, shelf: ShelfTag) -> Result<Vec<SealedEntry>, Failure> {
    let sql = "SELECT sealed FROM shelf WHERE shelf_tag = ?1";
    all(tx, sql, [shelf.0], |row| Ok(SealedEntry(row.get(0)?)))
}

pub(super) fn entry(
    tx: &Connection,
    shelf: ShelfTag,
    entry: EntryTag,
) -> Result<Option<SealedEntry>, Failure> {
    let sql = "SELECT sealed FROM shelf WHERE shelf_tag = ?1 AND entry_tag = ?2";
    Ok(value(tx, sql, params![shelf.0, entry.0])?.map(SealedEntry))
}

pub(super) fn take(tx: &Connection, shelf: ShelfTag, entry: EntryTag) -> Result<bool, Failure> {
    let sql = "DELETE FROM shelf WHERE shelf_tag = ?1 AND entry_tag = ?2";
    Ok(change(tx, sql, params![shelf.0, entry.0])? == 1)
}

pub(super) fn clear(tx: &Connection, shelf: ShelfTag) -> Result<(), Failure> {
    change(tx, "DELETE FROM shelf WHERE shelf_tag = ?1", [shelf.0])?;
    Ok(())
}
