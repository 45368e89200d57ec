import type { DescMessage, DescMethodUnary, Message, MessageShape } from "@bufbuild/protobuf";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { TipService } from "../../gen/satoshigle/v1/tipping_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { Caller } from "../app/caller.js";
import { inTime } from "./interceptors/deadline.js";
import type { Budget } from "./admission/authenticate.js";
import type { matchingService } from "./services/matching.js";
import type { signalingService } from "./services/signaling.js";
import { isSurelyValidMatch, isSurelyValidSend, oddPartOf } from "./fast-path/prevalidate.js";
import type { tippingService } from "./services/tipping.js";
import { validate } from "./interceptors/validate.js";

export interface PublicServices {
  signaling: ReturnType<typeof signalingService>;
  matching: ReturnType<typeof matchingService>;
  tipping: ReturnType<typeof tippingService>;
}

/** A unary method that carries something out; its answer is empty unless it has something to tell. */
export interface Command {
  method: DescMethodUnary;
  budget: Budget;
  /** Holds the request against the rules of its `.proto`. @throws ConnectError */
  check: (request: Message) => void;
  /**
   * Carries a request that was checked out, or gives up after a while; `bytes` are the request as it came, if it came in
   * binary and they say nothing beyond it.
   */
  serve: (caller: Caller, request: Message, bytes?: Uint8Array) => Promise<Message | undefined>;
}

/**
 * The public commands, each one call of a plain function, whichever path serves it. The ways out of a match and to
 * somebody else have budgets of their own: what one person sends makes the other's client send too, and must not use up
 * what the other gets away with. What a `Match` is for its headers do not tell, so that all of them share one.
 */
export function commandsOf({ signaling, matching, tipping }: PublicServices): Command[] {
  const { send, getIceServers } = SignalService.method;
  const { match, leave, report } = MatchService.method;
  const { offerTip, sendInvoice, confirmTip, cancelTip } = TipService.method;
  return [
    command(send, "rest", (caller, request, bytes) => signaling.send(caller, request, bytes), {
      isPlain: isSurelyValidSend,
      oddPartOf,
    }),
    command(getIceServers, "rest", (caller) => signaling.getIceServers(caller)),
    command(match, "match", (caller, request) => matching.match(caller, request), { isPlain: isSurelyValidMatch }),
    command(leave, "leave", (caller) => matching.leave(caller)),
    command(report, "report", (caller, request) => matching.report(caller, request)),
    command(offerTip, "rest", (caller, request) => tipping.offerTip(caller, request)),
    command(sendInvoice, "rest", (caller, request) => tipping.sendInvoice(caller, request)),
    command(confirmTip, "rest", (caller, request) => tipping.confirmTip(caller, request)),
    command(cancelTip, "rest", (caller, request) => tipping.cancelTip(caller, request)),
  ];
}

/** How to tell without the validator that it would find nothing. */
interface Glance<Request> {
  isPlain?: (request: Request) => boolean;
  /** A request that breaks the same rules at the same places and is cheaper to look through. */
  oddPartOf?: (request: Request) => Request;
}

function command<Input extends DescMessage>(
  method: DescMethodUnary<Input>,
  budget: Budget,
  serve: (
    caller: Caller,
    request: MessageShape<Input>,
    bytes?: Uint8Array,
  ) => Promise<Message | undefined> | Promise<void>,
  glance: Glance<MessageShape<Input>> = {},
): Command {
  return {
    method,
    budget,
    check: (message) => {
      const request = message as MessageShape<Input>;
      if (glance.isPlain?.(request) === true) return;
      validate(method.input, glance.oddPartOf?.(request) ?? request);
    },
    serve: (caller, message, bytes) => {
      const work: Promise<unknown> = serve(caller, message as MessageShape<Input>, bytes);
      return inTime(work) as Promise<Message | undefined>;
    },
  };
}
