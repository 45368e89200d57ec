/** Reports that the log contains of one kind: clients choose most of their subjects. */
const MAX_SUBJECTS = 20;

/**
 * Reports what an operator should know about requests, once for each kind and subject. The number of reports is bounded,
 * as is the memory for their subjects.
 */
export class Notices {
  readonly #subjects = new Map<string, Set<string>>();

  /** @param warn writes a sentence to the log */
  constructor(private readonly warn: (notice: string) => void) {}

  /** @param subject what the report is about, such as an origin; a short text */
  once(kind: string, subject: string, notice: string): void {
    const known = this.#subjects.get(kind) ?? new Set<string>();
    if (known.has(subject) || known.size >= MAX_SUBJECTS) return;
    this.#subjects.set(kind, known.add(subject));
    this.warn(known.size < MAX_SUBJECTS ? notice : `${notice} (the last report of this kind)`);
  }
}

/** Reports nothing. */
export const NO_NOTICES = new Notices(() => undefined);
