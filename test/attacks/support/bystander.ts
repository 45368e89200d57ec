import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { sdp } from "../../support/sdp.js";
import { type Pair, candidate, pair } from "../../support/pair.js";
import type { Target } from "./target.js";

/** Where bystanders come from: none of the attackers' addresses. */
export const ELSEWHERE = "127.0.0.2";

/** How the calls of people went who have nothing to do with an attack, in milliseconds. */
export interface Served {
  calls: number;
  medianMs: number;
  worstMs: number;
}

/** Two in a match, at another address than the attackers, who go on talking while something happens to the server. */
export class Bystanders {
  #clientSequence = 1; // of the offer

  private constructor(private readonly pair: Pair) {}

  static async arrive(target: Target): Promise<Bystanders> {
    const two = await pair(target.transport(ELSEWHERE));
    await agree(two);
    return new Bystanders(two);
  }

  /** Talks until the attack is over, and at least once after it. On the streams they came with: none may break. */
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

  /** How long it takes until what one says has reached the other, in milliseconds. */
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

/** Offer and answer pass between the two, so that their match outlives the handshake's deadline. */
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
