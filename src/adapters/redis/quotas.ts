import type { Quota, Quotas, Taking } from "../../ports/quotas.js";
import type { ScriptRunner } from "./script-runner.js";

/** Quotas in Redis, by whose clock windows end. */
export class RedisQuotas implements Quotas {
  constructor(private readonly store: ScriptRunner) {}

  async take({ name, most, windowMs }: Quota): Promise<Taking> {
    const retryAfterMs = Number(await this.store.run("take", name, most, windowMs));
    return retryAfterMs === 0 ? { state: "taken" } : { state: "used_up", retryAfterMs };
  }
}
