import type { Statement } from "../../src/core/criteria.js";
import type { Event } from "../../src/core/event.js";
import type { Profile } from "../../src/core/identity.js";
import type { AddressKey, Epoch, MatchId, PersonKey, SessionId, TicketId } from "../../src/core/ids.js";
import { type Description, descriptionsIn, type EncodedSignals, type Signal } from "../../src/core/signal.js";
import { defaultSchema, type MatchingSchema, type Mode } from "../../src/core/matching-schema.js";
import type { Standing } from "../../src/core/standing.js";
import { issueTicket } from "../../src/core/ticket.js";
import type { Attachment, LobbyStore } from "../../src/ports/lobby.js";
import type { Closing } from "../../src/ports/lobby-maintenance.js";
import type { NumberedEvent } from "../../src/core/log-event.js";
import type { Roster } from "../../src/ports/roster.js";
import type { Guests } from "../../src/ports/guests.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import { sdp } from "../support/sdp.js";

/** The stores of an adapter for its contract suite: new and empty, with these deadlines. */
export interface Stores {
  lobby: LobbyStore;
  mailbox: Mailbox;
  guests: Guests;
  roster: Roster;
  /** Everything in the log, the oldest first. */
  events(): Promise<NumberedEvent[]>;
  close(): Promise<void>;
}

export const HANDSHAKE_MS = 20_000;
export const WINDOW_MS = 60_000;
export const WIDEN_MS = 5_000;

export const offer: Description = { type: "offer", sdp: sdp(), connectionId: "pc-1" };
export const answer: Signal = { kind: "description", ...offer, type: "answer" };
export const candidate = (text: string): Signal => ({ kind: "candidate", candidate: text });

interface Wishes {
  interests?: string[];
  languages?: string[];
  relayOnly?: boolean;
  priceMsat?: number;
  rematch?: boolean;
  attributes?: Statement;
  filters?: Statement;
  standing?: Standing;
  offer?: Description;
  leave?: MatchId | undefined;
}

/** Acts on a lobby by session name, with a clock that the test controls. */
export class LobbyHarness {
  nowMs = 1_800_000_000_000;
  schema: MatchingSchema = defaultSchema(WIDEN_MS);
  /** Networks of sessions that do not have their own. */
  readonly networks = new Map<string, string>();
  /** Profiles of sessions that have one. */
  readonly profiles = new Map<string, Profile>();
  /** Whom the persons of sessions have blocked. */
  readonly blocked = new Map<string, string[]>();
  readonly #attachments = new Map<string, Attachment>();
  #ids = 0;

  constructor(readonly stores: Stores) {}

  async enter(...names: string[]): Promise<void> {
    for (const name of names) {
      const epoch = `${name}-epoch` as Epoch;
      const opened = await this.stores.lobby.open({
        ...this.#from(name),
        epoch,
        blocked: this.blocked.get(name) as PersonKey[] | undefined,
        nowMs: this.nowMs,
        maxSessions: 1000,
        quotas: [],
      });
      this.#keep(name, opened);
    }
  }

  /** Opens a session of a person that may have so many. Returns the answer's state. */
  async enterAsOneOf(max: number | undefined, name: string): Promise<string> {
    const session = { ...this.#from(name), epoch: `${name}-epoch` as Epoch, nowMs: this.nowMs };
    const opened = await this.stores.lobby.open({ ...session, maxSessions: 1000, quotas: [], maxOfPerson: max });
    if (opened.state === "attached") this.#keep(name, opened);
    return opened.state;
  }

  async attach(name: string, from?: { epoch?: string; lastSequence?: number }): Promise<Attachment> {
    const epoch = (from?.epoch ?? this.#attachments.get(name)?.epoch ?? "") as Epoch;
    const lastSequence = from?.lastSequence ?? (await this.events(name)).length;
    const newEpoch = `${name}-epoch-${String(++this.#ids)}` as Epoch;
    const stream = { ...this.#from(name), epoch, lastSequence, newEpoch, nowMs: this.nowMs };
    return this.#keep(name, await this.stores.lobby.attach(stream));
  }

  async detach(name: string, generation = this.attachment(name).generation, windowMs = WINDOW_MS): Promise<void> {
    const awayUntilMs = this.nowMs + windowMs;
    await this.stores.lobby.detach({ ...this.#who(name), generation, awayUntilMs, nowMs: this.nowMs });
  }

  match(name: string, wishes: Wishes = {}) {
    const { interests = [], languages = [], relayOnly = false, rematch = false, priceMsat } = wishes;
    const id = `ticket-${String(++this.#ids)}` as TicketId;
    const { attributes, filters, standing } = wishes;
    const wish = { preferences: { interests, languages, relayOnly, priceMsat }, rematch, attributes, filters };
    const ticket = issueTicket(id, this.#who(name).sessionId, wish, this.nowMs, this.schema, { standing });
    return this.stores.lobby.match({ ticket, offer: wishes.offer, leaveMatchId: wishes.leave, nowMs: this.nowMs });
  }

  leave(name: string) {
    return this.stores.lobby.leave({ ...this.#who(name), nowMs: this.nowMs });
  }

  relay(name: string, matchId: MatchId, clientSequence: number, ...sent: Signal[]) {
    const signals = JSON.stringify(sent) as EncodedSignals;
    const post = { matchId, clientSequence, signals, descriptions: descriptionsIn(sent), nowMs: this.nowMs };
    return this.stores.lobby.relay({ ...this.#who(name), ...post });
  }

  /** Relays an offer or an answer that needs a mode. */
  relayIn(mode: Mode | undefined, name: string, matchId: MatchId, clientSequence: number) {
    const signals = JSON.stringify([answer]) as EncodedSignals;
    const post = { matchId, clientSequence, signals, descriptions: descriptionsIn([answer]), mode, nowMs: this.nowMs };
    return this.stores.lobby.relay({ ...this.#who(name), ...post });
  }

  report(name: string, matchId: MatchId) {
    return this.stores.lobby.report({ ...this.#who(name), matchId, nowMs: this.nowMs });
  }

  block(person: string, other: string) {
    return this.stores.lobby.block({ person: person as PersonKey, other: other as PersonKey, nowMs: this.nowMs });
  }

  unblock(person: string, other: string) {
    return this.stores.lobby.unblock({ person: person as PersonKey, other: other as PersonKey });
  }

  closeBanned(network: string, limit = 1000) {
    return this.close(network, { reason: "banned", keep: 0, limit });
  }

  close(key: string, closing: Omit<Closing, "addressKey" | "nowMs">) {
    return this.stores.lobby.closeSessions({ addressKey: key as AddressKey, ...closing, nowMs: this.nowMs });
  }

  /** Advances the clock, stopping at every deadline on the way. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const { nextMs } = await this.stores.lobby.expire({ nowMs: this.nowMs, limit: 1000 });
      if (nextMs === undefined || nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
    }
    this.nowMs = untilMs;
    await this.stores.lobby.expire({ nowMs: untilMs, limit: 1000 });
  }

  /** All events of a session. Throws if its mailbox returns another state. */
  async events(name: string): Promise<Event[]> {
    const mail = await this.read(name);
    if (mail.state !== "events") throw new Error(`the mailbox of ${name} is ${mail.state}`);
    return mail.events.map(({ event }) => event);
  }

  read(name: string, afterSequence = 0) {
    const { generation, epoch } = this.attachment(name);
    return this.stores.mailbox.read({ ...this.#who(name), generation, epoch, afterSequence });
  }

  /** The newest event of a type. */
  async last<T extends Event["type"]>(name: string, type: T): Promise<Extract<Event, { type: T }> | undefined> {
    const events = await this.events(name);
    return events.findLast((event): event is Extract<Event, { type: T }> => event.type === type);
  }

  async matchIdOf(name: string): Promise<MatchId> {
    const matched = await this.last(name, "matched");
    if (matched === undefined) throw new Error(`${name} was never matched`);
    return matched.matchId;
  }

  /** Matches two sessions, the second as offerer. Returns the match ID. */
  async couple(first: string, second: string, wishes: Wishes = {}): Promise<MatchId> {
    await this.match(first, wishes);
    await this.match(second, { ...wishes, offer });
    return this.matchIdOf(second);
  }

  attachment(name: string): Attachment {
    const attachment = this.#attachments.get(name);
    if (attachment === undefined) throw new Error(`${name} was never opened`);
    return attachment;
  }

  #keep(name: string, answer: Attachment | { state: string }): Attachment {
    if (!("generation" in answer)) throw new Error(`${name} was refused: ${answer.state}`);
    this.#attachments.set(name, answer);
    return answer;
  }

  /** Each session has its own network by default. */
  #from(name: string): { sessionId: SessionId; addressKey: AddressKey; profile: Profile | undefined } {
    const addressKey = (this.networks.get(name) ?? `net-${name}`) as AddressKey;
    return { ...this.#who(name), addressKey, profile: this.profiles.get(name) };
  }

  #who(name: string): { sessionId: SessionId } {
    return { sessionId: name as SessionId };
  }
}
