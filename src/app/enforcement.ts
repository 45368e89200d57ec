import { type Action, applies, endsSessions, isUnseen, withImposed } from "../core/action.js";
import type { Network } from "../core/address-key.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import type { ActionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { Known } from "../core/session-key.js";
import type { Restriction, Standing } from "../core/standing.js";
import type { ActionRecords } from "../ports/action-store.js";
import type { Clock } from "../ports/clock.js";
import type { Roster } from "../ports/roster.js";
import { type Caller, refuseRestricted } from "./caller.js";
import { KnownActions } from "./known-actions.js";
import { NEWEST } from "./pagination.js";
import { runPeriodically } from "./periodic.js";
import { RecentSessions } from "./recent-sessions.js";

/** How often changes by other instances are read, in milliseconds. */
const POLL_MS = 500;
/** How many actions, and how many sessions, are read in one step. */
const BATCH_SIZE = 200;
/** Expired actions are dropped once in this many polls. */
const POLLS_PER_SWEEP = 120;

/** The keys by which actions apply to a caller. */
type Affected = Pick<Caller, "sessionId" | "person" | "device" | "host" | "standing">;

interface EnforcementDependencies {
  roster: Pick<Roster, "sessions" | "closeSession">;
  actions: ActionRecords;
  clock: Clock;
  networkOf: (host: string) => Network;
  onError: (error: unknown) => void;
}

/**
 * Enforces the actions of moderators. Caches those in force and reads changes by their number, so a caller costs one
 * look-up for each of its keys, and none while no action is in force.
 */
export class Enforcement {
  readonly #known = new KnownActions();
  /** Actions whose people's sessions have not been closed yet. */
  readonly #toClose = new Map<ActionId, Action>();
  /** Sessions that were served recently, perhaps before this instance knew of an action. */
  readonly #recent = new RecentSessions();
  /** Those who wait for the next reading. */
  readonly #awaiting: (() => void)[] = [];
  #lastNumber = 0;
  #polls = 0;
  #stopPolling: () => void = () => undefined;

  private constructor(private readonly deps: EnforcementDependencies) {}

  /** Reads the existing actions, and polls for changes from then on. */
  static async start(deps: EnforcementDependencies): Promise<Enforcement> {
    const enforcement = new Enforcement(deps);
    await enforcement.#catchUp();
    enforcement.#toClose.clear(); // the instances that ran when they were taken have closed the sessions
    const { clock, onError } = deps;
    enforcement.#stopPolling = runPeriodically(clock, {
      ...{ pauseMs: POLL_MS, onError },
      act: () => enforcement.#poll(),
    });
    return enforcement;
  }

  stop(): void {
    this.#stopPolling();
  }

  /** What the app says about a caller, with what actions impose. */
  standingOf(caller: Affected): Standing | undefined {
    if (caller.sessionId !== undefined) this.#recent.add(caller.sessionId);
    const actions = this.#actionsOn(caller);
    return actions.length === 0 ? caller.standing : withImposed(caller.standing, actions);
  }

  /** @throws DomainError `restricted` for a caller to whom the app or an action denies something */
  refuse(caller: Caller, restriction: Restriction): void {
    refuseRestricted(caller, restriction);
    const action = this.#actionsOn(caller).find(({ kind }) => kind === restriction);
    if (action === undefined) return;
    const { statement, expiresMs } = action;
    const message = statement === "" ? "a moderator does not allow this" : statement;
    throw new DomainError("restricted", message, { problem: restriction, expiresMs });
  }

  /** The warnings of a person and a browser that have not been acknowledged, the oldest first, at most `toldWarnings`. */
  warningsOn({ person, device }: Known): Action[] {
    if (this.#known.isEmpty) return [];
    const nowMs = this.deps.clock.nowMs();
    const actions = [person, device].flatMap((key) => (key === undefined ? [] : this.#known.on(key)));
    const warnings = actions.filter((action) => isUnseen(action) && applies(action, nowMs));
    return warnings.sort((one, other) => one.createdMs - other.createdMs).slice(0, limits.toldWarnings);
  }

  /**
   * Resolves when this instance knows all that was stored before the call. It waits for the next reading, at most
   * `POLL_MS` if the store responds, so that the calls cost the store nothing.
   */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => this.#awaiting.push(resolve));
  }

  /** Applies a change of the actions on this instance at once. Never rejects; failures are retried. */
  async update(): Promise<void> {
    try {
      await this.#catchUp();
      await this.#closeSessions();
    } catch (error) {
      if (!isStoreAway(error)) this.deps.onError(error);
    }
  }

  #actionsOn({ person, device, host }: Affected): Action[] {
    if (this.#known.isEmpty) return [];
    const nowMs = this.deps.clock.nowMs();
    const keys = [person, device, ...this.deps.networkOf(host).levels].filter((key) => key !== undefined);
    return keys.flatMap((key) => this.#known.on(key)).filter((action) => applies(action, nowMs));
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const changed = await this.deps.actions.after(this.#lastNumber, BATCH_SIZE);
      for (const { number, ...action } of changed) {
        this.#lastNumber = Math.max(this.#lastNumber, number);
        this.#apply(action);
      }
      if (changed.length < BATCH_SIZE) return;
    }
  }

  #apply(action: Action): void {
    if (applies(action, this.deps.clock.nowMs())) {
      this.#known.set(action);
      if (endsSessions(action)) this.#toClose.set(action.id, action);
    } else {
      this.#known.delete(action.addressKey, action.id);
      this.#toClose.delete(action.id);
    }
  }

  /** Closes the sessions of those whom actions apply to, so that none goes on as before. */
  async #closeSessions(): Promise<void> {
    for (const action of this.#toClose.values()) {
      await this.#closeSessionsOf(action);
      this.#toClose.delete(action.id);
    }
  }

  /**
   * Closes sessions that were opened before the action, and those that this instance served before it knew of the action.
   * A session that was opened under the action stays open, even when another instance learns of the action later.
   */
  async #closeSessionsOf({ addressKey, createdMs }: Action): Promise<void> {
    const { roster, clock } = this.deps;
    for (let before = NEWEST; ;) {
      const sessions = await roster.sessions({ before, limit: BATCH_SIZE, addressKey });
      for (const { sessionId, openedMs } of sessions) {
        if (openedMs > createdMs && !this.#recent.has(sessionId)) continue;
        await roster.closeSession({ sessionId, nowMs: clock.nowMs() });
      }
      const last = sessions.at(-1);
      if (last === undefined || sessions.length < BATCH_SIZE) return;
      before = last.number;
    }
  }

  async #poll(): Promise<void> {
    const awaiting = this.#awaiting.length;
    await this.#catchUp();
    for (const resolve of this.#awaiting.splice(0, awaiting)) resolve();
    await this.#closeSessions();
    this.#recent.next();
    if (++this.#polls % POLLS_PER_SWEEP === 0) this.#known.sweep(this.deps.clock.nowMs());
  }
}
