import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions } from "@connectrpc/connect";
import { setTimeout as sleep } from "node:timers/promises";
import { type MatchRequestSchema, ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { candidate } from "../../support/pair.js";
import { type Endpoint, type Endpoints, refusalReason } from "./endpoints.js";
import { ClientLog } from "./client-log.js";
import { newConversation, type Conversation } from "./conversation.js";
import { PATIENCE_MS } from "../../support/patience.js";

/** A stream that is silent for this long, many heartbeats, is replaced. */
const SILENCE_MS = 4_000;
const CALL_MS = 3_000;

/** A client that reopens its stream on any instance, and repeats its calls until they are answered. */
export class ReconnectingClient extends ClientLog {
  #closed = false;
  #stream: AbortController | undefined;
  #whenOver: Promise<void> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  /** The matches that it has reported. */
  readonly reported = new Set<string>();

  constructor(
    readonly name: string,
    private readonly endpoints: Endpoints,
    /** Index of the stream's endpoint, which increases with each stream. */
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

  /** The URL of the instance that holds its stream. */
  get homeUrl(): string {
    return this.endpoints.stream(this.home).url;
  }

  /** Breaks the stream, which reopens on the next instance. */
  wander(): void {
    this.#stream?.abort();
  }

  /** Leaves its session as it is, and opens another. */
  startOver(): void {
    this.forget();
    this.#stream?.abort();
  }

  async match(request: MessageInitShape<typeof MatchRequestSchema> = {}): Promise<void> {
    await this.#persist("Match", (endpoint, options) => endpoint.matching.match(request, options));
  }

  async leave(): Promise<void> {
    await this.#persist("Leave", (endpoint, options) => endpoint.matching.leave({}, options));
    if (this.state === "waiting") this.state = "idle"; // the end of a match is an event
  }

  async report(matchId: string): Promise<void> {
    const request = { matchId, reason: ReportReason.SPAM };
    this.reported.add(matchId);
    await this.#persist("Report", (endpoint, options) => endpoint.matching.report(request, options));
  }

  /** Sends the next numbered signal. Returns whether it was acknowledged, which it is not after the match. */
  async send(matchId: string): Promise<boolean> {
    const conversation = this.conversations.get(matchId) ?? newConversation();
    if (conversation.over) return false;
    const number = conversation.acknowledged + 1;
    conversation.tried = number;
    const request = { matchId, clientSequence: number, signals: [candidate(number)] };
    const answer = await this.#persist(
      "Send",
      (endpoint, options) => endpoint.signaling.send(request, options),
      conversation,
    );
    if (answer === "acknowledged") conversation.acknowledged = number;
    return answer === "acknowledged";
  }

  /** Waits until a condition holds, which is checked after every event. */
  async until(what: string, holds: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (!holds()) {
      if (performance.now() > deadlineMs) throw new Error(`${this.name} timed out waiting for ${what} (${this.state})`);
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

  /** Makes all waiters check their condition again. */
  poke(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #persist(
    name: string,
    call: (endpoint: Endpoint, options: CallOptions) => Promise<unknown>,
    conversation?: Conversation,
  ): Promise<"acknowledged" | "over"> {
    while (!this.#closed) {
      await this.until("a session", () => this.#closed || this.token !== undefined);
      const token = this.token ?? "";
      try {
        await call(this.endpoints.call(), { headers: { authorization: `Bearer ${token}` }, timeoutMs: CALL_MS });
        return "acknowledged";
      } catch (error) {
        const reason = refusalReason(error);
        if (reason === "MATCH_OVER" || conversation?.over) return "over";
        if (reason === "SEQUENCE_GAP" && conversation !== undefined) conversation.lossy = true;
        // The stream detects it too, and starts another session.
        if (reason === "SESSION_UNKNOWN") await this.until("its end", () => this.#closed || this.token !== token);
        else if (reason !== undefined && !conversation?.lossy) throw new Error(`${name} was refused`, { cause: error });
        if (conversation?.lossy && reason !== undefined) return "over";
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
      if (!stream.signal.aborted) this.count.broken++;
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
      const messages = this.endpoints.stream(this.home).signaling.signal(request, { headers, signal: stream.signal });
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

/** A short random pause. */
export function pause(atMostMs = 250): Promise<void> {
  return sleep(atMostMs * (0.2 + Math.random() * 0.8));
}
