import {
  DepositRecord_Cause as Cause,
  DepositRecord_State as State,
} from "../../../gen/satoshigle/internal/v1/deposit_pb.js";

export const STATES: Readonly<Record<State, string>> = {
  [State.UNSPECIFIED]: "Unknown",
  [State.ASKED]: "Asked for",
  [State.HELD]: "Held",
  [State.RELEASING]: "Being returned",
  [State.FORFEITING]: "Being kept",
  [State.RELEASED]: "Returned",
  [State.FORFEITED]: "Kept",
  [State.LAPSED]: "Not paid",
};

export const CAUSES: Readonly<Record<Cause, string>> = {
  [Cause.UNSPECIFIED]: "",
  [Cause.CONDUCT]: "nobody reported the person",
  [Cause.TIME]: "after the longest time",
  [Cause.HEIGHT]: "before it expired on the chain",
  [Cause.LEFT]: "the person left",
  [Cause.SHUTDOWN]: "the server stopped",
  [Cause.MODERATOR]: "by an operator",
  [Cause.LATE]: "it was paid too late",
  [Cause.AWAY]: "none was needed, as the node was away",
};
