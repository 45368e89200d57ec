import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { AnswerService } from "../../../gen/satoshigle/v1/answer_pb.js";
import { DepositService } from "../../../gen/satoshigle/v1/deposit_pb.js";
import { DiagnosticsService } from "../../../gen/satoshigle/v1/diagnostics_pb.js";
import { EvidenceService } from "../../../gen/satoshigle/v1/evidence_pb.js";
import { MatchService, ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../../../gen/satoshigle/v1/tipping_pb.js";
import { WarningService } from "../../../gen/satoshigle/v1/warning_pb.js";
import { candidate } from "../../support/pair.js";
import { sdp } from "../../support/sdp.js";
import type { Dice } from "./dice.js";

const { signal, send, getIceServers, goodbye, reportProblem } = SignalService.method;
const { match, leave, report } = MatchService.method;
const { acknowledgeReports, appeal } = AnswerService.method;
const { acknowledgeWarning } = WarningService.method;
const { requestDeposit, getDeposit } = DepositService.method;
const { reportCheck } = DiagnosticsService.method;
const { getEvidencePolicy, attachEvidence, commitChat } = EvidenceService.method;
const { offerTip, sendInvoice, confirmTip, confirmReceipt, cancelTip } = TipService.method;

/** The IDs that a message contains. */
interface Ids {
  matchId: string;
  epoch: string;
}

type Message = (dice: Dice, ids: Ids) => [input: DescMessage, message: MessageInitShape<DescMessage>];

const strings = ["", "x", "ünï©ode", "a\u0007b", "x".repeat(65), "x".repeat(1_100), "en", "v=0", "\ud800"];
/** In millisatoshis. */
const amounts = [1_000n, 21_000n, 0n, -1n, 999n, 1_000_000_001n, 2n ** 62n];
const numbers = [0, 1, 2, 3, -1, 99, 2 ** 31 - 1, -(2 ** 31)];

function description(dice: Dice) {
  const type = dice.pick([...numbers, 1, 1, 2]) as never;
  return { type, sdp: dice.pick([sdp(), sdp(), ...strings, sdp(`a=x:${"x".repeat(17_000)}`)]), connectionId: "one" };
}

function anySignal(dice: Dice) {
  const sdpMid = dice.pick(strings);
  return dice.pick([
    candidate(dice.roll(9)),
    candidate(dice.roll(9)),
    {},
    { kind: { case: "candidatesDone" as const, value: {} } },
    { kind: { case: "candidate" as const, value: { candidate: dice.pick(strings), sdpMid, sdpMlineIndex: 300 } } },
    { kind: { case: "description" as const, value: description(dice) } },
  ]);
}

/** The path of every public method, and its request: mostly valid, otherwise invalid in every way a field can be. */
export const messages: [path: string, message: Message][] = [
  [
    `/${signal.parent.typeName}/${signal.name}`,
    (dice, { epoch }) => [
      signal.input,
      { epoch: dice.pick([epoch, ...strings]), lastSequence: dice.pick([0, 0, ...numbers]) },
    ],
  ],
  [
    `/${reportCheck.parent.typeName}/${reportCheck.name}`,
    (dice) => {
      const outcome = () => ({
        part: dice.pick([1, 2, 8, ...numbers]) as never,
        result: dice.pick([1, 4, ...numbers]) as never,
      });
      return [reportCheck.input, { outcomes: Array.from({ length: dice.pick([1, 8, 0, 9]) }, outcome) }];
    },
  ],
  [`/${getEvidencePolicy.parent.typeName}/${getEvidencePolicy.name}`, () => [getEvidencePolicy.input, {}]],
  [
    `/${attachEvidence.parent.typeName}/${attachEvidence.name}`,
    (dice, { matchId }) => {
      const data = Buffer.from(dice.pick(["age-encryption.org/v1\n", ...strings, "x".repeat(17_000)]));
      const place = { index: dice.pick(numbers), count: dice.pick(numbers) };
      return [attachEvidence.input, { matchId: dice.pick([matchId, "x", ""]), ...place, data }];
    },
  ],
  [
    `/${commitChat.parent.typeName}/${commitChat.name}`,
    (dice, { matchId }) => {
      const head = Buffer.alloc(dice.pick([32, 32, 31, 0]));
      return [commitChat.input, { matchId: dice.pick([matchId, "x", ""]), count: dice.pick(numbers), head }];
    },
  ],
  [
    `/${send.parent.typeName}/${send.name}`,
    (dice, { matchId }) => {
      const count = dice.pick([1, 1, 1, 2, 3, 0, 64, 65]);
      const signals = Array.from({ length: count }, () => (dice.hits(3) ? anySignal(dice) : candidate(1)));
      return [
        send.input,
        { matchId: dice.pick([matchId, matchId, "x", ""]), clientSequence: dice.pick(numbers), signals },
      ];
    },
  ],
  [
    `/${match.parent.typeName}/${match.name}`,
    (dice, { matchId }) => {
      const interests = Array.from({ length: dice.pick([0, 1, 2, 11]) }, () => dice.pick(["go", "a b", ...strings]));
      const languages = dice.hits(4) ? [dice.pick(strings)] : [];
      const offer = dice.hits(3) ? description(dice) : undefined;
      const leaveMatchId = dice.pick(["", "", "", matchId, "x".repeat(65)]);
      const named = () => ({
        name: dice.pick(["mode", "mode", "gender", ...strings]),
        values: [dice.pick(["text", ...strings])],
      });
      const [attributes, filters] = [dice.hits(6) ? [named()] : [], dice.hits(9) ? [named()] : []];
      const preferences = { interests, languages, priceMsatPerMinute: dice.pick([0n, 0n, 0n, ...amounts]) };
      return [match.input, { preferences, rematch: dice.hits(2), leaveMatchId, offer, attributes, filters }];
    },
  ],
  [`/${leave.parent.typeName}/${leave.name}`, () => [leave.input, {}]],
  [`/${getIceServers.parent.typeName}/${getIceServers.name}`, () => [getIceServers.input, {}]],
  [`/${reportProblem.parent.typeName}/${reportProblem.name}`, () => [reportProblem.input, { problem: 1 }]],
  [
    `/${goodbye.parent.typeName}/${goodbye.name}`,
    // Of no stream: a session that ends while the calls are compared answers them differently.
    (dice) => [goodbye.input, { streamId: dice.pick(["99", "0", "-1", "1e1", ...strings]) }],
  ],
  [
    `/${report.parent.typeName}/${report.name}`,
    (dice, { matchId }) => {
      const reason = dice.pick([...numbers, ReportReason.SPAM]);
      return [report.input, { matchId: dice.pick([matchId, "x", ""]), reason, comment: dice.pick(strings) }];
    },
  ],
  [
    `/${acknowledgeReports.parent.typeName}/${acknowledgeReports.name}`,
    (dice) => {
      const reportIds = Array.from({ length: dice.pick([1, 2, 0, 101]) }, () => dice.pick(["1", "99", ...strings]));
      return [acknowledgeReports.input, { reportIds }];
    },
  ],
  [
    `/${acknowledgeWarning.parent.typeName}/${acknowledgeWarning.name}`,
    (dice) => [acknowledgeWarning.input, { actionId: tipIdOf(dice) }],
  ],
  ...[requestDeposit, getDeposit].map((method): [string, Message] => [
    `/${method.parent.typeName}/${method.name}`,
    () => [method.input, {}],
  ]),
  [
    `/${appeal.parent.typeName}/${appeal.name}`,
    (dice) => {
      const who = {
        deviceKey: dice.pick(["", "k".repeat(22), ...strings]),
        identityToken: dice.pick(["", ...strings]),
      };
      return [appeal.input, { banId: dice.pick(["A".repeat(16), ...strings]), text: dice.pick(strings), ...who }];
    },
  ],
  [
    `/${offerTip.parent.typeName}/${offerTip.name}`,
    (dice, { matchId }) => {
      const tip = {
        tipId: tipIdOf(dice),
        matchId: dice.pick([matchId, matchId, "x", ""]),
        amountMsat: dice.pick(amounts),
      };
      return [offerTip.input, { ...tip, comment: dice.pick(strings) }];
    },
  ],
  [
    `/${sendInvoice.parent.typeName}/${sendInvoice.name}`,
    (dice) => [sendInvoice.input, { tipId: tipIdOf(dice), invoice: dice.pick(["lnbc1", "x y", ...strings]) }],
  ],
  [
    `/${confirmTip.parent.typeName}/${confirmTip.name}`,
    (dice) => [confirmTip.input, { tipId: tipIdOf(dice), preimage: dice.pick(["0".repeat(64), "f", ...strings]) }],
  ],
  [
    `/${confirmReceipt.parent.typeName}/${confirmReceipt.name}`,
    (dice) => [confirmReceipt.input, { tipId: tipIdOf(dice) }],
  ],
  [`/${cancelTip.parent.typeName}/${cancelTip.name}`, (dice) => [cancelTip.input, { tipId: tipIdOf(dice) }]],
];

/** One of a few, so that calls refer to the tips of earlier calls. */
function tipIdOf(dice: Dice): string {
  return dice.pick(["a", "b", "c", ...strings].map((name) => (name.length === 1 ? name.repeat(22) : name)));
}
