import type { Ending } from "../../core/guest.js";
import type { Epoch, MatchId, SessionId } from "../../core/ids.js";
import { otherRole, type Role } from "../../core/match.js";
import type { Stay } from "../../ports/guests.js";
import type { Mail } from "../../ports/mailbox.js";
import type { Realm } from "../../ports/neighbour.js";

/** The half of a match in one realm: the guest there, and how far its mailbox was relayed. */
export class Half {
  readonly role: Role;
  #generation: number;
  #epoch: Epoch;
  /** The last event that was relayed. */
  afterSequence: number;
  #takingOver: Promise<unknown> | undefined;

  constructor(
    readonly realm: Realm,
    readonly guestId: SessionId,
    readonly matchId: MatchId,
    { role, generation, epoch, afterSequence }: Stay,
  ) {
    this.role = role;
    this.#generation = generation;
    this.#epoch = epoch;
    this.afterSequence = afterSequence;
  }

  /** How the match ends when this half is gone without a word: the guest's partner loses it. */
  get lost(): Ending {
    return { cause: "lost", initiator: otherRole(this.role) };
  }

  /** Reads the mailbox. `retaken`: this instance took the guest over meanwhile; read again. */
  async read(): Promise<Mail | { state: "retaken" }> {
    const [generation, epoch] = [this.#generation, this.#epoch];
    const position = { sessionId: this.guestId, generation, epoch, afterSequence: this.afterSequence };
    const mail = await this.realm.mailbox.read(position);
    if (mail.state !== "replaced" && mail.state !== "gap") return mail;
    await this.#takingOver?.catch(() => undefined);
    return generation === this.#generation ? mail : { state: "retaken" };
  }

  /** Marks the guest as away until a time of another realm's clock. */
  async leaveUntil(untilMs: number, other: Realm): Promise<void> {
    const { clock, lobby } = this.realm;
    const nowMs = clock.nowMs();
    const awayUntilMs = nowMs + Math.max(0, untilMs - other.clock.nowMs());
    await lobby.detach({ sessionId: this.guestId, generation: this.#generation, awayUntilMs, nowMs });
  }

  /** Returns whether the guest is still there. After a gap, its mailbox is read from the start: repeats are harmless. */
  async takeOver(isAfterGap: boolean): Promise<boolean> {
    const { guestId, matchId, realm } = this;
    const taking = realm.guests.takeOver({ guestId, matchId, nowMs: realm.clock.nowMs() });
    this.#takingOver = taking;
    const stay = await taking;
    if (stay.state === "unknown") return false;
    if (isAfterGap || stay.epoch !== this.#epoch) this.afterSequence = stay.afterSequence;
    this.#generation = stay.generation;
    this.#epoch = stay.epoch;
    return true;
  }

  async depart(ending: Ending): Promise<void> {
    const { guestId, matchId, realm } = this;
    await realm.guests.depart({ guestId, matchId, ...ending, nowMs: realm.clock.nowMs() });
  }
}
