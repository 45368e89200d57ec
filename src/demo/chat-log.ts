import type { ChatMessage } from "@satoshigle/client";

/** Messages kept and rendered. A partner may send five per second for hours. */
const MAX_LINES = 500;

/** The text chat of a match. */
export interface ChatLog {
  /** The latest messages. */
  lines: readonly ChatMessage[];
  /** Messages so far, and how many of them the partner sent. */
  count: number;
  receivedCount: number;
}

export const emptyLog: ChatLog = { lines: [], count: 0, receivedCount: 0 };

export function addLine({ lines, count, receivedCount }: ChatLog, line: ChatMessage): ChatLog {
  return {
    lines: [...lines, line].slice(-MAX_LINES),
    count: count + 1,
    receivedCount: receivedCount + (line.from === "partner" ? 1 : 0),
  };
}
