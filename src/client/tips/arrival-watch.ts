import type { MinutesEnd } from "./types.js";

const LOOK_EVERY_MS = 5_000;
/** How long something that arrived before may be missing. */
const MAX_MISSING_MS = 15_000;

/** What is read of the browser's statistics. */
interface Inbound {
  type: string;
  kind?: string;
  bytesReceived?: number;
  framesDecoded?: number;
}

interface ArrivalWatchDependencies {
  stats: () => Promise<RTCStatsReport | undefined>;
  isConnected: () => boolean;
  /** Called once. */
  missing: (what: Extract<MinutesEnd, "interrupted" | "no_picture" | "no_sound">) => void;
}

type Kind = "video" | "audio";

/**
 * Watches whether the partner's picture and sound arrive. What never arrived is not missed: a call may be without
 * picture from its beginning.
 */
export class ArrivalWatch {
  readonly #dependencies: ArrivalWatchDependencies;
  readonly #timer: ReturnType<typeof setInterval>;
  #counts: Record<Kind, number> | undefined;
  /** When each was last seen to arrive, by `performance.now()`. */
  readonly #arrivedAtMs = new Map<Kind | "call", number>();

  constructor(dependencies: ArrivalWatchDependencies) {
    this.#dependencies = dependencies;
    this.#arrivedAtMs.set("call", performance.now());
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), LOOK_EVERY_MS);
    void this.#look().catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const counts = await this.#count();
    const nowMs = performance.now();
    const before = this.#counts;
    this.#counts = counts;
    if (this.#dependencies.isConnected()) this.#arrivedAtMs.set("call", nowMs);
    for (const kind of ["video", "audio"] as const) {
      if (before && counts[kind] > before[kind]) this.#arrivedAtMs.set(kind, nowMs);
    }
    // Without a call nothing arrives, so that is said first.
    if (this.#isMissing("call", nowMs)) this.#end("interrupted");
    else if (this.#isMissing("video", nowMs)) this.#end("no_picture");
    else if (this.#isMissing("audio", nowMs)) this.#end("no_sound");
  }

  #isMissing(what: Kind | "call", nowMs: number): boolean {
    return nowMs - (this.#arrivedAtMs.get(what) ?? nowMs) >= MAX_MISSING_MS;
  }

  #end(what: Parameters<ArrivalWatchDependencies["missing"]>[0]): void {
    this.close();
    this.#dependencies.missing(what);
  }

  async #count(): Promise<Record<Kind, number>> {
    const counts = { video: 0, audio: 0 };
    const report = await this.#dependencies.stats();
    report?.forEach(({ type, kind, framesDecoded = 0, bytesReceived = 0 }: Inbound) => {
      if (type !== "inbound-rtp") return;
      if (kind === "video") counts.video += framesDecoded;
      else counts.audio += bytesReceived;
    });
    return counts;
  }
}
