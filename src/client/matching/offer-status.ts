/**
 * Tracks whether the offer that was sent with `Match` has reached a partner. The server silently drops it if nobody is
 * waiting, which the next events reveal. In doubt the offer is sent again: partners ignore a repeated offer.
 */
export class OfferStatus {
  #state: "none" | "likely" | "doubtful" = "none";
  #leavingMatchId = "";

  /** `Match` is sent with an offer. A side that is already waiting may be matched by another call at the same moment. */
  sent(leavingMatchId: string, waiting: boolean): void {
    this.#state = waiting ? "doubtful" : "likely";
    this.#leavingMatchId = leavingMatchId;
  }

  /** The offer reached nobody. */
  waited(): void {
    this.#state = "none";
  }

  /** A match ended. Only the one that this `Match` leaves may end in between. */
  ended(matchId: string, byThisSide: boolean): void {
    if (!byThisSide || matchId !== this.#leavingMatchId) this.doubt();
  }

  doubt(): void {
    if (this.#state === "likely") this.#state = "doubtful";
  }

  /** A match began. Returns whether its partner certainly has the offer. */
  matched(): boolean {
    const delivered = this.#state === "likely";
    this.#state = "none";
    return delivered;
  }
}
