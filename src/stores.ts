import type { FastifyBaseLogger } from "fastify";
import { openDatabase } from "./adapters/lmdb/database.js";
import { LmdbRecords } from "./adapters/lmdb/records.js";
import { LmdbTips } from "./adapters/lmdb/tips.js";
import { MemoryLobby } from "./adapters/memory/lobby.js";
import { MemoryMailbox } from "./adapters/memory/mailbox.js";
import { Realm } from "./adapters/memory/realm.js";
import { MemorySamples } from "./adapters/memory/samples.js";
import { timed } from "./adapters/node/timed.js";
import type { Lobby } from "./ports/lobby.js";
import type { Mailbox } from "./ports/mailbox.js";
import type { Records } from "./ports/records.js";
import type { Samples } from "./ports/samples.js";
import type { Tips } from "./ports/tips.js";
import { systemClock } from "./adapters/node/clock.js";
import type { Config } from "./config.js";
import type { Clock } from "./ports/clock.js";
import type { Meter } from "./ports/meter.js";
import { redisStores } from "./redis-stores.js";

/** What holds the state of the service. */
export interface Stores {
  lobby: Lobby;
  mailbox: Mailbox;
  records: Records;
  tips: Tips;
  samples: Samples;
  /** The time that they judge by. */
  clock: Clock;
  /** How far the machine's time is ahead of that, in milliseconds. */
  clockSkewMs(): number;
  /** Whether they can serve. */
  isReady(): boolean;
  /** What is wrong with them, a plain sentence each; empty while all is well. They may serve all the same. */
  troubles(): readonly string[];
  close(): Promise<void>;
}

/** The stores that the configuration asks for. @throws Error when Redis cannot be used. */
export async function openStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  return config.REDIS_ENABLED ? redisStores(config, logger, meter) : embeddedStores(config, meter);
}

/** The stores of a process on its own. */
function embeddedStores(config: Config, meter: Meter): Stores {
  const realm = new Realm(config.CONNECTION_TIMEOUT_MS);
  const root = openDatabase(config.DATA_DIR);
  const onAnswer = (latencyMs: number) => {
    meter.asked(latencyMs);
  };
  return {
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    records: timed(new LmdbRecords(root), onAnswer),
    tips: timed(new LmdbTips(root), onAnswer),
    samples: new MemorySamples(),
    clock: systemClock,
    clockSkewMs: () => 0,
    isReady: () => true,
    troubles: () => [],
    close: () => root.close(),
  };
}
