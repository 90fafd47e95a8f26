/** What a host may choose, in seconds; null keeps messages until somebody deletes them. */
export const RETENTIONS = [
  { seconds: 3_600, choice: "rooms.retentionHour", sentence: "rooms.vanishHour" },
  { seconds: 86_400, choice: "rooms.retentionDay", sentence: "rooms.vanishDay" },
  { seconds: 604_800, choice: "rooms.retentionWeek", sentence: "rooms.vanishWeek" },
  { seconds: 2_592_000, choice: "rooms.retentionMonth", sentence: "rooms.vanishMonth" },
  { seconds: null, choice: "rooms.retentionKeep", sentence: "rooms.vanishNever" },
] as const;

/** The catalogue's sentence for a room's retention. */
export function retentionSentence(seconds: number | null | undefined): (typeof RETENTIONS)[number]["sentence"] {
  return RETENTIONS.find((choice) => choice.seconds === (seconds ?? null))?.sentence ?? "rooms.vanishNever";
}
