const VERSION = "00541aa913c6b0ef";
const FILES = [
 "/",
 "/assets/AccountPage-CRH2rAID.css",
 "/assets/AccountPage-DrmB1xaX.js",
 "/assets/AppearanceDialog-Ba0Kt1R7.js",
 "/assets/CreateRoomDialog-C112ybNS.js",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Dialog-y5YS8w0h.js",
 "/assets/Entrance-CSW75Dx7.js",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Field-BUDcwf7K.js",
 "/assets/Field-C19yIH_o.css",
 "/assets/FrontPage-BUDYPcAA.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/GuardNotice-BzfFJg70.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/HereDialog-BHdFPlBz.js",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/LoginPage-Ci8ig_u2.js",
 "/assets/MessageList-BMXddrIG.css",
 "/assets/MessageList-ySeXAZV-.js",
 "/assets/ModerationDialogs-DNLnMLdb.js",
 "/assets/PrivacyPage-Bm2XqitM.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-DRYZKGLU.js",
 "/assets/RegisterPage-BY1iil7F.js",
 "/assets/RoomDrawer-B8ROY2Bc.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomList-Rlw4ajqk.js",
 "/assets/RoomScreen-BX2ETl_Y.css",
 "/assets/RoomScreen-C9RLLdbc.js",
 "/assets/RoomSwitcher-Bn419ljH.js",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomsPage-Q8VYsj0q.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-D7CpFcuD.js",
 "/assets/RowMenu-De9zbIyz.css",
 "/assets/ShareRoom-B9dXm1PB.js",
 "/assets/Shell-CrTn3NE_.js",
 "/assets/Shell-dzWtMsyp.css",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-C3I4hq56.js",
 "/assets/UnreadCount-CsDglipw.css",
 "/assets/UnreadCount-WDHKGxo9.js",
 "/assets/accountApi-CeyLthsJ.js",
 "/assets/chatApi-B91UJFke.js",
 "/assets/common-B2aFEhnU.js",
 "/assets/common-Ci3wqRM7.css",
 "/assets/en-VwyeCGQq.js",
 "/assets/focusRow-D9B14HQU.js",
 "/assets/focusRow-roqwtEoS.css",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-BRG0CIYc.js",
 "/assets/index-bU1mMljC.css",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/mutation-pKrcCysK.js",
 "/assets/react-dom-uaYFza39.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/roomsApi-0osDG5mp.js",
 "/assets/rows-C8YTpixt.js",
 "/assets/ru-EbTtwUep.js",
 "/assets/rules-T4li_8H8.js",
 "/assets/useMutation-jE9x0_4j.js",
 "/assets/useScrollLock-B5Q5bcHc.js",
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
