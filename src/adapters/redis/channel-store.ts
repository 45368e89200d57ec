import { channelAudit, policyAudit } from "../../core/audit.js";
import { budgetDay, type ChannelCommand, type CommandDraft, type Conclusion } from "../../core/channel-command.js";
import type { CommandId } from "../../core/ids.js";
import type {
  Booking,
  BookingLimits,
  ChannelStore,
  Due,
  NumberedCommand,
  PolicyChange,
  StoredPolicy,
} from "../../ports/channel-store.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** The commands to the operator's node in Redis. Durability depends on how its append-only file is configured. */
export class RedisChannels implements ChannelStore {
  constructor(private readonly store: ScriptRunner) {}

  async policy(): Promise<StoredPolicy | undefined> {
    const [policy, revision] = (await this.store.run("channel_policy")) as [string, string];
    return policy === "" ? undefined : { ...(JSON.parse(policy) as StoredPolicy), revision: Number(revision) };
  }

  async setPolicy({ policy, by, atMs, revision }: PolicyChange): Promise<number | undefined> {
    const stored = JSON.stringify({ policy, by, atMs });
    const args = [stored, revision ?? "", atMs, JSON.stringify(policyAudit(0, by))];
    const set = (await this.store.run("set_channel_policy", ...args)) as number;
    return set === 0 ? undefined : set;
  }

  async book(draft: CommandDraft, allowed: BookingLimits): Promise<Booking> {
    const { id, cost, bookedMs } = draft;
    const day = budgetDay(draft);
    const answer = (await this.store.run(
      "book_command",
      ...[id, JSON.stringify({ ...draft, day }), day, cost.opens, cost.feeSat, cost.spendSat],
      ...[allowed.revision, allowed.opensPerDay, allowed.feesPerDaySat, allowed.reserveSat],
      ...[allowed.confirmedSat, allowed.spentSat, bookedMs, JSON.stringify(channelAudit(draft))],
    )) as [Booking["state"], string, string, string];
    const [state, ...rest] = answer;
    if (state === "booked") return { state, command: { ...draft, state } };
    if (state === "known") return { state, command: toCommand(...rest) };
    if (state === "policy_changed") return { state };
    const [opens, feesSat, inFlightSat] = rest.map(Number) as [number, number, number];
    return { state, used: { opens, feesSat }, inFlightSat };
  }

  async ask(id: CommandId, nowMs: number): Promise<boolean> {
    return (await this.store.run("ask_command", id, nowMs)) === 1;
  }

  async conclude(id: CommandId, conclusion: Conclusion): Promise<ChannelCommand | "taken" | undefined> {
    const { state, channelId = "" } = conclusion;
    const args = [id, state, JSON.stringify(conclusion), channelId];
    const [command, asked = "", outcome = ""] = (await this.store.run("conclude_command", ...args)) as string[];
    if (command === undefined || command === "taken") return command;
    return toCommand(command, asked, outcome);
  }

  async due(day: string): Promise<Due> {
    const [spent, opens, fees, ...commands] = (await this.store.run("due_commands", day)) as string[];
    return {
      commands: chunk(commands, 2).map(([command = "", asked = ""]) => toCommand(command, asked, "")),
      used: { opens: Number(opens), feesSat: Number(fees) },
      spentSat: Number(spent),
    };
  }

  async get(id: CommandId): Promise<ChannelCommand | undefined> {
    const [command, asked = "", outcome = ""] = (await this.store.run("get_command", id)) as string[];
    return command === undefined ? undefined : toCommand(command, asked, outcome);
  }

  async before(number: number, limit: number): Promise<NumberedCommand[]> {
    const found = (await this.store.run("list_commands", number, limit)) as string[];
    return chunk(found, 4).map(([key, command = "", asked = "", outcome = ""]) => ({
      ...toCommand(command, asked, outcome),
      number: Number(key),
    }));
  }
}

/** @param asked when the node was asked, or empty @param outcome as JSON, or empty */
function toCommand(stored: string, asked: string, outcome: string): ChannelCommand {
  const draft = JSON.parse(stored) as CommandDraft & { day?: string };
  delete draft.day; // for the script
  const conclusion = outcome === "" ? undefined : (JSON.parse(outcome) as Conclusion);
  return {
    ...draft,
    state: conclusion?.state ?? (asked === "" ? "booked" : "asked"),
    ...(asked !== "" && { askedMs: Number(asked) }),
    ...(conclusion && { conclusion }),
  };
}
