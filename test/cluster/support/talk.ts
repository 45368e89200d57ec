import type { SignalReceived } from "../../../gen/satoshigle/v1/event_pb.js";

/** What one guest did and heard in one match. */
export interface Talk {
  /** Numbers of the signals whose Send was at least tried; they are 1, 2, 3 … */
  tried: number;
  /** Numbers of the signals whose Send was acknowledged. */
  acknowledged: number;
  /** Numbers of the partner's signals, as they came. */
  received: number[];
  over: boolean;
  /** The store lost events: what came need not be everything. */
  lossy: boolean;
}

export function newTalk(): Talk {
  return { tried: 0, acknowledged: 0, received: [], over: false, lossy: false };
}

export function numbersIn({ signals }: SignalReceived): number[] {
  return signals.map(({ kind }) => {
    const text = kind.case === "candidate" ? kind.value.candidate : "";
    return Number(/^candidate:(\d+) /.exec(text)?.[1]);
  });
}
