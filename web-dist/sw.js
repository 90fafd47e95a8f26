const VERSION = "1b01b8e6cc84b58b";
const FILES = [
 "./",
 "assets/AccountPage-OJKs4_MQ.js",
 "assets/AppearanceDialog-PJYQyjdH.js",
 "assets/CreateRoomDialog-Bg-8ROkM.js",
 "assets/DeleteAccountForm-C3tVsNqz.js",
 "assets/DeleteAccountForm-DcpYAHt0.css",
 "assets/Dialog-Bq9SYsg3.js",
 "assets/Dialog-Buv1aerh.css",
 "assets/Entrance-BYU5C34j.js",
 "assets/Entrance-CrRgGJQD.css",
 "assets/Field-C19yIH_o.css",
 "assets/Field-CDOHIyWu.js",
 "assets/FrontPage-Bw8ThjiB.css",
 "assets/FrontPage-CJuFfavM.js",
 "assets/GuardNotice-CaTrDTfu.css",
 "assets/GuardNotice-V7WPHSnR.js",
 "assets/HereDialog-BlDlrGOj.css",
 "assets/HereDialog-DQ3GbsS_.js",
 "assets/KnownAboutMe-DAj5dUOF.js",
 "assets/LoginPage-Dr3VJaN0.js",
 "assets/Menu-BSFW6rX6.js",
 "assets/Menu-BcwvLS4j.css",
 "assets/MessageList-CeW5CE9x.js",
 "assets/MessageList-ChmApxqh.css",
 "assets/ModerationDialogs--bD3TMnj.js",
 "assets/NewAccountForm-DudPah5c.js",
 "assets/NotFound-GP6m5ANz.js",
 "assets/OperatorScreen-DfiB1Jll.css",
 "assets/OperatorScreen-DrXFQCrV.js",
 "assets/PrivacyPage-qaHYuGeE.css",
 "assets/PrivacyPage-rV5RQAdT.js",
 "assets/QrCode-KwJHqHdi.js",
 "assets/RegisterPage-D9DGtlrj.js",
 "assets/RoomDrawer-D9orwF4r.css",
 "assets/RoomDrawer-Dml0FMt2.js",
 "assets/RoomForm-DDUOrkZ7.css",
 "assets/RoomForm.module-DwZMgDXt.js",
 "assets/RoomScreen-BsVf7cm7.css",
 "assets/RoomScreen-c1R5IH_2.js",
 "assets/RoomSwitcher-C5hOg3vo.css",
 "assets/RoomSwitcher-CU9NIoIA.js",
 "assets/RoomsPage-DEbCzxnd.js",
 "assets/RoomsPage-gY4UZzh8.css",
 "assets/RowMenu-B9JA_tDF.js",
 "assets/RowMenu-Dmgfg4jF.css",
 "assets/SetupPage-BRUeuaPJ.js",
 "assets/ShareRoom-XS8B6v7t.js",
 "assets/Shell-B0Nq8rz2.css",
 "assets/Shell-VPdb-7_a.js",
 "assets/ShortcutsDialog-0LPqvkuA.css",
 "assets/ShortcutsDialog-DEfglgIP.js",
 "assets/accountApi-D6V0TdZZ.js",
 "assets/chatApi-B-Y4loTF.js",
 "assets/common-BC-MfEma.js",
 "assets/common-D7_eAf6C.css",
 "assets/en-C8esZQmE.js",
 "assets/enPages-EYlwbKRg.js",
 "assets/focusRow-CTd2q2Mr.css",
 "assets/focusRow-Ci6oJ8PM.js",
 "assets/guards-ByOwGMTm.js",
 "assets/guards-yNwJLOlX.js",
 "assets/index-BbRmWiBv.js",
 "assets/index-bU1mMljC.css",
 "assets/messageText-YtGK3RGQ.js",
 "assets/neighbours-BRuHggvA.js",
 "assets/react-dom-B-fnEM00.js",
 "assets/rolldown-runtime-WkwZ5CU-.js",
 "assets/rows-D-u6FEZi.js",
 "assets/ru-Dm4uoGru.js",
 "assets/ruPages-BEZTiFNu.js",
 "assets/rules-CvcZFcA8.js",
 "assets/useScrollLock-BRoYUU46.js",
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
