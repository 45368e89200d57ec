import { afterEach, beforeEach, expect, it } from "vitest";
import { Enforcement } from "../../src/app/enforcement.js";
import { Warnings } from "../../src/app/warnings.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { Action } from "../../src/core/action.js";
import { UNNAMED } from "../../src/core/case.js";
import { DomainError } from "../../src/core/errors.js";
import type { ActionId, PersonKey, SessionId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import type { ActionStore } from "../../src/ports/action-store.js";
import { SlowClock } from "../support/slow-clock.js";
import { lmdbFixture, type OpenStores, type StoreFixture } from "../support/store-fixture.js";

/** How soon every instance knows a change, in milliseconds. */
const SOON_MS = 500;
const ann = "~ann" as PersonKey;
const session = "session" as SessionId;

let fixture: StoreFixture;
let stores: OpenStores;
let clock: SlowClock;
let enforcement: Enforcement;
let warnings: Warnings;
/** What the session was told. */
let told: string[];
let asked: number;
let open: { sessionId: SessionId }[];

beforeEach(async () => {
  fixture = await lmdbFixture();
  stores = await fixture.open();
  clock = new SlowClock();
  [told, asked, open] = [[], 0, []];
  const onError = (error: unknown) => expect.unreachable(String(error));
  const networkOf = (host: string) => addressKeys("secret").networkOf(host);
  const roster = { sessions: () => Promise.resolve(open as never), closeSession: () => Promise.reject(new Error()) };
  const after: ActionStore["after"] = (...args) => {
    asked++;
    return stores.actions.after(...args);
  };
  const { actions } = stores;
  const counted = { put: actions.put.bind(actions), after } as ActionStore;
  enforcement = await Enforcement.start({ actions: counted, roster, clock, networkOf, onError });
  const append = ({ event }: { event: object }) => {
    if ("statement" in event) told.push(String(event.statement));
    return Promise.resolve({ state: "appended" as const });
  };
  warnings = new Warnings({ actions, enforcement, lobby: { append }, roster, clock, onError });
});
afterEach(async () => {
  enforcement.stop();
  await stores.close();
  await fixture.remove();
});

async function warn(statement: string, more: Partial<Action> = {}): Promise<Action> {
  const createdMs = clock.nowMs();
  const action: Action = {
    ...{ id: `warning-${statement}` as ActionId, kind: "warn", addressKey: ann, reason: "", statement, by: UNNAMED },
    ...{ createdMs, expiresMs: createdMs + 60_000, ...more },
  };
  expect(await stores.actions.put(action)).toEqual(action);
  return action;
}

it("reaches a session that opens before its instance knows of it, once", async () => {
  await warn("known");
  await enforcement.update();
  await warn("unknown");
  warnings.greet(session, { person: ann });
  await clock.pass(0);
  expect(told).toEqual(["known"]);
  await clock.pass(2 * SOON_MS);
  expect(told).toEqual(["known", "unknown"]);
});

it("is announced once to a session that was open", async () => {
  warnings.greet(session, { person: ann });
  await clock.pass(1);
  open = [{ sessionId: session }];
  const warning = await warn("new");
  await enforcement.update();
  warnings.announce(warning);
  await clock.pass(2 * SOON_MS);
  expect(told).toEqual(["new"]);
});

it("costs the store nothing per session", async () => {
  await warn("one");
  await enforcement.update();
  asked = 0;
  for (let index = 0; index < 100; index++) warnings.greet(String(index) as SessionId, { person: ann });
  await clock.pass(SOON_MS);
  expect(told).toHaveLength(100);
  expect(asked).toBe(1);
});

it("is not said once it has expired, or is not a warning, or is about somebody else", async () => {
  await warn("short", { expiresMs: clock.nowMs() + 1_000 });
  await warn("restriction", { kind: "no_tips" });
  await warn("other", { addressKey: "~bob" as PersonKey });
  await clock.pass(SOON_MS);
  warnings.greet(session, { person: ann });
  await clock.pass(SOON_MS);
  expect(told).toEqual(["short"]);
  await clock.pass(1_000);
  warnings.greet(session, { person: ann });
  await clock.pass(2 * SOON_MS);
  expect(told).toEqual(["short"]);
});

it("is said with a limited number of others, the oldest first", async () => {
  for (let index = 0; index < limits.toldWarnings + 5; index++) {
    await warn(String(index));
    await clock.pass(1);
  }
  await enforcement.update();
  warnings.greet(session, { person: ann });
  await clock.pass(2 * SOON_MS);
  expect(told).toEqual(Array.from({ length: limits.toldWarnings }, (_, index) => String(index)));
});

it("is acknowledged only with a token", async () => {
  const caller = { sessionId: undefined, person: ann, host: "192.0.2.1" };
  await expect(warnings.acknowledge(caller, "a" as ActionId)).rejects.toThrow(DomainError);
});
