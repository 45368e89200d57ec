/** A first connection that takes longer is considered stuck. */
const STUCK_MS = 12_000;
/** The same for a connection that was offered before a relay was available. */
const STUCK_WITHOUT_RELAY_MS = 4_000;
/**
 * How long after a disconnection the answerer restarts: by then, the offerer has. Browsers report a disconnection after
 * seconds of silence, so that waiting longer makes no sense.
 */
const ANSWERER_PAUSE_MS = 1_000;
/** A partner who has just returned may have reloaded the page and be about to offer a new connection. */
const SETTLE_MS = 1_500;
/** The pauses after each attempt; then the call is given up. */
const PAUSES_MS = [5_000, 6_000, 8_000, 10_000];

/**
 * Decides when to restart a broken call: at once if it failed, after a pause if it may recover, never while the partner
 * is unreachable, and a limited number of times.
 */
export class IceRestart {
  readonly #restart: (attempt: number) => void;
  readonly #giveUp: () => void;
  #state: RTCPeerConnectionState = "new";
  #reachable = true;
  #attempts = 0;
  #givenUp = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = 0;
  readonly #recoveryMs: number;
  /** The network changed while signals did not reach the partner. */
  #networkChanged = false;

  /** @param restart called with the number of the attempt, from 1 */
  constructor(isOfferer: boolean, restart: (attempt: number) => void, giveUp: () => void) {
    this.#recoveryMs = isOfferer ? 0 : ANSWERER_PAUSE_MS;
    this.#restart = restart;
    this.#giveUp = giveUp;
    this.#restartIn(STUCK_MS);
  }

  /** The first connection may need the relay, which was not available for its offer. */
  hurry(): void {
    if (this.#attempts === 0 && this.#state !== "connected") this.#restartIn(STUCK_WITHOUT_RELAY_MS);
  }

  /** The state of the peer connection changed. */
  stateChanged(state: RTCPeerConnectionState): void {
    const before = this.#state;
    this.#state = state;
    if (state === "connected") {
      this.#attempts = 0;
      this.#givenUp = false;
      this.#cancel();
    } else if (state !== before && this.#attempts === 0) {
      // During attempts their own pauses apply, because a restart passes through these states.
      if (state === "failed") this.#restartIn(0);
      else if (before === "connected") this.#restartIn(this.#recoveryMs);
    }
  }

  /** This side has another network: the paths of the call are probably dead, although the browser may not know it yet. */
  networkChanged(): void {
    if (this.#state === "new") return;
    this.#attempts = 0;
    this.#givenUp = false;
    this.#networkChanged = !this.#reachable;
    if (!this.#reachable) return;
    if (this.#state === "connected") this.#restart(1);
    else this.#restartIn(0);
  }

  /** Sets whether signals reach the partner. */
  setReachable(reachable: boolean): void {
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    if (!reachable) {
      this.#cancel();
      return;
    }
    if (this.#networkChanged) {
      this.networkChanged();
      return;
    }
    if (this.#state === "connected") return;
    if (this.#givenUp) this.#attempts = 0;
    this.#givenUp = false;
    this.#restartIn(Math.min(Math.max(SETTLE_MS, this.#dueMs - Date.now()), STUCK_MS)); // the clock may have been set back
  }

  close(): void {
    this.#reachable = false;
    this.#cancel();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
  }

  #restartIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#dueMs = Date.now() + ms;
    if (this.#reachable && !this.#givenUp) this.#timer = setTimeout(() => this.#attempt(), ms);
  }

  #attempt(): void {
    const pauseMs = PAUSES_MS[this.#attempts];
    if (pauseMs === undefined) {
      this.#givenUp = true;
      this.#giveUp();
      return;
    }
    this.#attempts++;
    this.#restartIn(pauseMs);
    this.#restart(this.#attempts);
  }
}
