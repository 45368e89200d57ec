import { durationMs } from "@bufbuild/protobuf/wkt";
import { SessionClosed_Reason, type Welcome } from "../../../gen/satoshigle/v1/event_pb.js";
import type { SignalResponse } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { newConversation, numbersIn, type Conversation } from "./conversation.js";

/** The events that a session received, and contradictions among them. */
export class ClientLog {
  /** Violated expectations. */
  readonly problems: string[] = [];
  readonly conversations = new Map<string, Conversation>();
  /** The sessions that it has had. */
  readonly sessionIds = new Set<string>();
  /** The kinds of the received events, in order. */
  readonly seen: string[] = [];
  state: "idle" | "waiting" | "matched" = "idle";
  matchId: string | undefined;
  token: string | undefined;
  /** Whether a stream is open and has received Welcome. */
  present = false;
  readonly count = {
    streams: 0,
    /** Streams that the server or the network ended, not the client. */
    broken: 0,
    /** Resumed streams. Those that could not be resumed are counted as snapshots. */
    resumed: 0,
    snapshots: 0,
    sessions: 0,
    heartbeats: 0,
  };
  protected epoch = "";
  lastSequence = 0;

  get conversation(): Conversation | undefined {
    return this.matchId === undefined ? undefined : this.conversations.get(this.matchId);
  }

  /** How often it started from a snapshot. */
  get fresh(): number {
    return this.count.snapshots + this.count.sessions;
  }

  /** Handles a message. Returns whether the stream continues. */
  protected take({ sequence, event }: SignalResponse, move: (afterMs: number) => void): boolean {
    if (sequence > 0) {
      if (sequence !== this.lastSequence + 1) {
        this.problems.push(`${String(sequence)} follows ${String(this.lastSequence)}`);
      }
      this.lastSequence = sequence;
      this.seen.push(event.case ?? "unknown");
    }
    if (event.case === "welcome") this.#welcome(event.value);
    else if (event.case === "waiting") this.state = "waiting";
    else if (event.case === "matched") this.#matched(event.value.matchId);
    else if (event.case === "signalReceived") {
      if (event.value.matchId !== this.matchId) this.problems.push("a signal belongs to an ended match");
      this.conversations.get(event.value.matchId)?.received.push(...numbersIn(event.value));
    } else if (event.case === "matchEnded") this.#ended(event.value.matchId, event.value.requeued);
    else if (event.case === "draining") {
      const { reconnectAfter } = event.value;
      move(reconnectAfter ? durationMs(reconnectAfter) : 0);
    } else if (event.case === "sessionClosed") {
      if (event.value.reason === SessionClosed_Reason.EXPIRED) this.forget();
      else if (!event.value.shouldReconnect)
        this.problems.push(`the session was closed: ${String(event.value.reason)}`);
      return false;
    } else if (event.case === "heartbeat") this.count.heartbeats++;
    return true;
  }

  #welcome({ sessionId, token, epoch, resumed, lastSequence, snapshot }: Welcome): void {
    this.sessionIds.add(sessionId);
    this.present = true;
    this.count.streams++;
    if (this.token === undefined) this.count.sessions++;
    else if (resumed) this.count.resumed++;
    else this.count.snapshots++;
    this.token = token;
    if (resumed) {
      if (lastSequence !== this.lastSequence) this.problems.push(`resumed after ${String(lastSequence)}`);
      this.epoch = epoch;
      return;
    }
    this.epoch = epoch;
    this.lastSequence = lastSequence;
    Object.assign(this.conversation ?? {}, { lossy: true });
    const { state } = snapshot ?? {};
    if (state?.case !== "inMatch" || state.value.matchId !== this.matchId) this.#part();
    if (state?.case === "inMatch") {
      this.conversations.delete(state.value.matchId); // a store that lost its end may return us to it
      if (this.matchId === undefined) this.#matched(state.value.matchId);
      this.conversations.set(state.value.matchId, { ...newConversation(), lossy: true });
    } else this.state = state?.case === "waiting" ? "waiting" : "idle";
  }

  #matched(matchId: string): void {
    if (this.matchId !== undefined) this.problems.push(`matched while in a match`);
    if (this.conversations.has(matchId)) this.problems.push("matched twice in the same match");
    this.state = "matched";
    this.matchId = matchId;
    this.conversations.set(matchId, newConversation());
  }

  #ended(matchId: string, requeued: boolean): void {
    if (matchId !== this.matchId) this.problems.push("a match ended that was not the current one");
    this.#part();
    this.state = requeued ? "waiting" : "idle";
  }

  #part(): void {
    const { conversation } = this;
    if (conversation) conversation.over = true;
    this.matchId = undefined;
    this.state = "idle";
  }

  /** The session has ended. */
  protected forget(): void {
    const { conversation } = this;
    if (conversation) conversation.lossy = true;
    this.#part();
    this.token = undefined;
    this.epoch = "";
    this.lastSequence = 0;
  }
}
