/** Puts `text` on the clipboard and says whether that worked; on plain http by a selection. */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused by the browser's settings; the old way may still be allowed.
    }
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "visually-hidden";
  // A modal dialog keeps the focus inside, so the helper field must be inside it, too.
  (document.activeElement?.closest("[role=dialog]") ?? document.body).append(field);
  const focused = document.activeElement;
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
