const VERSION = "33ca55b3cbf49ac1";
const FILES = [
 "/",
 "/assets/AccountPage-Bb411sC4.js",
 "/assets/AppearanceDialog-Bnlcd9wW.js",
 "/assets/CreateRoomDialog-BzBoUWw7.js",
 "/assets/DeleteAccountForm-BD-huczX.js",
 "/assets/DeleteAccountForm-DcpYAHt0.css",
 "/assets/Dialog-7olZtjg8.js",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Entrance-DJXFJAJb.js",
 "/assets/Field-B_ihpjWE.js",
 "/assets/Field-C19yIH_o.css",
 "/assets/FrontPage-0wy2h1c1.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/GuardNotice-DRBeUJlT.js",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/HereDialog-BwbwebIF.js",
 "/assets/KnownAboutMe-C8FjfemF.js",
 "/assets/LoginPage-BIjVvFHi.js",
 "/assets/Menu-BcwvLS4j.css",
 "/assets/Menu-CZA1rHdk.js",
 "/assets/MessageList-ChmApxqh.css",
 "/assets/MessageList-CrXSR-7l.js",
 "/assets/ModerationDialogs-Ci2Qo82o.js",
 "/assets/NewAccountForm-zrskDlXs.js",
 "/assets/NotFound-CmMUqy4H.js",
 "/assets/OperatorScreen-DfiB1Jll.css",
 "/assets/OperatorScreen-IjnC4ptz.js",
 "/assets/PrivacyPage-C6Ubqymg.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-CcAQuhPy.js",
 "/assets/RegisterPage-BQwC634V.js",
 "/assets/RoomDrawer-D3cNiP3i.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BW1aDRcn.js",
 "/assets/RoomScreen-BsVf7cm7.css",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-COPM-aKy.js",
 "/assets/RoomsPage-DQx_I2Oc.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-Bt13p_Bb.js",
 "/assets/RowMenu-Dmgfg4jF.css",
 "/assets/SetupPage-Cnuf-RLs.js",
 "/assets/ShareRoom-DSGbsyLn.js",
 "/assets/Shell-B0Nq8rz2.css",
 "/assets/Shell-BQ731_Xv.js",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-CkMcBEeH.js",
 "/assets/accountApi-BXoaAawg.js",
 "/assets/chatApi-YnmWPT8n.js",
 "/assets/common-BuX2w0pA.js",
 "/assets/common-D7_eAf6C.css",
 "/assets/en-CQ37Xeus.js",
 "/assets/enPages-EYlwbKRg.js",
 "/assets/focusRow-CTd2q2Mr.css",
 "/assets/focusRow-Clmt4rwe.js",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-bU1mMljC.css",
 "/assets/index-slv4g-cs.js",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-BatJn9np.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-BFgOrBtN.js",
 "/assets/ru-DRGOKROy.js",
 "/assets/ruPages-BEZTiFNu.js",
 "/assets/rules-CvcZFcA8.js",
 "/assets/useScrollLock-DA480ZcR.js",
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
