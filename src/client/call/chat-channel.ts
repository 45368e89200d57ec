import { Allowance } from "./allowance.js";

const MOST_CHARACTERS = 2_000;
/** What a partner may send in a burst, and for good, before lines are dropped: a flood must not freeze the page. */
const BURST_LINES = 30;
const LINES_PER_SECOND = 5;

export interface ChatHandlers {
  message(text: string): void;
  /** Opened or closed. */
  changed(): void;
}

/** The text channel of one peer connection: JSON lines `{"text": …}`, agreed on in advance so that it needs no offer. */
export class ChatChannel {
  readonly #channel: RTCDataChannel;
  readonly #allowance = new Allowance(BURST_LINES, LINES_PER_SECOND);

  constructor(connection: RTCPeerConnection, handlers: ChatHandlers) {
    this.#channel = connection.createDataChannel("chat", { negotiated: true, id: 0 });
    this.#channel.onopen = this.#channel.onclose = () => handlers.changed();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // Before it is read: what is no line costs the page as much.
      const text = this.#allowance.take() ? parseLine(data) : undefined;
      if (text !== undefined) handlers.message(text);
    };
  }

  get open(): boolean {
    return this.#channel.readyState === "open";
  }

  say(text: string): void {
    this.#channel.send(JSON.stringify({ text }));
  }
}

/** Whether a text may be sent as a line. */
export function isLine(text: string): boolean {
  return text.trim() !== "" && text.length <= MOST_CHARACTERS;
}

/** The text of a line from the partner, or undefined: whatever comes from there may be anything. */
export function parseLine(data: unknown): string | undefined {
  // JSON may spend six characters on one.
  if (typeof data !== "string" || data.length > MOST_CHARACTERS * 6 + 100) return undefined;
  try {
    const line = JSON.parse(data) as { text?: unknown } | null;
    const text = line?.text;
    return typeof text === "string" && isLine(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
