import type { PersonKey } from "../../core/ids.js";

/** Who blocked whom, of the people who have sessions. */
export class Blocks {
  readonly #blocked = new Map<PersonKey, Set<PersonKey>>();

  add(person: PersonKey, others: Iterable<PersonKey>): void {
    const blocked = this.#blocked.get(person) ?? new Set();
    for (const other of others) blocked.add(other);
    if (blocked.size > 0) this.#blocked.set(person, blocked);
  }

  /** Whom a person has blocked. */
  of(person: PersonKey): Iterable<PersonKey> {
    return this.#blocked.get(person) ?? [];
  }

  remove(person: PersonKey, other: PersonKey): void {
    this.#blocked.get(person)?.delete(other);
  }

  /** Forgets whom a person blocked. */
  forget(person: PersonKey): void {
    this.#blocked.delete(person);
  }

  /** Whether one of the two blocked the other. */
  areBetween(a: PersonKey, b: PersonKey): boolean {
    return (this.#blocked.get(a)?.has(b) ?? false) || (this.#blocked.get(b)?.has(a) ?? false);
  }
}
