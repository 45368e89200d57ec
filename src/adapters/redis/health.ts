import type { Trouble } from "./refusals.js";

/** How long Redis must be healthy before recovery is reported, in milliseconds, so that flapping counts as one trouble. */
const WELL_MS = 3_000;
/** For how long a damaged key is taken to be there since somebody met it, in milliseconds. */
const DAMAGED_MS = 20_000;

/** How Redis does, from what became of the calls. */
export class Health {
  /** What is wrong now, by its code, and when that showed last. */
  readonly #troubles = new Map<string, Trouble & { seenMs: number }>();
  /** What was told since all was well last. */
  readonly #told = new Set<string>();
  #wellSinceMs: number | undefined;

  /** @param onChange called once with each trouble, and without one when all has been well for a while */
  constructor(
    private readonly onChange: (trouble?: Trouble) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  failed(trouble: Trouble): void {
    this.#wellSinceMs = undefined;
    this.#troubles.set(trouble.code, { ...trouble, seenMs: this.nowMs() });
    const name = trouble.kind === "away" ? "away" : trouble.code;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.onChange(trouble);
  }

  /** A call was answered. */
  answered(): void {
    if (this.#told.size > 0) this.#over("away");
  }

  /** A change was taken. */
  wrote(): void {
    if (this.#told.size === 0) return;
    this.#over("away", "refusing");
  }

  /** What is wrong now, a sentence each. */
  get sentences(): string[] {
    this.#forgetDamage();
    return [...new Set([...this.#troubles.values()].map(({ text }) => text))];
  }

  /** Nothing else is wrong than that Redis does not answer. */
  get isAway(): boolean {
    return this.#troubles.size > 0 && [...this.#troubles.values()].every(({ kind }) => kind === "away");
  }

  #over(...kinds: Trouble["kind"][]): void {
    for (const [code, trouble] of this.#troubles) if (kinds.includes(trouble.kind)) this.#troubles.delete(code);
    this.#forgetDamage();
    if (this.#troubles.size > 0) return;
    this.#wellSinceMs ??= this.nowMs();
    if (this.nowMs() - this.#wellSinceMs < WELL_MS) return;
    this.#told.clear();
    this.onChange();
  }

  #forgetDamage(): void {
    for (const [code, { kind, seenMs }] of this.#troubles) {
      if (kind === "damaged" && this.nowMs() - seenMs >= DAMAGED_MS) this.#troubles.delete(code);
    }
  }
}
