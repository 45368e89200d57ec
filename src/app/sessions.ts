import { shareOf } from "../core/address.js";
import { newsApart } from "../core/apart.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import { eventBytes } from "../core/event.js";
import type { Epoch, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { isOpen, newsOf, type Tip, type TipNews } from "../core/tip.js";
import { signToken } from "../core/token.js";
import type { Random } from "../ports/random.js";
import type { Clock } from "../ports/clock.js";
import type { Attachment, Lobby } from "../ports/lobby.js";
import type { Mailbox } from "../ports/mailbox.js";
import type { Meter } from "../ports/meter.js";
import type { TipLedger } from "../ports/tip-ledger.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown } from "./caller.js";
import { type StreamMessage, storeRetryMs } from "./outbound.js";
import { NEWEST } from "./pagination.js";
import { SessionStream } from "./session-stream.js";
import type { LoadShedder } from "./load-shedder.js";
import type { Stream, Streams } from "./streams.js";

export interface SessionSettings {
  secret: string;
  maxSessions: number;
  /** Sessions that one host may have; wider networks may have more (`shareOf`). */
  maxPerNetwork: number;
  /** How long an away session is kept, in milliseconds. */
  resumeWindowMs: number;
  heartbeatMs: number;
}

export interface StreamStart {
  epoch: Epoch | "";
  lastSequence: number;
}

/** Final tips are told to a session that comes back for this long, in milliseconds. */
const TOLD_MS = 24 * 60 * 60_000;
/** Bytes that the tips in a Welcome may take up, roughly; the rest of the message takes a few thousand. */
const TOLD_BYTES = limits.responseBytes - 16 * 1024;

interface Parts {
  lobby: Lobby;
  mailbox: Mailbox;
  tips: TipLedger;
  streams: Streams;
  shedding: LoadShedder;
  bans: Bans;
  clock: Clock;
  chance: Random;
  meter: Meter;
  settings: SessionSettings;
}

/** Opens and resumes sessions. */
export class Sessions {
  constructor(private readonly parts: Parts) {}

  /**
   * Opens the stream of a session, of a new one for a caller without a token.
   * @throws DomainError `banned`, `limit_reached`, `session_unknown`, `draining`
   */
  async open(caller: Caller, start: StreamStart): Promise<SessionStream> {
    const { streams, bans, chance } = this.parts;
    const network = bans.networkOf(caller.host);
    bans.refuse(network);
    const sessionId = caller.sessionId ?? (chance.id() as SessionId);
    const stream = streams.add(caller.host, sessionId);
    try {
      const attachment = await this.#attach(sessionId, caller, start);
      try {
        await bans.refuseLate(network);
        const tips = attachment.resumed || caller.sessionId === undefined ? [] : await this.#tipsOf(sessionId);
        const welcome = this.#welcome(sessionId, attachment, tips);
        const leave = () => this.#leave(stream, sessionId, attachment.generation);
        return new SessionStream(this.parts, stream, { sessionId, attachment, welcome, leave });
      } catch (error) {
        await this.#detach(sessionId, attachment.generation);
        throw error;
      }
    } catch (error) {
      streams.remove(stream);
      throw error;
    }
  }

  async #leave(stream: Stream, sessionId: SessionId, generation: number): Promise<void> {
    try {
      await this.#detach(sessionId, generation);
    } finally {
      this.parts.streams.remove(stream);
    }
  }

  async #attach(sessionId: SessionId, caller: Caller, start: StreamStart): Promise<Attachment> {
    if (caller.sessionId === undefined) return this.#open(sessionId, caller.host);
    const { lobby, bans, clock, chance, meter } = this.parts;
    const { key: addressKey } = bans.networkOf(caller.host);
    const newEpoch = chance.id() as Epoch;
    const attached = await lobby.attach({ sessionId, addressKey, ...start, newEpoch, nowMs: clock.nowMs() });
    if (attached.state === "unknown") refuseUnknown();
    if (start.epoch !== "") meter.returned(attached.resumed);
    return attached;
  }

  async #open(sessionId: SessionId, host: string): Promise<Attachment> {
    const { lobby, shedding, bans, clock, chance, meter, settings } = this.parts;
    shedding.admit();
    const { maxSessions, maxPerNetwork, heartbeatMs: retryAfterMs } = settings;
    const opened = await lobby.open({
      ...{ sessionId, addressKey: bans.networkOf(host).key, epoch: chance.id() as Epoch, nowMs: clock.nowMs() },
      maxSessions,
      quotas: bans.hostKeys(host).map((key, level) => ({ key, max: shareOf(level, maxPerNetwork) })),
    });
    if (opened.state === "attached") return opened;
    if (opened.state === "crowded") {
      throw new DomainError("limit_reached", "too many sessions from this network; try again soon", { retryAfterMs });
    }
    meter.shed("full");
    throw new DomainError("limit_reached", "the server is full; try again soon", { retryAfterMs });
  }

  /** Puts the session away. While the store is away it tries again by itself: a stream that is gone must not count. */
  async #detach(sessionId: SessionId, generation: number): Promise<void> {
    const { lobby, clock, chance, settings } = this.parts;
    const nowMs = clock.nowMs();
    try {
      await lobby.detach({ sessionId, generation, nowMs, awayUntilMs: nowMs + settings.resumeWindowMs });
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      clock.after(storeRetryMs(chance), () => {
        // What else may be wrong by then shows in other calls, and the store puts away whom no stream belongs to.
        this.#detach(sessionId, generation).catch(() => undefined);
      });
    }
  }

  #welcome(sessionId: SessionId, attachment: Attachment, tips: readonly TipNews[]): StreamMessage {
    const { epoch, resumed, lastSequence, snapshot } = attachment;
    const token = signToken(this.parts.settings.secret, sessionId);
    return { sequence: 0, event: { type: "welcome", sessionId, token, epoch, resumed, lastSequence, snapshot, tips } };
  }

  /**
   * The tips of a session that may still matter to it: first those that it may have to pay or confirm, which no tips of
   * strangers displace, then those that changed last. Looked up after it is attached: what changes later is an event.
   */
  async #tipsOf(sessionId: SessionId): Promise<TipNews[]> {
    const { tips, lobby, clock } = this.parts;
    const sinceMs = clock.nowMs() - TOLD_MS;
    const own = await tips.openOf(sessionId, limits.openTips);
    const latest = await tips.before(NEWEST, limits.toldTips, { sessionId });
    const found = new Map([...own, ...latest].map((tip) => [tip.id, tip]));
    const told = [...found.values()].slice(0, limits.toldTips).filter((tip) => isOpen(tip) || tip.changedMs >= sinceMs);
    if (told.length === 0) return [];
    const partnerOf = ({ payerId, payeeId }: Tip) => (payerId === sessionId ? payeeId : payerId);
    const partnerIds = [...new Set(told.map(partnerOf))];
    const apart = new Set(await lobby.apart({ sessionId, partnerIds }));
    const news = told.flatMap((tip) => {
      const ofTip = newsOf(tip, sessionId);
      return (apart.has(partnerOf(tip)) ? newsApart(ofTip) : ofTip) ?? [];
    });
    let bytes = 0;
    return news.filter((tip) => (bytes += eventBytes({ type: "tip_updated", ...tip })) <= TOLD_BYTES);
  }
}
