import type { UnknownField } from "@bufbuild/protobuf";
import { Emitter } from "./emitter.js";
import type { TipTerms } from "./tips/types.js";
import type { Activity, ClientEvents, Connection, State } from "./types.js";

type Matched = Extract<Activity, { phase: "matched" }>;

/** A server sends far fewer events that this code does not know. */
const MAX_UNKNOWN = 100;

/** The public state and the events of the client. */
export class StateStore {
  readonly events = new Emitter<ClientEvents>();
  #state: State = {
    connection: { status: "closed" },
    activity: { phase: "idle" },
    tips: null,
    attributes: [],
    modeLimit: "",
  };
  /** What was emitted last. */
  partnerStream: MediaStream | null = null;
  /** What this code does not know of the current match, for code that is loaded later. */
  matchFields: readonly UnknownField[] | undefined;
  /** Events that this code does not know. Code that is loaded later begins with these and replaces `keepUnknown`. */
  unknown: UnknownField[] = [];

  get state(): State {
    return this.#state;
  }

  /** The current match. */
  get match(): Matched | undefined {
    const { activity } = this.#state;
    return activity.phase === "matched" ? activity : undefined;
  }

  setConnection(connection: Connection): void {
    if (this.#state.connection.status === "online" && connection.status === "online") return;
    this.#set({ ...this.#state, connection });
  }

  setActivity(activity: Activity): void {
    if (activity.phase === "idle" && this.#state.activity.phase === "idle") return;
    this.#set({ ...this.#state, activity });
  }

  /** Changes the current match. Does nothing without a match or without a difference. */
  updateMatch(change: Partial<Omit<Matched, "phase" | "matchId">>): void {
    const match = this.match;
    if (!match) return;
    const next = { ...match, ...change };
    const differs = (Object.keys(change) as (keyof typeof change)[]).some((key) => match[key] !== next[key]);
    if (differs) this.setActivity(next);
  }

  setTips(tips: TipTerms | null): void {
    if (JSON.stringify(this.#state.tips) !== JSON.stringify(tips)) this.#set({ ...this.#state, tips });
  }

  /** Adopts what `Welcome` says about matches. */
  setMatching({ attributes, modeLimit }: Pick<State, "attributes" | "modeLimit">): void {
    const before = this.#state;
    if (attributes[0] || before.attributes[0] || modeLimit !== before.modeLimit) {
      this.#set({ ...before, attributes, modeLimit });
    }
  }

  setPartnerStream(stream: MediaStream | null): void {
    if (stream === null && this.partnerStream === null) return;
    this.partnerStream = stream;
    this.events.emit("partnerStream", stream);
  }

  keepUnknown(fields: UnknownField[]): void {
    this.unknown = [...this.unknown, ...fields].slice(-MAX_UNKNOWN);
  }

  #set(state: State): void {
    this.#state = state;
    this.events.emit("state", state);
  }
}
