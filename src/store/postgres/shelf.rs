//! What people keep for themselves.

use deadpool_postgres::GenericClient;

use super::rows::{Failure, all, change, get, one};
use crate::domain::{EntryTag, SealedEntry, ShelfTag};

pub(super) async fn put(
    db: &impl GenericClient,
    shelf: ShelfTag,
    entry: EntryTag,
    sealed: &SealedEntry,
) -> Result<(), Failure> {
    let sql = "
        INSERT INTO shelf (shelf_tag, entry_tag, sealed) VALUES ($1, $2, $3)
        ON CONFLICT (shelf_tag, entry_tag) DO UPDATE SET sealed = excluded.sealed";
    change(db, sql, &[&&shelf.0[..], &&entry.0[..], &sealed.0]).await?;
    Ok(())
}

pub(super) async fn replace(
    db: &impl GenericClient,
    shelf: ShelfTag,
    entry: EntryTag,
    old: &SealedEntry,
    new: &SealedEntry,
) -> Result<bool, Failure> {
    let sql = "
        UPDATE shelf SET sealed = $4 WHERE shelf_tag = $1 AND entry_tag = $2 AND sealed = $3";
    Ok(change(db, sql, &[&&shelf.0[..], &&entry.0[..], &old.0, &new.0]).await? == 1)
}

pub(super) async fn entries(
    db: &impl GenericClient,
    shelf: ShelfTag,
) -> Result<Vec<SealedEntry>, Failure> {
    let sql = "SELECT sealed FROM shelf WHERE shelf_tag = $1";
    all(db, sql, &[&&shelf.0[..]], |row| Ok(SealedEntry(get(row, 0)?))).await
}

pub(super) async fn entry(
    db: &impl GenericClient,
    shelf: ShelfTag,
    entry: EntryTag,
) -> Result<Option<SealedEntry>, Failure> {
    let sql = "SELECT sealed FROM shelf WHERE shelf_tag = $1 AND entry_tag = $2";
    one(db, sql, &[&&shelf.0[..], &&entry.0[..]], |row| Ok(SealedEntry(get(row, 0)?))).await
}

pub(super) async fn take(
    db: &impl GenericClient,
    shelf: ShelfTag,
    entry: EntryTag,
) -> Result<bool, Failure> {
    let sql = "DELETE FROM shelf WHERE shelf_tag = $1 AND entry_tag = $2";
    Ok(change(db, sql, &[&&shelf.0[..], &&entry.0[..]]).await? == 1)
}

pub(super) async fn clear(db: &impl GenericClient, shelf: ShelfTag) -> Result<(), Failure> {
    change(db, "DELETE FROM shelf WHERE shelf_tag = $1", &[&&shelf.0[..]]).await?;
    Ok(())
}
