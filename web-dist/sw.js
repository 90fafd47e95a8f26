const VERSION = "6d5bd453b3d0c4fc";
const FILES = [
 "/",
 "/assets/AccountPage-CyBvU8ZQ.js",
 "/assets/AppearanceDialog-B88SSeRL.js",
 "/assets/CreateRoomDialog-Co43HBgC.js",
 "/assets/DeleteAccountForm-BjnI0Nko.js",
 "/assets/DeleteAccountForm-DcpYAHt0.css",
 "/assets/Dialog-B0hUAO-W.js",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Entrance-BhtggJmC.js",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Field-B-vtHBZI.js",
 "/assets/Field-C19yIH_o.css",
 "/assets/FrontPage-BrXLOTJT.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/GuardNotice-CE2nrMUm.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/HereDialog-DS2jCFNA.js",
 "/assets/KnownAboutMe-CxWVdiTR.js",
 "/assets/LoginPage-D3KOc6o6.js",
 "/assets/Menu-BcwvLS4j.css",
 "/assets/Menu-DLB7XNMh.js",
 "/assets/MessageList-BP85Pzxz.js",
 "/assets/MessageList-ChmApxqh.css",
 "/assets/ModerationDialogs-hdOrN4W1.js",
 "/assets/NewAccountForm-hAeyH40Y.js",
 "/assets/NotFound-rIi6zB8R.js",
 "/assets/OperatorScreen-BvZ6GosP.js",
 "/assets/OperatorScreen-DfiB1Jll.css",
 "/assets/PrivacyPage-B356JfZ-.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-Yy6dR31J.js",
 "/assets/RegisterPage-CwZPTF42.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomDrawer-DGiORpvT.js",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BsVf7cm7.css",
 "/assets/RoomScreen-CwebGUI2.js",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-CBHsbbbg.js",
 "/assets/RoomsPage-CBuJxPFG.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-BMy2QW05.js",
 "/assets/RowMenu-Dmgfg4jF.css",
 "/assets/SetupPage-DQVfC5aD.js",
 "/assets/ShareRoom-DCufspi0.js",
 "/assets/Shell-0QtqU1jM.js",
 "/assets/Shell-B0Nq8rz2.css",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-mI34lsYM.js",
 "/assets/accountApi-D4Pc2pEV.js",
 "/assets/chatApi-BA-4i3FQ.js",
 "/assets/common-BHfnZNsG.js",
 "/assets/common-D7_eAf6C.css",
 "/assets/en-C8esZQmE.js",
 "/assets/enPages-O4fEnjU2.js",
 "/assets/focusRow-CTd2q2Mr.css",
 "/assets/focusRow-NbdmwCKZ.js",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-CU6hP3fy.js",
 "/assets/index-bU1mMljC.css",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-CrYbXLo_.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-DaSBncFY.js",
 "/assets/ru-Dm4uoGru.js",
 "/assets/ruPages-DP3ElhSG.js",
 "/assets/rules-CvcZFcA8.js",
 "/assets/useScrollLock-D637mV4q.js",
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
