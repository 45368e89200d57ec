import { SessionClosed_Reason, type SessionClosed, type Welcome } from "../gen/satoshigle/v1/event_pb.js";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";
import type { Api } from "./api.js";
import { StreamConnection, SilentStream } from "./stream-connection.js";
import { StreamPosition } from "./stream-position.js";
import { SatoshigleError } from "../errors.js";
import {
  blockedError,
  closedError,
  isRefusal,
  isUnauthenticated,
  isUnreadable,
  ownError,
  toSatoshigleError,
} from "./error-mapping.js";
import { OnlineGate } from "./online-gate.js";
import { ReconnectPolicy, STABLE_MS } from "./reconnect-policy.js";
import type { Session } from "./session.js";
import type { Connection } from "../types.js";
import { durationMs } from "./codec.js";

const DEFAULT_HEARTBEAT_MS = 15_000;
/** Longer than a heartbeat, so that looking at the page again does not replace a stream that lives. */
const TOLERABLE_SILENCE_MS = 20_000;
/** How long a request that was given up may be on its way, in milliseconds. */
const GHOST_MS = 30_000;
/** No stream that is to be left stays longer: a server drains for ten minutes at most. */
const MOST_DRAIN_MS = 600_000;
/** Not more often does a handler that throws cause a new stream, in milliseconds. */
const MEND_PAUSE_MS = 30_000;

export interface StreamHandlers {
  connection(connection: Connection): void;
  /** `fresh`: events were skipped, the snapshot says where things stand. */
  welcome(welcome: Welcome, fresh: boolean): void;
  /** Each sequenced event, once and in order. */
  event(event: SignalResponse["event"]): void;
  /** A person should know; the stream goes on trying. */
  problem(error: SatoshigleError): void;
  /** The stream does not come back by itself. */
  stopped(error: SatoshigleError): void;
}

/** Owns the one stream of a session: opens it, resumes it, replaces it before it goes. */
export class SessionStream {
  readonly #api: Api;
  readonly #session: Session;
  readonly #baseUrl: string;
  readonly #handlers: StreamHandlers;
  /** The stream whose events count. */
  #current: StreamConnection | undefined;
  /** The one that is to take over. */
  #opening: StreamConnection | undefined;
  /** Until when an attempt of our own that was given up may take over. */
  #hauntedUntilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #pace = new ReconnectPolicy();
  #running = false;
  #mendAtMs = 0;
  readonly #cursor = new StreamPosition();
  readonly #gate = new OnlineGate(new SatoshigleError("internal", "The client is not connected."));

  constructor(api: Api, session: Session, baseUrl: string, handlers: StreamHandlers) {
    this.#api = api;
    this.#session = session;
    this.#baseUrl = baseUrl;
    this.#handlers = handlers;
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#pace.reset();
    // What a stopped stream knew is old.
    this.#cursor.reset();
    this.#gate.shut();
    this.#handlers.connection({ status: "connecting" });
    this.#open();
  }

  /** Ends everything; those who wait for the stream get the error. */
  stop(error: SatoshigleError): void {
    if (!this.#running) return;
    this.#running = false;
    clearTimeout(this.#timer);
    this.#drop();
    this.#gate.lock(error);
    this.#handlers.connection({ status: "closed" });
  }

  /** Resolves when the stream is open; rejects when it is closed for good. */
  online(): Promise<void> {
    return this.#gate.passed();
  }

  /** The network changed or the page woke up: waiting any longer makes no sense, and an old connection may be dead. */
  wake(networkChanged: boolean): void {
    if (!this.#running || this.#opening) return;
    if (!this.#current) {
      this.#openAt(this.#pace.notBefore(Date.now()));
      return;
    }
    if (networkChanged || this.#current.silentForMs > TOLERABLE_SILENCE_MS) this.#open();
  }

  /** A call was told that the session is over, so the stream's view of it is not to be trusted. */
  reopen(): void {
    if (!this.#running || !this.#current) return;
    this.#drop();
    this.#openAt(this.#pace.next());
  }

  #drop(): void {
    if (this.#opening) this.#haunt();
    this.#opening?.abort();
    this.#opening = undefined;
    this.#current?.abort();
    this.#setCurrent(undefined);
  }

  #setCurrent(attempt: StreamConnection | undefined): void {
    this.#current = attempt;
    if (!attempt && this.#running) this.#gate.shut();
  }

  #open(): void {
    clearTimeout(this.#timer);
    const named = this.#session.token !== undefined;
    if (!named) this.#cursor.reset();
    const attempt: StreamConnection = new StreamConnection(
      (signal) => this.#api.signal(this.#cursor.position, signal),
      {
        received: (response) => this.#receive(attempt, response),
        ended: (reason) => this.#ended(attempt, reason, named),
      },
    );
    this.#opening = attempt;
  }

  #openAt(atMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#current) this.#handlers.connection({ status: "reconnecting", retryAtMs: atMs });
    // A listener may have closed the client.
    if (this.#running) this.#timer = setTimeout(() => this.#open(), atMs - Date.now());
  }

  #receive(attempt: StreamConnection, { sequence, event }: SignalResponse): void {
    if (event.case === "welcome" && attempt === this.#opening) {
      this.#welcome(attempt, event.value);
      return;
    }
    if (event.case === "sessionClosed") {
      this.#closed(attempt, event.value);
      return;
    }
    if (attempt !== this.#current || event.case === "heartbeat") return;
    if (event.case === "draining") {
      this.#drained(attempt, event.value.reconnectAfter ? durationMs(event.value.reconnectAfter) : 0);
      return;
    }
    if (sequence === 0 || this.#isNext(sequence)) this.#guarded(() => this.#handlers.event(event));
  }

  /** A handler that throws must not end the stream. What it left undone is mended by a snapshot, on a stream beside this one. */
  #guarded(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#handlers.problem(ownError(error));
      if (!this.#running || Date.now() < this.#mendAtMs) return;
      this.#mendAtMs = Date.now() + MEND_PAUSE_MS;
      this.#cursor.skip();
      this.#drain(0);
    }
  }

  #welcome(attempt: StreamConnection, welcome: Welcome): void {
    this.#current?.abort();
    this.#setCurrent(attempt);
    this.#opening = undefined;
    this.#pace.opened();
    attempt.opened(welcome.heartbeatInterval ? durationMs(welcome.heartbeatInterval) : DEFAULT_HEARTBEAT_MS);
    const fresh = this.#cursor.welcome(welcome);
    this.#guarded(() => this.#handlers.welcome(welcome, fresh));
    // A listener may have closed the client.
    if (this.#current !== attempt) return;
    this.#gate.open();
    this.#handlers.connection({ status: "online" });
  }

  #isNext(sequence: number): boolean {
    const place = this.#cursor.advance(sequence);
    if (place === "gap") {
      this.#cursor.reset();
      this.#drop();
      this.#openAt(this.#pace.next());
    }
    return place === "next";
  }

  /** Streams that are sent away as soon as they open are followed by others no faster than streams that fail. */
  #drained(attempt: StreamConnection, afterMs: number): void {
    if (this.#opening) return;
    const livedMs = Date.now() - attempt.startedMs;
    this.#pace.ended(livedMs);
    const pauseMs = livedMs < STABLE_MS ? this.#pace.next() - Date.now() : 0;
    this.#drain(Math.max(pauseMs, Math.min(afterMs, MOST_DRAIN_MS)));
  }

  /** The new stream opens beside the old one, which goes on until the new one has taken over. */
  #drain(afterMs: number): void {
    if (this.#opening) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), afterMs);
  }

  #closed(attempt: StreamConnection, { reason, shouldReconnect }: SessionClosed): void {
    const replaced = reason === SessionClosed_Reason.REPLACED;
    const replacedByUs = replaced && attempt === this.#current && this.#opening;
    if (replacedByUs || (attempt !== this.#current && attempt !== this.#opening)) return;
    const replacedByGhost = replaced && Date.now() < this.#hauntedUntilMs;
    if (replacedByGhost) this.#hauntedUntilMs = 0;
    if (!shouldReconnect && !replacedByGhost) {
      this.#stopFor(closedError(reason));
      return;
    }
    attempt.abort();
    this.#ended(attempt, undefined, true);
  }

  #ended(attempt: StreamConnection, reason: unknown, named: boolean): void {
    if (attempt === this.#opening) {
      this.#opening = undefined;
      this.#failed(reason, named);
      return;
    }
    if (attempt !== this.#current) return;
    this.#setCurrent(undefined);
    if (isUnreadable(reason)) this.#cursor.stumble();
    this.#pace.ended(Date.now() - attempt.startedMs);
    if (this.#opening) {
      this.#handlers.connection({ status: "reconnecting", retryAtMs: Date.now() });
      return;
    }
    this.#openAt(this.#pace.next());
  }

  #failed(reason: unknown, named: boolean): void {
    if (named && isUnauthenticated(reason)) {
      this.#session.forget();
      this.#drop();
      this.#open();
      return;
    }
    const error = reason instanceof SilentStream ? blockedError(this.#baseUrl) : toSatoshigleError(reason);
    if (isRefusal(reason)) {
      this.#stopFor(error);
      return;
    }
    this.#haunt();
    if (this.#pace.failed(error, this.#current !== undefined)) this.#handlers.problem(error);
    this.#openAt(this.#pace.next());
  }

  /** An attempt was given up before it opened. Its request may reach the server yet, and take the session over. */
  #haunt(): void {
    this.#hauntedUntilMs = Date.now() + GHOST_MS;
  }

  #stopFor(error: SatoshigleError): void {
    this.stop(error);
    this.#handlers.stopped(error);
  }
}
