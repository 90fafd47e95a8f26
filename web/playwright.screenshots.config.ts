import config from "./playwright.config";

/** `npm run screenshots`: takes the pictures in docs/screenshots, of the real program. */
export default { ...config, testDir: "screenshots", workers: 1 };
