import { setTimeout } from "node:timers/promises";
import { NodeAway } from "../../ports/lightning-node.js";
import type { LndConnection } from "./connection.js";
import { nodeError } from "./errors.js";

/**
 * LND announces neither payments under way nor blocks until money is back, and a subscription may begin later than it
 * was asked for. So a change is also announced this often, in milliseconds.
 */
const EVERY_MS = 10_000;

/**
 * Announces changes of channels; the first at once.
 * @param isThere rejects if LND cannot be reached
 */
export async function* watchChannels(
  { lightning }: LndConnection,
  isThere: () => Promise<unknown>,
  signal: AbortSignal,
): AsyncGenerator<void> {
  const isAborted = () => signal.aborted;
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  try {
    if (isAborted()) return;
    const events = lightning.subscribeChannelEvents({}, { signal: either })[Symbol.asyncIterator]();
    const nextEvent = () => {
      const next = events.next();
      next.catch(() => undefined); // it is awaited later
      return next;
    };
    let next = nextEvent();
    await isThere();
    yield;
    for (;;) {
      const waited = new AbortController();
      const tick = setTimeout(EVERY_MS, undefined, { signal: waited.signal }).catch(() => undefined);
      const event = await Promise.race([next, tick]);
      waited.abort();
      if (isAborted()) return;
      if (event?.done === true) throw new NodeAway("LND ended the subscription");
      if (event !== undefined) next = nextEvent();
      yield;
    }
  } catch (error) {
    if (!isAborted()) throw nodeError(error);
  } finally {
    left.abort();
  }
}
