import type { ServerHttp2Session } from "node:http2";

/** A ping is due; it was sent; it was answered in time. */
type State = "due" | "sent" | "answered";

/** The checks of all connections are spread over an interval in this many steps. */
const STEPS = 8;

/**
 * Ends HTTP/2 connections whose client is gone without a word: a phone that lost its network sends no FIN, and the
 * kernel gives up only after a quarter of an hour. Each client is pinged once per interval and must answer within half of
 * it, so a dead connection ends after one and a half intervals at most. One timer serves all connections, and none while
 * there are none.
 */
export class SilentClients {
  readonly #steps = Array.from({ length: STEPS }, () => new Map<ServerHttp2Session, State>());
  #step = 0;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly intervalMs: number) {}

  /** Pings a connection until it closes. */
  watch(session: ServerHttp2Session): void {
    const step = this.#steps[this.#step] ?? new Map<ServerHttp2Session, State>();
    step.set(session, "due");
    this.#size++;
    session.once("close", () => {
      step.delete(session);
      if (--this.#size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    // Each connection is visited twice per interval: to ping it, and to see whether it has answered.
    this.#timer ??= setInterval(
      () => {
        this.#check();
      },
      this.intervalMs / 2 / STEPS,
    ).unref();
  }

  #check(): void {
    this.#step = (this.#step + 1) % STEPS;
    const step = this.#steps[this.#step];
    for (const [session, state] of step ?? []) {
      if (state === "sent") session.destroy();
      else if (state === "answered") step?.set(session, "due");
      else
        step?.set(
          session,
          ping(session, () => step.set(session, "answered")),
        );
    }
  }
}

/** Sends a ping. Returns the new state: one that cannot be sent is due again. */
function ping(session: ServerHttp2Session, answered: () => void): State {
  const isSent =
    !session.destroyed &&
    session.ping((error) => {
      if (error === null && !session.destroyed) answered();
    });
  return isSent ? "sent" : "due";
}
