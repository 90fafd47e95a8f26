/**
 * The path at which people reach the server, with a slash at both ends: `/`, or `/chat/` behind a
 * proxy that shows it there. Every script of the UI lies one folder below.
 */
export const base = import.meta.env.PROD ? new URL(/* @vite-ignore */ "..", import.meta.url).pathname : "/";
