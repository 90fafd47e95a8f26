// Builds in memory and adds up what a first visit downloads. Fails when a page is over the budget.
import { build } from "vite";

import { judge, weigh } from "./visits.mjs";

const BUDGET_KIB = 120;

/** The larger of the two catalogues; a visit needs one. */
const CATALOGUE = "ru";

/** The chunks of which each kind of first visit consists, besides the entry. */
const VISITS = {
  "front page": [CATALOGUE, "FrontPage"],
  "registering": [CATALOGUE, "RegisterPage"],
  "rooms": [CATALOGUE, "Shell", "RoomsPage"],
  "a room by its link": [CATALOGUE, "Shell", "RoomScreen"],
};

const { output } = await build({ logLevel: "silent", build: { write: false } });
const { lines, over } = judge(weigh(output, VISITS), BUDGET_KIB);
for (const line of lines) console.log(line);
process.exitCode = over ? 1 : 0;
