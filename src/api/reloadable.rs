//! What the operator may change while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

/// A value that can be replaced. Whoever has got one keeps it until done.
#[derive(Debug, Default)]
pub struct Reloadable<T>(RwLock<Arc<T>>);

impl<T> Reloadable<T> {
    /// Begins with `value`.
    pub fn new(value: T) -> Self {
        Self(RwLock::new(Arc::new(value)))
    }

    /// The value as of now.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another value in its place.
    pub fn replace(&self, value: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
    }

    /// Puts another value in the place of `this`, unless that is there no longer.
    pub fn replace_this(&self, this: &Arc<T>, value: T) {
        let mut now = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&now, this) {
            *now = Arc::new(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_meanwhile_is_not_replaced_again() {
        let value = Reloadable::new(1);
        let first = value.get();
        value.replace_this(&first, 2);
        assert_eq!(*value.get(), 2);
        value.replace(3);
        value.replace_this(&first, 4);
        assert_eq!((*value.get(), *first), (3, 1));
    }
}
