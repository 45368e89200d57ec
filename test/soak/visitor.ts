import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Matched } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { Guest } from "../bench/redis/guest.js";
import { candidate, sdp } from "../bench/redis/payloads.js";

/** What happened to all visitors together. */
export interface Diary {
  /** Who is there now. */
  people: number;
  visits: number;
  /** From asking for a partner to having one, in milliseconds. */
  waitsMs: number[];
  sends: number;
  received: number;
  resumes: number;
  /** Connections that broke: on a machine that is busy with other work, the server cuts off who is late. */
  broken: number;
  /** What should not have happened. */
  problems: string[];
}

/** How long somebody talks, on average, in milliseconds. */
const TALK_MS = 15_000;
/** Matches of a visit. */
const MOST_MATCHES = 3;
const INTERESTS = ["chess", "jazz", "hiking", "films", "cooking"];
const CANDIDATES = 10;
/** How soon the end of the run is noticed, in milliseconds. */
const LOOK_MS = 500;
/** A resume that takes this long may find its session gone, in milliseconds. */
const LATE_MS = 3_000;

/** Somebody who comes, meets a few others, and goes: with a goodbye or without. Ends with the visit, or when `over`. */
export async function visit(port: number, random: () => number, diary: Diary, over: AbortSignal): Promise<void> {
  const guest = await Guest.open(port).catch((error: unknown) => {
    note(diary, error);
    return undefined;
  });
  if (guest === undefined) return;
  const visitor = new Visitor(guest, port, random, diary, over);
  diary.visits++;
  diary.people++;
  try {
    const matches = 1 + Math.floor(random() * MOST_MATCHES);
    for (let match = 0; match < matches && !over.aborted; match++) await visitor.meet();
    if (random() < 0.7) await visitor.leave(); // the others are lost to their partners
  } catch (error) {
    note(diary, error);
  } finally {
    visitor.close();
    diary.people--;
  }
}

function note(diary: Diary, error: unknown): void {
  if (/ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|the connection closed/.test(String(error))) diary.broken++;
  else diary.problems.push(String(error));
}

class Visitor {
  #matched: Matched | undefined;
  #wake: () => void = () => undefined;

  constructor(
    private guest: Guest,
    private readonly port: number,
    private readonly random: () => number,
    private readonly diary: Diary,
    private readonly over: AbortSignal,
  ) {
    this.#listen();
  }

  close(): void {
    this.guest.close();
  }

  /** Finds somebody, leaving whoever is there, exchanges what a call needs, and talks for a while. */
  async meet(): Promise<void> {
    await this.guest.connect();
    const startMs = performance.now();
    const interests = this.random() < 0.3 ? [INTERESTS[Math.floor(this.random() * INTERESTS.length)] ?? ""] : [];
    const leaveMatchId = this.#matchId() ?? "";
    this.#matched = undefined;
    const request = create(MatchRequestSchema, { preferences: { interests }, leaveMatchId });
    await this.#call("MatchService/Match", toBinary(MatchRequestSchema, request));
    await this.#until(() => this.#matched !== undefined);
    const matchId = this.#matchId();
    if (matchId === undefined) return;
    this.diary.waitsMs.push(performance.now() - startMs);
    await this.guest.connect(); // the server closes connections that rest
    await this.#negotiate(matchId);
    await this.#until(() => this.#matched === undefined, -Math.log(1 - this.random()) * TALK_MS);
    if (this.random() < 0.2) await this.#resume();
  }

  async leave(): Promise<void> {
    if (this.over.aborted) return;
    await this.guest.connect();
    await this.#call("MatchService/Leave", new Uint8Array());
  }

  async #negotiate(matchId: string): Promise<void> {
    await this.#send(matchId, 1, [
      { kind: { case: "description", value: { type: Description_Type.OFFER, sdp, connectionId: "c" } } },
    ]);
    const one = { kind: { case: "candidate" as const, value: candidate } };
    await this.#send(
      matchId,
      2,
      Array.from({ length: CANDIDATES }, () => one),
    );
  }

  /** The network breaks, and comes back before the window is over. */
  async #resume(): Promise<void> {
    const { token } = this.guest;
    this.guest.close();
    await this.#until(() => false, this.random() * 500);
    const startMs = performance.now();
    this.guest = await Guest.open(this.port, token).catch((error: unknown) => {
      const tookMs = performance.now() - startMs;
      throw tookMs > LATE_MS ? new Error("the connection closed: this process was late") : error;
    });
    this.diary.resumes++;
    this.#listen();
  }

  /** A call, because it changes while one waits. */
  #matchId(): string | undefined {
    return this.#matched?.matchId;
  }

  #listen(): void {
    const { guest } = this;
    guest.onSignal = () => this.diary.received++;
    guest.onFailure = (error) => {
      note(this.diary, error);
      this.#matched = undefined;
      this.#wake();
    };
    guest.onEvent = ({ event }) => {
      if (event.case === "matched") this.#matched = event.value;
      if (event.case === "matchEnded" && event.value.matchId === this.#matched?.matchId) this.#matched = undefined;
      this.#wake();
    };
  }

  async #send(
    matchId: string,
    clientSequence: number,
    signals: NonNullable<MessageInitShape<typeof SendRequestSchema>["signals"]>,
  ): Promise<void> {
    const message = create(SendRequestSchema, { matchId, clientSequence, signals });
    this.diary.sends++;
    await this.#call("SignalService/Send", toBinary(SendRequestSchema, message));
  }

  /** A partner may leave at any moment: then a call that was for the match is refused. */
  async #call(method: string, body: Uint8Array): Promise<void> {
    await this.guest.call(method, body).catch((error: unknown) => {
      if (!String(error).includes('"MATCH_OVER"')) throw error;
    });
  }

  async #until(holds: () => boolean, mostMs = Infinity): Promise<void> {
    const end = performance.now() + mostMs;
    while (!holds() && !this.over.aborted && performance.now() < end) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(LOOK_MS, end - performance.now()));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
