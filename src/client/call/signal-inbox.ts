import { Description_Type, type Signal } from "../gen/satoshigle/v1/signal_pb.js";

/** More than two browsers ever have to send each other at a time. */
const MAX_WAITING = 400;

/** The partner's signals that wait to be handled. Of several offers only the newest is kept. */
export class SignalInbox {
  #signals: Signal[] = [];

  get first(): Signal | undefined {
    return this.#signals[0];
  }

  add(signals: readonly Signal[]): void {
    const all = withNewestOffer([...this.#signals, ...signals]);
    this.#signals = all.length > MAX_WAITING ? all.slice(0, MAX_WAITING) : all;
  }

  shift(): void {
    this.#signals.shift();
  }

  clear(): void {
    this.#signals = [];
  }
}

/** Drops older offers and their candidates. */
function withNewestOffer(signals: Signal[]): Signal[] {
  const newest = signals.filter(isOffer).at(-1);
  let isOld = false;
  return signals.filter((signal) => {
    if (signal.kind.case === "description") isOld = isOffer(signal) && signal !== newest;
    return !isOld;
  });
}

function isOffer({ kind }: Signal): boolean {
  return kind.case === "description" && kind.value.type === Description_Type.OFFER;
}
