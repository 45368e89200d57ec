import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Allowance } from "./allowance.js";
import { SignalSchema, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import type { DirectWish } from "../types.js";

/** Further changes of the partner's mind are ignored. */
const MAX_CHANGES = 20;
/** Messages beyond this rate are ignored. Descriptions and candidates arrive in bursts. */
const [BURST_MESSAGES, MESSAGES_PER_SECOND] = [200, 2];
/** Far more than a description needs. */
const MAX_BYTES = 65_536;
const [ASK, DECLINE] = ["direct?", "relayed!"];

export interface DirectUpgradeHandlers {
  /** `wish` changed. */
  changed(): void;
  /** Both want to go direct. Called once. */
  agreed(): void;
  /** The partner sent a description or candidate that reveals its addresses. Called only after both agreed. */
  directSignal(signal: Signal): void;
}

/**
 * The agreement of two people in a relayed call to go direct, over a channel of the call itself: their addresses are
 * encrypted from browser to browser and never reach the server. The messages are two words and, after both have agreed,
 * signals in binary.
 */
export class DirectUpgrade {
  readonly #channel: RTCDataChannel;
  readonly #handlers: DirectUpgradeHandlers;
  #wish: DirectWish = "nobody";
  #changes = 0;
  readonly #allowance = new Allowance(BURST_MESSAGES, MESSAGES_PER_SECOND);

  constructor(connection: RTCPeerConnection, handlers: DirectUpgradeHandlers) {
    this.#handlers = handlers;
    this.#channel = connection.createDataChannel("agreement", { negotiated: true, id: 1 });
    this.#channel.binaryType = "arraybuffer";
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.#allowance.take()) this.#handle(parseMessage(data));
    };
  }

  get wish(): DirectWish {
    return this.#wish;
  }

  /** Asks the partner, or agrees if the partner has asked. */
  ask(): void {
    if (this.#channel.readyState !== "open" || this.#wish === "me" || this.#wish === "both") return;
    this.#channel.send(ASK);
    this.#set(this.#wish === "partner" ? "both" : "me");
  }

  /** Declines what the partner has asked. */
  decline(): void {
    if (this.#channel.readyState !== "open" || this.#wish !== "partner") return;
    this.#channel.send(DECLINE);
    this.#set("nobody");
  }

  /** Sends the partner a signal that reveals this side's addresses. */
  send(signal: Signal): void {
    if (this.#wish !== "both" || this.#channel.readyState !== "open") return;
    this.#channel.send(toBinary(SignalSchema, signal));
  }

  #handle(message: ReturnType<typeof parseMessage>): void {
    if (message === undefined) return;
    if (typeof message !== "boolean") {
      // Without an agreement signals are ignored, whatever the partner sends.
      if (this.#wish === "both") this.#handlers.directSignal(message);
      return;
    }
    if (this.#changes++ >= MAX_CHANGES) return;
    if (message && this.#wish === "nobody") this.#set("partner");
    else if (message && this.#wish === "me") this.#set("both");
    else if (!message && this.#wish === "me") this.#set("nobody");
  }

  #set(wish: DirectWish): void {
    this.#wish = wish;
    this.#handlers.changed();
    if (wish === "both") this.#handlers.agreed();
  }
}

/** Returns a signal, or whether the partner asks or declines; undefined if the message is not valid. */
export function parseMessage(data: unknown): boolean | Signal | undefined {
  try {
    if (data instanceof ArrayBuffer && data.byteLength <= MAX_BYTES)
      return fromBinary(SignalSchema, new Uint8Array(data));
    if (data === ASK || data === DECLINE) return data === ASK;
  } catch {
    // The bytes are not a signal.
  }
  return undefined;
}
