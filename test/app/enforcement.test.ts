import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryRoster } from "../../src/adapters/memory/roster.js";
import { Enforcement } from "../../src/app/enforcement.js";
import { NEWEST } from "../../src/app/pagination.js";
import { UNNAMED } from "../../src/core/case.js";
import { type Action, ACTION_KINDS } from "../../src/core/action.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { ActionId, AddressKey, DeviceKey, Epoch, PersonKey, SessionId } from "../../src/core/ids.js";
import { sessionKey } from "../../src/core/session-key.js";
import { SlowClock } from "../support/slow-clock.js";
import { lmdbFixture, type OpenStores, type StoreFixture } from "../support/store-fixture.js";

/** How soon every instance knows a change, in milliseconds. */
const SOON_MS = 500;

const keys = addressKeys("secret");
const [ann, bob] = ["~ann" as PersonKey, "~bob" as PersonKey];
const device = "^device" as DeviceKey;
const app = { attributes: [], priority: 3, restrictions: ["no_tips"] as const };
const callers = [
  { sessionId: undefined, person: ann, device, host: "192.0.2.1" },
  { sessionId: undefined, device, host: "192.0.2.2", standing: app },
  { sessionId: undefined, person: bob, host: "2001:db8:1:1::1", standing: app },
  { sessionId: undefined, host: "2001:db8:1:2::1" },
];
const targets = [...new Set([ann, bob, device, ...callers.flatMap(({ host }) => keys.networkOf(host).levels)])];

let fixture: StoreFixture;
let stores: OpenStores;
let clock: SlowClock;
let roster: MemoryRoster;
let lobby: MemoryLobby;
let [here, there]: Enforcement[] = [];

beforeEach(async () => {
  fixture = await lmdbFixture();
  stores = await fixture.open();
  await begin();
});
afterEach(async () => {
  here?.stop();
  there?.stop();
  await stores.close();
  await fixture.remove();
});

/** Two instances with one store. */
async function begin(): Promise<void> {
  clock = new SlowClock();
  const realm = new LobbyState(20_000);
  [roster, lobby] = [new MemoryRoster(realm), new MemoryLobby(realm)];
  [here, there] = [await start(), await start()];
}

function start(): Promise<Enforcement> {
  const onError = (error: unknown) => expect.unreachable(String(error));
  const { actions } = stores;
  return Enforcement.start({ actions, roster, clock, networkOf: (host) => keys.networkOf(host), onError });
}

let taken = 0;
async function take(about: Partial<Action>): Promise<Action> {
  const createdMs = clock.nowMs();
  const action: Action = {
    ...{ id: `action-${String(++taken)}` as ActionId, kind: "text_only", addressKey: ann },
    ...{ reason: "", statement: "", by: UNNAMED, createdMs, expiresMs: createdMs + 60_000, ...about },
  };
  expect(await stores.actions.put(action)).toEqual(action);
  return action;
}

const restrictionsOn = (enforcement: Enforcement | undefined) =>
  callers.map((caller) => [...(enforcement?.standingOf(caller)?.restrictions ?? [])].sort());

describe("random actions", () => {
  const command = fc.oneof(
    fc.record({
      do: fc.constant("take" as const),
      kind: fc.constantFrom(...ACTION_KINDS),
      addressKey: fc.constantFrom(...targets),
      durationMs: fc.integer({ min: 1, max: 4_000 }),
    }),
    fc.record({ do: fc.constant("lift" as const), index: fc.nat(8) }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.nat(1_500) }),
  );

  it("apply to whom they are about, at once on one instance and soon on the other", async () => {
    const run = async (commands: readonly (typeof command extends fc.Arbitrary<infer C> ? C : never)[]) => {
      const all: { action: Action; isLifted: boolean }[] = [];
      /** What applies, by looking at every action. */
      const expected = () =>
        callers.map(({ person, device: own, host, standing }) => {
          const mine: unknown[] = [person, own, ...keys.networkOf(host).levels];
          const imposed = all
            .filter(({ action, isLifted }) => !isLifted && clock.nowMs() < action.expiresMs)
            .filter(({ action }) => mine.includes(action.addressKey) && action.kind !== "warn")
            .map(({ action }) => action.kind);
          return [...new Set([...(standing?.restrictions ?? []), ...imposed])].sort();
        });
      for (const one of commands) {
        if (one.do === "pass") await clock.pass(one.ms);
        else if (one.do === "take") {
          const { kind, addressKey, durationMs } = one;
          all.push({
            action: await take({ kind, addressKey, expiresMs: clock.nowMs() + durationMs }),
            isLifted: false,
          });
        } else {
          const lifted = all[one.index];
          if (lifted === undefined) continue;
          const isOver = lifted.isLifted || clock.nowMs() >= lifted.action.expiresMs;
          const lift = { liftedMs: clock.nowMs(), by: UNNAMED };
          expect(await stores.actions.lift(lifted.action.id, lift)).toMatchObject({ wasInForce: !isOver });
          lifted.isLifted = true;
        }
        await here?.update();
        expect(restrictionsOn(here)).toEqual(expected());
        await clock.pass(SOON_MS);
        expect(restrictionsOn(there)).toEqual(expected());
      }
      const later = await start();
      expect(restrictionsOn(later), "after a restart").toEqual(expected());
      later.stop();
    };
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 15 }), async (commands) => {
        here?.stop();
        there?.stop();
        await stores.close();
        await fixture.remove();
        fixture = await lmdbFixture();
        stores = await fixture.open();
        await begin();
        await run(commands);
      }),
      { numRuns: 40 },
    );
  });
});

it("refuses what an action denies, with what the moderator says and until when", async () => {
  const { expiresMs } = await take({ kind: "no_reports", statement: "You filed false reports." });
  const [caller] = callers;
  if (caller === undefined) return expect.unreachable();
  here?.refuse(caller, "no_reports");
  await here?.update();
  expect(() => here?.refuse(caller, "no_reports")).toThrow(
    expect.objectContaining({
      ...{ reason: "restricted", message: "You filed false reports." },
      context: { problem: "no_reports", expiresMs },
    }) as Error,
  );
  here?.refuse(caller, "no_tips");
});

describe("the sessions of those whom an action applies to", () => {
  const open = async (name: string, person: PersonKey, host = "192.0.2.1") => {
    const opened = await lobby.open({
      ...{ sessionId: name as SessionId, addressKey: sessionKey({ person }, keys.networkOf(host).key) },
      ...{ epoch: "epoch" as Epoch, nowMs: clock.nowMs(), maxSessions: 1_000, quotas: [], maxOfPerson: undefined },
    });
    expect(opened.state).toBe("attached");
  };
  const openNow = async () =>
    (await roster.sessions({ before: NEWEST, limit: 10 })).map(({ sessionId }) => sessionId).sort();

  it.each(["text_only", "quarantine"] as const)("are closed by %s, and those of others stay", async (kind) => {
    await open("first", ann);
    await open("second", ann, "2001:db8::1");
    await open("other", bob);
    await take({ kind });
    await here?.update();
    expect(await openNow()).toEqual(["other"]);
  });

  it.each(["warn", "no_reports", "no_tips"] as const)("stay with %s", async (kind) => {
    await open("first", ann);
    await take({ kind });
    await here?.update();
    await clock.pass(SOON_MS);
    expect(await openNow()).toEqual(["first"]);
  });

  it("are closed by the other instance if this one stops before it does", async () => {
    await open("first", ann);
    await take({});
    await clock.pass(SOON_MS);
    expect(await openNow()).toEqual([]);
  });

  it("stay if they were opened under the action, when a further instance learns of it", async () => {
    await take({});
    await clock.pass(1);
    await here?.update();
    await open("under", ann);
    await clock.pass(2 * SOON_MS);
    expect(await openNow()).toEqual(["under"]);
  });

  it("are closed if an instance let them go on that did not know the action", async () => {
    await clock.pass(SOON_MS);
    await take({});
    await here?.update();
    await clock.pass(1);
    await open("late", ann);
    there?.standingOf({ sessionId: "late" as SessionId, person: ann, host: "192.0.2.1" });
    await clock.pass(SOON_MS);
    expect(await openNow()).toEqual([]);
  });

  it("are all closed on a network with many", async () => {
    for (let index = 0; index < 450; index++) {
      await open(`crowd-${String(index)}`, `~${String(index)}` as PersonKey);
    }
    await take({ addressKey: keys.networkOf("192.0.2.1").levels[0] ?? ("" as AddressKey) });
    await here?.update();
    expect(await openNow()).toEqual([]);
  }, 20_000);
});
