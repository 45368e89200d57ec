import type { Database, RootDatabase } from "lmdb";
import { channelAudit, policyAudit } from "../../core/audit.js";
import {
  budgetDay,
  type ChannelCommand,
  type CommandDraft,
  type Conclusion,
  type DayBudget,
  isConcluded,
} from "../../core/channel-command.js";
import { exceeds, KEPT_DAYS_MS } from "../../core/channel-budget.js";
import type { CommandId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import { dayOf } from "../../core/day.js";
import type {
  Booking,
  BookingLimits,
  ChannelStore,
  Due,
  NumberedCommand,
  PolicyChange,
  StoredPolicy,
} from "../../ports/channel-store.js";
import { AuditShelf } from "./audit-shelf.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";

const UNUSED: DayBudget = { opens: 0, feesSat: 0 };

/** The commands to the operator's node in an embedded database file. */
export class LmdbChannels implements ChannelStore {
  readonly #commands: Database<ChannelCommand, number>;
  readonly #numbers: Database<number, CommandId>;
  /** The numbers of the commands without an outcome. */
  readonly #due: Database<true, number>;
  readonly #budgets: Database<DayBudget, string>;
  /** The command that opened a channel. */
  readonly #openings: Database<CommandId, string>;
  readonly #state: Database<StoredPolicy | number, "policy" | "spent">;
  readonly #last: Database<number, Numbered>;
  readonly #audit: AuditShelf;

  constructor(private readonly root: RootDatabase) {
    this.#commands = root.openDB({ name: "channel-commands" });
    this.#numbers = root.openDB({ name: "channel-command-numbers" });
    this.#due = root.openDB({ name: "channel-commands-due" });
    this.#budgets = root.openDB({ name: "channel-budgets" });
    this.#openings = root.openDB({ name: "channel-openings" });
    this.#state = root.openDB({ name: "channel-state" });
    this.#last = lastNumbers(root);
    this.#audit = new AuditShelf(root);
  }

  policy(): Promise<StoredPolicy | undefined> {
    return Promise.resolve(this.#policy);
  }

  setPolicy({ policy, by, atMs, revision }: PolicyChange): Promise<number | undefined> {
    return commit(this.root, () => {
      const current = this.#policy?.revision ?? 0;
      if (revision !== undefined && revision !== current) return undefined;
      void this.#state.put("policy", { policy, by, atMs, revision: current + 1 });
      this.#audit.add(policyAudit(current + 1, by), atMs);
      return current + 1;
    });
  }

  book(draft: CommandDraft, allowed: BookingLimits): Promise<Booking> {
    return commit(this.root, (): Booking => {
      const known = this.#find(draft.id);
      if (known !== undefined) return { state: "known", command: known.command };
      if ((this.#policy?.revision ?? 0) !== allowed.revision) return { state: "policy_changed" };
      const day = budgetDay(draft);
      const { commands, used, spentSat } = this.#readDue(day);
      const bookedSat = commands.reduce((sum, { cost }) => sum + cost.spendSat, 0);
      const inFlightSat = bookedSat + spentSat - allowed.spentSat;
      if (exceeds(draft.cost, allowed, { used, inFlightSat })) return { state: "over", used, inFlightSat };
      const command: ChannelCommand = { ...draft, state: "booked" };
      this.#add(command);
      this.#count(day, used, draft.cost.opens, draft.cost.feeSat);
      this.#audit.add(channelAudit(draft), draft.bookedMs);
      return { state: "booked", command };
    });
  }

  ask(id: CommandId, nowMs: number): Promise<boolean> {
    return commit(this.root, () => {
      const found = this.#find(id);
      if (found?.command.state !== "booked") return false;
      void this.#commands.put(found.number, { ...found.command, state: "asked", askedMs: nowMs });
      return true;
    });
  }

  conclude(id: CommandId, conclusion: Conclusion): Promise<ChannelCommand | "taken" | undefined> {
    return commit(this.root, () => {
      const found = this.#find(id);
      if (found === undefined || isConcluded(found.command)) return found?.command;
      const { channelId, state } = conclusion;
      if (channelId !== undefined && this.#openings.get(channelId) !== undefined) return "taken";
      const command = { ...found.command, state, conclusion };
      void this.#commands.put(found.number, command);
      void this.#due.remove(found.number);
      if (channelId !== undefined) void this.#openings.put(channelId, id);
      this.#settle(command);
      return command;
    });
  }

  due(day: string): Promise<Due> {
    return Promise.resolve(this.#readDue(day));
  }

  get(id: CommandId): Promise<ChannelCommand | undefined> {
    return Promise.resolve(this.#find(id)?.command);
  }

  before(number: number, limit: number): Promise<NumberedCommand[]> {
    const found = this.#commands.getRange({ start: number - 1, reverse: true, limit });
    return Promise.resolve([...found].map(({ key, value }) => ({ ...value, number: key })));
  }

  get #policy(): StoredPolicy | undefined {
    return this.#state.get("policy") as StoredPolicy | undefined;
  }

  get #spentSat(): number {
    return (this.#state.get("spent") as number | undefined) ?? 0;
  }

  #find(id: CommandId): { number: number; command: ChannelCommand } | undefined {
    const number = this.#numbers.get(id);
    const command = number === undefined ? undefined : this.#commands.get(number);
    return number === undefined || command === undefined ? undefined : { number, command };
  }

  #readDue(day: string): Due {
    const commands = [...this.#due.getKeys()].flatMap((number) => this.#commands.get(number) ?? []);
    return { commands, used: this.#budgets.get(day) ?? UNUSED, spentSat: this.#spentSat };
  }

  #add(command: ChannelCommand): void {
    this.#dropOldest();
    const number = nextNumber(this.#last, "command", command.bookedMs);
    void this.#commands.put(number, command);
    void this.#numbers.put(command.id, number);
    void this.#due.put(number, true);
  }

  #dropOldest(): void {
    if ((this.#commands.getStats() as { entryCount: number }).entryCount < limits.keptCommands) return;
    for (const { key, value } of this.#commands.getRange()) {
      if (!isConcluded(value)) continue;
      void this.#commands.remove(key);
      void this.#numbers.remove(value.id);
      if (value.conclusion?.channelId !== undefined) void this.#openings.remove(value.conclusion.channelId);
      return;
    }
  }

  #count(day: string, used: DayBudget, opens: number, feeSat: number): void {
    const before = dayOf(Date.parse(day) - KEPT_DAYS_MS);
    for (const old of this.#budgets.getKeys({ end: before })) void this.#budgets.remove(old);
    void this.#budgets.put(day, { opens: used.opens + opens, feesSat: used.feesSat + feeSat });
  }

  #settle(command: ChannelCommand): void {
    const { opens, feeSat, spendSat } = command.cost;
    if (command.state === "done") {
      void this.#state.put("spent", this.#spentSat + spendSat);
      return;
    }
    const day = budgetDay(command);
    const used = this.#budgets.get(day);
    if (used !== undefined) void this.#budgets.put(day, { opens: used.opens - opens, feesSat: used.feesSat - feeSat });
  }
}
