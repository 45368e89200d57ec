import { afterAll, beforeAll, describe } from "vitest";
import { redisPlace, redisQuotas } from "../support/place.js";
import { redisStores } from "../support/redis-stores.js";
import { RedisServer } from "../support/redis.js";
import { lobbyContract } from "./lobby/index.js";
import { mailboxContract } from "./mailbox.js";
import { quotasContract } from "./quotas.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";
import { HANDSHAKE_MS, WINDOW_MS } from "./stage.js";

let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

const create = (mailPoolBytes?: number) => redisStores([redis.url], HANDSHAKE_MS, WINDOW_MS, { mailPoolBytes });
const place = () => Promise.resolve(redisPlace([redis.url]));

describe("the lobby in Redis", () => lobbyContract(() => create()));
describe("the mailbox in Redis", () => mailboxContract(create));
describe("the records in Redis", () => recordsContract(place));
describe("the books of tips in Redis", () => tipsContract(place));
describe("the quotas in Redis", () => quotasContract(() => redisQuotas([redis.url])));
