/** Whether a dialog or a menu is open. One that is going, but has not gone yet, is not. */
export function dialogIsOpen(): boolean {
  return document.querySelector(":is([role=dialog], [role=alertdialog], [role=menu]):not([data-closed])") !== null;
}
