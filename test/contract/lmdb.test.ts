import { describe } from "vitest";
import { lmdbFixture } from "../support/store-fixture.js";
import { peopleStoreContract } from "./people-store.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";

describe("the moderation store in LMDB", () => recordsContract(lmdbFixture));
describe("the people in LMDB", () => peopleStoreContract(lmdbFixture));
describe("the tip ledger in LMDB", () => tipsContract(lmdbFixture));
