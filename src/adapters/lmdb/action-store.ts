import type { Database, RootDatabase } from "lmdb";
import {
  type Acknowledgement,
  type Action,
  applies,
  asTaken,
  isAcknowledgedBy,
  type Lift,
  storedUntilMs,
} from "../../core/action.js";
import { actionAudit } from "../../core/audit.js";
import type { ActionId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { ActionStore, NumberedAction } from "../../ports/action-store.js";
import { AuditShelf } from "./audit-shelf.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";
import type { EventShelf } from "./event-shelf.js";

/** The actions of moderators in an embedded database file. A write is flushed to disk before it resolves. */
export class LmdbActions implements ActionStore {
  readonly #last: Database<number, Numbered>;
  readonly #actions: Database<Action, number>;
  readonly #numbers: Database<number, ActionId>;
  /** Actions by when they are dropped. */
  readonly #ends: Database<true, [number, ActionId]>;
  readonly #audit: AuditShelf;

  constructor(
    private readonly root: RootDatabase,
    private readonly events: EventShelf,
  ) {
    this.#last = lastNumbers(root);
    this.#actions = root.openDB({ name: "actions-by-number" });
    this.#numbers = root.openDB({ name: "action-numbers" });
    this.#ends = root.openDB({ name: "action-ends" });
    this.#audit = new AuditShelf(root);
  }

  put(action: Action, maxActions: number = limits.keptActions): Promise<boolean> {
    return commit(this.root, () => {
      if (this.#numbers.get(action.id) !== undefined) return true;
      const { entryCount } = this.#actions.getStats() as { entryCount: number };
      if (entryCount >= maxActions) return false;
      this.#add(action, action.createdMs);
      this.events.add({ type: "action_taken", action }, action.createdMs);
      this.#audit.add(actionAudit("action_taken", action, action.by), action.createdMs);
      return true;
    });
  }

  lift(id: ActionId, lift: Lift): ReturnType<ActionStore["lift"]> {
    return commit(this.root, () => {
      const found = this.#find(id);
      if (found === undefined) return undefined;
      const { number, action } = found;
      if (!applies(action, lift.liftedMs)) return { action, wasInForce: false };
      this.#drop(number, action);
      this.#add({ ...action, lift }, lift.liftedMs);
      this.#audit.add(actionAudit("action_lifted", action, lift.by), lift.liftedMs);
      this.events.add({ type: "action_lifted", action: asTaken(action), lift }, lift.liftedMs);
      return { action: { ...action, lift }, wasInForce: true };
    });
  }

  acknowledge(id: ActionId, acknowledgement: Acknowledgement): Promise<boolean> {
    return commit(this.root, () => {
      const found = this.#find(id);
      if (found === undefined || !isAcknowledgedBy(found.action, acknowledgement)) return false;
      const [{ number, action }, { acknowledgedMs }] = [found, acknowledgement];
      this.#drop(number, action);
      this.#add({ ...action, acknowledgedMs }, acknowledgedMs);
      this.events.add({ type: "action_acknowledged", action: asTaken(action) }, acknowledgedMs);
      return true;
    });
  }

  before(number: number, limit: number): Promise<NumberedAction[]> {
    return Promise.resolve(this.#list({ start: number - 1, reverse: true, limit }));
  }

  after(number: number, limit: number): Promise<NumberedAction[]> {
    return Promise.resolve(this.#list({ start: number + 1, limit }));
  }

  prune({ nowMs, limit }: { nowMs: number; limit: number }): Promise<boolean> {
    return commit(this.root, () => {
      const due = [...this.#ends.getKeys({ end: [nowMs + 1, "" as ActionId] as [number, ActionId], limit })];
      for (const [, id] of due) {
        const found = this.#find(id);
        if (found !== undefined) this.#drop(found.number, found.action);
      }
      return due.length === limit;
    });
  }

  #find(id: ActionId): { number: number; action: Action } | undefined {
    const number = this.#numbers.get(id);
    const action = number === undefined ? undefined : this.#actions.get(number);
    return number === undefined || action === undefined ? undefined : { number, action };
  }

  #list(range: { start: number; reverse?: boolean; limit: number }): NumberedAction[] {
    return [...this.#actions.getRange(range)].map(({ key: number, value }) => ({ ...value, number }));
  }

  #add(action: Action, nowMs: number): void {
    const number = nextNumber(this.#last, "action", nowMs);
    void this.#actions.put(number, action);
    void this.#numbers.put(action.id, number);
    void this.#ends.put([storedUntilMs(action), action.id], true);
  }

  #drop(number: number, action: Action): void {
    void this.#actions.remove(number);
    void this.#numbers.remove(action.id);
    void this.#ends.remove([storedUntilMs(action), action.id]);
  }
}
