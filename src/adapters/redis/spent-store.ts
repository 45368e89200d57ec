import { limits } from "../../core/limits.js";
import type { Spending, SpentStore } from "../../ports/spent-store.js";
import type { ScriptRunner } from "./script-runner.js";

/** The used solutions of all instances, in Redis. */
export class RedisSpent implements SpentStore {
  constructor(private readonly store: ScriptRunner) {}

  async spend({ id, expiresMs, nowMs, max = limits.spentSolutions }: Spending): Promise<"fresh" | "spent" | "full"> {
    return (await this.store.run("spend", id, expiresMs, nowMs, max)) as "fresh" | "spent" | "full";
  }
}
