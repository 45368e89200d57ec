import { create, toBinary } from "@bufbuild/protobuf";
import { MatchRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type, type SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { GoodbyeRequestSchema, SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { candidate, sdp } from "../bench/redis/payloads.js";
import type { Calls } from "./calls.js";
import type { Conversations, Side } from "./conversations.js";
import type { SoakRecord } from "./record.js";
import { VisitorStream } from "./visitor-stream.js";

/** What all visitors share. */
export interface Place {
  port: number;
  /** How long a session survives its stream. */
  windowMs: number;
  record: SoakRecord;
  calls: Calls;
  conversations: Conversations;
  random: () => number;
  /** Ends the run. */
  over: AbortSignal;
}

type SignalInit = MessageInitShape<typeof SignalSchema>;

/** The mean length of a conversation, in milliseconds. */
const TALK_MS = 30_000;
/** The most matches of a visit. */
const MOST_MATCHES = 4;
/** Shares of the conversations in which the stream breaks, and of the visits that end with a closed page or in silence. */
const [LOSING, CLOSING, VANISHING] = [0.3, 0.25, 0.15];
const INTERESTS = ["chess", "jazz", "hiking", "films", "cooking"];
/** How many candidates each call of `Send` contains; the first also contains the description. */
const CANDIDATES = [5, 3];
/** How soon a visitor notices the end of the run, in milliseconds. */
const LOOK_MS = 500;

/** Somebody who arrives, is matched a few times, and leaves in one of several ways. */
export class Visitor {
  readonly #stream: VisitorStream;
  #matchId = "";
  #matches = 0;
  #side: Side | undefined;
  #isAttached = false;
  #isExpired = false;
  #wake: () => void = () => undefined;

  constructor(private readonly place: Place) {
    const { port, windowMs, record, conversations } = place;
    this.#stream = new VisitorStream(port, windowMs, record, {
      attached: () => this.#note(() => (this.#isAttached = true)),
      expired: () => this.#note(() => (this.#isExpired = true)),
      matched: (matchId) => this.#note(() => this.#matched(matchId)),
      ended: (matchId) => this.#note(() => this.#ended(matchId)),
      signals: (matchId, numbers) => {
        if (this.#side === undefined || matchId !== this.#matchId) record.problem("a signal of another match");
        else for (const number of numbers) conversations.receive(this.#side, number);
      },
    });
  }

  /** Visits, from the arrival until the connections are closed. */
  async visit(): Promise<void> {
    const { record, random } = this.place;
    this.#stream.open();
    await this.#until(() => this.#isAttached);
    if (this.#isAttached) record.visits++;
    const matches = 1 + Math.floor(random() * MOST_MATCHES);
    for (let match = 0; match < matches && this.#goesOn(); match++) await this.#meet();
    await this.#leave();
    this.#stream.close();
    this.#finish({ isGone: true });
  }

  #goesOn(): boolean {
    return !this.place.over.aborted && !this.#isExpired && this.#isAttached;
  }

  /** Skips the partner, finds another, exchanges the signals of a call, and stays for a while. */
  async #meet(): Promise<void> {
    const { record, random } = this.place;
    const interests = random() < 0.3 ? [INTERESTS[Math.floor(random() * INTERESTS.length)] ?? ""] : [];
    const before = this.#matches;
    const startMs = performance.now();
    const request = create(MatchRequestSchema, { preferences: { interests }, leaveMatchId: this.#matchId });
    await this.#call("MatchService/Match", toBinary(MatchRequestSchema, request));
    await this.#until(() => this.#matches > before);
    if (!this.#goesOn()) return;
    record.waitsMs.push(performance.now() - startMs);
    const [matchId, side] = [this.#matchId, this.#side];
    if (side === undefined) return; // the partner left at once, and both events came together
    await this.#negotiate(matchId, side);
    const lengthMs = -Math.log(1 - random()) * TALK_MS;
    const loses = random() < LOSING;
    await this.#until(() => side.isOver, loses ? lengthMs * random() : lengthMs);
    if (!loses) return;
    this.#stream.lose();
    await this.#until(() => side.isOver, lengthMs);
  }

  async #negotiate(matchId: string, side: Side): Promise<void> {
    let number = 0;
    for (const [index, count] of CANDIDATES.entries()) {
      const first = number + 1;
      const candidates = Array.from({ length: count }, () => numbered(++number));
      const description = { type: Description_Type.OFFER, sdp, connectionId: "c" };
      const signals: SignalInit[] =
        first === 1 ? [{ kind: { case: "description", value: description } }, ...candidates] : candidates;
      const request = create(SendRequestSchema, { matchId, clientSequence: index + 1, signals });
      const isAcknowledged = await this.#call("SignalService/Send", toBinary(SendRequestSchema, request));
      if (!isAcknowledged || !this.#goesOn()) return;
      side.acknowledged = number;
      this.place.record.sent += count;
    }
  }

  /** Leaves, closes the page, or vanishes. At the end of the run everybody leaves in one of these ways. */
  async #leave(): Promise<void> {
    if (this.#isExpired || !this.#isAttached) return;
    const kind = this.place.random();
    if (kind < VANISHING) return;
    if (kind < VANISHING + CLOSING) {
      const request = create(GoodbyeRequestSchema, { streamId: this.#stream.streamId });
      await this.#call("SignalService/Goodbye", toBinary(GoodbyeRequestSchema, request));
    } else await this.#call("MatchService/Leave", new Uint8Array());
  }

  /** Returns whether the server acknowledged the call. Calls about a match that the partner ended are refused. */
  async #call(method: string, body: Uint8Array): Promise<boolean> {
    const isNeeded = () => !this.#isExpired;
    const reason = await this.place.calls.call(this.#stream.token, method, body, isNeeded);
    const isExpected = reason === undefined || reason === "MATCH_OVER" || reason === "SESSION_UNKNOWN";
    if (!isExpected) this.place.record.problem(`${method}: ${reason}`);
    return reason === undefined && isNeeded();
  }

  #matched(matchId: string): void {
    if (this.#side !== undefined) this.place.record.problem("matched while in a match");
    this.#matchId = matchId;
    this.#matches++;
    this.#side = this.place.conversations.begin(matchId);
  }

  #ended(matchId: string): void {
    if (matchId !== this.#matchId || this.#side === undefined) this.place.record.problem("the end of another match");
    this.#finish({ isOver: true });
  }

  #finish(how: Partial<Side>): void {
    if (this.#side === undefined) return;
    Object.assign(this.#side, how);
    this.place.conversations.end(this.#matchId);
    this.#side = undefined;
    this.#matchId = "";
  }

  #note(change: () => void): void {
    change();
    this.#wake();
  }

  /** Waits until a condition holds, the visit cannot go on, or a time has passed. */
  async #until(holds: () => boolean, mostMs = Infinity): Promise<void> {
    const { over } = this.place;
    const endMs = performance.now() + mostMs;
    while (!holds() && !over.aborted && !this.#isExpired && performance.now() < endMs) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(LOOK_MS, endMs - performance.now()));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function numbered(number: number): SignalInit {
  const value = { ...candidate, candidate: candidate.candidate.replace(/\d+/, String(number)) };
  return { kind: { case: "candidate", value } };
}
