import type { DescMessage, DescMethodUnary, Message, MessageShape } from "@bufbuild/protobuf";
import { AnswerService } from "../../gen/satoshigle/v1/answer_pb.js";
import { DepositService } from "../../gen/satoshigle/v1/deposit_pb.js";
import { DiagnosticsService } from "../../gen/satoshigle/v1/diagnostics_pb.js";
import { EvidenceService } from "../../gen/satoshigle/v1/evidence_pb.js";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../../gen/satoshigle/v1/tipping_pb.js";
import { WarningService } from "../../gen/satoshigle/v1/warning_pb.js";
import type { Caller } from "../app/caller.js";
import { depositsOff } from "../core/deposit.js";
import type { ActionId } from "../core/ids.js";
import type { Budget } from "./admission/authenticate.js";
import { parseGoodbye, parseMatch, parseProblem, parseReport, parseSend } from "./codec/parse.js";
import { parseAcknowledged, parseAppeal } from "./codec/parse-answers.js";
import { parseCheck } from "./codec/parse-diagnostics.js";
import { parseCommitment, parsePiece } from "./codec/parse-evidence.js";
import {
  parseCancelTip,
  parseConfirmReceipt,
  parseConfirmTip,
  parseOfferTip,
  parseSendInvoice,
} from "./codec/parse-tip.js";
import { renderOwn, renderRequested } from "./codec/render-deposit.js";
import { renderPolicy } from "./codec/render-evidence.js";
import { renderReported } from "./codec/render-answers.js";
import { renderIceServers } from "./codec/render-signal.js";
import { matchPrecheck, type Precheck, sendPrecheck } from "./fast-path/prevalidate.js";
import { withDeadline } from "./interceptors/deadline.js";
import { validate } from "./interceptors/validate.js";
import type { PublicServices } from "./service.js";

/** A public unary method, whichever path serves it. */
export interface Command {
  method: DescMethodUnary;
  budget: Budget;
  /** Whether a session token is required. */
  needsToken: boolean;
  /** Validates the request against the rules of its `.proto`. @throws ConnectError */
  check: (request: Message) => void;
  /**
   * Carries out a valid request within the deadline. Without a result, the response is empty.
   * @param bytes the binary request, if it has the canonical encoding
   */
  serve: (caller: Caller, request: Message, bytes?: Uint8Array) => Promise<Message | undefined>;
}

/**
 * The public commands: method, parser, use case. The commands that leave a match or report it have budgets of their own:
 * what a partner sends makes a client send too, and must not use up the calls it needs to get away. All uses of `Match`
 * share one budget, as headers do not tell them apart.
 */
export function publicCommands(services: PublicServices): Command[] {
  const { sessions, signaling, relaying, clientProblems, matching, diagnostics } = services;
  const { send, getIceServers, goodbye, reportProblem } = SignalService.method;
  const { reportCheck } = DiagnosticsService.method;
  const { match, leave } = MatchService.method;
  return [
    command(send, parseSend, (caller, post) => signaling.send(caller, post), { precheck: sendPrecheck }),
    command(getIceServers, none, async (caller) => renderIceServers(await relaying.iceServers(caller))),
    command(reportProblem, parseProblem, (caller, problem) => clientProblems.report(caller, problem)),
    command(goodbye, parseGoodbye, (caller, generation) => sessions.goodbye(caller, generation), { budget: "leave" }),
    command(match, parseMatch, (caller, input) => matching.match(caller, input), {
      budget: "match",
      precheck: matchPrecheck,
    }),
    command(leave, none, (caller) => matching.leave(caller), { budget: "leave" }),
    ...reportCommands(services),
    ...tipCommands(services),
    ...depositCommands(services),
    command(reportCheck, parseCheck, (_, outcomes) => diagnostics.reportCheck(outcomes)),
  ];
}

function reportCommands({ moderation, answers, appeals, warnings, evidence }: PublicServices): Command[] {
  const { report } = MatchService.method;
  const { acknowledgeReports, appeal } = AnswerService.method;
  const { acknowledgeWarning } = WarningService.method;
  const { getEvidencePolicy, attachEvidence, commitChat } = EvidenceService.method;
  return [
    command(report, parseReport, async (caller, input) => renderReported(await moderation.report(caller, input)), {
      budget: "report",
    }),
    command(acknowledgeReports, parseAcknowledged, (caller, seen) => answers.acknowledge(caller, seen)),
    command(acknowledgeWarning, actionIdOf, (caller, id) => warnings.acknowledge(caller, id)),
    command(appeal, parseAppeal, (caller, input) => appeals.appeal(caller, input), { needsToken: false }),
    command(getEvidencePolicy, none, () => Promise.resolve(renderPolicy(evidence.settings))),
    command(attachEvidence, parsePiece, (caller, piece) => evidence.attach(caller, piece), { budget: "report" }),
    command(commitChat, parseCommitment, (caller, input) => evidence.commit(caller, input)),
  ];
}

function tipCommands({ tipping }: PublicServices): Command[] {
  const { offerTip, sendInvoice, confirmTip, confirmReceipt, cancelTip } = TipService.method;
  return [
    command(offerTip, parseOfferTip, (caller, offer) => tipping.offer(caller, offer)),
    command(sendInvoice, parseSendInvoice, (caller, input) => tipping.sendInvoice(caller, input)),
    command(confirmTip, parseConfirmTip, (caller, input) => tipping.confirm(caller, input)),
    command(confirmReceipt, parseConfirmReceipt, (caller, tipId) => tipping.confirmReceipt(caller, tipId)),
    command(cancelTip, parseCancelTip, (caller, tipId) => tipping.cancel(caller, tipId)),
  ];
}

function depositCommands({ deposits }: PublicServices): Command[] {
  const { requestDeposit, getDeposit } = DepositService.method;
  const use = () => {
    if (deposits === undefined) throw depositsOff();
    return deposits;
  };
  return [
    command(requestDeposit, none, async (caller) => renderRequested(await use().request(caller))),
    command(getDeposit, none, async (caller) => renderOwn(await use().own(caller))),
  ];
}

const actionIdOf = ({ actionId }: { actionId: string }) => actionId as ActionId;

/** Parses a request without fields. */
const none = () => undefined;

interface CommandOptions<Request> {
  budget?: Budget;
  needsToken?: boolean;
  precheck?: Precheck<Request>;
}

function command<Input extends DescMessage, Output extends DescMessage, Parsed>(
  method: DescMethodUnary<Input, Output>,
  parse: (request: MessageShape<Input>, bytes?: Uint8Array) => Parsed,
  carryOut: (caller: Caller, parsed: Parsed) => Promise<MessageShape<Output>> | Promise<void>,
  { budget = "rest", needsToken = true, precheck }: CommandOptions<MessageShape<Input>> = {},
): Command {
  return {
    method,
    budget,
    needsToken,
    check: (message) => {
      const request = message as MessageShape<Input>;
      if (precheck?.isSurelyValid(request) === true) return;
      validate(method.input, precheck?.doubtfulPartOf?.(request) ?? request);
    },
    serve: (caller, message, bytes) => {
      const serve = async (): Promise<unknown> => carryOut(caller, parse(message as MessageShape<Input>, bytes));
      return withDeadline(serve()) as Promise<Message | undefined>;
    },
  };
}
