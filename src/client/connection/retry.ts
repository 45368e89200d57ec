import { Code, ConnectError } from "@connectrpc/connect";
import { backoffMs, sleep } from "./timers.js";
import { isTransient, isUnauthenticated, toSatoshigleError } from "./error-mapping.js";

interface Link {
  online(): Promise<void>;
  reopen(): void;
}

/** Brings what concerns tips to the server, again and again until it was taken or refused for good. */
export class Retry {
  readonly #link: Link;
  readonly #abort = new AbortController();

  constructor(link: Link) {
    this.#link = link;
  }

  close(): void {
    this.#abort.abort();
  }

  /** In the present session. `patient`: also waits for a limit to end. */
  async deliver(run: () => Promise<unknown>, patient: boolean): Promise<void> {
    for (let failures = 0; ; failures++) {
      await this.#link.online();
      try {
        await run();
        return;
      } catch (error) {
        if (isUnauthenticated(error)) this.#link.reopen();
        const { code } = toSatoshigleError(error);
        if (!isTransient(error) && !(patient && code === "limit_reached")) throw toSatoshigleError(error);
        await this.#pause(error, failures);
      }
    }
  }

  /** Needs no stream and no session. Rejects with what the server said when it will never take it, or when closed. */
  async deliverAlone(run: () => Promise<unknown>): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await run();
        return;
      } catch (error) {
        if (this.#abort.signal.aborted || isRefusal(error)) throw error;
        await this.#pause(error, failures);
      }
    }
  }

  /** Waits, longer each time. */
  async #pause(error: unknown, failures: number): Promise<void> {
    const { retryAfterMs } = toSatoshigleError(error);
    await sleep(Math.max(retryAfterMs ?? 0, backoffMs(failures)), this.#abort.signal);
  }
}

/** Codes with which the server says no to a proof. Anything else, a ban or a limit included, may end. */
const refusals = new Set([Code.InvalidArgument, Code.FailedPrecondition, Code.NotFound, Code.Unauthenticated]);

function isRefusal(reason: unknown): boolean {
  return refusals.has(ConnectError.from(reason).code);
}
