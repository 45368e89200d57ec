import type { SatsStream, SatsStreamEnd } from "./types.js";
import { SatoshigleError } from "../errors.js";

/** A stream of sats whose code is being loaded. */
export class LoadingStream implements SatsStream {
  readonly ended: Promise<SatsStreamEnd>;
  #stream: SatsStream | undefined;
  #stop!: (reason: SatsStreamEnd) => void;
  #stopped = false;

  /** @param begun rejects if the stream cannot begin */
  constructor(begun: Promise<SatsStream>) {
    const stopped = new Promise<SatsStreamEnd>((resolve) => (this.#stop = resolve));
    this.ended = Promise.race([stopped, begun.then((stream) => this.#begin(stream), endOf)]);
  }

  get spentMsat(): number {
    return this.#stream?.spentMsat ?? 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#stop("stopped");
    this.#stream?.stop();
  }

  #begin(stream: SatsStream): Promise<SatsStreamEnd> {
    this.#stream = stream;
    if (this.#stopped) stream.stop();
    return stream.ended;
  }
}

function endOf(error: unknown): SatsStreamEnd {
  return error instanceof SatoshigleError && error.code === "match_over" ? "call_over" : "failed";
}
