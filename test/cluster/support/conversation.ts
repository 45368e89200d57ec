import type { SignalReceived } from "../../../gen/satoshigle/v1/event_pb.js";

/** What one client sent and received in one match. */
export interface Conversation {
  /** Number of the last signal that was sent; they are numbered from 1. */
  tried: number;
  /** Number of the last signal that was acknowledged. */
  acknowledged: number;
  /** Numbers of the partner's signals, in the order received. */
  received: number[];
  over: boolean;
  /** The store lost events, so signals may be missing. */
  lossy: boolean;
}

export function newConversation(): Conversation {
  return { tried: 0, acknowledged: 0, received: [], over: false, lossy: false };
}

export function numbersIn({ signals }: SignalReceived): number[] {
  return signals.map(({ kind }) => {
    const text = kind.case === "candidate" ? kind.value.candidate : "";
    return Number(/^candidate:(\d+) /.exec(text)?.[1]);
  });
}
