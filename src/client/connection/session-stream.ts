import { durationMs } from "@bufbuild/protobuf/wkt";
import { SessionClosed_Reason, type SessionClosed, type Welcome } from "../gen/satoshigle/v1/event_pb.js";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";
import type { Api } from "./api.js";
import type { LazyIdentity } from "./lazy-identity.js";
import { StreamConnection, StreamTimeoutError } from "./stream-connection.js";
import { StreamPosition } from "./stream-position.js";
import { StreamSlot } from "./stream-slot.js";
import { SatoshigleError } from "../errors.js";
import {
  closedError,
  handlerError,
  isPermissionDenied,
  isTaken,
  isUnauthenticated,
  isUnreadable,
  openTimeoutError,
  tooManyTabsError,
  toSatoshigleError,
} from "./error-mapping.js";
import { isOffline } from "./network-events.js";
import { loadModule } from "../load-module.js";
import { OnlineGate } from "./online-gate.js";
import { ReconnectPolicy, STABLE_MS } from "./reconnect-policy.js";
import type { Session } from "./session.js";
import type { SessionStreamHandlers } from "./session-stream-handlers.js";
import type { SessionLink } from "./retry.js";

const DEFAULT_HEARTBEAT_MS = 15_000;
/** A stream on which something arrived so recently is not dead. */
const ALIVE_MS = 1_000;
/** Longer than a heartbeat, so that showing the page again does not replace a healthy stream. */
const MAX_SILENCE_MS = 20_000;
/** How long an abandoned attempt may still reach the server. */
const STALE_ATTEMPT_MS = 30_000;
/** A server drains for ten minutes at most. */
const MAX_DRAIN_MS = 600_000;
/** The shortest time between two streams that are opened because a handler threw. */
const RESYNC_INTERVAL_MS = 30_000;

export interface SessionStreamDependencies {
  api: Api;
  session: Session;
  baseUrl: string;
  /** The app's tokens; undefined if it has none. */
  identity?: LazyIdentity | undefined;
}

/**
 * Which identity token the next stream gets: the one at hand if it is still valid, or a new one because the server refused
 * that, or none, without which a session continues.
 */
type TokenChoice = "valid" | "new" | "none";

/** Keeps the stream of a session open: resumes it after a failure, and replaces it before a server drains. */
export class SessionStream implements SessionLink {
  readonly #api: Api;
  readonly #session: Session;
  readonly #baseUrl: string;
  readonly #identity: LazyIdentity | undefined;
  #choice: TokenChoice = "valid";
  readonly #handlers: SessionStreamHandlers;
  /** The stream whose events count. */
  #current: StreamConnection | undefined;
  /** The stream that is about to replace it. */
  #opening: StreamConnection | undefined;
  /** Until when a stale attempt of this client may take the session over. */
  #staleAttemptUntilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #policy = new ReconnectPolicy();
  readonly #slot: StreamSlot;
  #running = false;
  /** The attempt to get what a stream needs: from the other tabs, and from the app. */
  #entering: object | undefined;
  /** Of the last stream; empty if the person has just asked for one. */
  #streamId = "";
  #suspended = false;
  #nextResyncMs = 0;
  readonly #position = new StreamPosition();
  readonly #onlineGate = new OnlineGate(new SatoshigleError("internal", "Not connected."));

  constructor({ api, session, baseUrl, identity }: SessionStreamDependencies, handlers: SessionStreamHandlers) {
    this.#api = api;
    this.#session = session;
    this.#baseUrl = baseUrl;
    this.#identity = identity;
    this.#handlers = handlers;
    this.#slot = new StreamSlot(baseUrl);
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#suspended = false;
    this.#choice = "valid";
    this.#policy.reset();
    // The position of a stopped stream is outdated.
    this.#position.reset();
    this.#onlineGate.close();
    this.#handlers.connection({ status: "connecting" });
    this.#enter();
  }

  /** Ends the stream for good; everyone who waits for it gets the error. */
  stop(error: SatoshigleError): void {
    if (!this.#running) return;
    this.#running = false;
    this.#leave();
    this.#onlineGate.fail(error);
    this.#handlers.connection({ status: "closed" });
  }

  online(): Promise<void> {
    return this.#onlineGate.waitUntilOpen();
  }

  /** Reconnects without further delay if the stream is down, and replaces it if it may be dead. */
  wake(networkChanged: boolean): void {
    if (!this.#running) return;
    if (networkChanged) this.#handlers.renewConnections();
    if (this.#entering) return;
    if (this.#suspended) {
      this.#suspended = false;
      this.#enter();
      return;
    }
    // What was sent over the old network, or without one, says nothing about the present one.
    if (networkChanged) {
      this.#abandonAttempt();
      this.#policy.reset();
    }
    if (this.#opening) return;
    if (!this.#current) this.#openAt(this.#policy.notBefore(Date.now()));
    else if (networkChanged || this.#current.silentForMs > MAX_SILENCE_MS) this.#open();
  }

  /** The call lost its connection, so this stream may have lost its own: a new one takes over, or fails quickly. */
  check(): void {
    if (this.#running && !this.#opening && this.#current && this.#current.silentForMs > ALIVE_MS) this.#open();
  }

  /**
   * The page is being closed, reloaded or cached: ends the stream until `wake` is called. Returns the ID of the stream;
   * empty if there was none.
   */
  suspend(): string {
    if (!this.#running) return "";
    const streamId = this.#current ? this.#streamId : "";
    this.#suspended = true;
    this.#leave();
    this.#session.suspend();
    return streamId;
  }

  /** Opens the first stream that the person asks for, once the other tabs leave room for it. */
  #enter(): void {
    this.#streamId = "";
    const onWait = (): void => this.#handlers.problem(tooManyTabsError());
    const waits = [this.#session.claim(), this.#slot.take(onWait)].filter((wait) => wait !== undefined);
    if (waits.length === 0) {
      this.#open();
      return;
    }
    this.#continueAfter(Promise.all(waits), () => this.#open());
  }

  /** Continues once it is there, unless the stream was dropped meanwhile. */
  #continueAfter<T>(ready: Promise<T>, act: (value: T) => void): void {
    const entering = (this.#entering = {});
    void ready.then((value) => {
      if (this.#entering !== entering) return;
      this.#entering = undefined;
      act(value);
    });
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.#identity?.pause();
    this.#slot.release();
  }

  reopen(): void {
    if (!this.#running || !this.#current) return;
    this.#drop();
    this.#openAt(this.#policy.next());
  }

  #drop(): void {
    this.#entering = undefined;
    this.#abandonAttempt();
    this.#current?.abort();
    this.#setCurrent(undefined);
  }

  #abandonAttempt(): void {
    if (this.#opening) this.#expectStaleAttempt();
    this.#opening?.abort();
    this.#opening = undefined;
  }

  #setCurrent(attempt: StreamConnection | undefined): void {
    this.#current = attempt;
    if (!attempt && this.#running) this.#onlineGate.close();
  }

  #open(): void {
    clearTimeout(this.#timer);
    if (!this.#identity || this.#choice === "none") {
      this.#openWith("");
      return;
    }
    const token = this.#identity.token(this.#choice === "new", this.#session.token !== undefined);
    this.#continueAfter(token, (arrived) => this.#tokenArrived(arrived));
  }

  #tokenArrived(token: string | SatoshigleError): void {
    if (typeof token === "string") this.#openWith(token);
    else if (this.#session.token !== undefined) this.#openWith("");
    else if (token.code === "identity_refused") this.#stopWith(token);
    else this.#retryAfter(token);
  }

  #openWith(identityToken: string, proof = ""): void {
    clearTimeout(this.#timer);
    const hasSession = this.#session.token !== undefined;
    if (!hasSession) this.#position.reset();
    const attempt: StreamConnection = new StreamConnection(
      (signal, onHead) => {
        const request = { ...this.#position.resumePoint, identityToken, deviceKey: this.#session.deviceKey };
        return this.#api.signal({ ...request, automatic: this.#streamId !== "", proof }, signal, onHead);
      },
      this.#policy.openTimeoutMs,
      {
        response: (response) => this.#handle(attempt, response),
        probe: () => this.#api.probe(),
        ended: (reason) => this.#ended(attempt, reason, hasSession),
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

  #handle(attempt: StreamConnection, response: SignalResponse): void {
    const { sequence, event } = response;
    this.#session.hear(response);
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
    if (sequence === 0 || this.#isNext(sequence)) this.#guard(() => this.#handlers.event(response));
  }

  /** A handler that throws must not end the stream. A snapshot, on a second stream, restores what it left undone. */
  #guard(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#handlers.problem(handlerError(error));
      if (!this.#running || Date.now() < this.#nextResyncMs) return;
      this.#nextResyncMs = Date.now() + RESYNC_INTERVAL_MS;
      this.#position.skip();
      this.#replaceAfter(0);
    }
  }

  #welcome(attempt: StreamConnection, welcome: Welcome): void {
    this.#current?.abort();
    this.#setCurrent(attempt);
    this.#opening = undefined;
    this.#choice = "valid";
    this.#streamId = welcome.streamId;
    this.#policy.opened(Date.now() - attempt.startedMs);
    attempt.opened(welcome.heartbeatInterval ? durationMs(welcome.heartbeatInterval) : DEFAULT_HEARTBEAT_MS);
    const fresh = this.#position.welcome(welcome);
    this.#guard(() => this.#handlers.welcome(welcome, fresh));
    // A listener may have closed the client.
    if (this.#current !== attempt) return;
    this.#onlineGate.open();
    this.#handlers.connection({ status: "online" });
  }

  #isNext(sequence: number): boolean {
    const order = this.#position.advance(sequence);
    if (order === "gap") {
      this.#position.reset();
      this.#drop();
      this.#openAt(this.#policy.next());
    }
    return order === "next";
  }

  /** A stream that drains as soon as it opens is replaced no faster than one that fails. */
  #drained(attempt: StreamConnection, afterMs: number): void {
    const livedMs = Date.now() - attempt.startedMs;
    this.#policy.ended(livedMs);
    const pauseMs = livedMs < STABLE_MS ? this.#policy.next() - Date.now() : 0;
    this.#replaceAfter(Math.max(pauseMs, Math.min(afterMs, MAX_DRAIN_MS)));
  }

  /** Opens a new stream next to the current one, which continues until the new one takes over. */
  #replaceAfter(afterMs: number): void {
    if (this.#opening) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), afterMs);
  }

  #closed(attempt: StreamConnection, { reason, shouldReconnect }: SessionClosed): void {
    const replaced = reason === SessionClosed_Reason.REPLACED;
    const replacedByNewStream = replaced && attempt === this.#current && this.#opening;
    if (replacedByNewStream || (attempt !== this.#current && attempt !== this.#opening)) return;
    const replacedByStaleAttempt = replaced && Date.now() < this.#staleAttemptUntilMs;
    if (replacedByStaleAttempt) this.#staleAttemptUntilMs = 0;
    if (!shouldReconnect && !replacedByStaleAttempt) {
      const error = closedError(reason);
      // Another stream has a replaced session, and a reload shows again why somebody is banned.
      if (!["replaced", "banned"].includes(error.code)) this.#session.forget();
      this.#stopWith(error);
      return;
    }
    attempt.abort();
    this.#ended(attempt, undefined, true);
  }

  #ended(attempt: StreamConnection, reason: unknown, hasSession: boolean): void {
    if (attempt === this.#opening) {
      this.#opening = undefined;
      this.#failed(attempt, reason, hasSession);
      return;
    }
    if (attempt !== this.#current) return;
    this.#setCurrent(undefined);
    if (isUnreadable(reason)) this.#position.unreadable();
    this.#policy.ended(Date.now() - attempt.startedMs);
    if (this.#opening) {
      this.#handlers.connection({ status: "reconnecting", retryAtMs: Date.now() });
      return;
    }
    this.#openAt(this.#policy.next(false, this.#session.spreadMs));
  }

  #failed({ isAnswered }: StreamConnection, reason: unknown, hasSession: boolean): void {
    const refused = toSatoshigleError(reason);
    if (this.#isAboutIdentity(refused, hasSession)) return;
    if (refused.problem?.[0] === "{") {
      // Only of somebody without an identity.
      const code = loadModule("challenges", () => import("./challenge.js"));
      const solved = code.then((loaded) => loaded.solve(refused)).catch(() => undefined);
      this.#continueAfter(solved, (proof) => (proof ? this.#openWith("", proof) : this.#retryAfter(refused)));
      return;
    }
    if (hasSession && isUnauthenticated(reason)) {
      this.#session.forget();
      this.#drop();
      this.#open();
      return;
    }
    const timedOut = reason instanceof StreamTimeoutError;
    if (timedOut) this.#handlers.renewConnections();
    const isFinal = !timedOut || this.#policy.timedOut();
    const error = timedOut ? openTimeoutError(this.#baseUrl, isAnswered) : refused;
    // An attempt whose answer was lost may have opened the session that is in the way.
    const isOwn = isTaken(error) && Date.now() < this.#staleAttemptUntilMs;
    if (isPermissionDenied(reason) && !isOwn) {
      this.#stopWith(error);
      return;
    }
    if (!isOwn) this.#expectStaleAttempt();
    this.#retryAfter(error, isFinal && !isOwn);
  }

  #retryAfter(error: SatoshigleError, isFinal = true): void {
    if (isFinal && this.#policy.failed(error, this.#current !== undefined)) this.#handlers.problem(error);
    this.#openAt(this.#policy.next(isOffline()));
  }

  /** Tries again with another token, or ends the stream. Returns whether there is nothing else to do. */
  #isAboutIdentity(error: SatoshigleError, hasSession: boolean): boolean {
    const { code, problem } = error;
    const isRefused = code === "identity_refused" && problem !== "other_person";
    if (isRefused || code === "identity_unavailable") {
      const next = isRefused && this.#choice === "valid" ? "new" : "none";
      if (this.#choice !== "none" && (hasSession || next === "new")) {
        this.#choice = next;
        this.#open();
        return true;
      }
    }
    if (!isRefused && code !== "identity_required") return false;
    this.#stopWith(error);
    return true;
  }

  /** An attempt was abandoned before it opened. It may still reach the server and take the session over. */
  #expectStaleAttempt(): void {
    this.#staleAttemptUntilMs = Date.now() + STALE_ATTEMPT_MS;
  }

  #stopWith(error: SatoshigleError): void {
    this.stop(error);
    this.#handlers.stopped(error);
  }
}
