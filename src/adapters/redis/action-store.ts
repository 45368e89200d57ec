import { ACTION_KEPT_MS, type Acknowledgement, type Action, type Lift, storedUntilMs } from "../../core/action.js";
import { actionAudit } from "../../core/audit.js";
import type { ActionId, AddressKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { ActionStore, NumberedAction } from "../../ports/action-store.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** The actions of moderators in Redis. Durability depends on how its append-only file is configured. */
export class RedisActions implements ActionStore {
  constructor(private readonly store: ScriptRunner) {}

  async put(action: Action, maxActions: number = limits.keptActions): ReturnType<ActionStore["put"]> {
    const { id, createdMs, expiresMs, by } = action;
    const entry = JSON.stringify(actionAudit("action_taken", action, by));
    const args = [id, JSON.stringify(action), expiresMs, storedUntilMs(action), createdMs, maxActions, entry];
    const [stored, lift, acknowledged] = (await this.store.run("put_action", ...args)) as [string, string, string];
    return stored === "" ? undefined : toAction(stored, lift, acknowledged);
  }

  async lift(id: ActionId, lift: Lift): ReturnType<ActionStore["lift"]> {
    const args = [id, JSON.stringify(lift), lift.liftedMs, lift.liftedMs + ACTION_KEPT_MS, lift.by];
    const answer = (await this.store.run("lift_action", ...args)) as [string, string, string, string];
    const [action, lifted, acknowledged, wasInForce] = answer;
    if (action === "") return undefined;
    return { action: toAction(action, lifted, acknowledged), wasInForce: wasInForce === "1" };
  }

  async acknowledge(id: ActionId, { keys, acknowledgedMs }: Acknowledgement): Promise<boolean> {
    return (await this.store.run("acknowledge_action", id, acknowledgedMs, ...keys)) === 1;
  }

  before(number: number, limit: number, addressKey?: AddressKey): Promise<NumberedAction[]> {
    return this.#list("before", number, limit, addressKey);
  }

  after(number: number, limit: number): Promise<NumberedAction[]> {
    return this.#list("after", number, limit);
  }

  async withIds(ids: readonly ActionId[]): Promise<Action[]> {
    const found = (await this.store.run("get_actions", ...ids)) as string[];
    return chunk(found, 3).map(([action = "", lift = "", acknowledged = ""]) => toAction(action, lift, acknowledged));
  }

  async prune({ nowMs, limit }: { nowMs: number; limit: number }): Promise<boolean> {
    return (await this.store.run("prune_actions", nowMs, limit)) === 1;
  }

  async #list(
    side: "before" | "after",
    number: number,
    limit: number,
    addressKey?: AddressKey,
  ): Promise<NumberedAction[]> {
    const found = (await this.store.run("list_actions", side, number, limit, addressKey ?? "")) as string[];
    return chunk(found, 4).map(([key, action = "", lift = "", acknowledged = ""]) => ({
      ...toAction(action, lift, acknowledged),
      number: Number(key),
    }));
  }
}

/** @param lift as JSON, or empty @param acknowledged when it was, or empty */
function toAction(action: string, lift: string, acknowledged: string): Action {
  return {
    ...(JSON.parse(action) as Action),
    ...(lift !== "" && { lift: JSON.parse(lift) as Lift }),
    ...(acknowledged !== "" && { acknowledgedMs: Number(acknowledged) }),
  };
}
