import { type Deposit, type DepositHolder, holderName, holdersOf, isOpen } from "../../core/deposit.js";
import type { DepositId } from "../../core/ids.js";
import type { AddedDeposit, DepositStore, StoredDeposit } from "../../ports/deposit-store.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** Deposits in Redis. Durability depends on how its append-only file is configured. */
export class RedisDeposits implements DepositStore {
  constructor(private readonly store: ScriptRunner) {}

  async add(deposit: Deposit, max: number): Promise<AddedDeposit> {
    const { id, instance, changedMs, dueMs } = deposit;
    const args = [id, toJson(deposit), instance, changedMs, dueMs, max, ...holdersOf(deposit)];
    type Answer = [state: AddedDeposit["state"], number: string, json: string];
    const [state, number, json] = (await this.store.run("add_deposit", ...args)) as Answer;
    if (state === "full") return { state };
    return { state, deposit: state === "known" ? toStored(number, json) : { ...deposit, number: Number(number) } };
  }

  async get(id: DepositId): Promise<StoredDeposit | undefined> {
    return this.#find("id", id);
  }

  latest(holder: DepositHolder): Promise<StoredDeposit | undefined> {
    return this.#find("holder", holderName(holder));
  }

  async change(next: Deposit, number: number): ReturnType<DepositStore["change"]> {
    const { id, instance, changedMs, dueMs } = next;
    const args = [id, number, toJson(next), instance, changedMs, dueMs, isOpen(next) ? "open" : "kept"];
    const given = (await this.store.run("change_deposit", ...args)) as string;
    return given === "" ? { state: "stale" } : { state: "changed", deposit: { ...next, number: Number(given) } };
  }

  due(nowMs: number, limit: number): Promise<StoredDeposit[]> {
    return this.#list("open", "up", nowMs, limit);
  }

  openOf(instance: string, limit: number): Promise<StoredDeposit[]> {
    return this.#list(`open:${instance}`, "up", "+inf", limit);
  }

  before(number: number, limit: number): Promise<StoredDeposit[]> {
    return this.#list("all", "down", `(${String(number)}`, limit);
  }

  async prune(beforeMs: number, limit: number): Promise<boolean> {
    const over = await this.#list("kept", "up", `(${String(beforeMs)}`, limit);
    const toDrop = over.map((deposit) => ({
      id: deposit.id,
      number: String(deposit.number),
      holders: holdersOf(deposit),
    }));
    if (over.length > 0) await this.store.run("forget_deposits", JSON.stringify(toDrop));
    return over.length === limit;
  }

  async #find(by: "id" | "holder", name: string): Promise<StoredDeposit | undefined> {
    const [number, json = ""] = (await this.store.run("get_deposit", by, name)) as string[];
    return number === undefined ? undefined : toStored(number, json);
  }

  async #list(list: string, order: "up" | "down", end: number | string, limit: number): Promise<StoredDeposit[]> {
    const found = (await this.store.run("list_deposits", list, order, end, limit)) as string[];
    return chunk(found, 2).map(([number = "", json = ""]) => toStored(number, json));
  }
}

/** Omits the number: it is the score of the deposit in its list. */
function toJson(deposit: Deposit): string {
  return JSON.stringify({ ...deposit, number: undefined });
}

function toStored(number: string, json: string): StoredDeposit {
  return { ...(JSON.parse(json) as Deposit), number: Number(number) };
}
