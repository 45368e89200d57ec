import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Matched } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { RawClient } from "../bench/redis/raw-client.js";
import { candidate, sdp } from "../bench/redis/payloads.js";

/** Counters of all clients. */
export interface SoakRecord {
  /** Current clients. */
  people: number;
  visits: number;
  /** From Match to `matched`, in milliseconds. */
  waitsMs: number[];
  sends: number;
  received: number;
  resumes: number;
  /** Broken connections: on a busy machine, the server disconnects slow clients. */
  broken: number;
  /** Unexpected errors. */
  problems: string[];
}

/** The average length of a conversation, in milliseconds. */
const TALK_MS = 15_000;
/** The maximum number of matches per visit. */
const MOST_MATCHES = 3;
const INTERESTS = ["chess", "jazz", "hiking", "films", "cooking"];
const CANDIDATES = 10;
/** How soon a client notices the end of the run, in milliseconds. */
const LOOK_MS = 500;
/** A resume that takes this long may find its session gone, in milliseconds. */
const LATE_MS = 3_000;

/** A client that is matched a few times and disconnects, with or without Leave. Ends with the visit, or when `over`. */
export async function visit(port: number, random: () => number, record: SoakRecord, over: AbortSignal): Promise<void> {
  const client = await RawClient.open(port).catch((error: unknown) => {
    note(record, error);
    return undefined;
  });
  if (client === undefined) return;
  const soakClient = new SoakClient(client, port, random, record, over);
  record.visits++;
  record.people++;
  try {
    const matches = 1 + Math.floor(random() * MOST_MATCHES);
    for (let match = 0; match < matches && !over.aborted; match++) await soakClient.meet();
    if (random() < 0.7) await soakClient.leave(); // the others just disconnect
  } catch (error) {
    note(record, error);
  } finally {
    soakClient.close();
    record.people--;
  }
}

function note(record: SoakRecord, error: unknown): void {
  if (/ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|the connection closed/.test(String(error))) record.broken++;
  else record.problems.push(String(error));
}

class SoakClient {
  #matched: Matched | undefined;
  #wake: () => void = () => undefined;

  constructor(
    private client: RawClient,
    private readonly port: number,
    private readonly random: () => number,
    private readonly record: SoakRecord,
    private readonly over: AbortSignal,
  ) {
    this.#listen();
  }

  close(): void {
    this.client.close();
  }

  /** Leaves the current match, finds a partner, exchanges the signals of a call, and stays for a while. */
  async meet(): Promise<void> {
    await this.client.connect();
    const startMs = performance.now();
    const interests = this.random() < 0.3 ? [INTERESTS[Math.floor(this.random() * INTERESTS.length)] ?? ""] : [];
    const leaveMatchId = this.#matchId() ?? "";
    this.#matched = undefined;
    const request = create(MatchRequestSchema, { preferences: { interests }, leaveMatchId });
    await this.#call("MatchService/Match", toBinary(MatchRequestSchema, request));
    await this.#until(() => this.#matched !== undefined);
    const matchId = this.#matchId();
    if (matchId === undefined) return;
    this.record.waitsMs.push(performance.now() - startMs);
    await this.client.connect(); // the server closes idle connections
    await this.#negotiate(matchId);
    await this.#until(() => this.#matched === undefined, -Math.log(1 - this.random()) * TALK_MS);
    if (this.random() < 0.2) await this.#resume();
  }

  async leave(): Promise<void> {
    if (this.over.aborted) return;
    await this.client.connect();
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

  /** Breaks the stream and resumes it within the reconnect window. */
  async #resume(): Promise<void> {
    const { token } = this.client;
    this.client.close();
    await this.#until(() => false, this.random() * 500);
    const startMs = performance.now();
    this.client = await RawClient.open(this.port, token).catch((error: unknown) => {
      const tookMs = performance.now() - startMs;
      throw tookMs > LATE_MS ? new Error("the connection closed: this process was late") : error;
    });
    this.record.resumes++;
    this.#listen();
  }

  /** A method, as the value changes while a caller waits. */
  #matchId(): string | undefined {
    return this.#matched?.matchId;
  }

  #listen(): void {
    const { client } = this;
    client.onSignal = () => this.record.received++;
    client.onFailure = (error) => {
      note(this.record, error);
      this.#matched = undefined;
      this.#wake();
    };
    client.onEvent = ({ event }) => {
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
    this.record.sends++;
    await this.#call("SignalService/Send", toBinary(SendRequestSchema, message));
  }

  /** Makes a call, which may be refused because the partner left the match. */
  async #call(method: string, body: Uint8Array): Promise<void> {
    await this.client.call(method, body).catch((error: unknown) => {
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
