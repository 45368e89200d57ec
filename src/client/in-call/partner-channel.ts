import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Allowance } from "../call/allowance.js";
import { SatoshigleError } from "../errors.js";
import { PartnerMessageSchema, type PartnerMessage } from "../gen/satoshigle/v1/partner_pb.js";
import { Inflow } from "./inflow.js";
import { Outbox } from "./outbox.js";
import { MAX_CONTENT_BYTES } from "./topic.js";

/** The version of the protocol between partners. */
const VERSION = 1;
/** Longer messages are dropped unread: the largest content, its topic, and their framing. */
const MAX_MESSAGE_BYTES = MAX_CONTENT_BYTES + 128;
/** Messages other than those of the application, which have credit. Beyond this rate they are dropped. */
const [BURST_MESSAGES, MESSAGES_PER_SECOND] = [60, 10];
/** How many messages are dropped before the channel is closed: dropping a message costs time as well. */
const MAX_DROPPED = 1_000;
const LOW_WATER_BYTES = 32_768;
/** How long the partner's client may take to answer before it is assumed not to support this protocol. */
const ANSWER_TIMEOUT_MS = 10_000;
/** The first byte of an encoded `Data`: its field number and wire type. */
const DATA_TAG = 0x12;

type Kind = PartnerMessage["kind"];

export interface PartnerChannelHandlers {
  /** The partner's client knows this protocol. Called once. */
  ready(): void;
  /** The partner's client has not answered in time. It may still do so. */
  unsupported(): void;
  message(kind: Kind): void;
}

/** The channel to the partner's client, beside the text chat, in one peer connection. See `partner.proto`. */
export class PartnerChannel {
  readonly #channel: RTCDataChannel;
  readonly #handlers: PartnerChannelHandlers;
  readonly #allowance = new Allowance(BURST_MESSAGES, MESSAGES_PER_SECOND);
  readonly #outbox: Outbox;
  readonly #inflow: Inflow;
  #ready = false;
  #droppedCount = 0;
  /** Why nothing can be sent. */
  #refusal: SatoshigleError | undefined;
  readonly #answerTimer: ReturnType<typeof setTimeout>;

  constructor(connection: Pick<RTCPeerConnection, "createDataChannel">, handlers: PartnerChannelHandlers) {
    this.#handlers = handlers;
    this.#channel = connection.createDataChannel("partner", { negotiated: true, id: 2 });
    this.#channel.binaryType = "arraybuffer";
    this.#channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    this.#outbox = new Outbox(this.#channel);
    this.#inflow = new Inflow((received) => this.#write({ case: "credit", value: { received } }));
    this.#channel.onbufferedamountlow = () => this.#outbox.pump();
    this.#channel.onopen = () => this.#greet(false);
    this.#channel.onclose = () => this.#end();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#receive(data);
    this.#answerTimer = setTimeout(() => this.#giveUp(), ANSWER_TIMEOUT_MS);
    if (this.#open) this.#greet(false);
  }

  /** Whether the partner's client has answered. */
  get ready(): boolean {
    return this.#ready && this.#open;
  }

  /** Sends a message at once; does nothing if the partner's client has not answered. */
  send(kind: MessageInit): void {
    if (this.ready) this.#write(kind);
  }

  /** Sends a message of the application, once the partner has room for it. */
  sendData(topic: string, content: Uint8Array): Promise<void> {
    if (this.#refusal) return Promise.reject(this.#refusal);
    return this.#outbox.add(encode({ case: "data", value: { topic, content } }));
  }

  close(): void {
    this.#channel.onclose = this.#channel.onmessage = null;
    this.#channel.close();
    this.#end();
  }

  get #open(): boolean {
    return this.#channel.readyState === "open";
  }

  #greet(heard: boolean): void {
    this.#write({ case: "hello", value: { version: VERSION, heard } });
  }

  #receive(data: unknown): void {
    const bytes =
      data instanceof ArrayBuffer && data.byteLength <= MAX_MESSAGE_BYTES ? new Uint8Array(data) : undefined;
    const isData = bytes?.[0] === DATA_TAG;
    // Taken before decoding, because invalid messages cost as much.
    if (!(isData ? this.#inflow.take() : this.#allowance.take())) {
      if (++this.#droppedCount >= MAX_DROPPED) this.close();
      return;
    }
    const kind = bytes && decode(bytes);
    if ((kind?.case === "data") !== isData) return;
    if (kind?.case === "hello") this.#heard(kind.value.version, kind.value.heard);
    else if (kind?.case === "credit") this.#outbox.credit(kind.value.received);
    else if (kind && this.#ready) this.#handlers.message(kind);
  }

  #heard(version: number, heard: boolean): void {
    if (version < VERSION) return;
    if (!heard) this.#greet(true);
    if (this.#ready) return;
    this.#ready = true;
    this.#refusal = undefined;
    clearTimeout(this.#answerTimer);
    this.#handlers.ready();
    this.#outbox.begin();
  }

  #write(kind: MessageInit): void {
    if (this.#open) this.#channel.send(encode(kind));
  }

  #giveUp(): void {
    this.#refuse(unsupportedError());
    this.#handlers.unsupported();
  }

  #end(): void {
    this.#ready = false;
    clearTimeout(this.#answerTimer);
    this.#inflow.close();
    this.#refuse(callEndedError());
  }

  #refuse(reason: SatoshigleError): void {
    this.#refusal = reason;
    this.#outbox.fail(reason);
  }
}

export function callEndedError(): SatoshigleError {
  return new SatoshigleError("match_over", "The call has ended, or is being set up again.");
}

export function unsupportedError(): SatoshigleError {
  return new SatoshigleError("not_supported", "The partner's client does not support this.");
}

/** A message to send. */
export type MessageInit = NonNullable<Parameters<typeof create<typeof PartnerMessageSchema>>[1]>["kind"];

function encode(kind: MessageInit): Uint8Array<ArrayBuffer> {
  return toBinary(PartnerMessageSchema, create(PartnerMessageSchema, kind === undefined ? {} : { kind }));
}

/** Returns undefined if the bytes are not a valid message. */
function decode(bytes: Uint8Array): Kind | undefined {
  try {
    return fromBinary(PartnerMessageSchema, bytes).kind;
  } catch {
    return undefined;
  }
}
