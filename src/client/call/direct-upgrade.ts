import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Allowance } from "./allowance.js";
import { SignalSchema, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import type { DirectWish } from "../types.js";

/** A partner who changes its mind more often than this is not listened to any more. */
const MOST_CHANGES = 20;
/** What is read at once, and for good: descriptions and candidates come in bursts, but not in floods. */
const [BURST_MESSAGES, MESSAGES_PER_SECOND] = [200, 2];
/** Far more than a description has. */
const MOST_BYTES = 65_536;
const [ASKING, DECLINING] = ["direct?", "relayed!"];

export interface DirectUpgradeHandlers {
  /** What the two wish changed. */
  changed(): void;
  /** Both want to go direct. Told once. */
  agreed(): void;
  /** A description or candidate that shows the partner's addresses. Only after both agreed. */
  shown(signal: Signal): void;
}

/**
 * The two people of a relayed call agree to go direct, over a channel of the call itself: what they tell each other then,
 * their addresses included, is encrypted from browser to browser and never passes the server. The messages are two words
 * and, after both have agreed, signals in binary.
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
      if (this.#allowance.take()) this.#heard(parseMessage(data));
    };
  }

  get wish(): DirectWish {
    return this.#wish;
  }

  /** Asks the partner, or agrees with what it asked. */
  ask(): void {
    if (this.#channel.readyState !== "open" || this.#wish === "me" || this.#wish === "both") return;
    this.#channel.send(ASKING);
    this.#set(this.#wish === "partner" ? "both" : "me");
  }

  /** Says no to what the partner asked. */
  decline(): void {
    if (this.#channel.readyState !== "open" || this.#wish !== "partner") return;
    this.#channel.send(DECLINING);
    this.#set("nobody");
  }

  /** Shows the partner addresses of this side. */
  show(signal: Signal): void {
    if (this.#wish !== "both" || this.#channel.readyState !== "open") return;
    this.#channel.send(toBinary(SignalSchema, signal));
  }

  #heard(message: ReturnType<typeof parseMessage>): void {
    if (message === undefined) return;
    if (typeof message !== "boolean") {
      // Whoever did not agree shows nothing, whatever the partner says.
      if (this.#wish === "both") this.#handlers.shown(message);
      return;
    }
    if (this.#changes++ >= MOST_CHANGES) return;
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

/** What the partner says, or undefined: whatever comes from there may be anything. */
export function parseMessage(data: unknown): boolean | Signal | undefined {
  try {
    if (data instanceof ArrayBuffer && data.byteLength <= MOST_BYTES)
      return fromBinary(SignalSchema, new Uint8Array(data));
    if (data === ASKING || data === DECLINING) return data === ASKING;
  } catch {
    // Bytes that are no signal.
  }
  return undefined;
}
