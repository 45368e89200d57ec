import { shareOf } from "../core/address.js";
import { redactTip } from "../core/separation.js";
import { isStoreAway } from "../core/errors.js";
import { eventBytes } from "../core/event.js";
import type { DeviceKey, Epoch, PersonKey, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { isOpen, viewFor, type Tip, type TipView } from "../core/tip.js";
import { type Holder, signToken } from "../core/token.js";
import type { Random } from "../ports/random.js";
import type { Clock } from "../ports/clock.js";
import type { Attachment, Lobby, NewSession } from "../ports/lobby.js";
import type { Mailbox } from "../ports/mailbox.js";
import type { MatchMeter, ServiceMeter } from "../ports/meter.js";
import type { Partners } from "../ports/partners.js";
import type { TipLedger } from "../ports/tip-ledger.js";
import type { Bans } from "./bans.js";
import type { Challenges } from "./challenges.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import type { Departures } from "./departures.js";
import type { StreamMessage } from "./outbound.js";
import { NEWEST } from "./pagination.js";
import type { Identities, Person } from "./identities.js";
import type { People } from "./people.js";
import type { ReportAnswers } from "./report-answers.js";
import { refuseSession } from "./refuse-session.js";
import { SessionStream } from "./session-stream.js";
import type { LoadShedder } from "./load-shedder.js";
import { storeRetryMs } from "./store-retry.js";
import type { Stream, Streams } from "./streams.js";
import type { Warnings } from "./warnings.js";

export interface SessionSettings {
  secret: string;
  maxSessions: number;
  /** Maximum sessions per host; wider networks may have more (`shareOf`). */
  maxPerNetwork: number;
  /** How long an away session is kept, in milliseconds. */
  resumeWindowMs: number;
  heartbeatMs: number;
  /** Maximum sessions of a person. */
  maxPerPerson: number;
  /** Which of a person's sessions stay when there are more: a further one closes the oldest, or is refused. */
  personKeeps: "newest" | "oldest";
}

export interface StreamStart {
  epoch: Epoch | "";
  lastSequence: number;
  identityToken?: string | undefined;
  /** The random key that the browser keeps. */
  deviceKey?: string | undefined;
  /** The client opens a new session on its own, in place of one that ended. */
  isAutomatic?: boolean;
  /** The solution of a challenge. */
  solution?: string | undefined;
}

/** How long a session is kept after its page was closed or reloaded, in milliseconds. */
const RELOAD_MS = 5_000;
/** How long final tips are sent to a returning session, in milliseconds. */
const FINAL_TIPS_MS = 24 * 60 * 60_000;
/** Approximate bytes of the tips in a Welcome; the rest of the message takes a few thousand. */
const MAX_TIPS_BYTES = limits.responseBytes - 16 * 1024;

interface SessionsDependencies {
  lobby: Pick<Lobby, "open" | "attach" | "detach"> & Pick<Partners, "apart">;
  mailbox: Mailbox;
  tips: TipLedger;
  streams: Streams;
  loadShedder: LoadShedder;
  challenges: Pick<Challenges, "admit">;
  departures: Departures;
  bans: Bans;
  identities: Identities;
  people: People;
  answers: Pick<ReportAnswers, "greet">;
  warnings: Pick<Warnings, "greet">;
  /** Derives the key of a browser. */
  deviceKeyOf: (random: string) => DeviceKey;
  clock: Clock;
  random: Random;
  meter: MatchMeter & ServiceMeter;
  settings: SessionSettings;
}

/** Opens and resumes sessions. */
export class Sessions {
  constructor(private readonly deps: SessionsDependencies) {}

  /**
   * Opens the stream of a session; of a new session for a caller without a token.
   * @throws DomainError `banned`, `limit_reached`, `session_unknown`, `challenge`, `already_connected`, `superseded`, `draining`, and
   * those of `Identities.identify`
   */
  async open(caller: Caller, start: StreamStart): Promise<SessionStream> {
    const { bans, identities } = this.deps;
    bans.refuse(caller);
    const person = await identities.identify(caller, start.identityToken);
    const known = { person: person?.key ?? caller.person, device: this.#deviceOf(caller, start) };
    const standing = person === undefined ? caller.standing : person.standing;
    const holder = { ...caller, ...known, standing };
    bans.refuse(holder);
    return this.#openStream(holder, start, person);
  }

  /** A session keeps the browser that it was opened by. */
  #deviceOf(caller: Caller, { deviceKey }: StreamStart): DeviceKey | undefined {
    if (caller.sessionId !== undefined) return caller.device;
    return deviceKey === undefined ? undefined : this.deps.deviceKeyOf(deviceKey);
  }

  async #openStream(caller: Caller, start: StreamStart, person: Person | undefined): Promise<SessionStream> {
    const { streams, bans, people, random } = this.deps;
    const isNew = caller.sessionId === undefined;
    const blocked = isNew && person !== undefined ? await people.admit(person) : undefined;
    const sessionId = caller.sessionId ?? (random.id() as SessionId);
    const stream = streams.add(caller.host, sessionId, isNew);
    try {
      const attachment = isNew
        ? await this.#open(sessionId, caller, start, { profile: person?.profile, blocked })
        : await this.#attach(sessionId, caller, start, person);
      try {
        await bans.refuseLate(caller);
        if (person !== undefined && blocked !== undefined) await this.#welcomePerson(person, blocked);
        const tips = attachment.resumed || isNew ? [] : await this.#tipsOf(sessionId);
        const { person: key, device, standing } = caller;
        const holder = { sessionId, person: key, device, standing };
        const welcome = this.#welcome(holder, attachment, tips);
        if (!attachment.resumed) this.#greet(sessionId, caller);
        const leave = () => this.deps.departures.add(() => this.#leave(stream, sessionId, attachment.generation));
        return new SessionStream(this.deps, stream, { holder, attachment, welcome, leave });
      } catch (error) {
        await this.#detach(sessionId, attachment.generation);
        throw error;
      }
    } catch (error) {
      streams.remove(stream);
      throw error;
    }
  }

  /**
   * Handles the end of a page before its stream breaks: the session is kept only long enough for a reload.
   * @throws DomainError `token_invalid`, `store_away`
   */
  async goodbye(caller: Caller, generation: number): Promise<void> {
    const { lobby, clock, settings } = this.deps;
    const nowMs = clock.nowMs();
    const awayUntilMs = nowMs + Math.min(RELOAD_MS, settings.resumeWindowMs);
    await lobby.detach({ sessionId: sessionOf(caller), generation, nowMs, awayUntilMs });
  }

  async #leave(stream: Stream, sessionId: SessionId, generation: number): Promise<void> {
    try {
      await this.#detach(sessionId, generation);
    } finally {
      this.deps.streams.remove(stream);
    }
  }

  async #attach(
    sessionId: SessionId,
    caller: Caller,
    { epoch, lastSequence }: StreamStart,
    person: Person | undefined,
  ): Promise<Attachment> {
    const { lobby, bans, clock, random, meter } = this.deps;
    const position = { epoch, lastSequence, newEpoch: random.id() as Epoch };
    const addressKey = bans.keyOf(caller);
    const stream = { sessionId, addressKey, profile: person?.profile, ...position };
    const attached = await lobby.attach({ ...stream, nowMs: clock.nowMs() });
    if (attached.state === "unknown") refuseUnknown();
    if (epoch !== "") meter.returned(attached.resumed);
    return attached;
  }

  /** Tells a session what its person or browser has not seen. */
  #greet(sessionId: SessionId, caller: Caller): void {
    this.deps.answers.greet(sessionId, caller);
    this.deps.warnings.greet(sessionId, caller);
  }

  /** Completes what opens a session of a person, and closes its oldest ones beyond the limit. */
  async #welcomePerson(person: Person, blocked: readonly PersonKey[]): Promise<void> {
    const { people, settings } = this.deps;
    await people.admitLate(person, blocked);
    if (settings.personKeeps === "newest") await people.closeExcess(person.key, settings.maxPerPerson);
  }

  async #open(
    sessionId: SessionId,
    caller: Caller,
    { isAutomatic = false, solution }: StreamStart,
    about: Pick<NewSession, "profile" | "blocked">,
  ): Promise<Attachment> {
    const { lobby, loadShedder, challenges, bans, clock, random, meter, settings } = this.deps;
    loadShedder.admit();
    // The app vouches for its people.
    if (caller.person === undefined) await challenges.admit(caller.host, solution);
    const { maxSessions, maxPerNetwork, maxPerPerson, personKeeps, heartbeatMs } = settings;
    const opened = await lobby.open({
      sessionId,
      addressKey: bans.keyOf(caller),
      ...about,
      epoch: random.id() as Epoch,
      nowMs: clock.nowMs(),
      maxSessions,
      quotas: bans.hostKeys(caller.host).map((key, level) => ({ key, max: shareOf(level, maxPerNetwork) })),
      maxOfPerson: isAutomatic || personKeeps === "oldest" ? maxPerPerson : undefined,
    });
    if (opened.state === "attached") return opened;
    if (opened.state === "full") meter.shed("full");
    return refuseSession(opened.state, { personKeeps, retryAfterMs: heartbeatMs });
  }

  /** Marks the session as away. Retries while the store is unavailable, as a closed stream must not count. */
  async #detach(sessionId: SessionId, generation: number): Promise<void> {
    const { lobby, clock, random, settings } = this.deps;
    const nowMs = clock.nowMs();
    try {
      await lobby.detach({ sessionId, generation, nowMs, awayUntilMs: nowMs + settings.resumeWindowMs });
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      clock.after(storeRetryMs(random), () => {
        // Other errors show in other calls, and the store reaps sessions without a stream.
        this.#detach(sessionId, generation).catch(() => undefined);
      });
    }
  }

  #welcome(holder: Holder, attachment: Attachment, tips: readonly TipView[]): StreamMessage {
    const { epoch, resumed, lastSequence, snapshot, generation } = attachment;
    const token = signToken(this.deps.settings.secret, holder.sessionId, holder);
    const position = { epoch, resumed, lastSequence };
    return {
      sequence: 0,
      event: { type: "welcome", sessionId: holder.sessionId, token, ...position, snapshot, generation, tips },
    };
  }

  /**
   * The tips that may still matter to a session: first those it may have to pay or confirm, which no stranger's tips
   * can displace, then the latest changes. Read after the session is attached, so later changes arrive as events.
   */
  async #tipsOf(sessionId: SessionId): Promise<TipView[]> {
    const { tips, lobby, clock } = this.deps;
    const sinceMs = clock.nowMs() - FINAL_TIPS_MS;
    const own = await tips.openOf(sessionId, limits.openTips);
    const latest = await tips.before(NEWEST, limits.welcomeTips, { sessionId });
    const found = new Map([...own, ...latest].map((tip) => [tip.id, tip]));
    const relevant = [...found.values()]
      .slice(0, limits.welcomeTips)
      .filter((tip) => isOpen(tip) || tip.changedMs >= sinceMs);
    if (relevant.length === 0) return [];
    const partnerOf = ({ payerId, payeeId }: Tip) => (payerId === sessionId ? payeeId : payerId);
    const partnerIds = [...new Set(relevant.map(partnerOf))];
    const separated = new Set(await lobby.apart({ sessionId, partnerIds }));
    const views = relevant.flatMap((tip) => {
      const view = viewFor(tip, sessionId);
      return (separated.has(partnerOf(tip)) ? redactTip(view) : view) ?? [];
    });
    let bytes = 0;
    return views.filter((tip) => (bytes += eventBytes({ type: "tip_updated", ...tip })) <= MAX_TIPS_BYTES);
  }
}
