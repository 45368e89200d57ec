import { beforeEach, expect, it } from "vitest";
import { systemRandom } from "../../src/adapters/node/random.js";
import { Streams } from "../../src/app/streams.js";
import type { SessionId } from "../../src/core/ids.js";
import { SlowClock } from "../support/slow-clock.js";

const ADDRESS = "192.0.2.1";

let streams: Streams;
beforeEach(() => {
  streams = new Streams(new SlowClock(), systemRandom, { heartbeatMs: 1_000, maxPerAddress: 2, lifetimeMs: 1e9 });
});

const open = (session: string) => streams.add(ADDRESS, session as SessionId);

it("at a full address a session can replace its own stream, while it has one", () => {
  const first = open("ann");
  open("bob");
  expect(() => open("cyd")).toThrow("too many streams");
  const second = open("ann");
  streams.remove(first);
  const third = open("ann");
  streams.remove(second);
  streams.remove(third);
  open("cyd");
  expect(() => open("ann"), "it no longer has a stream").toThrow("too many streams");
});
