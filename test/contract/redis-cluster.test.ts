import { afterAll, beforeAll, describe } from "vitest";
import { RedisCluster } from "../support/redis-cluster.js";
import { redisFixture, redisQuotas, redisSpent } from "../support/store-fixture.js";
import { redisStores } from "../support/redis-stores.js";
import { actionStoreContract } from "./actions.js";
import { channelsContract } from "./channels.js";
import { casesContract } from "./cases/index.js";
import { eventsContract } from "./events/index.js";
import { lobbyContract } from "./lobby/index.js";
import { mailboxContract } from "./mailbox.js";
import { quotasContract } from "./quotas.js";
import { spentStoreContract } from "./spent-store.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";
import { depositsContract } from "./deposits.js";
import { webhooksContract } from "./webhooks.js";
import { HANDSHAKE_MS, WINDOW_MS } from "./lobby-harness.js";

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.start(0);
});
afterAll(() => cluster.close());

const create = (mailPoolBytes?: number) => redisStores(cluster.urls, HANDSHAKE_MS, WINDOW_MS, { mailPoolBytes });
const fixture = (maxEvents?: number) => Promise.resolve(redisFixture(cluster.urls, undefined, maxEvents));

describe("the lobby in a Redis Cluster", () => lobbyContract(() => create()));
describe("the mailbox in a Redis Cluster", () => mailboxContract(create));
describe("the moderation store in a Redis Cluster", () => recordsContract(() => fixture()));
describe("the tip ledger in a Redis Cluster", () => tipsContract(() => fixture()));
describe("the log in a Redis Cluster", () => eventsContract(fixture));
describe("the progress of webhooks in a Redis Cluster", () => webhooksContract(() => fixture(), true));
describe("the actions in a Redis Cluster", () => actionStoreContract(() => fixture()));
describe("the quotas in a Redis Cluster", () => quotasContract(() => redisQuotas(cluster.urls)));
describe("the used solutions in a Redis Cluster", () => spentStoreContract(() => redisSpent(cluster.urls)));
describe("cases in a Redis Cluster", () => casesContract(() => fixture()));
describe("commands to the node in a Redis Cluster", () => channelsContract(() => fixture()));
describe("deposits in a Redis Cluster", () => depositsContract(() => fixture()));
