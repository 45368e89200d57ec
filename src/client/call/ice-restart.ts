/** A first connection that takes longer than this is stuck. */
const STUCK_MS = 12_000;
/** The same of one whose offer was made without the relay that there is meanwhile. */
const STUCK_WITHOUT_RELAY_MS = 4_000;
/** Most disconnections of this length heal by themselves. */
const TOLERATED_MS = 4_000;
/** A partner who just came back may have reloaded the page and offer a new connection by itself. */
const SETTLE_MS = 1_500;
/** After the first try, the second and so on; then it is given up. */
const pausesMs = [5_000, 6_000, 8_000, 10_000];

/**
 * Decides when a broken call is to be restarted: at once when it failed, after a while when it may heal by itself, never
 * while the partner cannot be reached, and not for ever.
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

  /** `restart` gets the number of the attempt, from 1. */
  constructor(restart: (attempt: number) => void, giveUp: () => void) {
    this.#restart = restart;
    this.#giveUp = giveUp;
    this.#dueIn(STUCK_MS);
  }

  /** The first connection may need the relay, which its offer knew nothing of. */
  hurry(): void {
    if (this.#attempts === 0 && this.#state !== "connected") this.#dueIn(STUCK_WITHOUT_RELAY_MS);
  }

  /** The connection's state changed. */
  observe(state: RTCPeerConnectionState): void {
    const before = this.#state;
    this.#state = state;
    if (state === "connected") {
      this.#attempts = 0;
      this.#givenUp = false;
      this.#cancel();
    } else if (state !== before && this.#attempts === 0) {
      // While attempts run, their own rhythm holds: a restart itself passes through these states.
      if (state === "failed") this.#dueIn(0);
      else if (before === "connected") this.#dueIn(TOLERATED_MS);
    }
  }

  /** Whether signals get through to the partner. */
  reachable(is: boolean): void {
    if (is === this.#reachable) return;
    this.#reachable = is;
    if (!is) {
      this.#cancel();
      return;
    }
    if (this.#state === "connected") return;
    if (this.#givenUp) this.#attempts = 0;
    this.#givenUp = false;
    this.#dueIn(Math.min(Math.max(SETTLE_MS, this.#dueMs - Date.now()), STUCK_MS)); // the clock may have been set back
  }

  close(): void {
    this.#reachable = false;
    this.#cancel();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
  }

  #dueIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#dueMs = Date.now() + ms;
    if (this.#reachable && !this.#givenUp) this.#timer = setTimeout(() => this.#act(), ms);
  }

  #act(): void {
    const pauseMs = pausesMs[this.#attempts];
    if (pauseMs === undefined) {
      this.#givenUp = true;
      this.#giveUp();
      return;
    }
    this.#attempts++;
    this.#dueIn(pauseMs);
    this.#restart(this.#attempts);
  }
}
