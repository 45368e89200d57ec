import { isBlank } from "../visible.js";
import { Allowance } from "./allowance.js";

const MAX_CHARACTERS = 2_000;
/** Lines beyond this rate are dropped, so that a flood cannot freeze the page. */
const BURST_LINES = 30;
const LINES_PER_SECOND = 5;

export interface ChatHandlers {
  message(text: string): void;
  /** The channel opened or closed. */
  changed(): void;
}

/** The text channel of one peer connection, which carries JSON lines `{"text": …}`. It is negotiated in advance. */
export class ChatChannel {
  readonly #channel: RTCDataChannel;
  readonly #allowance = new Allowance(BURST_LINES, LINES_PER_SECOND);

  constructor(connection: RTCPeerConnection, handlers: ChatHandlers) {
    this.#channel = connection.createDataChannel("chat", { negotiated: true, id: 0 });
    this.#channel.onopen = this.#channel.onclose = () => handlers.changed();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // Taken before parsing, because invalid messages cost as much.
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

/** Whether a text can be sent as a line. */
export function isLine(text: string): boolean {
  return !isBlank(text) && text.length <= MAX_CHARACTERS;
}

/** Returns the text of a message from the partner, or undefined if it is not a valid line. */
export function parseLine(data: unknown): string | undefined {
  // JSON may escape a character as six.
  if (typeof data !== "string" || data.length > MAX_CHARACTERS * 6 + 100) return undefined;
  try {
    const line = JSON.parse(data) as { text?: unknown } | null;
    const text = line?.text;
    return typeof text === "string" && isLine(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
