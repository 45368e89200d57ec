import type { SoakRecord } from "./record.js";

/** What one side sent and received in a match. Its signals are numbered from 1. */
export interface Side {
  /** Number of the last signal that was acknowledged, and of the last that was received. */
  acknowledged: number;
  received: number;
  /** Whether it has received the end of the match, and with that everything before. */
  isOver: boolean;
  /** Whether it closed its page or its session, and so received no more. */
  isGone: boolean;
}

/** Compares what both sides of each match sent and received. */
export class Conversations {
  readonly #matches = new Map<string, Side[]>();

  constructor(private readonly record: SoakRecord) {}

  begin(matchId: string): Side {
    const side: Side = { acknowledged: 0, received: 0, isOver: false, isGone: false };
    const sides = this.#matches.get(matchId) ?? [];
    this.#matches.set(matchId, sides);
    if (sides.push(side) > 2) this.record.problem("a match with three sides");
    return side;
  }

  /** A signal must follow the one before. */
  receive(side: Side, number: number): void {
    const { record } = this;
    if (number <= side.received) record.doubled++;
    else record.lost += number - side.received - 1;
    side.received = Math.max(side.received, number);
    record.received++;
  }

  /** When both sides have ended a match, what was acknowledged must have arrived. */
  end(matchId: string): void {
    const [one, other] = this.#matches.get(matchId) ?? [];
    if (one === undefined || other === undefined) return; // the other side may still learn of the match
    if (![one, other].every(({ isOver, isGone }) => isOver || isGone)) return;
    this.#matches.delete(matchId);
    this.#compare(one, other);
    this.#compare(other, one);
  }

  #compare(sender: Side, receiver: Side): void {
    if (!receiver.isGone) this.record.lost += Math.max(0, sender.acknowledged - receiver.received);
  }
}
