import { describe } from "vitest";
import { storeProcessFixture } from "../support/store-fixture.js";
import { channelsContract } from "./channels.js";
import { casesContract } from "./cases/index.js";
import { eventsContract } from "./events/index.js";
import { actionStoreContract } from "./actions.js";
import { peopleStoreContract } from "./people-store.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";

describe("the moderation store in a separate process", () => recordsContract(() => storeProcessFixture()));
describe("the people in a separate process", () => peopleStoreContract(() => storeProcessFixture()));
describe("the actions in a separate process", () => actionStoreContract(() => storeProcessFixture()));
describe("the log in a separate process", () => eventsContract(storeProcessFixture));
describe("the tip ledger in a separate process", () => tipsContract(() => storeProcessFixture()));
describe("cases in a separate process", () => casesContract(() => storeProcessFixture()));
describe("commands to the node in a separate process", () => channelsContract(() => storeProcessFixture()));
