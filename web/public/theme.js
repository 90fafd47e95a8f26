// Runs before the first paint, so that a light page never flashes dark or the other way round.
(function () {
  var kept = null;
  try {
    kept = localStorage.getItem("anonchat.theme");
  } catch {
    // Storage is forbidden here: follow the device.
  }
  var light = kept ? kept === "light" : window.matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
