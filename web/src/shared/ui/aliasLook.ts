import styles from "./AliasGlyph.module.css";

const INKS = 8;
const SHAPES = 8;
const CUTS = 3;

/** How an alias is drawn. */
export interface AliasLook {
  shape: number;
  /** What is cut out of the shape: nothing, a dot, a bar. */
  cut: number;
  /** Class that sets the colour. */
  ink: string;
}

/** The same for the same `client_id`, in every browser. Told apart by shape and cut without colour. */
export function aliasLook(clientId: string): AliasLook {
  const hash = fnv1a(clientId);
  return {
    shape: hash % SHAPES,
    cut: Math.floor(hash / SHAPES) % CUTS,
    ink: styles[`ink${Math.floor(hash / (SHAPES * CUTS)) % INKS}`] ?? "",
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // The last bits of FNV vary least between short texts; fold the first ones onto them.
  return (hash ^ (hash >>> 15)) >>> 0;
}
