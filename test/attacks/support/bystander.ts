import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { sdp } from "../../support/sdp.js";
import { type Pair, candidate, pair } from "../../support/pair.js";
import type { Target } from "./target.js";

/** The bystanders' address, which no attacker uses. */
export const ELSEWHERE = "127.0.0.2";

/** Latencies of clients that are not part of an attack, in milliseconds. */
export interface Served {
  calls: number;
  medianMs: number;
  worstMs: number;
}

/** Two matched clients at another address than the attackers', which exchange signals during the attack. */
export class Bystanders {
  #clientSequence = 1; // that of the offer

  private constructor(private readonly pair: Pair) {}

  static async arrive(target: Target): Promise<Bystanders> {
    const two = await pair(target.transport(ELSEWHERE));
    await agree(two);
    return new Bystanders(two);
  }

  /** Exchanges signals until the attack is over, and at least once after it, on unbroken streams. */
  async during(attack: Promise<unknown>): Promise<Served> {
    const waits: number[] = [];
    const state = { isOver: false };
    const over = attack.finally(() => (state.isOver = true));
    over.catch(() => undefined); // it is thrown below
    while (!state.isOver) waits.push(await this.exchange());
    await over;
    waits.push(await this.exchange());
    waits.sort((a, b) => a - b);
    return { calls: waits.length, medianMs: waits[waits.length >> 1] ?? NaN, worstMs: waits.at(-1) ?? NaN };
  }

  /** The time from Send to its delivery, in milliseconds. */
  async exchange(): Promise<number> {
    const { matchId, offerer, answerer } = this.pair;
    const startMs = performance.now();
    await offerer.send({ matchId, clientSequence: ++this.#clientSequence, signals: [candidate(this.#clientSequence)] });
    await answerer.until("signalReceived");
    return performance.now() - startMs;
  }

  async leave(): Promise<void> {
    await Promise.all([this.pair.offerer.break(), this.pair.answerer.break()]);
  }
}

/** Exchanges offer and answer, so that the match outlives the handshake deadline. */
export async function agree({ matchId, offerer, answerer }: Pair): Promise<void> {
  for (const [from, to, type] of [
    [offerer, answerer, Description_Type.OFFER],
    [answerer, offerer, Description_Type.ANSWER],
  ] as const) {
    const signals = [{ kind: { case: "description" as const, value: { type, sdp: sdp() } } }];
    await from.send({ matchId, clientSequence: 1, signals });
    await to.until("signalReceived");
  }
}
