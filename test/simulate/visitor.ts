import type { Event } from "../../src/core/event.js";
import type { Epoch, MatchId, SessionId } from "../../src/core/ids.js";
import type { Role } from "../../src/core/match.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import type { Person } from "./crowd.js";

/** What a person in the simulation is doing. */
type Doing = "idle" | "waiting" | "chatting" | "away";

/** A person who is online, with its session and the position of its stream. */
export class Visitor {
  readonly sessionId: SessionId;
  doing: Doing = "idle";
  /** Changes with what the person does, and so cancels what it planned before. */
  turn = 0;
  chatsLeft: number;
  met = 0;
  /** When its wait or its chat began, in milliseconds. */
  sinceMs: number;
  /** Its match, whether it never answers in it, and how often it has sent signals. */
  match: { id: MatchId; role: Role; isMute: boolean; posts: number } | undefined;
  /** The match into which its newest call of `match` brought its offer. */
  offeredIn: MatchId | undefined;
  generation = 0;
  epoch = "e" as Epoch;
  sequence = 0;
  /** Whether its stream was told to read, and how to stop that. */
  isWoken = false;
  unwatch: (() => void) | undefined;

  constructor(
    readonly person: Person,
    index: number,
    readonly arrivedMs: number,
    chats: number,
  ) {
    this.sessionId = `s${String(index)}` as SessionId;
    this.chatsLeft = chats;
    this.sinceMs = arrivedMs;
  }

  /** Begins something else. */
  become(doing: Doing, nowMs: number): void {
    this.turn++;
    this.doing = doing;
    this.sinceMs = nowMs;
    if (doing === "idle" || doing === "waiting") this.match = undefined;
  }

  /** The events that the stream has not delivered. A memory mailbox answers at once. */
  read(mailbox: Mailbox): readonly Event[] {
    const { sessionId, generation, epoch, sequence: afterSequence } = this;
    const mail = mailbox.read({ sessionId, generation, epoch, afterSequence });
    if (mail instanceof Promise || mail.state !== "events") throw new Error(`${sessionId} lost its stream`);
    this.sequence = mail.events.at(-1)?.sequence ?? this.sequence;
    return mail.events.map(({ event }) => event);
  }
}
