const VERSION = "be137012903d4235";
const FILES = [
 "./",
 "assets/AccountPage-Bzhemk9M.js",
 "assets/AppearanceDialog-BoFQvEK9.js",
 "assets/CreateRoomDialog-BcWo3IjW.js",
 "assets/DeleteAccountForm-B2urz6J-.js",
 "assets/DeleteAccountForm-DcpYAHt0.css",
 "assets/Dialog-BnMIy0Rr.js",
 "assets/Dialog-Buv1aerh.css",
 "assets/Entrance-CrRgGJQD.css",
 "assets/Entrance-DO5iCAoB.js",
 "assets/Field-C19yIH_o.css",
 "assets/Field-Djmb3CX5.js",
 "assets/FrontPage-Bw8ThjiB.css",
 "assets/FrontPage-CC10LRL_.js",
 "assets/GuardNotice-6Aka3ead.js",
 "assets/GuardNotice-CaTrDTfu.css",
 "assets/HereDialog-Be-q3aCk.js",
 "assets/HereDialog-BlDlrGOj.css",
 "assets/KnownAboutMe-SkAydNZ1.js",
 "assets/LoginPage-COAmXf_B.js",
 "assets/Menu-BcwvLS4j.css",
 "assets/Menu-ClktLlOY.js",
 "assets/MessageList-ChmApxqh.css",
 "assets/MessageList-NWzWd2Jz.js",
 "assets/ModerationDialogs-CCqH4ijL.js",
 "assets/NewAccountForm-CNqChBcX.js",
 "assets/NotFound-Bbo9ZuSZ.js",
 "assets/OperatorScreen-Cw8BaKH2.js",
 "assets/OperatorScreen-DfiB1Jll.css",
 "assets/PrivacyPage-S5byUDE3.js",
 "assets/PrivacyPage-qaHYuGeE.css",
 "assets/QrCode-DN8reMgy.js",
 "assets/RegisterPage-BgCjSFH7.js",
 "assets/RoomDrawer-CWageK8A.js",
 "assets/RoomDrawer-D9orwF4r.css",
 "assets/RoomForm-DDUOrkZ7.css",
 "assets/RoomForm.module-DwZMgDXt.js",
 "assets/RoomScreen-BsVf7cm7.css",
 "assets/RoomScreen-W6f4hgt2.js",
 "assets/RoomSwitcher-C2Ywy3PH.js",
 "assets/RoomSwitcher-C5hOg3vo.css",
 "assets/RoomsPage-C1KB5DoD.js",
 "assets/RoomsPage-gY4UZzh8.css",
 "assets/RowMenu-DBz5JWlW.js",
 "assets/RowMenu-Dmgfg4jF.css",
 "assets/SetupPage-KkSrC284.js",
 "assets/ShareRoom-DgEmSvPs.js",
 "assets/Shell-B0Nq8rz2.css",
 "assets/Shell-CcjRbTJo.js",
 "assets/ShortcutsDialog-0LPqvkuA.css",
 "assets/ShortcutsDialog-BfHQsPbW.js",
 "assets/accountApi-CSZdASbB.js",
 "assets/chatApi-DkK_xwS3.js",
 "assets/common-D7_eAf6C.css",
 "assets/common-DkQ2YqFH.js",
 "assets/en-C8esZQmE.js",
 "assets/enPages-O4fEnjU2.js",
 "assets/focusRow-CTd2q2Mr.css",
 "assets/focusRow-EfYmfAvT.js",
 "assets/guards-ByOwGMTm.js",
 "assets/guards-yNwJLOlX.js",
 "assets/index-bU1mMljC.css",
 "assets/index-oJ0d6-mU.js",
 "assets/messageText-YtGK3RGQ.js",
 "assets/neighbours-BRuHggvA.js",
 "assets/react-dom-Bad3lVYw.js",
 "assets/rolldown-runtime-WkwZ5CU-.js",
 "assets/rows-BBPa7TZB.js",
 "assets/ru-Dm4uoGru.js",
 "assets/ruPages-DP3ElhSG.js",
 "assets/rules-CvcZFcA8.js",
 "assets/useScrollLock-CV8t-IBF.js",
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
