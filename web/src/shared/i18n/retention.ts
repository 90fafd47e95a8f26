/** What a host may choose, in seconds; null keeps messages until somebody deletes them. */
export const RETENTIONS = [
  { seconds: 3_600, choice: "rooms.retentionHour", phrase: "rooms.vanishHour" },
  { seconds: 86_400, choice: "rooms.retentionDay", phrase: "rooms.vanishDay" },
  { seconds: 604_800, choice: "rooms.retentionWeek", phrase: "rooms.vanishWeek" },
  { seconds: 2_592_000, choice: "rooms.retentionMonth", phrase: "rooms.vanishMonth" },
  { seconds: null, choice: "rooms.retentionKeep", phrase: "rooms.vanishNever" },
] as const;

/** A phrase of the catalogue as a sentence of its own. */
export function sentence(phrase: string): string {
  return `${phrase.charAt(0).toLocaleUpperCase()}${phrase.slice(1)}.`;
}

/** The catalogue's phrase for a room's retention. */
export function retentionPhrase(seconds: number | null | undefined): (typeof RETENTIONS)[number]["phrase"] {
  return RETENTIONS.find((choice) => choice.seconds === (seconds ?? null))?.phrase ?? "rooms.vanishNever";
}
