import { Description_Type, type Signal } from "../gen/satoshigle/v1/signal_pb.js";

/** More than any two browsers have to tell each other at a time. */
const MOST_WAITING = 400;

/** Signals of the partner that wait for their turn. Of several offers the newest alone counts. */
export class SignalInbox {
  #signals: Signal[] = [];

  /** The one whose turn it is. */
  get first(): Signal | undefined {
    return this.#signals[0];
  }

  add(signals: readonly Signal[]): void {
    const all = withNewestOffer([...this.#signals, ...signals]);
    this.#signals = all.length > MOST_WAITING ? all.slice(0, MOST_WAITING) : all;
  }

  shift(): void {
    this.#signals.shift();
  }

  clear(): void {
    this.#signals = [];
  }
}

/** Without older offers, and without the candidates that belong to them. */
function withNewestOffer(signals: Signal[]): Signal[] {
  const newest = signals.findLast(isOffer);
  let isOld = false;
  return signals.filter((signal) => {
    if (signal.kind.case === "description") isOld = isOffer(signal) && signal !== newest;
    return !isOld;
  });
}

function isOffer({ kind }: Signal): boolean {
  return kind.case === "description" && kind.value.type === Description_Type.OFFER;
}
