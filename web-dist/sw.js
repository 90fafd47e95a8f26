const VERSION = "48ccb37e7dde58e2";
const FILES = [
 "./",
 "assets/AccountPage-yaUTaPDA.js",
 "assets/AppearanceDialog-WAnJ8RL_.js",
 "assets/CreateRoomDialog-DJFl1fLI.js",
 "assets/DeleteAccountForm-Bmet_AWZ.js",
 "assets/DeleteAccountForm-DcpYAHt0.css",
 "assets/Dialog-Buv1aerh.css",
 "assets/Dialog-DOVxElVU.js",
 "assets/Entrance-CrRgGJQD.css",
 "assets/Entrance-DeBMSeai.js",
 "assets/Field-C19yIH_o.css",
 "assets/Field-CGlUzaPg.js",
 "assets/FrontPage-Bw8ThjiB.css",
 "assets/FrontPage-itYE6c2g.js",
 "assets/GuardNotice-CaTrDTfu.css",
 "assets/GuardNotice-CwR5MxEU.js",
 "assets/HereDialog-BlDlrGOj.css",
 "assets/HereDialog-ChRFnI1r.js",
 "assets/KnownAboutMe-CsS1-vIn.js",
 "assets/LoginPage-CNPWOc3I.js",
 "assets/Menu-BcwvLS4j.css",
 "assets/Menu-DoA9dMLp.js",
 "assets/MessageList-B3KMvn71.js",
 "assets/MessageList-ChmApxqh.css",
 "assets/ModerationDialogs-BclMHJ89.js",
 "assets/NewAccountForm-DxwF8oVw.js",
 "assets/NotFound-Ci5ndYnA.js",
 "assets/OperatorScreen-Cuy2NFBv.js",
 "assets/OperatorScreen-DfiB1Jll.css",
 "assets/PrivacyPage-jwIk0ftj.js",
 "assets/PrivacyPage-qaHYuGeE.css",
 "assets/QrCode-zCQRzF2q.js",
 "assets/RegisterPage-XhMZ3AkC.js",
 "assets/RoomDrawer-D9orwF4r.css",
 "assets/RoomDrawer-DD5-4pzi.js",
 "assets/RoomForm-DDUOrkZ7.css",
 "assets/RoomForm.module-DwZMgDXt.js",
 "assets/RoomScreen-BsVf7cm7.css",
 "assets/RoomScreen-kpjXEZVi.js",
 "assets/RoomSwitcher-C5hOg3vo.css",
 "assets/RoomSwitcher-oD0jU8Lq.js",
 "assets/RoomsPage-DSSAlUJP.js",
 "assets/RoomsPage-gY4UZzh8.css",
 "assets/RowMenu-CtFy2q5v.js",
 "assets/RowMenu-Dmgfg4jF.css",
 "assets/SetupPage-BkshpKy9.js",
 "assets/ShareRoom-jQ-SWoV2.js",
 "assets/Shell-B0Nq8rz2.css",
 "assets/Shell-CHaRBIA3.js",
 "assets/ShortcutsDialog-0LPqvkuA.css",
 "assets/ShortcutsDialog-Jpc8h8j-.js",
 "assets/accountApi-g1oAeiAz.js",
 "assets/chatApi-BjnjUfos.js",
 "assets/common-D7_eAf6C.css",
 "assets/common-Dxedi8sk.js",
 "assets/en-CQ37Xeus.js",
 "assets/enPages-O4fEnjU2.js",
 "assets/focusRow-CTd2q2Mr.css",
 "assets/focusRow-qyu5gkR9.js",
 "assets/guards-ByOwGMTm.js",
 "assets/guards-yNwJLOlX.js",
 "assets/index-DEzFYRmV.js",
 "assets/index-bU1mMljC.css",
 "assets/messageText-YtGK3RGQ.js",
 "assets/neighbours-BRuHggvA.js",
 "assets/react-dom-yR_7yI2s.js",
 "assets/rolldown-runtime-WkwZ5CU-.js",
 "assets/rows-CpdHeqt0.js",
 "assets/ru-DRGOKROy.js",
 "assets/ruPages-DP3ElhSG.js",
 "assets/rules-CvcZFcA8.js",
 "assets/useScrollLock-BxjXBxOF.js",
 "icon-192.png",
 "icon-512.png",
 "icon-maskable-512.png",
 "icon-unread.svg",
 "icon.svg",
 "manifest.webmanifest",
 "theme.js"
];
// Keeps the files of the UI, so that it opens without a network. It never touches the API: what
// people write is in no cache. The build puts `FILES` and `VERSION` before this.
const PREFIX = "anonchat-shell-";
const CACHE = PREFIX + VERSION;
/** Where the UI is; `FILES` are named from here. */
const BASE = new URL("./", self.location.href);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

// A new version waits until the pages of the old one are closed; their files stay until then.
self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOtherVersions().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(BASE.href)) return;
  const path = new URL(request.url).pathname.slice(BASE.pathname.length);
  if (path.startsWith("api/")) return;
  if (request.mode === "navigate") event.respondWith(networkFirst(request, "./"));
  else if (path.startsWith("assets/")) event.respondWith(cacheFirst(request));
  else if (FILES.includes(path)) event.respondWith(networkFirst(request, path));
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
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}
