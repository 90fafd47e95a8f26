const VERSION = "ad4ecc57cb023e91";
const FILES = [
 "/",
 "/assets/AccountPage-BfRu8i9O.js",
 "/assets/AppearanceDialog-BAf-xCgh.js",
 "/assets/CreateRoomDialog-ByauKqMT.js",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Dialog-Misk-UDt.js",
 "/assets/Entrance-BYLHJagw.js",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Field-C19yIH_o.css",
 "/assets/Field-c-tKvjx_.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/FrontPage-DOA-28OW.js",
 "/assets/GuardNotice-Brpy5GOC.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/HereDialog-B4rwF7Cx.js",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/KnownAboutMe-B7YLaKdW.css",
 "/assets/KnownAboutMe-DXBo4MbK.js",
 "/assets/LoginPage-CKr2g-0-.js",
 "/assets/MessageList-5zKzQGPQ.js",
 "/assets/MessageList-ChmApxqh.css",
 "/assets/ModerationDialogs-B0TP8p0w.js",
 "/assets/PrivacyPage-CQGrot8C.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-BUQvZIKT.js",
 "/assets/RegisterPage-BAZOtckA.js",
 "/assets/RoomDrawer-C1TxM6iR.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BsVf7cm7.css",
 "/assets/RoomScreen-CryMjuwv.js",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-D0Htf5s2.js",
 "/assets/RoomsPage-CcatxTDl.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-CCdoAthN.css",
 "/assets/RowMenu-CkWGoQuj.js",
 "/assets/SessionList-BvGElBcT.js",
 "/assets/SessionList-CRH2rAID.css",
 "/assets/ShareRoom-TPKiFTZs.js",
 "/assets/Shell-BNH6US7-.css",
 "/assets/Shell-CHhDsixF.js",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-Cc0LgGq-.js",
 "/assets/accountApi-CqaZqdRC.js",
 "/assets/chatApi-CYLLuE_3.js",
 "/assets/common-CIMf7OLv.js",
 "/assets/common-mTIisszd.css",
 "/assets/en-j8EmGHiw.js",
 "/assets/focusRow-DOfJexcJ.js",
 "/assets/focusRow-roqwtEoS.css",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-BiSQmHrg.js",
 "/assets/index-bU1mMljC.css",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-CatJfx9x.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-DDfMuKd6.js",
 "/assets/ru-0AW67m8A.js",
 "/assets/rules-T4li_8H8.js",
 "/assets/useScrollLock-NfKfWoQr.js",
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
