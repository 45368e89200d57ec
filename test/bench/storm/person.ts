import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import net from "node:net";
import { toSatoshigleError } from "../../../src/client/connection/error-mapping.js";
import { MAX_OPEN_MS, ReconnectPolicy } from "../../../src/client/connection/reconnect-policy.js";
import { errorFromEnd } from "../../../src/client/connection/response-errors.js";
import { MatchedSchema, type Welcome } from "../../../src/client/gen/satoshigle/v1/event_pb.js";
import { SignalRequestSchema, SignalResponseSchema } from "../../../src/client/gen/satoshigle/v1/signaling_pb.js";
import { EVENTS, seenIn } from "./events.js";
import { count, type CrowdRecord } from "./record.js";
import { StreamReader } from "./stream-reader.js";

/** Where a session continues. */
export interface Position {
  token: string;
  epoch: string;
  sequence: number;
  /** Over how long the server wants its clients to come back, in milliseconds. */
  spreadMs: number;
}

/** What the people of a crowd share. */
export interface Place {
  record: CrowdRecord;
  /** When the crowd was cut off. */
  cutMs: number;
  /** The port of an instance to connect to. */
  port: () => number;
}

/** Addresses that the crowd connects from, as each has too few ports. */
const ADDRESSES = 64;

/** Somebody with a session, who comes back as the client library does: by its policy, and with its patience. */
export class Person {
  token = "";
  epoch = "";
  sequence = 0;
  spreadMs = 0;
  matchId = "";
  /** Resolves the wait for an attachment. */
  onAttached: () => void = () => undefined;
  onMatched: () => void = () => undefined;
  readonly #policy = new ReconnectPolicy();
  #socket: net.Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startMs = 0;
  /** When the stream opened; undefined while there is none. */
  #attachedMs: number | undefined;

  constructor(
    private readonly place: Place,
    private readonly index: number,
  ) {}

  get position(): Position {
    const { token, epoch, sequence, spreadMs } = this;
    return { token, epoch, sequence, spreadMs };
  }

  /** When the present stream opened, in milliseconds after the cut; undefined without one. */
  get attachedMs(): number | undefined {
    return this.#attachedMs === undefined ? undefined : this.#attachedMs - this.place.cutMs;
  }

  /** Waits for the first `Welcome` after the call. */
  attached(): Promise<void> {
    return new Promise((resolve) => (this.onAttached = resolve));
  }

  /** Takes the place of a client whose stream was open for long, and has just broken. */
  takeOver(position: Position): void {
    Object.assign(this, position);
    this.#policy.opened(0);
    this.lost();
  }

  /** The stream broke after it was open for long: comes back. */
  lost(): void {
    this.#policy.ended(Infinity);
    this.#openLater(this.spreadMs);
  }

  /** Breaks the stream. */
  cut(): void {
    this.#attachedMs = undefined;
    clearTimeout(this.#timer);
    this.#socket?.removeAllListeners("close").destroy();
    this.#socket = undefined;
  }

  open(): void {
    this.#startMs = performance.now();
    const { index, place } = this;
    const host = `127.0.0.${String(2 + (index % ADDRESSES))}`;
    const socket = net.connect({ port: place.port(), host: "127.0.0.1", localAddress: host, noDelay: true });
    this.#socket = socket;
    socket.write(this.#request());
    const reader = new StreamReader({
      head: () => this.#answered(),
      message: (message) => this.#hear(message),
      ended: (status) => this.#refused(socket, status),
    });
    socket.on("data", (chunk) => reader.read(chunk));
    socket.on("error", () => undefined); // "close" follows
    socket.once("close", () => this.#broken());
    this.#timer = setTimeout(() => this.#giveUp(), this.#policy.openTimeoutMs);
  }

  #request(): Buffer {
    const resume = create(SignalRequestSchema, { epoch: this.epoch, lastSequence: this.sequence });
    const body = toBinary(SignalRequestSchema, resume);
    const lines = [
      "POST /satoshigle.v1.SignalService/Signal HTTP/1.1",
      "host: 127.0.0.1",
      "content-type: application/connect+proto",
      "connect-protocol-version: 1",
      ...(this.token === "" ? [] : [`authorization: Bearer ${this.token}`]),
      `content-length: ${String(5 + body.length)}`,
    ];
    const envelope = Buffer.alloc(5);
    envelope.writeUInt32BE(body.length, 1);
    return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), envelope, body]);
  }

  #hear(message: Buffer): void {
    const { sequence, event, bytes } = seenIn(message);
    const { record } = this.place;
    count(record.events, event);
    if (event === EVENTS.welcome || event === EVENTS.heartbeat) this.#hearTimed(message);
    if (sequence === 0) return;
    if (sequence <= this.sequence) record.repeated++;
    if (sequence > this.sequence + 1) record.gaps++;
    this.sequence = sequence;
    if (event !== EVENTS.matched) return;
    this.matchId = fromBinary(MatchedSchema, bytes).matchId;
    this.onMatched();
  }

  #hearTimed(message: Buffer): void {
    const { event, reconnectWithin } = fromBinary(SignalResponseSchema, message);
    this.spreadMs = reconnectWithin ? durationMs(reconnectWithin) : 0;
    if (event.case === "welcome") this.#welcome(event.value);
  }

  /** The head of the response arrived: there is something to wait for. */
  #answered(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), MAX_OPEN_MS - (performance.now() - this.#startMs));
  }

  #welcome(welcome: Welcome): void {
    clearTimeout(this.#timer);
    const { record } = this.place;
    const { token, epoch, resumed, lastSequence } = welcome;
    if (this.token !== "" && !resumed) record.snapshots++;
    Object.assign(this, { token, epoch, sequence: lastSequence });
    this.#attachedMs = performance.now();
    this.#policy.opened(this.#attachedMs - this.#startMs);
    this.onAttached();
  }

  #refused(socket: net.Socket, status: Buffer): void {
    const error = errorFromEnd(status);
    if (error !== undefined) {
      const refused = toSatoshigleError(error);
      count(this.place.record.refused, refused.code);
      this.#policy.failed(refused, false);
    }
    socket.destroy();
  }

  #giveUp(): void {
    this.place.record.late++;
    this.#policy.timedOut();
    this.#socket?.removeAllListeners("close").destroy();
    this.#openLater();
  }

  #broken(): void {
    clearTimeout(this.#timer);
    if (this.#attachedMs !== undefined) {
      this.#attachedMs = undefined;
      this.lost();
      return;
    }
    this.place.record.broken++;
    this.#openLater();
  }

  #openLater(spreadMs = 0): void {
    this.#timer = setTimeout(() => this.open(), this.#policy.next(false, spreadMs) - Date.now());
  }
}
