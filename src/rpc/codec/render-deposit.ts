import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  DepositRecord_Cause as Cause,
  type DepositRecordSchema,
  DepositRecord_State as RecordState,
} from "../../../gen/satoshigle/internal/v1/deposit_pb.js";
import {
  Deposit_State as State,
  type DepositSchema,
  type GetDepositResponse,
  GetDepositResponseSchema,
  type RequestDepositResponse,
  RequestDepositResponseSchema,
} from "../../../gen/satoshigle/v1/deposit_pb.js";
import { admits, type Deposit, type DepositState, endsMs, MAX_HELD_MS, type ReleaseCause } from "../../core/deposit.js";

/** Renders a deposit for the person who pays it. */
function renderDeposit(deposit: Deposit): MessageInitShape<typeof DepositSchema> {
  const { id: depositId, state, cause, amountSat, invoice, invoiceExpiresMs, heldMs } = deposit;
  return {
    depositId,
    state: cause === "away" ? State.WAIVED : states[state],
    amountSat: BigInt(amountSat),
    invoice,
    ...(invoice !== "" && { invoiceExpireTime: timestampFromMs(invoiceExpiresMs) }),
    ...(state === "held" && heldMs !== undefined && { releaseTime: timestampFromMs(heldMs + MAX_HELD_MS) }),
    admits: admits(deposit),
  };
}

export function renderRequested(deposit: Deposit): RequestDepositResponse {
  return create(RequestDepositResponseSchema, { deposit: renderDeposit(deposit) });
}

export function renderOwn(deposit: Deposit): GetDepositResponse {
  return create(GetDepositResponseSchema, { deposit: renderDeposit(deposit) });
}

/** Renders a deposit for operators. */
export function renderDepositRecord(deposit: Deposit): MessageInitShape<typeof DepositRecordSchema> {
  const { id: depositId, sessionId, state, cause, amountSat, paymentHash, isReported, heldMs } = deposit;
  const endMs = endsMs(deposit);
  return {
    ...{ depositId, sessionId, paymentHash, reported: isReported },
    state: recordStates[state],
    amountSat: BigInt(amountSat),
    cause: cause === undefined ? Cause.UNSPECIFIED : causes[cause],
    createTime: timestampFromMs(deposit.createdMs),
    updateTime: timestampFromMs(deposit.changedMs),
    ...(heldMs !== undefined && { holdTime: timestampFromMs(heldMs) }),
    ...(endMs !== undefined && { endTime: timestampFromMs(endMs) }),
  };
}

/** A person sees a decision at once, before the node has confirmed it. */
const states = {
  asked: State.ASKED,
  held: State.HELD,
  releasing: State.RELEASED,
  forfeiting: State.FORFEITED,
  released: State.RELEASED,
  forfeited: State.FORFEITED,
  lapsed: State.LAPSED,
} as const satisfies Record<DepositState, State>;

const recordStates = {
  asked: RecordState.ASKED,
  held: RecordState.HELD,
  releasing: RecordState.RELEASING,
  forfeiting: RecordState.FORFEITING,
  released: RecordState.RELEASED,
  forfeited: RecordState.FORFEITED,
  lapsed: RecordState.LAPSED,
} as const satisfies Record<DepositState, RecordState>;

const causes = {
  conduct: Cause.CONDUCT,
  time: Cause.TIME,
  height: Cause.HEIGHT,
  left: Cause.LEFT,
  shutdown: Cause.SHUTDOWN,
  moderator: Cause.MODERATOR,
  late: Cause.LATE,
  away: Cause.AWAY,
} as const satisfies Record<ReleaseCause, Cause>;
