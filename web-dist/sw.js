const VERSION = "5c44569b4514acf5";
const FILES = [
 "/",
 "/assets/AccountPage-Dld3qFpV.js",
 "/assets/AppearanceDialog-BK7pO46b.js",
 "/assets/CreateRoomDialog-Dfyu2RkR.js",
 "/assets/DeleteAccountForm-COcb2mcg.js",
 "/assets/DeleteAccountForm-DcpYAHt0.css",
 "/assets/Dialog-Buv1aerh.css",
 "/assets/Dialog-CuO4yTSs.js",
 "/assets/Entrance-BfYhSUr2.js",
 "/assets/Entrance-CrRgGJQD.css",
 "/assets/Field-C19yIH_o.css",
 "/assets/Field-DAVt5pVd.js",
 "/assets/FrontPage-Bw8ThjiB.css",
 "/assets/FrontPage-WuBagI-b.js",
 "/assets/GuardNotice-1C8VEcgz.js",
 "/assets/GuardNotice-CaTrDTfu.css",
 "/assets/HereDialog-BlDlrGOj.css",
 "/assets/HereDialog-DDnm77b0.js",
 "/assets/KnownAboutMe-BjzEcNtM.js",
 "/assets/LoginPage-CpVGJw9E.js",
 "/assets/Menu-BcwvLS4j.css",
 "/assets/Menu-Bk7BE7Lk.js",
 "/assets/MessageList-ChmApxqh.css",
 "/assets/MessageList-JlRiyS2q.js",
 "/assets/ModerationDialogs-UjTi3e9p.js",
 "/assets/NewAccountForm-j6Z_VIZA.js",
 "/assets/NotFound-sIKigdA-.js",
 "/assets/OperatorScreen-DfiB1Jll.css",
 "/assets/OperatorScreen-DlaZBip0.js",
 "/assets/PrivacyPage-BZg42qnu.js",
 "/assets/PrivacyPage-qaHYuGeE.css",
 "/assets/QrCode-Dio33_yl.js",
 "/assets/RegisterPage-4qdetKEO.js",
 "/assets/RoomDrawer-D9orwF4r.css",
 "/assets/RoomDrawer-Dw0qO_Xj.js",
 "/assets/RoomForm-DDUOrkZ7.css",
 "/assets/RoomForm.module-DwZMgDXt.js",
 "/assets/RoomScreen-BLkllvk2.js",
 "/assets/RoomScreen-BsVf7cm7.css",
 "/assets/RoomSwitcher-C5hOg3vo.css",
 "/assets/RoomSwitcher-_vUZO6WR.js",
 "/assets/RoomsPage-Ckky3TbF.js",
 "/assets/RoomsPage-gY4UZzh8.css",
 "/assets/RowMenu-Dmgfg4jF.css",
 "/assets/RowMenu-DqGnnaUp.js",
 "/assets/SetupPage-DFYfMZyu.js",
 "/assets/ShareRoom-Cdfx08cO.js",
 "/assets/Shell-B0Nq8rz2.css",
 "/assets/Shell-DtpMDv2a.js",
 "/assets/ShortcutsDialog-0LPqvkuA.css",
 "/assets/ShortcutsDialog-yBaFHj80.js",
 "/assets/accountApi-BnX-TbZg.js",
 "/assets/chatApi-BGqbaC_B.js",
 "/assets/common-2RcFEBMS.js",
 "/assets/common-D7_eAf6C.css",
 "/assets/en-CQ37Xeus.js",
 "/assets/enPages-O4fEnjU2.js",
 "/assets/focusRow-C5Qv2SgK.js",
 "/assets/focusRow-CTd2q2Mr.css",
 "/assets/guards-ByOwGMTm.js",
 "/assets/guards-yNwJLOlX.js",
 "/assets/index-bU1mMljC.css",
 "/assets/index-nmLiEv_N.js",
 "/assets/messageText-YtGK3RGQ.js",
 "/assets/neighbours-BRuHggvA.js",
 "/assets/react-dom-Dz4IlQTg.js",
 "/assets/rolldown-runtime-WkwZ5CU-.js",
 "/assets/rows-9lL5d2bx.js",
 "/assets/ru-DRGOKROy.js",
 "/assets/ruPages-DP3ElhSG.js",
 "/assets/rules-CvcZFcA8.js",
 "/assets/useScrollLock-D66g4l3N.js",
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
