import type { Quota, Quotas, Taking } from "../../ports/quotas.js";
import type { ScriptRunner } from "./script-runner.js";

/** Quotas in Redis. Windows end by the clock of Redis. */
export class RedisQuotas implements Quotas {
  constructor(private readonly store: ScriptRunner) {}

  async take({ name, max, windowMs }: Quota): Promise<Taking> {
    const retryAfterMs = Number(await this.store.run("take", name, max, windowMs));
    return retryAfterMs === 0 ? { state: "taken" } : { state: "used_up", retryAfterMs };
  }
}
