import type { DirectWish } from "./types.js";

/** A partner who changes its mind more often than this is not listened to any more. */
const mostChanges = 20;
/** Far more than a description has. */
const mostCharacters = 32_768;

export interface AgreementHandlers {
  /** What the two wish changed. */
  changed(): void;
  /** Both want to go direct. Told once. */
  agreed(): void;
  /** The partner's description with its addresses. Only after both agreed. */
  described(type: "offer" | "answer", sdp: string): void;
}

/**
 * The two people of a relayed call agree to go direct, over a channel of the call itself: what they tell each other then,
 * their addresses included, is encrypted from browser to browser and never passes the server.
 */
export class Agreement {
  readonly #channel: RTCDataChannel;
  readonly #handlers: AgreementHandlers;
  #wish: DirectWish = "nobody";
  #changes = 0;

  constructor(connection: RTCPeerConnection, handlers: AgreementHandlers) {
    this.#handlers = handlers;
    this.#channel = connection.createDataChannel("agreement", { negotiated: true, id: 1 });
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#heard(parseMessage(data));
  }

  get wish(): DirectWish {
    return this.#wish;
  }

  /** Asks the partner, or agrees with what it asked. */
  ask(): void {
    if (this.#channel.readyState !== "open" || this.#wish === "me" || this.#wish === "both") return;
    this.#send({ direct: true });
    this.#set(this.#wish === "partner" ? "both" : "me");
  }

  /** Says no to what the partner asked. */
  decline(): void {
    if (this.#channel.readyState !== "open" || this.#wish !== "partner") return;
    this.#send({ direct: false });
    this.#set("nobody");
  }

  /** Shows the partner this side's addresses. */
  describe(type: "offer" | "answer", sdp: string): void {
    if (this.#wish === "both" && this.#channel.readyState === "open") this.#send({ type, sdp });
  }

  #heard(message: Message | undefined): void {
    if (message === undefined) return;
    if ("sdp" in message) {
      // Whoever did not agree shows nothing, whatever the partner says.
      if (this.#wish === "both") this.#handlers.described(message.type, message.sdp);
      return;
    }
    if (this.#changes++ >= mostChanges) return;
    if (message.direct && this.#wish === "nobody") this.#set("partner");
    else if (message.direct && this.#wish === "me") this.#set("both");
    else if (!message.direct && this.#wish === "me") this.#set("nobody");
  }

  #set(wish: DirectWish): void {
    this.#wish = wish;
    this.#handlers.changed();
    if (wish === "both") this.#handlers.agreed();
  }

  #send(message: Message): void {
    this.#channel.send(JSON.stringify(message));
  }
}

type Message = { direct: boolean } | { type: "offer" | "answer"; sdp: string };

/** What the partner says, or undefined: whatever comes from there may be anything. */
export function parseMessage(data: unknown): Message | undefined {
  if (typeof data !== "string" || data.length > mostCharacters) return undefined;
  try {
    const { direct, type, sdp } = (JSON.parse(data) ?? {}) as Record<string, unknown>;
    if (typeof direct === "boolean") return { direct };
    const isDescription = (type === "offer" || type === "answer") && typeof sdp === "string";
    return isDescription ? { type, sdp } : undefined;
  } catch {
    return undefined;
  }
}
