/**
 * Tells the style sheet how much of the page is visible. iOS lays the keyboard over the page
 * instead of shrinking it, and the composer must stay above it.
 */
export function followVisibleHeight(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const update = (): void => {
    const covered = window.innerHeight - viewport.height;
    // Pinch zoom also shrinks the visual viewport; then the layout must stay as it is.
    const height = viewport.scale === 1 && covered > 1 ? `${viewport.height.toFixed(0)}px` : "100dvh";
    document.documentElement.style.setProperty("--visible-height", height);
  };
  viewport.addEventListener("resize", update);
  update();
}
