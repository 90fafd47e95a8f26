import { useEffect } from "react";

let wanted = "AnonChat";
let hidden = false;

/** Names the page in the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    wanted = title === "" ? "AnonChat" : `${title} · AnonChat`;
    paint();
  }, [title]);
}

/** While hidden, the tab names no page. */
export function hideTitle(isHidden: boolean): void {
  hidden = isHidden;
  paint();
}

function paint(): void {
  document.title = hidden ? "AnonChat" : wanted;
}
