import { isBlank } from "../visible.js";
import { Allowance } from "./allowance.js";

const MAX_CHARACTERS = 2_000;
/** Lines beyond this rate are dropped, so that a flood cannot freeze the page. */
const BURST_LINES = 30;
const LINES_PER_SECOND = 5;

export interface ChatHandlers {
  /** @param id the sender's number of the line; undefined if its client does not number lines */
  message(text: string, id: number | undefined): void;
  /** The channel opened or closed. */
  changed(): void;
}

/** The text channel of one peer connection, which carries JSON lines `{"text": …, "id": …}`. It is negotiated in advance. */
export class ChatChannel {
  readonly #channel: RTCDataChannel;
  readonly #allowance = new Allowance(BURST_LINES, LINES_PER_SECOND);

  constructor(connection: RTCPeerConnection, handlers: ChatHandlers) {
    this.#channel = connection.createDataChannel("chat", { negotiated: true, id: 0 });
    this.#channel.onopen = this.#channel.onclose = () => handlers.changed();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // Taken before parsing, because invalid messages cost as much.
      const line = this.#allowance.take() ? parseLine(data) : undefined;
      if (line) handlers.message(line.text, line.id);
    };
  }

  get open(): boolean {
    return this.#channel.readyState === "open";
  }

  say(text: string, id: number): void {
    this.#channel.send(JSON.stringify({ text, id }));
  }
}

/** Whether a text can be sent as a line. */
export function isLine(text: string): boolean {
  return !isBlank(text) && text.length <= MAX_CHARACTERS;
}

/** Returns a line from the partner, or undefined if it is not valid. */
export function parseLine(data: unknown): { text: string; id: number | undefined } | undefined {
  // JSON may escape a character as six.
  if (typeof data !== "string" || data.length > MAX_CHARACTERS * 6 + 100) return undefined;
  try {
    const { text, id } = (JSON.parse(data) ?? {}) as { text?: unknown; id?: unknown };
    return typeof text === "string" && isLine(text) ? { text, id: isLineId(id) ? id : undefined } : undefined;
  } catch {
    return undefined;
  }
}

function isLineId(id: unknown): id is number {
  return Number.isInteger(id) && Number(id) > 0 && Number(id) < 2 ** 32;
}
