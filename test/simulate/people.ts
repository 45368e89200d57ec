import type { Event } from "../../src/core/event.js";
import type { AddressKey, TicketId } from "../../src/core/ids.js";
import type { MatchingSchema } from "../../src/core/matching-schema.js";
import type { Description, EncodedSignals } from "../../src/core/signal.js";
import { issueTicket } from "../../src/core/ticket.js";
import type { LobbyStore } from "../../src/ports/lobby.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import type { Person } from "./crowd.js";
import { geometric, logNormal, type Random } from "./distributions.js";
import type { Figures } from "./figures.js";
import { KEPT_MS, type Model, RELOAD_MS } from "./model.js";
import type { Timeline } from "./timeline.js";
import { Visitor } from "./visitor.js";

const ADDRESS = "net" as AddressKey;
const EPOCH = "e" as Visitor["epoch"];
const OFFER: Description = { type: "offer", sdp: "v=0", connectionId: "c" };
const SIGNALS = "signals" as EncodedSignals;

type Matched = Extract<Event, { type: "matched" }>;
type MatchEnded = Extract<Event, { type: "match_ended" }>;

interface Surroundings {
  lobby: LobbyStore;
  mailbox: Mailbox;
  timeline: Timeline;
  figures: Figures;
  model: Model;
  schema: MatchingSchema;
  random: Random;
  onWait: ((waitedMs: number) => void) | undefined;
}

/** The people who are online. They call the lobby's verbs as clients do, and learn what happens from their mailboxes. */
export class People {
  /** Those whose mailboxes have changed. */
  readonly #woken: Visitor[] = [];
  #arrivals = 0;
  #tickets = 0;

  constructor(private readonly world: Surroundings) {}

  async arrive(person: Person): Promise<void> {
    const { lobby, figures, model, random, timeline } = this.world;
    const nowMs = timeline.nowMs();
    const visitor = new Visitor(person, this.#arrivals++, nowMs, geometric(random, model.meanChats));
    const { sessionId } = visitor;
    const session = { sessionId, epoch: EPOCH, addressKey: ADDRESS, nowMs, maxSessions: Infinity, quotas: [] };
    const opened = await lobby.open(session);
    if (opened.state !== "attached") throw new Error(`a session was refused: ${opened.state}`);
    visitor.generation = opened.generation;
    figures.arrived(person.kind, nowMs);
    this.#watch(visitor);
    await this.#search(visitor);
  }

  /** Looks for a partner, in place of the present one if there is one. */
  async #search(visitor: Visitor): Promise<void> {
    const { lobby, schema, timeline } = this.world;
    const nowMs = timeline.nowMs();
    const { sessionId, person, match } = visitor;
    const id = `t${String(this.#tickets++)}` as TicketId;
    const ticket = issueTicket(id, sessionId, person.wanted, nowMs, schema, { country: person.country });
    this.#endChat(visitor);
    this.#wait(visitor);
    const pairing = await lobby.match({ ticket, offer: OFFER, leaveMatchId: match?.id, nowMs });
    if (pairing.state !== "matched" && pairing.state !== "waiting") throw new Error(`${sessionId}: ${pairing.state}`);
    visitor.offeredIn = pairing.state === "matched" ? pairing.matchId : undefined;
  }

  /** Waits until patience ends, or only as long as it takes to see that the last chat is over. */
  #wait(visitor: Visitor): void {
    const { model, random, timeline } = this.world;
    visitor.become("waiting", timeline.nowMs());
    if (visitor.chatsLeft <= 0) this.#plan(visitor, model.reactionMs, () => this.#depart(visitor));
    else this.#plan(visitor, logNormal(random, model.patienceMs), () => this.#giveUp(visitor));
  }

  async #giveUp(visitor: Visitor): Promise<void> {
    const { figures, timeline } = this.world;
    figures.gaveUp(visitor.person.kind, timeline.nowMs() - visitor.sinceMs);
    await this.#depart(visitor);
  }

  /** Presses Stop or not, and closes the page. */
  async #depart(visitor: Visitor): Promise<void> {
    const { lobby, model, random, timeline } = this.world;
    const { sessionId, generation } = visitor;
    const nowMs = timeline.nowMs();
    this.#forget(visitor);
    if (random() >= model.closesPageShare) await lobby.leave({ sessionId, nowMs });
    await lobby.detach({ sessionId, generation, nowMs, awayUntilMs: nowMs + RELOAD_MS });
  }

  #forget(visitor: Visitor): void {
    const { figures, timeline } = this.world;
    this.#endChat(visitor);
    visitor.unwatch?.();
    visitor.become("idle", timeline.nowMs());
    figures.departed(visitor.person.kind, visitor.met > 0, timeline.nowMs() - visitor.arrivedMs);
  }

  /** Has all whose mailboxes changed read them. */
  async deliver(): Promise<void> {
    for (let visitor = this.#woken.pop(); visitor !== undefined; visitor = this.#woken.pop()) {
      visitor.isWoken = false;
      if (visitor.unwatch === undefined) continue;
      for (const event of visitor.read(this.world.mailbox)) {
        if (event.type === "matched") this.#begin(visitor, event);
        else if (event.type === "match_ended") this.#end(visitor, event);
        else if (event.type === "signaled") this.#answer(visitor);
      }
      await this.world.mailbox.trim(visitor.sessionId, this.world.timeline.nowMs() - KEPT_MS);
    }
  }

  #begin(visitor: Visitor, { matchId, role, offer, sharedInterests, sharedAttributes }: Matched): void {
    const { figures, model, random, timeline, onWait } = this.world;
    const { person, offeredIn } = visitor;
    const waitedMs = timeline.nowMs() - visitor.sinceMs;
    figures.matched(person.kind, role, waitedMs, timeline.nowMs());
    figures.widened(person, sharedInterests.length > 0, sharedAttributes !== undefined);
    onWait?.(waitedMs);
    visitor.become("chatting", timeline.nowMs());
    const isMute = role === "answerer" && random() < model.unansweredShare;
    visitor.match = { id: matchId, role, isMute, posts: 0 };
    visitor.met++;
    if (isMute) return; // the handshake deadline ends the match, unless the partner does
    if (role === "offerer" && offeredIn !== matchId) this.#plan(visitor, this.#replyMs(), () => this.#post(visitor));
    if (offer !== undefined) this.#answer(visitor);
    this.#planEnd(visitor);
  }

  /** A side stays as long as it wants; one that has had its chats leaves. Some lose their connection before. */
  #planEnd(visitor: Visitor): void {
    const { model, random } = this.world;
    const { talkMs, lookMs, talkShare, lossShare, reactionMs } = model;
    const isLast = --visitor.chatsLeft <= 0;
    const wantedMs = logNormal(random, random() < talkShare ? talkMs : lookMs);
    const isExcess = visitor.chatsLeft < 0;
    this.#plan(visitor, isExcess ? reactionMs : wantedMs, () => {
      return isLast ? this.#depart(visitor) : this.#search(visitor);
    });
    if (random() < lossShare) this.#plan(visitor, random() * wantedMs, () => this.#lose(visitor));
  }

  #answer(visitor: Visitor): void {
    const { match } = visitor;
    if (match?.role === "answerer" && !match.isMute && match.posts === 0) {
      this.#plan(visitor, this.#replyMs(), () => this.#post(visitor));
    }
  }

  /** Sends the offer or the answer, with the candidates. */
  async #post(visitor: Visitor): Promise<void> {
    const { lobby, timeline } = this.world;
    const { sessionId, match } = visitor;
    if (match === undefined) return;
    const hasOffer = match.role === "offerer";
    const [descriptions, clientSequence] = [{ hasOffer, hasAnswer: !hasOffer }, ++match.posts];
    const about = { sessionId, matchId: match.id, clientSequence, descriptions };
    await lobby.relay({ ...about, signals: SIGNALS, nowMs: timeline.nowMs() });
  }

  #end(visitor: Visitor, { reason, requeued }: MatchEnded): void {
    if (reason === "left") return; // by this side, which does something else already
    this.#endChat(visitor);
    if (requeued) {
      this.#wait(visitor);
      return;
    }
    const { model, timeline } = this.world;
    visitor.become("idle", timeline.nowMs());
    this.#plan(visitor, model.reactionMs, () => {
      return visitor.chatsLeft <= 0 ? this.#depart(visitor) : this.#search(visitor);
    });
  }

  #endChat({ match, sinceMs }: Visitor): void {
    const { figures, timeline } = this.world;
    if (match !== undefined) figures.chatMs += timeline.nowMs() - sinceMs;
  }

  /** The stream breaks. The person returns within the resume window, or is gone. */
  async #lose(visitor: Visitor): Promise<void> {
    const { lobby, model, random, timeline } = this.world;
    const { sessionId, generation } = visitor;
    const nowMs = timeline.nowMs();
    if (random() < model.returnShare) {
      this.#endChat(visitor);
      visitor.unwatch?.();
      visitor.unwatch = undefined;
      visitor.become("away", nowMs);
      const awayMs = Math.min(logNormal(random, model.returnMs), model.resumeWindowMs / 2);
      this.#plan(visitor, awayMs, () => this.#return(visitor));
    } else this.#forget(visitor);
    await lobby.detach({ sessionId, generation, nowMs, awayUntilMs: nowMs + model.resumeWindowMs });
  }

  async #return(visitor: Visitor): Promise<void> {
    const { lobby, timeline } = this.world;
    const { sessionId, epoch, sequence: lastSequence } = visitor;
    const nowMs = timeline.nowMs();
    const stream = { sessionId, epoch, lastSequence, newEpoch: EPOCH, addressKey: ADDRESS, nowMs };
    const attached = await lobby.attach(stream);
    if (attached.state === "unknown" || !attached.resumed) throw new Error(`${sessionId} could not resume`);
    visitor.generation = attached.generation;
    visitor.become("chatting", nowMs); // until its mailbox says something else
    const { turn } = visitor;
    this.#watch(visitor);
    this.#wake(visitor);
    await this.deliver();
    if (visitor.turn !== turn) return;
    visitor.chatsLeft++; // the same chat goes on
    this.#planEnd(visitor);
  }

  #watch(visitor: Visitor): void {
    const stop = this.world.mailbox.watch(visitor.sessionId, () => this.#wake(visitor));
    visitor.unwatch = () => {
      stop();
      visitor.unwatch = undefined;
    };
  }

  #wake(visitor: Visitor): void {
    if (!visitor.isWoken) this.#woken.push(visitor);
    visitor.isWoken = true;
  }

  /** Plans what the person does unless something else happens before. */
  #plan(visitor: Visitor, delayMs: number, act: () => Promise<void>): void {
    const { turn } = visitor;
    this.world.timeline.plan(delayMs, () => (visitor.turn === turn ? act() : undefined));
  }

  #replyMs(): number {
    return logNormal(this.world.random, this.world.model.replyMs);
  }
}
