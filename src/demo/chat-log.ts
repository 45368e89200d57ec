import type { ChatMessage } from "@satoshigle/client";

/** Lines that are kept and drawn: a partner may send five a second for hours. */
const MOST_LINES = 500;

/** The text chat of a match. */
export interface ChatLog {
  /** The newest lines. */
  lines: readonly ChatMessage[];
  /** How many there were, and how many of them were the partner's. */
  count: number;
  receivedCount: number;
}

export const emptyLog: ChatLog = { lines: [], count: 0, receivedCount: 0 };

export function addLine({ lines, count, receivedCount }: ChatLog, line: ChatMessage): ChatLog {
  return {
    lines: [...lines, line].slice(-MOST_LINES),
    count: count + 1,
    receivedCount: receivedCount + (line.from === "partner" ? 1 : 0),
  };
}
