import type { Moderator } from "../core/case.js";
import { type ChannelAct, type ChannelCommand, type ChannelCost, isSameAct, NO_COST } from "../core/channel-command.js";
import {
  budgetObjections,
  CLOSED_POLICY,
  type NodeView,
  type Objection,
  objectionsTo,
} from "../core/channel-policy.js";
import { DomainError } from "../core/errors.js";
import type { CommandId } from "../core/ids.js";
import { dayOf } from "../core/day.js";
import type { BookingLimits, ChannelStore, Due, StoredPolicy } from "../ports/channel-store.js";
import type { Clock } from "../ports/clock.js";
import { type LightningNode, NodeRefusal } from "../ports/lightning-node.js";
import { nodeError, type NodeSight, type NodeWatch } from "./node-watch.js";

/** How many commands may be without an outcome. */
const MAX_DUE = 100;
/** If the store took longer to answer, another instance may have given a command up: it is not sent. In milliseconds. */
const LATE_MS = 30_000;
/** How often a command is decided again when the policy changes meanwhile. */
const TRIES = 5;

export interface CommandRequest {
  id: CommandId;
  act: ChannelAct;
  by: Moderator;
}

/** What a command would cost, and what the policy has against it. */
export interface Trial {
  feeSat: number;
  objections: Objection[];
}

/** What a command is decided by. The balance is read after the rest, which makes `due` the older of the two. */
interface Basis {
  due: Due;
  stored: StoredPolicy | undefined;
  sight: NodeSight;
}

interface ChannelCommandsDependencies {
  node: LightningNode;
  store: ChannelStore;
  watch: Pick<NodeWatch, "look">;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Opens and closes channels and sets their fees: each command is booked before the node is asked, and asked once. */
export class ChannelCommands {
  constructor(private readonly deps: ChannelCommandsDependencies) {}

  /**
   * @returns the command; `asked` if the node did not answer
   * @throws DomainError `field_invalid`, `channel_unknown`, `policy_refused`, `limit_reached`, `node_away`, `node_refused`
   */
  async run({ id, act, by }: CommandRequest): Promise<ChannelCommand> {
    const known = await this.deps.store.get(id);
    if (known !== undefined) return answerOf(known, act);
    for (let tries = 0; tries < TRIES; tries++) {
      const booking = await this.#book({ id, act, by });
      if (booking === undefined) continue;
      if (booking.state === "known") return answerOf(booking.command, act);
      return answerOf(await this.#ask(booking.command), act);
    }
    throw new DomainError("policy_changed", "the policy changes all the time; try again");
  }

  /** @throws DomainError `channel_unknown`, `node_away`, `node_refused` */
  async try(act: ChannelAct): Promise<Trial> {
    const basis = await this.#basis();
    const { due, stored, sight } = basis;
    const cost = await this.#cost(act, basis);
    const policy = stored?.policy ?? CLOSED_POLICY;
    const inFlightSat = due.commands.reduce((sum, command) => sum + command.cost.spendSat, 0);
    const usage = { used: due.used, inFlightSat, confirmedSat: sight.balances.confirmedSat };
    const objections = [...objectionsTo(act, policy, viewOf(sight)), ...budgetObjections(cost, policy, usage)];
    return { feeSat: cost.feeSat, objections };
  }

  /** Undefined if the policy changed meanwhile. */
  async #book(request: CommandRequest) {
    const { store, clock } = this.deps;
    const basis = await this.#basis();
    const { due, stored, sight } = basis;
    if (due.commands.length >= MAX_DUE) {
      const message = `${String(MAX_DUE)} commands wait for their outcome: see that the node answers`;
      throw new DomainError("limit_reached", message, { retryAfterMs: LATE_MS });
    }
    const policy = stored?.policy ?? CLOSED_POLICY;
    const { confirmedSat } = sight.balances;
    refuse(objectionsTo(request.act, policy, viewOf(sight)));
    const cost = await this.#cost(request.act, basis);
    const limits: BookingLimits = { ...policy, revision: stored?.revision ?? 0, confirmedSat, spentSat: due.spentSat };
    const knownChannels = knownTo(request.act, sight);
    const booking = await store.book({ ...request, cost, bookedMs: clock.nowMs(), knownChannels }, limits);
    if (booking.state === "policy_changed") return undefined;
    if (booking.state !== "over") return booking;
    refuse(budgetObjections(cost, policy, { ...booking, confirmedSat }));
    throw new Error("the store and the policy disagree about the budget");
  }

  /** Asks the node, if this call alone may. */
  async #ask(command: ChannelCommand): Promise<ChannelCommand> {
    const { store, clock } = this.deps;
    const askedMs = clock.nowMs();
    if (!(await store.ask(command.id, askedMs))) return (await store.get(command.id)) ?? command;
    if (clock.nowMs() - askedMs > LATE_MS) return this.#conclude(command, "refused", "the server was too slow to ask");
    try {
      const channelId = await this.#send(command);
      return await this.#conclude(command, "done", "", channelId);
    } catch (error) {
      if (error instanceof NodeRefusal) return this.#conclude(command, "refused", error.message);
      if (nodeError(error) === error) this.deps.onError(error); // the outcome is not known either
      return { ...command, state: "asked", askedMs };
    }
  }

  /** Returns the channel that was opened. */
  async #send({ id, act }: ChannelCommand): Promise<string | undefined> {
    const { node } = this.deps;
    if (act.kind === "open") return (await node.open({ ...act, commandId: id })).channelId;
    if (act.kind === "close") await node.close(act);
    else await node.setFees(act.channelId, { baseMsat: act.baseMsat, ratePpm: act.ratePpm });
    return undefined;
  }

  async #conclude(command: ChannelCommand, state: "done" | "refused", words: string, channelId?: string) {
    const { store, clock } = this.deps;
    const conclusion = { state, words, atMs: clock.nowMs() };
    const stored = await store.conclude(command.id, { ...conclusion, ...(channelId !== undefined && { channelId }) });
    if (stored !== "taken") return stored ?? command;
    const other = await store.conclude(command.id, conclusion); // its channel was taken for that of a command alike
    return typeof other === "object" ? other : command;
  }

  async #basis(): Promise<Basis> {
    const { store, watch, clock } = this.deps;
    const [due, stored] = await Promise.all([store.due(dayOf(clock.nowMs())), store.policy()]);
    return { due, stored, sight: await watch.look() };
  }

  async #cost(act: ChannelAct, { sight }: Basis): Promise<ChannelCost> {
    const { node } = this.deps;
    if (act.kind !== "open" && !sight.channels.some(({ channelId }) => channelId === act.channelId)) {
      const message = "terms.channel_id: the node knows no such channel";
      throw new DomainError("channel_unknown", message, { field: "terms.channel_id" });
    }
    try {
      if (act.kind === "set_fees") return NO_COST;
      if (act.kind === "close") return { ...NO_COST, feeSat: (await node.estimateClose(act)).feeSat };
      const { feeSat } = await node.estimateOpen({ ...act, commandId: "" });
      return { opens: 1, feeSat, spendSat: act.capacitySat + feeSat };
    } catch (error) {
      throw nodeError(error);
    }
  }
}

/** What the policy is compared with. */
export function viewOf({ info, balances, channels }: NodeSight): NodeView {
  const { blockHeight, isSynced } = info;
  return { blockHeight, isSynced, channels, confirmedSat: balances.confirmedSat };
}

/** The channels that cannot be the effect of an open. */
function knownTo(act: ChannelAct, { channels }: NodeSight): string[] {
  if (act.kind !== "open") return [];
  return channels.filter(({ peerId }) => peerId === act.peerId).map(({ channelId }) => channelId);
}

function answerOf(command: ChannelCommand, act: ChannelAct): ChannelCommand {
  if (!isSameAct(command.act, act)) {
    const message = "command_id: it was sent before, with another command; choose a new one";
    throw new DomainError("field_invalid", message, { field: "command_id" });
  }
  if (command.state === "refused") throw new DomainError("node_refused", command.conclusion?.words ?? "");
  return command;
}

function refuse([first]: Objection[]): void {
  if (first === undefined) return;
  const { field, rule, message } = first;
  throw new DomainError("policy_refused", `${field}: ${message}`, { field, problem: rule });
}
