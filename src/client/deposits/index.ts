import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { call, type Wire } from "../connection/api.js";
import { isLimit, isTransient, toSatoshigleError } from "../connection/error-mapping.js";
import { sleep } from "../connection/timers.js";
import { SatoshigleError } from "../errors.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import {
  type Deposit as WireDeposit,
  Deposit_State as State,
  DepositService,
} from "../gen/satoshigle/v1/deposit_pb.js";
import { readInvoice } from "../tips/invoice.js";
import type { SatoshigleClient } from "../types.js";

/** Interval between looks at a deposit, in milliseconds. */
const LOOK_MS = 2_000;

/**
 * `asked`: it waits for the payment. `held`: it was paid. `released`: it is being returned, or was. `forfeited`: a moderator
 * kept it. `lapsed`: its invoice expired. `waived`: none is needed now.
 */
export type DepositState = "asked" | "held" | "released" | "forfeited" | "lapsed" | "waived";

/** A refundable payment before the first match. */
export interface Deposit {
  depositId: string;
  state: DepositState;
  amountSat: number;
  /** The hold invoice (BOLT 11), which wallets show as pending after it is paid; empty if none is needed. */
  invoice: string;
  /** When the invoice expires (`Date.now()` milliseconds). */
  expiresAtMs: number;
  /** Until when it is returned unless a moderator keeps it; undefined unless it is held. */
  releaseAtMs: number | undefined;
  /** Whether the server matches this session now. */
  admits: boolean;
}

export interface DepositWaitOptions {
  /** Ends the wait, which then rejects with its reason. */
  signal?: AbortSignal;
  /** Called with each new state, and once at the start. */
  onState?: (deposit: Deposit) => void;
}

const STATES: Partial<Record<State, DepositState>> = {
  [State.HELD]: "held",
  [State.RELEASED]: "released",
  [State.FORFEITED]: "forfeited",
  [State.LAPSED]: "lapsed",
  [State.WAIVED]: "waived",
};

/** Reasons of the server for `deposit_failed`. */
const PROBLEMS: Partial<Record<string, string>> = {
  DEPOSITS_OFF: "off",
  NODE_AWAY: "node_away",
  NODE_REFUSED: "node_refused",
  DEPOSIT_UNKNOWN: "over",
};

/**
 * Returns the deposit of this session, and asks for one if there is none. Call it after `start` or `next` was refused with
 * `deposit_required`. Rejects with `deposit_failed` if the server cannot ask for one now.
 */
export async function requestDeposit(client: SatoshigleClient): Promise<Deposit> {
  try {
    return toDeposit((await call(wireOf(client), DepositService.method.requestDeposit, {})).deposit);
  } catch (error) {
    throw toDepositError(error);
  }
}

/**
 * Resolves once the deposit of this session admits, so that `start` can be called again. Keeps waiting while the server
 * cannot be reached. Rejects with `deposit_failed` if the deposit ended otherwise: another one can be requested then.
 */
export async function depositAdmits(
  client: SatoshigleClient,
  { signal, onState }: DepositWaitOptions = {},
): Promise<Deposit> {
  let last: DepositState | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const { deposit, waitMs } = await look(wireOf(client), signal);
    signal?.throwIfAborted();
    if (deposit !== undefined && deposit.state !== last) onState?.(deposit);
    last = deposit?.state ?? last;
    if (deposit?.admits) return deposit;
    if (deposit !== undefined && deposit.state !== "asked") {
      throw new SatoshigleError("deposit_failed", `The deposit is ${deposit.state}.`, { problem: "over" });
    }
    await sleep(waitMs, signal);
  }
}

/** Looks once. The deposit is unknown for now if the server cannot be reached, or limits calls. */
async function look(wire: Wire, signal?: AbortSignal): Promise<{ deposit?: Deposit; waitMs: number }> {
  try {
    const { deposit } = await call(wire, DepositService.method.getDeposit, {}, { signal });
    return { deposit: toDeposit(deposit), waitMs: LOOK_MS };
  } catch (error) {
    if (!isTransient(error) && !isLimit(error)) throw toDepositError(error);
    return { waitMs: Math.max(LOOK_MS, toSatoshigleError(error).retryAfterMs ?? 0) };
  }
}

function wireOf(client: SatoshigleClient): Wire {
  const { wire } = client as { wire?: Wire };
  if (wire === undefined) throw new SatoshigleError("not_supported", "Deposits need the client of this package.");
  return wire;
}

function toDeposit(deposit: WireDeposit | undefined): Deposit {
  if (deposit === undefined) throw new SatoshigleError("internal", "The server sent no deposit.");
  const { depositId, state, invoice, invoiceExpireTime, releaseTime, admits } = deposit;
  const amountSat = Number(deposit.amountSat);
  if (invoice !== "" && readInvoice(invoice)?.amountMsat !== amountSat * 1_000) {
    throw new SatoshigleError("internal", "The server's invoice is not for the amount of the deposit.");
  }
  return {
    ...{ depositId, invoice, admits, amountSat, state: STATES[state] ?? "asked" },
    expiresAtMs: invoiceExpireTime ? timestampMs(invoiceExpireTime) : 0,
    releaseAtMs: releaseTime && timestampMs(releaseTime),
  };
}

function toDepositError(cause: unknown): SatoshigleError {
  const known = toSatoshigleError(cause);
  const reason = cause instanceof ConnectError ? cause.findDetails(ErrorInfoSchema)[0]?.reason : undefined;
  const problem = PROBLEMS[reason ?? ""];
  if (problem === undefined) return known;
  const { message, retryAfterMs } = known;
  return new SatoshigleError("deposit_failed", message, { problem, retryAfterMs, cause });
}
