import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { BanRecordSchema, ReportRecordSchema } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import {
  type TipRecordSchema,
  TipRecord_State,
  type TotalSchema,
} from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import { banIdOf } from "../../core/appeal.js";
import type { Ban } from "../../core/ban.js";
import type { NetworkKey, PersonKey } from "../../core/ids.js";
import { levelsOf, narrowestOf } from "../../core/network-key.js";
import { deviceOf, isDevice, personOf } from "../../core/session-key.js";
import { settledMsOf, type TipState } from "../../core/tip.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import type { LedgerEntry, Total } from "../../ports/tip-ledger.js";
import { renderAppeal } from "./appeals.js";

/** The subjects of people that are stored. */
export type Subjects = ReadonlyMap<PersonKey, string>;

export const subjectIn = (subjects: Subjects, key: NetworkKey | undefined) => {
  const person = key && personOf(key);
  return (person && subjects.get(person)) ?? "";
};

export function renderReport(
  report: StoredReport,
  subjects: Subjects,
  hasEvidence: boolean,
): MessageInitShape<typeof ReportRecordSchema> {
  const { number, reporterId, matchId, reason, comment, matchStartMs, createdMs, resolution } = report;
  const [reportedKey = "", ...reportedWiderKeys] = levelsOf(report.reportedKey).filter((key) => !isDevice(key));
  return {
    reportId: String(number),
    reporterId,
    hasEvidence,
    reporterKey: narrowestOf(report.reporterKey),
    reportedKey,
    reportedWiderKeys,
    reportedDeviceKey: deviceOf(report.reportedKey) ?? "",
    reporterSubject: subjectIn(subjects, report.reporterPerson),
    reportedSubject: subjectIn(subjects, report.reportedKey),
    matchId,
    reason,
    comment,
    matchStartTime: timestampFromMs(matchStartMs),
    createTime: timestampFromMs(createdMs),
    ...(resolution && { resolveTime: timestampFromMs(resolution.resolvedMs), resolution: resolution.text }),
  };
}

export function renderBan(ban: Ban, subjects: Subjects): MessageInitShape<typeof BanRecordSchema> {
  const { addressKey, reason, statement = "", automatic, createdMs, expiresMs, appeal } = ban;
  return {
    ...{ banId: banIdOf(ban), addressKey, subject: subjectIn(subjects, addressKey), reason, statement, automatic },
    createTime: timestampFromMs(createdMs),
    expireTime: timestampFromMs(expiresMs),
    ...(appeal && { appeal: renderAppeal(appeal) }),
  };
}

export function renderTipRecord(tip: LedgerEntry, subjects: Subjects): MessageInitShape<typeof TipRecordSchema> {
  const { id, matchId, payerId, payeeId, amountMsat, comment, state, createdMs, changedMs, invoice, receivedMs } = tip;
  const settledMs = settledMsOf(tip);
  return {
    tipId: id,
    matchId,
    payerSessionId: payerId,
    payeeSessionId: payeeId,
    payerSubject: subjectIn(subjects, tip.payerPerson),
    payeeSubject: subjectIn(subjects, tip.payeePerson),
    amountMsat: BigInt(amountMsat),
    comment,
    state: tipStates[state],
    ...(invoice && { invoice: invoice.text, paymentHash: invoice.paymentHash }),
    ...(tip.preimage !== undefined && { preimage: tip.preimage }),
    createTime: timestampFromMs(createdMs),
    updateTime: timestampFromMs(changedMs),
    ...(receivedMs !== undefined && { receiveTime: timestampFromMs(receivedMs) }),
    ...(settledMs !== undefined && { settleTime: timestampFromMs(settledMs) }),
  };
}

export function renderTotal({ count, amountMsat }: Total): MessageInitShape<typeof TotalSchema> {
  return { tipCount: BigInt(count), amountMsat: BigInt(amountMsat) };
}

const tipStates = {
  offered: TipRecord_State.OFFERED,
  invoiced: TipRecord_State.INVOICED,
  received: TipRecord_State.RECEIVED,
  settled: TipRecord_State.SETTLED,
  declined: TipRecord_State.DECLINED,
  cancelled: TipRecord_State.CANCELLED,
  expired: TipRecord_State.EXPIRED,
} as const satisfies Record<TipState, TipRecord_State>;
