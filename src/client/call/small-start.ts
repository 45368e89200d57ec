import { changeEncodings, scaleFor } from "./sender-encodings.js";

/** The height of the first pictures, in pixels. */
const START_HEIGHT = 180;
/** The height of a camera that does not say it yet, in pixels. */
const USUAL_HEIGHT = 720;
/** How long the picture stays small once the call is connected. By then the browser knows the line better. */
const SMALL_MS = 1_000;
/** The same after the paths of a call changed, of which the browser knows only that the old ones lost everything. */
const SMALL_AGAIN_MS = 6_000;

/**
 * Sends small pictures at first. Browsers start at a few hundred kilobits per second, at which the first full picture of a
 * camera takes half a second to send.
 */
export class SmallStart {
  readonly #senders: RTCRtpSender[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  async add(sender: RTCRtpSender): Promise<void> {
    if (this.#over) return;
    this.#senders.push(sender);
    const { height = USUAL_HEIGHT } = sender.track?.getSettings() ?? {};
    await scale(sender, Math.max(1, height / START_HEIGHT));
  }

  /** The call is connected. */
  connected(): void {
    if (!this.#over && this.#timer === undefined) this.#growAfter(SMALL_MS);
  }

  /** Sends small pictures again, because the paths of the call change. */
  again(): void {
    clearTimeout(this.#timer);
    this.#over = false;
    for (const sender of this.#senders.splice(0)) void this.add(sender);
    this.#growAfter(SMALL_AGAIN_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#over = true;
  }

  #growAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#over = true;
      for (const sender of this.#senders) void scale(sender, 1);
    }, ms);
  }
}

function scale(sender: RTCRtpSender, factor: number): Promise<void> {
  const scaleResolutionDownBy = scaleFor(sender, "start", factor);
  return changeEncodings(sender, (encoding) => Object.assign(encoding, { scaleResolutionDownBy }));
}
