/**
 * What this browser keeps for us. A browser that forbids storage loses only memory between
 * reloads, so every failure is treated as "nothing is stored".
 */
export const device = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },

  set(key: string, value: string): void {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Full or forbidden: the value lives on in memory until the page is closed.
    }
  },

  remove(key: string): void {
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing was stored, so nothing is left.
    }
  },

  /** Every key that starts with `prefix`. */
  keys(prefix: string): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },

  /** Forgets every key that starts with `prefix`. */
  removeAll(prefix: string): void {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(prefix)) localStorage.removeItem(key);
      }
    } catch {
      // As above.
    }
  },
};
