import type { Trouble } from "./refusals.js";

/** How long Redis must be healthy before recovery is reported, in milliseconds: flapping counts as one problem. */
const HEALTHY_MS = 3_000;
/** How long a damaged key counts as a problem after a call last failed on it, in milliseconds. */
const DAMAGED_MS = 20_000;

/** The health of Redis, derived from the results of calls. */
export class Health {
  /** Current problems by code, and when each was last observed. */
  readonly #troubles = new Map<string, Trouble & { seenMs: number }>();
  /** Problems reported since Redis was last healthy. */
  readonly #reported = new Set<string>();
  #healthySinceMs: number | undefined;

  /** @param onChange called once with each problem, and without one after recovery */
  constructor(
    private readonly onChange: (trouble?: Trouble) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  failed(trouble: Trouble): void {
    this.#healthySinceMs = undefined;
    this.#troubles.set(trouble.code, { ...trouble, seenMs: this.nowMs() });
    const name = trouble.kind === "away" ? "away" : trouble.code;
    if (this.#reported.has(name)) return;
    this.#reported.add(name);
    this.onChange(trouble);
  }

  /** A call was answered. */
  answered(): void {
    if (this.#reported.size > 0) this.#resolve("away");
  }

  /** A write succeeded. */
  wrote(): void {
    if (this.#reported.size === 0) return;
    this.#resolve("away", "refusing");
  }

  /** Describes the current problems, one sentence each. */
  get sentences(): string[] {
    this.#forgetDamage();
    return [...new Set([...this.#troubles.values()].map(({ text }) => text))];
  }

  /** Whether the only problem is that Redis does not answer. */
  get isAway(): boolean {
    return this.#troubles.size > 0 && [...this.#troubles.values()].every(({ kind }) => kind === "away");
  }

  #resolve(...kinds: Trouble["kind"][]): void {
    for (const [code, trouble] of this.#troubles) if (kinds.includes(trouble.kind)) this.#troubles.delete(code);
    this.#forgetDamage();
    if (this.#troubles.size > 0) return;
    this.#healthySinceMs ??= this.nowMs();
    if (this.nowMs() - this.#healthySinceMs < HEALTHY_MS) return;
    this.#reported.clear();
    this.onChange();
  }

  #forgetDamage(): void {
    for (const [code, { kind, seenMs }] of this.#troubles) {
      if (kind === "damaged" && this.nowMs() - seenMs >= DAMAGED_MS) this.#troubles.delete(code);
    }
  }
}
