import type { Action } from "../core/action.js";
import { isStoreAway } from "../core/errors.js";
import type { ActionId, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { Known } from "../core/session-key.js";
import type { ActionRecords } from "../ports/action-store.js";
import type { Clock } from "../ports/clock.js";
import type { Partners } from "../ports/partners.js";
import type { Roster } from "../ports/roster.js";
import { type Caller, sessionOf } from "./caller.js";
import type { Enforcement } from "./enforcement.js";
import { NEWEST } from "./pagination.js";

interface WarningsDependencies {
  actions: Pick<ActionRecords, "acknowledge">;
  enforcement: Pick<Enforcement, "warningsOn" | "caughtUp" | "update">;
  lobby: Pick<Partners, "append">;
  roster: Pick<Roster, "sessions">;
  clock: Clock;
  onError: (error: unknown) => void;
}

/**
 * Tells people and browsers that moderators warn them: at once in their open sessions, and at the beginning of each
 * further one until they have acknowledged it. A warning may arrive twice in a session that opens at that moment.
 */
export class Warnings {
  constructor(private readonly deps: WarningsDependencies) {}

  /** Tells those warned who are connected, to any instance, without being waited for. */
  announce(warning: Action): void {
    this.#attempt(async () => {
      const page = { before: NEWEST, limit: limits.warnedSessions, addressKey: warning.addressKey };
      const sessions = await this.deps.roster.sessions(page);
      for (const { sessionId } of sessions) await this.#tell(sessionId, [warning]);
    });
  }

  /** Tells a session that opened which warnings were not acknowledged, without being waited for. */
  greet(sessionId: SessionId, known: Known): void {
    if (keysOf(known).length > 0) this.#attempt(() => this.#greet(sessionId, known));
  }

  /** @throws DomainError `token_invalid`, `store_away` */
  async acknowledge(caller: Caller, id: ActionId): Promise<void> {
    sessionOf(caller);
    const { actions, enforcement, clock } = this.deps;
    const keys = keysOf(caller);
    if (keys.length === 0) return;
    if (await actions.acknowledge(id, { keys, acknowledgedMs: clock.nowMs() })) await enforcement.update();
  }

  /**
   * Tells what this instance knows, then what it did not know yet when the session opened. Whatever was stored later is
   * announced to the session.
   */
  async #greet(sessionId: SessionId, known: Known): Promise<void> {
    const { enforcement, clock } = this.deps;
    const openedMs = clock.nowMs();
    const first = enforcement.warningsOn(known);
    await this.#tell(sessionId, first);
    await enforcement.caughtUp();
    const told = new Set(first.map(({ id }) => id));
    const isMissed = ({ id, createdMs }: Action) => createdMs <= openedMs && !told.has(id);
    await this.#tell(sessionId, enforcement.warningsOn(known).filter(isMissed));
  }

  async #tell(sessionId: SessionId, warnings: readonly Action[]): Promise<void> {
    const { lobby, clock } = this.deps;
    for (const { id: actionId, statement, createdMs } of warnings) {
      const event = { type: "warned" as const, actionId, statement, createdMs };
      await lobby.append({ sessionId, event, nowMs: clock.nowMs() });
    }
  }

  #attempt(act: () => Promise<void>): void {
    act().catch((error: unknown) => {
      if (!isStoreAway(error)) this.deps.onError(error); // the next session delivers it
    });
  }
}

/** The keys that warnings of a session are about. */
function keysOf({ person, device }: Known) {
  return [person, device].filter((key) => key !== undefined);
}
