import { systemClock } from "../../src/adapters/node/clock.js";
import { Feeds } from "../../src/adapters/redis/feeds.js";
import { RedisLobby } from "../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../src/adapters/redis/mailbox.js";
import { Membership } from "../../src/adapters/redis/membership.js";
import { Store } from "../../src/adapters/redis/store.js";
import { type SearchBounds, searchBounds } from "../../src/core/search.js";
import type { Stores } from "../contract/stage.js";

let realms = 0;
const nextRealm = () => `test-${String(process.pid)}-${String(++realms)}`;

/** Tests move their own time, years ahead of the machine's; the lease of their node outlasts it. */
const patientClock = { ...systemClock, nowMs: () => Date.now() + 1e12 };

/** The stores of one node, in a realm of its own. */
export async function redisStores(
  urls: string[],
  handshakeMs: number,
  windowMs: number,
  search: SearchBounds = searchBounds,
): Promise<Stores> {
  const realm = nextRealm();
  const onError = (error?: unknown) =>
    error instanceof Error &&
    process.stderr.write(`${String(error)}
`);
  const store = await Store.open({ urls, realm, handshakeMs, search }, onError);
  const feeds = new Feeds();
  const membership = await Membership.join(store, "node-1", feeds, patientClock, {
    windowMs,
    onSilence: () => undefined,
  });
  return {
    lobby: new RedisLobby(store, "node-1", windowMs, () => membership.canJudge),
    mailbox: new RedisMailbox(store, feeds, patientClock),
    close: async () => {
      await membership.leave();
      store.close();
    },
  };
}
