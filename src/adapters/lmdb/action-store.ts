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
import type { ActionId, AddressKey } from "../../core/ids.js";
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
  /** The numbers of the actions about each key. Incomplete in files of older versions, until `#complete` ran. */
  readonly #about: Database<true, [AddressKey, number]>;
  readonly #audit: AuditShelf;
  #isComplete = false;

  constructor(
    private readonly root: RootDatabase,
    private readonly events: EventShelf,
  ) {
    this.#last = lastNumbers(root);
    this.#actions = root.openDB({ name: "actions-by-number" });
    this.#numbers = root.openDB({ name: "action-numbers" });
    this.#ends = root.openDB({ name: "action-ends" });
    this.#about = root.openDB({ name: "actions-about" });
    this.#audit = new AuditShelf(root);
  }

  put(action: Action, maxActions: number = limits.keptActions): ReturnType<ActionStore["put"]> {
    return commit(this.root, () => {
      const number = this.#numbers.get(action.id);
      if (number !== undefined) return this.#actions.get(number);
      const { entryCount } = this.#actions.getStats() as { entryCount: number };
      if (entryCount >= maxActions) return undefined;
      this.#add(action, action.createdMs);
      this.events.add({ type: "action_taken", action }, action.createdMs);
      this.#audit.add(actionAudit("action_taken", action, action.by), action.createdMs);
      return action;
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

  async before(number: number, limit: number, addressKey?: AddressKey): Promise<NumberedAction[]> {
    if (addressKey === undefined) return this.#list({ start: number - 1, reverse: true, limit });
    if (!this.#isComplete) await this.#complete();
    const range: { start: [AddressKey, number]; end: [AddressKey, number] } = {
      start: [addressKey, number - 1],
      end: [addressKey, 0],
    };
    return [...this.#about.getKeys({ ...range, reverse: true, limit })].flatMap(([, one]) => {
      const action = this.#actions.get(one);
      return action === undefined ? [] : { ...action, number: one };
    });
  }

  after(number: number, limit: number): Promise<NumberedAction[]> {
    return Promise.resolve(this.#list({ start: number + 1, limit }));
  }

  withIds(ids: readonly ActionId[]): Promise<Action[]> {
    const found = ids.map((id) => {
      const number = this.#numbers.get(id);
      return number === undefined ? undefined : this.#actions.get(number);
    });
    return Promise.resolve(found.filter((action) => action !== undefined));
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

  /** Adds to the index what an older version stored, and removes what it dropped. */
  async #complete(): Promise<void> {
    await commit(this.root, () => {
      for (const key of [...this.#about.getKeys()]) {
        if (this.#actions.get(key[1])?.addressKey !== key[0]) void this.#about.remove(key);
      }
      for (const { key, value } of this.#actions.getRange()) {
        void this.#about.put([value.addressKey, key], true);
      }
    });
    this.#isComplete = true;
  }

  #add(action: Action, nowMs: number): void {
    const number = nextNumber(this.#last, "action", nowMs);
    void this.#actions.put(number, action);
    void this.#numbers.put(action.id, number);
    void this.#about.put([action.addressKey, number], true);
    void this.#ends.put([storedUntilMs(action), action.id], true);
  }

  #drop(number: number, action: Action): void {
    void this.#actions.remove(number);
    void this.#numbers.remove(action.id);
    void this.#about.remove([action.addressKey, number]);
    void this.#ends.remove([storedUntilMs(action), action.id]);
  }
}
