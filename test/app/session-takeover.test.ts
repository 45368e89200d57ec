import { beforeEach, expect, it } from "vitest";
import { systemRandom } from "../../src/adapters/node/random.js";
import { Streams } from "../../src/app/streams.js";
import type { SessionId } from "../../src/core/ids.js";
import { SlowClock } from "../support/slow-clock.js";

const ADDRESS = "192.0.2.1";

let streams: Streams;
beforeEach(() => {
  streams = new Streams(new SlowClock(), systemRandom, {
    heartbeatMs: 1_000,
    maxPerAddress: 2,
    maxReturning: 4,
    lifetimeMs: 1e9,
  });
});

const open = (session: string) => streams.add(ADDRESS, session as SessionId, true);
const resume = (session: string) => streams.add(ADDRESS, session as SessionId, false);

it("at a full address a session can replace its own stream, while it has one", () => {
  const first = open("ann");
  open("bob");
  expect(() => open("cyd")).toThrow("too many streams");
  const second = resume("ann");
  streams.remove(first);
  const third = resume("ann");
  streams.remove(second);
  streams.remove(third);
  open("cyd");
  expect(() => open("dan"), "the address is full").toThrow("too many streams");
});

it("sessions that come back find room although newcomers took their places", () => {
  open("ann");
  open("bob");
  expect(() => open("cyd")).toThrow("too many streams");
  resume("cyd");
  resume("dan");
  expect(() => resume("eve"), "as many sessions as an address may have").toThrow("too many streams");
});
