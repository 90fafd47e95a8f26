import config from "./playwright.config";

/** `npm run measure`: times the UI of the real program in a room with very many messages. */
export default { ...config, testDir: "measure", workers: 1, timeout: 900_000 };
