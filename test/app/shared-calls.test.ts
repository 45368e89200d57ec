import { expect, it } from "vitest";
import { SharedCalls } from "../../src/app/shared-calls.js";

/** Calls whose ends and time the test chooses. */
function start() {
  const ends: ((error?: Error) => void)[] = [];
  const time = { nowMs: 0 };
  const calls = new SharedCalls<string, number>({ nowMs: () => time.nowMs });
  const ask = (key = "a") =>
    calls.make(key, () => {
      const number = ends.length;
      return new Promise((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
      });
    });
  return { time, ask, ends };
}

it("shares an answer for a second, and a call for as long as it is under way", async () => {
  const { time, ask, ends } = start();
  const first = [ask(), ask()];
  time.nowMs = 5_000;
  first.push(ask());
  ends[0]?.();
  expect(await Promise.all(first)).toEqual([0, 0, 0]);
  const second = ask();
  ends[1]?.();
  expect(await second).toBe(1);
  time.nowMs += 999;
  expect(await ask()).toBe(1);
  time.nowMs += 1;
  void ask();
  expect(ends).toHaveLength(3);
});

it("shares an error, and asks again after a second", async () => {
  const { time, ask, ends } = start();
  const first = ask();
  ends[0]?.(new Error("away"));
  await expect(first).rejects.toThrow("away");
  await expect(ask()).rejects.toThrow("away");
  time.nowMs += 1_000;
  const second = ask();
  ends[1]?.();
  expect(await second).toBe(1);
});

it("makes a call for each key", async () => {
  const { ask, ends } = start();
  const both = [ask("a"), ask("b")];
  ends.forEach((end) => {
    end();
  });
  expect(await Promise.all(both)).toEqual([0, 1]);
});
