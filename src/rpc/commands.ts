import type { DescMessage, DescMethodUnary, Message, MessageShape } from "@bufbuild/protobuf";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { TipService } from "../../gen/satoshigle/v1/tipping_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { Caller } from "../app/caller.js";
import { inTime } from "./deadline.js";
import type { matchingService } from "./matching.js";
import type { signalingService } from "./signaling.js";
import { isPlainMatch, isPlainSend } from "./plain.js";
import type { tippingService } from "./tipping.js";
import { validate } from "./validate.js";

export interface PublicServices {
  signaling: ReturnType<typeof signalingService>;
  matching: ReturnType<typeof matchingService>;
  tipping: ReturnType<typeof tippingService>;
}

/**
 * A unary method. Most only acknowledge: their answer is empty and says that the command was carried out.
 */
export interface Command {
  method: DescMethodUnary;
  /**
   * Validates the request and carries it out, or gives up after a while; `bytes` are the request as it came, if it came
   * in binary.
   */
  serve: (caller: Caller, request: Message, bytes?: Uint8Array) => Promise<Answer>;
}

/** The method's output; undefined for an empty one. */
export type Answer = Message | undefined;

/** The public commands, each one call of a plain function, whichever path serves it. */
export function commandsOf({ signaling, matching, tipping }: PublicServices): Command[] {
  const { match, leave, report } = MatchService.method;
  const { offerTip, sendInvoice, confirmTip, cancelTip } = TipService.method;
  return [
    command(SignalService.method.send, (caller, request, bytes) => signaling.send(caller, request, bytes), isPlainSend),
    command(SignalService.method.getIceServers, (caller) => signaling.getIceServers(caller)),
    command(match, (caller, request) => matching.match(caller, request), isPlainMatch),
    command(leave, (caller) => matching.leave(caller)),
    command(report, (caller, request) => matching.report(caller, request)),
    command(offerTip, (caller, request) => tipping.offerTip(caller, request)),
    command(sendInvoice, (caller, request) => tipping.sendInvoice(caller, request)),
    command(confirmTip, (caller, request) => tipping.confirmTip(caller, request)),
    command(cancelTip, (caller, request) => tipping.cancelTip(caller, request)),
  ];
}

function command<Input extends DescMessage>(
  method: DescMethodUnary<Input>,
  serve: (caller: Caller, request: MessageShape<Input>, bytes?: Uint8Array) => Promise<Message> | Promise<void>,
  isPlain?: (request: MessageShape<Input>) => boolean,
): Command {
  return {
    method,
    serve: (caller, message, bytes) => {
      const request = message as MessageShape<Input>;
      if (isPlain?.(request) !== true) validate(method.input, request);
      return inTime<unknown>(serve(caller, request, bytes)) as Promise<Answer>;
    },
  };
}
