import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import net from "node:net";
import {
  MatchedSchema,
  MatchEndedSchema,
  SessionClosed_Reason,
  SessionClosedSchema,
  SignalReceivedSchema,
  type Welcome,
  WelcomeSchema,
} from "../../gen/satoshigle/v1/event_pb.js";
import { SignalRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { EVENTS, seenIn } from "../bench/storm/events.js";
import { StreamReader } from "../bench/storm/stream-reader.js";
import { numbersIn } from "../cluster/support/conversation.js";
import type { SoakRecord } from "./record.js";

/** What a stream tells its visitor. */
export interface Ears {
  attached(): void;
  matched(matchId: string): void;
  signals(matchId: string, numbers: number[]): void;
  ended(matchId: string): void;
  /** The session ended although the visitor did not leave it. */
  expired(): void;
}

/** The longest pause before a stream is opened again, in milliseconds. It doubles up to this. */
const MAX_PAUSE_MS = 2_000;
/** How long a stream may take to open, in milliseconds. */
const OPEN_MS = 8_000;
const ENVELOPE_BYTES = 5;

/** The event stream of a session, which is opened again when it breaks. Checks that its events are numbered without gaps. */
export class VisitorStream {
  token = "";
  streamId = "";
  #epoch = "";
  #sequence = 0;
  #socket: net.Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  /** When the stream broke, if it is broken. */
  #brokenMs: number | undefined;

  /** @param windowMs how long the session survives without a stream */
  constructor(
    private readonly port: number,
    private readonly windowMs: number,
    private readonly record: SoakRecord,
    private readonly ears: Ears,
  ) {}

  open(): void {
    const socket = net.connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    socket.write(this.#request());
    const reader = new StreamReader({
      head: () => undefined,
      message: (message) => {
        if (socket === this.#socket) this.#hear(message);
      },
      ended: (status) => this.#refused(String(status)),
    });
    socket.on("data", (chunk) => reader.read(chunk));
    socket.on("error", () => undefined); // "close" follows
    socket.once("close", () => this.#openLater());
    this.#timer = setTimeout(() => {
      this.record.error("stream: not opened in time");
      socket.destroy();
    }, OPEN_MS);
  }

  /** Breaks the connection, as a network does. The stream is opened again. */
  lose(): void {
    this.#socket?.destroy();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket?.removeAllListeners("close").destroy();
    this.#socket = undefined;
  }

  #request(): Buffer {
    const resume = create(SignalRequestSchema, { epoch: this.#epoch, lastSequence: this.#sequence });
    const body = toBinary(SignalRequestSchema, resume);
    const envelope = Buffer.alloc(ENVELOPE_BYTES);
    envelope.writeUInt32BE(body.length, 1);
    const lines = [
      "POST /satoshigle.v1.SignalService/Signal HTTP/1.1",
      "host: 127.0.0.1",
      "content-type: application/connect+proto",
      "connect-protocol-version: 1",
      ...(this.token === "" ? [] : [`authorization: Bearer ${this.token}`]),
      `content-length: ${String(ENVELOPE_BYTES + body.length)}`,
    ];
    return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), envelope, body]);
  }

  #hear(message: Buffer): void {
    const { sequence, event, bytes } = seenIn(message);
    if (event === EVENTS.welcome) this.#welcome(fromBinary(WelcomeSchema, bytes));
    if (event === EVENTS.closed) this.#closed(fromBinary(SessionClosedSchema, bytes).reason);
    if (sequence === 0) return;
    if (sequence <= this.#sequence) this.record.doubled++;
    else this.record.lost += sequence - this.#sequence - 1;
    this.#sequence = Math.max(this.#sequence, sequence);
    if (event === EVENTS.matched) this.ears.matched(fromBinary(MatchedSchema, bytes).matchId);
    if (event === EVENTS.ended) this.ears.ended(fromBinary(MatchEndedSchema, bytes).matchId);
    if (event !== EVENTS.signal) return;
    const received = fromBinary(SignalReceivedSchema, bytes);
    this.ears.signals(received.matchId, numbersIn(received).filter(Number.isInteger));
  }

  #welcome({ token, streamId, epoch, resumed, lastSequence }: Welcome): void {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#brokenMs = undefined;
    const { record } = this;
    if (this.token !== "") record.resumes++;
    if (this.token !== "" && !resumed) record.lost++;
    else if (resumed && lastSequence !== this.#sequence) record.problem("resumed after another event");
    this.token = token;
    this.streamId = streamId;
    this.#epoch = epoch;
    this.#sequence = lastSequence;
    this.ears.attached();
  }

  #closed(reason: SessionClosed_Reason): void {
    if (reason === SessionClosed_Reason.EXPIRED) this.#expired();
    else this.record.error(`stream: closed by the server (${SessionClosed_Reason[reason]})`);
  }

  #refused(status: string): void {
    if (status.includes('"SESSION_UNKNOWN"')) this.#expired();
    else if (status !== "{}") this.record.error(`stream: ${kindOf(status)}`);
    this.#socket?.destroy();
  }

  /**
   * The server learns later than the client that a stream broke, and its window begins then. A session without any
   * event is closed at once.
   */
  #expired(): void {
    const awayMs = this.#brokenMs === undefined ? 0 : performance.now() - this.#brokenMs;
    if (this.#sequence === 0) this.record.error("session: broke before its first event");
    else if (awayMs >= this.windowMs) this.record.error("session: its client could not come back in time");
    else {
      this.record.expired++;
      this.record.problem(`a session ended ${awayMs.toFixed(0)} ms after its stream`);
    }
    this.close();
    this.ears.expired();
  }

  #openLater(): void {
    clearTimeout(this.#timer);
    this.#brokenMs ??= performance.now();
    const pauseMs = Math.random() * Math.min(MAX_PAUSE_MS, 100 * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.open(), pauseMs);
  }
}

function kindOf(status: string): string {
  return /HTTP\/1\.1 \d+/.exec(status)?.[0] ?? /"reason":\s*"\w+"/.exec(status)?.[0] ?? status.slice(0, 80);
}
