import { expect, test } from "vitest";

import { amountOfData } from "./numbers";

test("an amount of data is told in the largest unit that fits", () => {
  expect(amountOfData(0)).toBe("0 byte");
  expect(amountOfData(999)).toBe("999 byte");
  expect(amountOfData(1_000)).toBe("1 kB");
  expect(amountOfData(45_678_901)).toBe("45.7 MB");
  expect(amountOfData(2_000_000_000_000_000)).toBe("2,000 TB");
});
