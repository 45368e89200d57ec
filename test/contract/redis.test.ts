import { afterAll, beforeAll, describe } from "vitest";
import { redisCommitments, redisFixture, redisQuotas, redisSpent } from "../support/store-fixture.js";
import { redisStores } from "../support/redis-stores.js";
import { RedisServer } from "../support/redis.js";
import { channelsContract } from "./channels.js";
import { casesContract } from "./cases/index.js";
import { commitmentsContract } from "./commitment-book.js";
import { evidenceStoreContract } from "./evidence.js";
import { eventsContract } from "./events/index.js";
import { lobbyContract } from "./lobby/index.js";
import { mailboxContract } from "./mailbox.js";
import { overflowContract } from "./overflow/index.js";
import { quotasContract } from "./quotas.js";
import { spentStoreContract } from "./spent-store.js";
import { actionStoreContract } from "./actions.js";
import { peopleStoreContract } from "./people-store.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";
import { depositsContract } from "./deposits.js";
import { webhooksContract } from "./webhooks.js";
import { HANDSHAKE_MS, WINDOW_MS } from "./lobby-harness.js";

let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

const create = (mailPoolBytes?: number) => redisStores([redis.url], HANDSHAKE_MS, WINDOW_MS, { mailPoolBytes });
const fixture = (maxEvents?: number) => Promise.resolve(redisFixture([redis.url], undefined, maxEvents));

describe("the lobby in Redis", () => lobbyContract(() => create()));
describe("the mailbox in Redis", () => mailboxContract(create));
describe("two realms in Redis", () => overflowContract(() => create()));
describe("the moderation store in Redis", () => recordsContract(() => fixture()));
describe("the tip ledger in Redis", () => tipsContract(() => fixture()));
describe("the log in Redis", () => eventsContract(fixture));
describe("the progress of webhooks in Redis", () => webhooksContract(() => fixture(), true));
describe("the people in Redis", () => peopleStoreContract(() => fixture()));
describe("the actions in Redis", () => actionStoreContract(() => fixture()));
describe("the quotas in Redis", () => quotasContract(() => redisQuotas([redis.url])));
describe("the used solutions in Redis", () => spentStoreContract(() => redisSpent([redis.url])));
describe("cases in Redis", () => casesContract(() => fixture()));
describe("evidence in Redis", () => evidenceStoreContract(() => fixture()));
describe("commitments in Redis", () => commitmentsContract(() => redisCommitments([redis.url])));
describe("commands to the node in Redis", () => channelsContract(() => fixture()));
describe("deposits in Redis", () => depositsContract(() => fixture()));
