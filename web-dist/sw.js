const VERSION = "ba6791f285a6a830";
const FILES = [
 "/",
 "/assets/AccountPage-DcnjqJTz.js",
 "/assets/AppearanceDialog-DWEbhsxD.js",
 "/assets/CreateRoomDialog-Co2UhhKc.js",
 "/assets/DeleteAccountForm-B6sBnnqy.js",
 "/assets/DeleteAccountForm-QrhtCNzY.css",
 "/assets/Dialog-3UOGjLAM.js",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Entrance-DE5gVfiw.js",
 "/assets/Field-BCx62CaA.js",
 "/assets/Field-C19yIH_o.css",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/FrontPage-C3yQGSLf.js",
 "/assets/GuardNotice-B0JhOCE-.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/HereDialog-BlJKLI46.js",
 "/assets/KnownAboutMe-B7cWtw-8.js",
 "/assets/LoginPage-CL0Cowsu.js",
 "/assets/Menu-BcwvLS4j.css",
 "/assets/Menu-wzMBpEGM.js",
 "/assets/MessageList-CU_4_rV2.js",
 "/assets/MessageList-ChmApxqh.css",
 "/assets/ModerationDialogs-IDxsl7BI.js",
 "/assets/NewAccountForm-CL_VAAIH.js",
 "/assets/NotFound-y3km28AY.js",
 "/assets/OperatorScreen-BeBys5Vc.js",
 "/assets/OperatorScreen-DfiB1Jll.css",
 "/assets/PrivacyPage-CAiU835B.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-BPmDJb1i.js",
 "/assets/RegisterPage-D0XJYLOF.js",
 "/assets/RoomDrawer-6VxGU7Do.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BBkag6AF.js",
 "/assets/RoomScreen-BsVf7cm7.css",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-CnNI-0lm.js",
 "/assets/RoomsPage-BRabxLAa.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-Bok-bf_l.js",
 "/assets/RowMenu-Dmgfg4jF.css",
 "/assets/SetupPage-BRrSZqnb.js",
 "/assets/ShareRoom-BBqxCNrQ.js",
 "/assets/Shell-B0Nq8rz2.css",
 "/assets/Shell-B8ilZbjE.js",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-DPTlhwfK.js",
 "/assets/accountApi-iauVZ42B.js",
 "/assets/chatApi-Dcx5pW81.js",
 "/assets/common-D7_eAf6C.css",
 "/assets/common-L3nWpm59.js",
 "/assets/en-C8esZQmE.js",
 "/assets/enPages-EYlwbKRg.js",
 "/assets/focusRow-BcCHjUzi.js",
 "/assets/focusRow-CTd2q2Mr.css",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-CtO4Kv_7.js",
 "/assets/index-bU1mMljC.css",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-DdOP1IaV.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-DMNhP8hg.js",
 "/assets/ru-Dm4uoGru.js",
 "/assets/ruPages-BEZTiFNu.js",
 "/assets/rules-CvcZFcA8.js",
 "/assets/useScrollLock-CjCteH6b.js",
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
