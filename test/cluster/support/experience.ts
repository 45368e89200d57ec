import { durationMs } from "@bufbuild/protobuf/wkt";
import { SessionClosed_Reason, type Welcome } from "../../../gen/satoshigle/v1/event_pb.js";
import type { SignalResponse } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { newTalk, numbersIn, type Talk } from "./talk.js";

/** What a session was told, and whether all of it makes sense. */
export class Experience {
  /** What should not have happened. */
  readonly problems: string[] = [];
  readonly talks = new Map<string, Talk>();
  /** The kinds of events that came, in order. */
  readonly seen: string[] = [];
  state: "idle" | "waiting" | "matched" = "idle";
  matchId: string | undefined;
  token: string | undefined;
  /** Whether a stream is open and welcomed. */
  present = false;
  readonly count = {
    streams: 0,
    /** Streams that went on where the one before had ended, and those that could not. */
    resumed: 0,
    snapshots: 0,
    sessions: 0,
    heartbeats: 0,
  };
  protected epoch = "";
  lastSequence = 0;

  get talk(): Talk | undefined {
    return this.matchId === undefined ? undefined : this.talks.get(this.matchId);
  }

  /** How often it began anew, from a snapshot. */
  get fresh(): number {
    return this.count.snapshots + this.count.sessions;
  }

  /** Looks at a message. Returns whether the stream goes on. */
  protected take({ sequence, event }: SignalResponse, move: (afterMs: number) => void): boolean {
    if (sequence > 0) {
      if (sequence !== this.lastSequence + 1) {
        this.problems.push(`${String(sequence)} came after ${String(this.lastSequence)}`);
      }
      this.lastSequence = sequence;
      this.seen.push(event.case ?? "unknown");
    }
    if (event.case === "welcome") this.#welcome(event.value);
    else if (event.case === "waiting") this.state = "waiting";
    else if (event.case === "matched") this.#matched(event.value.matchId);
    else if (event.case === "signalReceived") {
      if (event.value.matchId !== this.matchId) this.problems.push("a signal came from a match that is over");
      this.talks.get(event.value.matchId)?.received.push(...numbersIn(event.value));
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

  #welcome({ token, epoch, resumed, lastSequence, snapshot }: Welcome): void {
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
    Object.assign(this.talk ?? {}, { lossy: true });
    const { state } = snapshot ?? {};
    if (state?.case !== "inMatch" || state.value.matchId !== this.matchId) this.#part();
    if (state?.case === "inMatch") {
      this.talks.delete(state.value.matchId); // a store that forgot its end may put us back
      if (this.matchId === undefined) this.#matched(state.value.matchId);
      this.talks.set(state.value.matchId, { ...newTalk(), lossy: true });
    } else this.state = state?.case === "waiting" ? "waiting" : "idle";
  }

  #matched(matchId: string): void {
    if (this.matchId !== undefined) this.problems.push(`matched while in a match`);
    if (this.talks.has(matchId)) this.problems.push("matched twice in the same match");
    this.state = "matched";
    this.matchId = matchId;
    this.talks.set(matchId, newTalk());
  }

  #ended(matchId: string, requeued: boolean): void {
    if (matchId !== this.matchId) this.problems.push("a match ended that was not the current one");
    this.#part();
    this.state = requeued ? "waiting" : "idle";
  }

  #part(): void {
    const { talk } = this;
    if (talk) talk.over = true;
    this.matchId = undefined;
    this.state = "idle";
  }

  /** The session is gone, with all it knew. */
  protected forget(): void {
    const { talk } = this;
    if (talk) talk.lossy = true;
    this.#part();
    this.token = undefined;
    this.epoch = "";
    this.lastSequence = 0;
  }
}
