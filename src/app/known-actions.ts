import { type Action, applies } from "../core/action.js";
import type { ActionId, AddressKey } from "../core/ids.js";

const NONE: readonly Action[] = [];

/** The actions that a node knows, none of them lifted, by whom they apply to. */
export class KnownActions {
  readonly #byKey = new Map<AddressKey, Action[]>();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  on(addressKey: AddressKey): readonly Action[] {
    return this.#byKey.get(addressKey) ?? NONE;
  }

  set(action: Action): void {
    this.delete(action.addressKey, action.id);
    this.#byKey.set(action.addressKey, [...this.on(action.addressKey), action]);
  }

  delete(addressKey: AddressKey, id: ActionId): void {
    this.#keep(addressKey, (one) => one.id !== id);
  }

  /** Removes expired actions. */
  sweep(nowMs: number): void {
    for (const addressKey of [...this.#byKey.keys()]) this.#keep(addressKey, (one) => applies(one, nowMs));
  }

  #keep(addressKey: AddressKey, isKept: (action: Action) => boolean): void {
    const kept = this.on(addressKey).filter(isKept);
    if (kept.length > 0) this.#byKey.set(addressKey, kept);
    else this.#byKey.delete(addressKey);
  }
}
