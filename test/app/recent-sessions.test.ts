import { expect, it } from "vitest";
import { RecentSessions } from "../../src/app/recent-sessions.js";
import type { SessionId } from "../../src/core/ids.js";

const id = (number: number) => `s${String(number)}` as SessionId;

it("a session is recent in its period and in the next one", () => {
  const recent = new RecentSessions();
  recent.add(id(1));
  expect([recent.has(id(1)), recent.has(id(2))]).toEqual([true, false]);
  recent.next();
  expect(recent.has(id(1))).toBe(true);
  recent.next();
  expect(recent.has(id(1))).toBe(false);
});

it("any session may be a recent one of a period with too many, until two periods later", () => {
  const recent = new RecentSessions();
  for (let number = 0; number < 100_001; number++) recent.add(id(number));
  expect(recent.has(id(-1))).toBe(true);
  recent.next();
  expect(recent.has(id(-1))).toBe(true);
  recent.next();
  expect(recent.has(id(-1))).toBe(false);
});
