import { afterEach, beforeEach, vi } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { Satoshigle } from "../../src/client/index.js";
import type { ClientOptions, EndReason, SatoshigleError, State } from "../../src/client/index.js";
import { ScriptedServer, settle } from "./scripted-server.js";

/** WebRTC as in a browser that allows no connection. */
function UnusablePeerConnection(): never {
  throw new Error("no connection can be made");
}

/** A client that records its events. */
export class ClientHarness {
  readonly client: Satoshigle;
  readonly states: State[] = [];
  readonly errors: SatoshigleError[] = [];
  readonly matched: string[] = [];
  readonly ended: [matchId: string, reason: EndReason, requeued: boolean][] = [];

  constructor(
    readonly server: ScriptedServer,
    options: ClientOptions = {},
    url = "http://server.test",
  ) {
    if (!("RTCPeerConnection" in globalThis)) vi.stubGlobal("RTCPeerConnection", UnusablePeerConnection);
    this.client = new Satoshigle(url, { storage: null, ...options }, server.transport);
    this.client.on("state", (state) => this.states.push(state));
    this.client.on("error", (error) => this.errors.push(error));
    this.client.on("matched", ({ matchId }) => this.matched.push(matchId));
    this.client.on("ended", (end) => this.ended.push([end.matchId, end.reason, end.requeued]));
  }

  get phase(): string {
    return this.client.state.activity.phase;
  }

  get status(): string {
    return this.client.state.connection.status;
  }

  /** Online in a new session. */
  static async arrive(server: ScriptedServer, options: ClientOptions = {}): Promise<ClientHarness> {
    const harness = new ClientHarness(server, options);
    const connected = harness.client.connect();
    await settle();
    await server.stream.welcome();
    await connected;
    return harness;
  }

  /** Online and waiting. */
  static async wait(server: ScriptedServer, options: ClientOptions = {}): Promise<ClientHarness> {
    const harness = await ClientHarness.arrive(server, options);
    const started = harness.client.start();
    await settle();
    await started;
    await server.stream.event({ case: "waiting", value: { waitingCount: 1 } });
    return harness;
  }

  /** Online and in match `m1`, as the answerer. */
  static async match(server: ScriptedServer, options: ClientOptions = {}): Promise<ClientHarness> {
    const harness = await ClientHarness.wait(server, options);
    await server.stream.event({ case: "matched", value: { matchId: "m1", role: Role.ANSWERER } });
    return harness;
  }
}

/** Returns "done", or the code of the error. */
export function outcome(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => "done",
    (error: unknown) => (error as SatoshigleError).code,
  );
}

/** A storage that a page and its reload share. */
export function createStorage(): Map<string, string> & NonNullable<ClientOptions["storage"]> {
  const map = new Map<string, string>();
  return Object.assign(map, {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  });
}

/** Where the client and the libraries that it calls set the timers that are pending. */
const pending = new Map<unknown, string>();

/**
 * Watches the timers of the faked clock that the client sets. Other files of this process may set timers at the same
 * time: their servers and connections end after their tests.
 */
function watchTimers(): void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  pending.clear();
  const watched = (run: (...values: unknown[]) => void, ms?: number, ...values: unknown[]) => {
    const timer = set(() => {
      pending.delete(timer);
      run(...values);
    }, ms);
    const place = /src\/client\/.*/.exec(new Error().stack ?? "")?.[0];
    if (place !== undefined) pending.set(timer, place);
    return timer;
  };
  const watchedClear = (timer: Parameters<typeof clear>[0]) => {
    pending.delete(timer);
    clear(timer);
  };
  // The fake clock restores the real functions by properties of the fakes.
  globalThis.setTimeout = Object.assign(watched, set);
  globalThis.clearTimeout = Object.assign(watchedClear, clear);
}

/** Where the client set the timers that are pending. */
export function pendingTimers(): string[] {
  return [...pending.values()];
}

/** Fakes the clock, and makes random delays the longest possible. */
export function useFakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    watchTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}
