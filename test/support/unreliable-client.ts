import { createConnectTransport } from "@connectrpc/connect-node";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import http from "node:http";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { candidate } from "./pair.js";
import { TestClient } from "./test-client.js";

/** How long a stream may be silent on a busy machine, in milliseconds. */
const QUIET_MS = 90_000;

/** Seeded random numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A client on a bad network: streams and calls break at random moments, and are resumed and repeated. */
export class UnreliableClient {
  /** The numbers of the partner's signals, in the order received. */
  readonly received: number[] = [];
  /** Violated expectations. */
  readonly problems: string[] = [];
  breaks = 0;
  repeats = 0;
  readonly #agent: http.Agent;
  readonly #transport: Transport;
  readonly #random: () => number;
  #person: TestClient;

  private constructor(transport: Transport, agent: http.Agent, person: TestClient, random: () => number) {
    this.#transport = transport;
    this.#agent = agent;
    this.#person = person;
    this.#random = random;
  }

  static async open(url: string, random: () => number): Promise<UnreliableClient> {
    const agent = new http.Agent({ keepAlive: true });
    const transport = createConnectTransport({
      baseUrl: url,
      httpVersion: "1.1",
      useBinaryFormat: true,
      nodeOptions: { agent },
    });
    return new UnreliableClient(transport, agent, await TestClient.open(transport, {}, QUIET_MS), random);
  }

  get person(): TestClient {
    return this.#person;
  }

  /** Reads events until the match ends, and breaks and resumes the stream at random. */
  async listen(): Promise<void> {
    let untilBreak = this.#upTo(8);
    for (;;) {
      const { lastSequence } = this.#person;
      const message = await this.#person.nextOrEnd(QUIET_MS);
      if (message === undefined || untilBreak-- === 0) {
        // A message that was taken but not handled is requested again.
        await this.#resume(lastSequence);
        untilBreak = this.#upTo(8);
        continue;
      }
      const { sequence, event } = message;
      if (sequence > 0 && sequence !== lastSequence + 1) {
        this.problems.push(`${String(sequence)} follows ${String(lastSequence)}`);
      }
      if (event.case === "signalReceived") this.received.push(...event.value.signals.map(numberOf));
      if (event.case === "matchEnded") return;
      if (event.case === "sessionClosed") this.problems.push("the session was closed");
    }
  }

  /** Sends signals numbered 1 to `count`, several in a call; a call without an answer is repeated. */
  async send(matchId: string, count: number): Promise<void> {
    let next = 1;
    for (let clientSequence = 1; next <= count; clientSequence++) {
      const size = Math.min(1 + this.#upTo(8), count - next + 1);
      const signals = Array.from({ length: size }, (_, index) => candidate(next + index));
      while (!(await this.#sendOnce({ matchId, clientSequence, signals }))) this.repeats++;
      next += size;
    }
  }

  async leave(): Promise<void> {
    while (!(await isAnswered(this.#person.leave()))) this.repeats++;
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #sendOnce(request: Parameters<TestClient["send"]>[0]): Promise<boolean> {
    const patience = new AbortController();
    const headers = { authorization: `Bearer ${this.#person.welcome.token}` };
    const call = createClient(SignalService, this.#transport).send(request, { headers, signal: patience.signal });
    if (this.#random() < 0.2) void this.#pause().then(() => patience.abort());
    return isAnswered(call);
  }

  /** Breaks the stream, sometimes with every connection this session has, and resumes after an event. */
  async #resume(lastSequence: number): Promise<void> {
    const resume = { ...this.#person.resume, lastSequence };
    this.breaks++;
    if (this.#random() < 0.5) this.#agent.destroy();
    await this.#person.break();
    for (;;) {
      try {
        this.#person = await TestClient.open(this.#transport, resume, QUIET_MS);
        break;
      } catch {
        await this.#pause(); // the connection was one of the closed ones: retry
      }
    }
    const { welcome } = this.#person;
    if (!welcome.resumed) this.problems.push(`not resumed after ${String(lastSequence)}`);
    if (welcome.epoch !== resume.epoch) this.problems.push("another epoch");
    if (welcome.lastSequence !== lastSequence) this.problems.push(`resumed after ${String(welcome.lastSequence)}`);
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** A random number of event loop iterations. */
  async #pause(): Promise<void> {
    for (let turns = this.#upTo(8); turns > 0; turns--) await new Promise(setImmediate);
  }
}

/** Whether a call was acknowledged; false if its connection broke. Throws if it was refused. */
async function isAnswered(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (ConnectError.from(error).findDetails(ErrorInfoSchema).length > 0) throw error;
    return false;
  }
}

function numberOf(signal: { kind: { case?: string | undefined; value?: unknown } }): number {
  const { candidate: text } = signal.kind.value as { candidate: string };
  return Number(/^candidate:(\d+) /.exec(text)?.[1]);
}
