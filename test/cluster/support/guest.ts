import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions } from "@connectrpc/connect";
import { setTimeout as sleep } from "node:timers/promises";
import { type MatchRequestSchema, ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { candidate } from "../../support/pair.js";
import { type Door, type Doors, refusalReason } from "./doors.js";
import { Experience } from "./experience.js";
import { newTalk, type Talk } from "./talk.js";

/** A stream that is silent for so long, many heartbeats, is given up for another. */
const SILENCE_MS = 4_000;
const CALL_MS = 3_000;

/** Somebody whose stream comes back by itself wherever it can, and whose calls are repeated until they are answered. */
export class Guest extends Experience {
  #closed = false;
  #stream: AbortController | undefined;
  #whenOver: Promise<void> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  /** The matches that it reported. */
  readonly reported = new Set<string>();

  constructor(
    readonly name: string,
    private readonly doors: Doors,
    /** Counts the streams; where the first goes. */
    private home: number,
  ) {
    super();
  }

  /** Opens the first stream and waits for its Welcome. */
  async enter(): Promise<void> {
    this.#whenOver = this.#follow();
    await this.until("a welcome", () => this.present);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stream?.abort();
    this.poke();
    await this.#whenOver;
  }

  /** The address of the instance that holds its stream. */
  get homeUrl(): string {
    return this.doors.stream(this.home).url;
  }

  /** Breaks the stream; it comes back on the next instance. */
  wander(): void {
    this.#stream?.abort();
  }

  async match(request: MessageInitShape<typeof MatchRequestSchema> = {}): Promise<void> {
    await this.#persist("Match", (door, options) => door.matching.match(request, options));
  }

  async leave(): Promise<void> {
    await this.#persist("Leave", (door, options) => door.matching.leave({}, options));
    if (this.state === "waiting") this.state = "idle"; // of a match that ended so an event tells
  }

  async report(matchId: string): Promise<void> {
    const request = { matchId, reason: ReportReason.SPAM };
    this.reported.add(matchId);
    await this.#persist("Report", (door, options) => door.matching.report(request, options));
  }

  /** Sends the next numbered signal. Returns whether it was acknowledged; not so when the match is over. */
  async send(matchId: string): Promise<boolean> {
    const talk = this.talks.get(matchId) ?? newTalk();
    if (talk.over) return false;
    const number = talk.acknowledged + 1;
    talk.tried = number;
    const request = { matchId, clientSequence: number, signals: [candidate(number)] };
    const answer = await this.#persist("Send", (door, options) => door.signaling.send(request, options), talk);
    if (answer === "acknowledged") talk.acknowledged = number;
    return answer === "acknowledged";
  }

  /** Waits until something holds; looked at after every event. */
  async until(what: string, holds: () => boolean, patienceMs = 60_000): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (!holds()) {
      if (performance.now() > deadlineMs) throw new Error(`${this.name} waited for ${what} in vain (${this.state})`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#listeners.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 250);
        this.#listeners.add(wake);
      });
    }
  }

  /** Lets everybody who waits for this guest look again. */
  poke(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #persist(
    name: string,
    call: (door: Door, options: CallOptions) => Promise<unknown>,
    talk?: Talk,
  ): Promise<"acknowledged" | "over"> {
    while (!this.#closed) {
      await this.until("a session", () => this.#closed || this.token !== undefined);
      const token = this.token ?? "";
      try {
        await call(this.doors.call(), { headers: { authorization: `Bearer ${token}` }, timeoutMs: CALL_MS });
        return "acknowledged";
      } catch (error) {
        const reason = refusalReason(error);
        if (reason === "MATCH_OVER" || talk?.over) return "over";
        if (reason === "SEQUENCE_GAP" && talk !== undefined) talk.lossy = true;
        // The stream notices too, and begins another session.
        if (reason === "SESSION_UNKNOWN") await this.until("its end", () => this.#closed || this.token !== token);
        else if (reason !== undefined && !talk?.lossy) throw new Error(`${name} was refused`, { cause: error });
        if (talk?.lossy && reason !== undefined) return "over";
        await pause();
      }
    }
    return "over";
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      const stream = new AbortController();
      this.#stream = stream;
      try {
        await this.#listen(stream);
      } catch (error) {
        const reason = refusalReason(error);
        if (reason === "SESSION_UNKNOWN") this.forget();
        else if (reason !== undefined) this.problems.push(`the stream was refused: ${reason}`);
      }
      stream.abort();
      this.present = false;
      this.poke();
      this.home++;
      await pause();
    }
  }

  async #listen(stream: AbortController): Promise<void> {
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const request = { epoch: this.epoch, lastSequence: this.lastSequence };
    const move = (afterMs: number) => void setTimeout(() => stream.abort(), afterMs);
    let silence = setTimeout(() => stream.abort(), SILENCE_MS);
    try {
      const messages = this.doors.stream(this.home).signaling.signal(request, { headers, signal: stream.signal });
      for await (const message of messages) {
        if (stream.signal.aborted) return;
        clearTimeout(silence);
        silence = setTimeout(() => stream.abort(), SILENCE_MS);
        if (!this.take(message, move)) return;
        this.poke();
      }
    } finally {
      clearTimeout(silence);
    }
  }
}

/** A little while, another one each time. */
export function pause(atMostMs = 250): Promise<void> {
  return sleep(atMostMs * (0.2 + Math.random() * 0.8));
}
