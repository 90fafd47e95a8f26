const VERSION = "158714819a92bd24";
const FILES = [
 "/",
 "/assets/AccountPage-CRH2rAID.css",
 "/assets/AccountPage-lQDP8-UA.js",
 "/assets/AppearanceDialog-BOBLCJQR.js",
 "/assets/CreateRoomDialog-B344Svak.js",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Dialog-CDfUkT4K.js",
 "/assets/Entrance-BhxbZ3K-.js",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Field-C19yIH_o.css",
 "/assets/Field-DGr7ErkX.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/FrontPage-D3EDftGO.js",
 "/assets/GuardNotice-BuyNefbL.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/HereDialog-fQsce5AB.js",
 "/assets/LoginPage-D6z61vCO.js",
 "/assets/MessageList-BMXddrIG.css",
 "/assets/MessageList-BdE2ZFAj.js",
 "/assets/ModerationDialogs-CHW4m96N.js",
 "/assets/PrivacyPage--hS0MC47.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-Do_eN4XS.js",
 "/assets/RegisterPage-BczP6Xt4.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomDrawer-pOVJpunv.js",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BX2ETl_Y.css",
 "/assets/RoomScreen-yIR-gopN.js",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-DQut6P7L.js",
 "/assets/RoomsPage-B6-mLGgU.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-BEAAr-yE.js",
 "/assets/RowMenu-CCdoAthN.css",
 "/assets/ShareRoom-DNYlt65a.js",
 "/assets/Shell-3p-WGgk6.js",
 "/assets/Shell-BNH6US7-.css",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-YeGgiH_w.js",
 "/assets/accountApi-BhGCsQHV.js",
 "/assets/chatApi-BHMDf6H-.js",
 "/assets/common-BCqeNuJq.css",
 "/assets/common-CpaLCc_c.js",
 "/assets/en-VwyeCGQq.js",
 "/assets/focusRow-DLGOg-JP.js",
 "/assets/focusRow-roqwtEoS.css",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-DVyL9C-t.js",
 "/assets/index-bU1mMljC.css",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-BIbwix23.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-DPRq9kcv.js",
 "/assets/ru-EbTtwUep.js",
 "/assets/rules-T4li_8H8.js",
 "/assets/useScrollLock-xWZHmgN9.js",
 "/icon-192.png",
 "/icon-512.png",
 "/icon-maskable-512.png",
 "/icon-unread.svg",
 "/icon.svg",
 "/manifest.webmanifest",
 "/theme.js"
];
// Keeps the files of the UI, so that it opens without a network. It never touches the API: what
// people write is in no cache. The build puts `FILES` and `VERSION` before this.
const CACHE = `anonchat-shell-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

// A new version waits until the pages of the old one are closed; their files stay until then.
self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOtherVersions().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(networkFirst(request, "/"));
  else if (pathname.startsWith("/assets/")) event.respondWith(cacheFirst(request));
  else if (FILES.includes(pathname)) event.respondWith(networkFirst(request, pathname));
});

async function networkFirst(request, kept) {
  try {
    return await fetch(request);
  } catch (cause) {
    const answer = await caches.match(kept);
    if (answer) return answer;
    throw cause;
  }
}

/** Names under assets/ contain a hash of their content. */
async function cacheFirst(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function forgetOtherVersions() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}
