import { fireEvent, render, screen } from "@testing-library/react";
import type { FC } from "react";
import { expect, test } from "vitest";

import { chooseSingleKeys } from "../../shared/lib/shortcuts";
import { COMPOSER_ID, useSlash } from "./useSlash";

const Field: FC = () => {
  useSlash();
  return <textarea id={COMPOSER_ID} />;
};

test("a slash leads to the composer", () => {
  render(<Field />);
  fireEvent.keyDown(document.body, { key: "/" });
  expect(screen.getByRole("textbox")).toHaveFocus();
});

test("a slash does nothing when single keys are switched off", () => {
  chooseSingleKeys(false);
  render(<Field />);
  fireEvent.keyDown(document.body, { key: "/" });
  expect(screen.getByRole("textbox")).not.toHaveFocus();
});
