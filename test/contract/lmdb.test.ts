import { describe } from "vitest";
import { lmdbFixture } from "../support/store-fixture.js";
import { actionStoreContract } from "./actions.js";
import { peopleStoreContract } from "./people-store.js";
import { casesContract } from "./cases/index.js";
import { evidenceStoreContract } from "./evidence.js";
import { eventsContract } from "./events/index.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";
import { webhooksContract } from "./webhooks.js";

describe("the moderation store in LMDB", () => recordsContract(() => lmdbFixture()));
describe("the log in LMDB", () => eventsContract(lmdbFixture));
describe("the progress of webhooks in LMDB", () => webhooksContract(() => lmdbFixture(), false));
describe("the tip ledger in LMDB", () => tipsContract(() => lmdbFixture()));
describe("the people in LMDB", () => peopleStoreContract(() => lmdbFixture()));
describe("the actions in LMDB", () => actionStoreContract(() => lmdbFixture()));
describe("cases in LMDB", () => casesContract(() => lmdbFixture()));
describe("evidence in LMDB", () => evidenceStoreContract(() => lmdbFixture()));
