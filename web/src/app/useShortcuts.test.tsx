import { fireEvent, render } from "@testing-library/react";
import type { FC } from "react";
import { expect, test, vi } from "vitest";

import { useShortcuts } from "./useShortcuts";

const act = vi.fn();

const Page: FC<{ closed: boolean }> = ({ closed }) => {
  useShortcuts(act);
  return <div role="dialog" data-closed={closed ? "" : undefined} />;
};

test("keys wait while a dialog is open, not while one is going", () => {
  const { rerender } = render(<Page closed={false} />);
  const press = (): boolean => fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
  press();
  expect(act).not.toHaveBeenCalled();
  rerender(<Page closed />);
  press();
  expect(act).toHaveBeenCalledExactlyOnceWith("switch");
});
