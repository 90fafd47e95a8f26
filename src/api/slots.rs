//! What is in use at the same time, by whose it is.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard},
};

/// Counts what is in use under each key, up to a number.
#[derive(Debug)]
pub struct Slots<K: Eq + Hash + Copy> {
    most: u32,
    used: Arc<Mutex<HashMap<K, u32>>>,
}

/// One slot in use; given back on drop.
#[derive(Debug)]
pub struct Slot<K: Eq + Hash + Copy> {
    key: K,
    used: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Eq + Hash + Copy> Slots<K> {
    /// At most `most` under each key.
    pub fn new(most: u32) -> Self {
        Self { most, used: Arc::default() }
    }

    /// A slot under `key`, or `None` if all are in use.
    pub fn take(&self, key: K) -> Option<Slot<K>> {
        let mut used = lock(&self.used);
        let count = used.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Slot { key, used: Arc::clone(&self.used) })
    }
}

impl<K: Eq + Hash + Copy> Drop for Slot<K> {
    fn drop(&mut self) {
        let mut used = lock(&self.used);
        if let Some(count) = used.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                used.remove(&self.key);
            }
        }
    }
}

fn lock<K>(used: &Mutex<HashMap<K, u32>>) -> MutexGuard<'_, HashMap<K, u32>> {
    used.lock().expect("nothing panics while it counts")
}
