import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { WelcomeSchema } from "../../src/client/gen/satoshigle/v1/event_pb.js";
import { LightningNetwork, TipSchema, Tip_Role, Tip_State } from "../../src/client/gen/satoshigle/v1/tip_pb.js";
import { Session } from "../../src/client/connection/session.js";
import { SatoshigleError } from "../../src/client/errors.js";
import { StateStore } from "../../src/client/state-store.js";
import { LazyTipping } from "../../src/client/tips/lazy-tipping.js";
import type { PendingTip } from "../../src/client/tips/stored-tips.js";
import type { ClientOptions, Tip } from "../../src/client/types.js";
import { ScriptedServer } from "./scripted-server.js";
import { createStorage } from "./client-harness.js";
import { TestWallet } from "./tip-client.js";

const BASE_URL = "http://server.test";
const closed = new SatoshigleError("closed", "The client was closed.");
type Loaded = typeof import("../../src/client/tips/tipping.js");

/** The tips of a client in match `m1` whose code the test lets arrive. */
class Stage {
  readonly server = new ScriptedServer();
  readonly store = new StateStore();
  readonly seen: string[] = [];
  readonly errors: string[] = [];
  readonly tipping: LazyTipping;
  /** How often the code was asked for. */
  loads = 0;
  #arrive: (loaded: Promise<Loaded>) => void = () => undefined;

  constructor(storage: ClientOptions["tipStorage"] = null) {
    this.store.events.on("tip", ({ id, state }) => this.seen.push(`${id} ${state}`));
    this.store.events.on("error", ({ code }) => this.errors.push(code));
    const wire = { transport: this.server.transport, currentToken: () => "secret" };
    const link = { online: () => Promise.resolve(), reopen: () => undefined, check: () => undefined };
    const session = new Session(BASE_URL, null);
    this.tipping = new LazyTipping({ wire, link, session, storage, store: this.store, baseUrl: BASE_URL }, () => {
      this.loads++;
      return new Promise<Loaded>((resolve) => (this.#arrive = resolve));
    });
  }

  static inMatch(storage?: ClientOptions["tipStorage"]): Stage {
    const stage = new Stage(storage);
    stage.tipping.welcome(welcomeOf());
    stage.enter("m1");
    return stage;
  }

  enter(matchId: string): void {
    const flags = { relayOnly: false, direct: "nobody", signaled: true, chatReady: false } as const;
    const partner = { status: "present" } as const;
    const about = { sharedInterests: [], sharedAttributes: {}, mode: "video", partnerMode: "video", profile: null };
    this.store.setActivity({ phase: "matched", matchId, call: "connected", partner, ...about, ...flags });
    this.store.events.emit("matched", { matchId, sharedInterests: [], profile: null });
  }

  /** The server reports a tip that this side receives. */
  report(id: string, state = Tip_State.OFFERED): void {
    const tip = { tipId: id, matchId: "m1", amountMsat: 21_000n, expireTime: timestampFromMs(Date.now() + 60_000) };
    this.tipping.tipUpdated(create(TipSchema, { ...tip, state, role: Tip_Role.PAYEE }));
  }

  async loaded(): Promise<void> {
    this.#arrive(import("../../src/client/tips/tipping.js"));
    await import("../../src/client/tips/tipping.js");
    await turn();
  }

  async failed(): Promise<void> {
    this.#arrive(Promise.reject(new TypeError("Failed to fetch")));
    await turn();
  }
}

const codeOf = (error: unknown) => (error as SatoshigleError).code;
const limits = { minTipMsat: 1_000n, maxTipMsat: 1_000_000_000n, maxTipCommentCharacters: 140 };
const welcomeOf = () => create(WelcomeSchema, { lightningNetwork: LightningNetwork.REGTEST, limits });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

let stage: Stage;
beforeEach(() => {
  stage = Stage.inMatch();
});

describe("the code for tips", () => {
  it("is not loaded by a call without tips", async () => {
    stage.tipping.setWallet(new TestWallet());
    stage.enter("m2");
    expect([stage.tipping.tips, stage.tipping.tipTotals()]).toMatchObject([[], { givenMsat: 0, receivedMsat: 0 }]);
    await expect(stage.tipping.tip(1)).rejects.toMatchObject({ code: "invalid" });
    expect(stage.loads).toBe(0);
  });

  it("is loaded once, whatever uses it meanwhile", async () => {
    const given = stage.tipping.tip(21_000);
    const cancelled = stage.tipping
      .load()
      .then((tipping) => tipping.cancelTip("unknown"))
      .catch(codeOf);
    stage.report("a");
    await stage.loaded();
    expect(await given).toMatchObject({ matchId: "m1", amountMsat: 21_000 });
    expect([await cancelled, stage.loads]).toEqual(["invalid", 1]);
    expect(stage.server.offers).toHaveLength(1);
  });

  it("gets what the server reported meanwhile, in order", async () => {
    stage.report("a");
    stage.report("b");
    stage.report("a", Tip_State.CANCELLED);
    stage.report("c");
    expect(stage.seen).toEqual([]);
    await stage.loaded();
    stage.report("b", Tip_State.EXPIRED);
    expect(stage.seen).toEqual(["a offered", "b offered", "a cancelled", "c offered", "b expired"]);
  });

  it("knows the wallet that was set before, and the last match", async () => {
    const wallet = new TestWallet();
    stage.tipping.setWallet(wallet);
    stage.report("a");
    await stage.loaded();
    expect(wallet.asked).toMatchObject([{ amountMsat: 21_000 }]);
    stage.report("a", Tip_State.SETTLED);
    expect(stage.tipping.tipTotals()).toMatchObject({ givenMsat: 0, receivedMsat: 21_000 });
  });

  it("reports that it could not be loaded, and is loaded at the next use with all that waits", async () => {
    stage.report("a");
    stage.report("b");
    await stage.failed();
    expect(stage.errors).toEqual(["not_loaded"]);
    const given = stage.tipping.tip(21_000).catch(codeOf);
    await stage.failed();
    expect([await given, stage.loads]).toEqual(["not_loaded", 2]);
    stage.report("c");
    await stage.loaded();
    expect([stage.loads, stage.seen]).toEqual([3, ["a offered", "b offered", "c offered"]]);
  });

  it("is loaded when the connection is back, if something waits for it", async () => {
    stage.report("a");
    await stage.failed();
    stage.tipping.welcome(welcomeOf());
    await stage.loaded();
    expect(stage.seen).toEqual(["a offered"]);
  });

  it("never gives another partner what was meant for the one before", async () => {
    const given = stage.tipping.tip(21_000).catch(codeOf);
    stage.enter("m2");
    await stage.loaded();
    expect([await given, stage.server.offers]).toEqual(["match_over", []]);
  });

  it("does nothing after the client was closed", async () => {
    const given = stage.tipping.tip(21_000).catch(codeOf);
    stage.report("a");
    stage.tipping.close(closed);
    await stage.loaded();
    expect([await given, stage.seen, stage.errors, stage.server.calls]).toEqual(["closed", [], [], []]);
    await expect(stage.tipping.load()).rejects.toBe(closed);
  });

  it("bounds what waits for it", async () => {
    for (let count = 0; count < 3_000; count++) stage.report(`t${String(count)}`);
    await stage.loaded();
    expect([stage.seen.length, stage.seen.at(-1)]).toEqual([1_000, "t2999 offered"]);
  });
});

describe("tips that an earlier page left", () => {
  const left: PendingTip = {
    ...{ id: "left", matchId: "m0", amountMsat: 21_000, comment: "", createdAtMs: Date.now(), asked: false },
    ...{ expiresAtMs: Date.now() + 60_000, network: "regtest", token: "t", invoice: undefined },
    invoiceExpiresAtMs: undefined,
  };
  const storageWith = (tip: PendingTip) => {
    const storage = createStorage();
    storage.set(`satoshigle.tips:${BASE_URL}`, JSON.stringify([tip]));
    return storage;
  };
  const stateOf = (tips: readonly Tip[]) => tips.map(({ id, state }) => `${id} ${state}`);

  it("are there at once, load the code, and are no news", async () => {
    stage = new Stage(storageWith(left));
    expect([stateOf(stage.tipping.tips), stage.loads]).toEqual([["left offered"], 1]);
    await stage.loaded();
    expect([stateOf(stage.tipping.tips), stage.seen]).toEqual([["left offered"], []]);
  });

  it("are not those that another tab leaves later", async () => {
    const storage = createStorage();
    stage = Stage.inMatch(storage);
    storage.set(`satoshigle.tips:${BASE_URL}`, JSON.stringify([left]));
    const given = stage.tipping.tip(21_000);
    await stage.loaded();
    await given;
    expect(stage.tipping.tips.map(({ id }) => id)).not.toContain("left");
  });

  it("are confirmed if they were paid", async () => {
    stage = new Stage(storageWith({ ...left, asked: true, invoice: "lnbcrt1", preimage: "ab".repeat(32) }));
    expect(stateOf(stage.tipping.tips)).toEqual(["left unconfirmed"]);
    await stage.loaded();
    await vi.waitFor(() => expect(stateOf(stage.tipping.tips)).toEqual(["left settled"]));
    expect(stage.server.calls).toEqual([{ name: "confirmTip", token: "Bearer t" }]);
  });
});

describe("a stream of sats", () => {
  const options = { msatPerMinute: 60_000, budgetMsat: 1_000_000 };
  beforeEach(() => stage.tipping.setWallet(new TestWallet()));

  it("begins once the code is there, and stops", async () => {
    const stream = stage.tipping.streamSats(options);
    await stage.loaded();
    expect(stream.spentMsat).toBe(0);
    stream.stop();
    expect(await stream.ended).toBe("stopped");
  });

  it("can be stopped before", async () => {
    const stream = stage.tipping.streamSats(options);
    stream.stop();
    expect(await stream.ended).toBe("stopped");
    await stage.loaded();
    expect(stage.server.offers).toEqual([]);
  });

  it("is over when the partner has left before", async () => {
    const stream = stage.tipping.streamSats(options);
    stage.store.setActivity({ phase: "idle" });
    await stage.loaded();
    expect(await stream.ended).toBe("call_over");
  });

  it("fails with the reason when the code cannot be loaded", async () => {
    const stream = stage.tipping.streamSats(options);
    await stage.failed();
    expect([await stream.ended, stage.errors]).toEqual(["failed", ["not_loaded"]]);
  });

  it("is refused at once for what is wrong with it", () => {
    expect(() => stage.tipping.streamSats({ ...options, budgetMsat: 0.5 })).toThrow("budgetMsat");
    stage.tipping.setWallet(null);
    expect(() => stage.tipping.streamSats(options)).toThrow("No wallet");
    expect(stage.loads).toBe(0);
  });
});
