import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { assumed, capacityFor, capacityRows, measured, simulated } from "./capacity.js";

const page = readFileSync("docs/capacity.md", "utf8");

/** The cells of the table under a heading of the page, row by row. */
function tableUnder(heading: string): string[][] {
  const [, section = ""] = page.split(`## ${heading}\n`);
  const [body = ""] = section.split("\n## ");
  const lines = body.split("\n").filter((line) => line.startsWith("|") && !/^\|[ -]*-/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("capacity", () => {
  it("is in the documentation as it is computed", () => {
    const rows = capacityRows();
    expect(tableUnder("What a number of people needs")).toEqual([
      Object.keys(rows[0] ?? {}),
      ...rows.map((row) => Object.values(row)),
    ]);
  });

  it.each([
    ["measured", { ...measured }],
    ["simulated", { ...simulated }],
    ["assumed", { ...assumed }],
  ])("has its numbers in the documentation that are %s", (kind, values) => {
    const numbers = tableUnder("Where the numbers are from").filter(([, cell]) => cell === kind);
    expect(numbers.map(([, , cell]) => cell)).toEqual(Object.values(values).map((value) => [value].flat().join(", ")));
  });

  it("grows with the number of people, and uses one process while that is enough", () => {
    const [small, large] = [capacityFor(1_000), capacityFor(1_000_000)];
    expect(small).toMatchObject({ fitsOneProcess: true, instances: 1, realms: 0, redisCores: 0 });
    expect(large.fitsOneProcess).toBe(false);
    expect(large.chatsPerSecond).toBeCloseTo(1_000 * small.chatsPerSecond);
    expect(large.realms).toBe(Math.ceil(large.chatsPerSecond / (measured.chatsPerSecondOfRealm * assumed.load)));
    expect(large.instances).toBeGreaterThanOrEqual(large.realms);
    expect(large.instances * assumed.streamsPerInstance).toBeGreaterThanOrEqual(1_000_000);
    expect(large.nodeCores).toBeLessThanOrEqual(large.instances * assumed.load);
  });

  it("sends through relays what both sides of their share of the chats send", () => {
    const [tenth = NaN] = capacityFor(2_000).relayMbit;
    expect(tenth).toBeCloseTo((2_000 * simulated.shareInChat * 0.1 * assumed.kbitPerSide) / 1_000);
  });
});
