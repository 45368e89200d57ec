import { expect, it } from "vitest";
import {
  formatBytes,
  formatCores,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
} from "../../src/console/status/format.js";

it.each([
  [0, "0 µs"],
  [0.000_25, "250 µs"],
  [0.003_31, "3.3 ms"],
  [0.125, "125 ms"],
  [0.000_999_7, "1.0 ms"],
  [0.009_96, "10 ms"],
  [0.0999, "100 ms"],
  [0.9996, "1.0 s"],
  [33.21, "33.2 s"],
  [119.9, "119.9 s"],
  [150, "2.5 min"],
])("shows a duration of %s seconds as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it("shows counts, rates, shares, cores and bytes with their units", () => {
  expect(formatCount(12_345)).toBe("12,345");
  expect(formatRate(0.25)).toBe("0.3");
  expect(formatShare(0.9876)).toBe("98.8%");
  expect(formatCores(0.5)).toBe("0.50 cores");
  expect(formatBytes(132 * 1024 ** 2)).toBe("132 MiB");
});
