import { isOpen, postponed, reviewed } from "../core/deposit.js";
import { NodeRefusal } from "../ports/lightning-node.js";
import type { StoredDeposit } from "../ports/deposit-store.js";
import { type Deposits, type DepositsDependencies, isOfNode } from "./deposits.js";
import { runPeriodically } from "./periodic.js";

/** How often open deposits are looked at, in milliseconds. */
const TICK_MS = 1_000;
/** How many are handled in one step, so that no step takes long. */
const LIMIT = 50;

interface UpkeepDependencies extends Pick<DepositsDependencies, "node" | "deposits" | "clock"> {
  service: Pick<Deposits, "look" | "carryOut" | "endAsNodeSays">;
  onError: (error: unknown) => void;
}

/**
 * Returns deposits in time, and does what was decided about them. Every instance does so for all; what one has decided,
 * another carries out if the first is gone. Returns how to stop.
 */
export function startDepositUpkeep(deps: UpkeepDependencies): () => void {
  return runPeriodically(deps.clock, { pauseMs: TICK_MS, act: () => attendDeposits(deps), onError: deps.onError });
}

/** Handles the deposits that are due now. */
export async function attendDeposits(deps: UpkeepDependencies): Promise<void> {
  const due = await deps.deposits.due(deps.clock.nowMs(), LIMIT);
  if (due.length === 0) return;
  const height = await heightOf(deps);
  for (const deposit of due) await attend(deposit, height, deps);
}

/** The height of the chain; undefined if the node does not answer. */
async function heightOf({ node }: UpkeepDependencies): Promise<number | undefined> {
  try {
    return (await node.info()).blockHeight;
  } catch (error) {
    if (isOfNode(error)) return undefined;
    throw error;
  }
}

async function attend(deposit: StoredDeposit, height: number | undefined, deps: UpkeepDependencies): Promise<void> {
  try {
    await (deposit.state === "asked" ? expire(deposit, deps) : review(deposit, height, deps));
  } catch (error) {
    if (!isOfNode(error)) throw error;
    await tryLater(deposit, error, deps);
  }
}

async function tryLater(deposit: StoredDeposit, error: Error, deps: UpkeepDependencies): Promise<void> {
  const { deposits, clock, service, onError } = deps;
  const latest = await deposits.get(deposit.id);
  if (latest === undefined || !isOpen(latest)) return;
  if (error instanceof NodeRefusal) {
    const hasEnded = await service.endAsNodeSays(latest).catch(() => false);
    if (hasEnded) return;
    onError(error);
  }
  await deposits.change(postponed(latest, clock.nowMs()), latest.number);
}

/** The invoice of a deposit expired. A payment may have arrived that nobody waited for. */
async function expire(deposit: StoredDeposit, { service }: UpkeepDependencies): Promise<void> {
  const latest = deposit.invoice === "" ? deposit : await service.look(deposit);
  if (latest.state === "asked") await service.carryOut(latest);
}

async function review(
  deposit: StoredDeposit,
  height: number | undefined,
  { service, deposits, clock }: UpkeepDependencies,
): Promise<void> {
  const nowMs = clock.nowMs();
  const next = reviewed(deposit, height, nowMs);
  let latest = deposit;
  if (next !== deposit) {
    const changed = await deposits.change(next, deposit.number);
    if (changed.state === "stale") return;
    latest = changed.deposit;
  }
  if (latest.state === "releasing" || latest.state === "forfeiting") await service.carryOut(latest);
}
