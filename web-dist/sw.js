const VERSION = "9a524c04043e54a3";
const FILES = [
 "/",
 "/assets/AccountPage-DP9G-kFH.js",
 "/assets/AppearanceDialog-k3VefSaK.js",
 "/assets/CreateRoomDialog-D1s7t8w6.js",
 "/assets/DeleteAccountForm-Ctwa6fkV.js",
 "/assets/DeleteAccountForm-DcpYAHt0.css",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Dialog-SOwCRWca.js",
 "/assets/Entrance-BnylDJGi.js",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Field-C19yIH_o.css",
 "/assets/Field-lkLqATMh.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/FrontPage-D9B8Wo0b.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/GuardNotice-ClLVClfS.js",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/HereDialog-DA-lMpQO.js",
 "/assets/KnownAboutMe-D3bStA05.js",
 "/assets/LoginPage-38Mpo_Yv.js",
 "/assets/Menu-BcwvLS4j.css",
 "/assets/Menu-CQxSUT9p.js",
 "/assets/MessageList-BKDVTHc3.js",
 "/assets/MessageList-ChmApxqh.css",
 "/assets/ModerationDialogs-BHK6qqHH.js",
 "/assets/NewAccountForm-CNxGrvzE.js",
 "/assets/NotFound-1AqYBpVt.js",
 "/assets/OperatorScreen-DfiB1Jll.css",
 "/assets/OperatorScreen-ipLTI6Xe.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/PrivacyPage-t-8BTLL7.js",
 "/assets/QrCode-CaqsoO1j.js",
 "/assets/RegisterPage-BHkiUCvj.js",
 "/assets/RoomDrawer-BG8MZV2L.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BsVf7cm7.css",
 "/assets/RoomScreen-DsJ8yVon.js",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-abhIvggA.js",
 "/assets/RoomsPage-Bo-J50Av.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-BGj527ai.js",
 "/assets/RowMenu-Dmgfg4jF.css",
 "/assets/SetupPage-WzUW7zBW.js",
 "/assets/ShareRoom-C7UE2CEE.js",
 "/assets/Shell-B0Nq8rz2.css",
 "/assets/Shell-Dw3T9QaM.js",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-CSMM76zb.js",
 "/assets/accountApi-BRxNP7_g.js",
 "/assets/chatApi-CHWE7Get.js",
 "/assets/common-BqO1Rw8l.js",
 "/assets/common-D7_eAf6C.css",
 "/assets/en-C8esZQmE.js",
 "/assets/enPages-EYlwbKRg.js",
 "/assets/focusRow-CDzglPhn.js",
 "/assets/focusRow-CTd2q2Mr.css",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-B7TSSCq8.js",
 "/assets/index-bU1mMljC.css",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-C1sWbmqm.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-Z8Cku8aN.js",
 "/assets/ru-Dm4uoGru.js",
 "/assets/ruPages-BEZTiFNu.js",
 "/assets/rules-CvcZFcA8.js",
 "/assets/useScrollLock-CGubXNpn.js",
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
