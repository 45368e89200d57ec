import { steadyClock, systemClock } from "../../src/adapters/node/clock.js";
import { Agreement } from "../../src/adapters/redis/agreement.js";
import { RedisClock } from "../../src/adapters/redis/clock.js";
import { EventCache } from "../../src/adapters/redis/event-cache.js";
import { RedisEventLog } from "../../src/adapters/redis/event-log.js";
import { RedisRoster } from "../../src/adapters/redis/roster.js";
import { RedisGuests } from "../../src/adapters/redis/guests.js";
import { RedisLobby } from "../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../src/adapters/redis/mailbox.js";
import { Membership } from "../../src/adapters/redis/membership.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { type SearchBounds, searchBounds } from "../../src/core/search.js";
import type { Stores } from "../contract/lobby-harness.js";
import { closeChecked } from "./store-fixture.js";

/** What operators, the app's backend and other realms see of a realm. */
export function viewsOf(store: ScriptRunner): Pick<Stores, "roster" | "events" | "guests"> {
  const events = async () => (await new RedisEventLog(store).after(0, 100_000)).events;
  return { roster: new RedisRoster(store), guests: new RedisGuests(store, "node-1"), events };
}

let realms = 0;
const nextRealm = () => `test-${String(process.pid)}-${String(++realms)}`;

interface RealmSettings {
  search?: SearchBounds;
  mailPoolBytes?: number | undefined;
  realm?: string;
}

/** The stores of one node, in a new realm by default. */
export async function redisStores(
  urls: string[],
  handshakeMs: number,
  windowMs: number,
  { search = searchBounds, mailPoolBytes, realm = nextRealm() }: RealmSettings = {},
): Promise<Stores> {
  const store = await ScriptRunner.open({ urls, realm, handshakeMs, search, mailPoolBytes }, (trouble) => {
    if (trouble !== undefined) process.stderr.write(`${trouble.text}\n`);
  });
  const feeds = new EventCache();
  const clocks = { realm: new RedisClock(systemClock), steady: steadyClock };
  const agreement = new Agreement({ realm, sessionSecret: "of the tests", lightningNetwork: "off", matching: "" });
  const settings = { windowMs, onSilence: () => undefined };
  const membership = await Membership.join(store, "node-1", feeds, clocks, agreement, settings);
  return {
    lobby: new RedisLobby(store, "node-1", windowMs, () => membership.mayReap),
    mailbox: new RedisMailbox(store, feeds, steadyClock),
    ...viewsOf(store),
    close: async () => {
      await membership.leave();
      await closeChecked(store);
    },
  };
}
