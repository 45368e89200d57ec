/**
 * Whether the offer that went out with `Match` has reached a partner. The server drops it when nobody waits and does not
 * say so; it shows in what the stream brings next. In doubt the offer is sent once more: the partner ignores the same
 * offer when it comes twice.
 */
export class OfferStatus {
  #state: "none" | "likely" | "doubtful" = "none";
  #leavingId = "";

  /** `Match` goes out with an offer. Who waits already may be paired by someone else's call at the same moment. */
  sent(leavingId: string, waiting: boolean): void {
    this.#state = waiting ? "doubtful" : "likely";
    this.#leavingId = leavingId;
  }

  /** Nobody was there. */
  waited(): void {
    this.#state = "none";
  }

  /** Only the end that this `Match` itself brought about may come between. */
  ended(matchId: string, byThisSide: boolean): void {
    if (!byThisSide || matchId !== this.#leavingId) this.doubt();
  }

  doubt(): void {
    if (this.#state === "likely") this.#state = "doubtful";
  }

  /** A match is here: whether its partner has the offer for sure. */
  matched(): boolean {
    const delivered = this.#state === "likely";
    this.#state = "none";
    return delivered;
  }
}
