import type { CheckPart, CheckResult } from "../core/connection-check.js";
import type { ClientMeter } from "../ports/meter.js";

/** Counts what clients report about the connections of their people. */
export class Diagnostics {
  constructor(private readonly meter: ClientMeter) {}

  reportCheck(outcomes: ReadonlyMap<CheckPart, CheckResult>): Promise<void> {
    for (const [part, result] of outcomes) this.meter.checked(part, result);
    return Promise.resolve();
  }
}
