import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { CaseRecordSchema } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { Cases } from "../../app/cases.js";
import type { Evidence } from "../../app/evidence.js";
import type { Case } from "../../core/case.js";
import { revisionAt } from "../../core/revision.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import type { Operators } from "../../ports/operators.js";
import { placeToken, toToken } from "../codec/page-token.js";
import { parseCasePage, parseOutcome } from "../codec/parse-cases.js";
import { parsePage, parsePosition } from "../codec/parse-internal.js";
import { renderAuditEntry, renderCase, renderNote } from "../codec/render-cases.js";
import { renderEvidence } from "../codec/render-evidence.js";
import type { renderReport } from "../codec/render-records.js";

type Methods = Pick<ServiceImpl<typeof ModerationService>, Reads | Acts>;
type Reads = "listCases" | "getCase" | "listCaseReports" | "watchCases" | "listAudit";
type Acts = "claimCase" | "releaseCase" | "resolveCase" | "addNote" | "getEvidence";

/** What the methods about cases need. */
export interface CaseDesk {
  cases: Cases;
  evidence: Evidence;
  operators: Operators;
}

type RenderReports = (...reports: StoredReport[]) => Promise<ReturnType<typeof renderReport>[]>;

/** The methods of `ModerationService` that are about cases. */
export function caseMethods({ cases, evidence, operators }: CaseDesk, renderReports: RenderReports): Methods {
  return { ...readsOf(cases, renderReports), ...actsOf(cases, evidence, operators) };
}

function readsOf(cases: Cases, renderReports: RenderReports): Pick<Methods, Reads> {
  const render = renderer(cases);
  const cursorNow = () => toToken("caseChanges", revisionAt(cases.nowMs()));
  return {
    async listCases(request) {
      const { filter, size, after } = parseCasePage(request);
      const watchCursor = cursorNow();
      const page = await cases.list(filter, size, after);
      return { cases: await render(...page.items), nextPageToken: placeToken(page.after), watchCursor };
    },

    async getCase({ caseId }) {
      const watchCursor = cursorNow();
      const found = await cases.get(Number(caseId));
      const [record] = await render(found.case);
      return { record, notes: found.notes.map(renderNote), watchCursor };
    },

    async listCaseReports(request) {
      const { size, before } = parsePage("caseReports", request);
      const page = await cases.reportsOf(Number(request.caseId), size, before);
      return { reports: await renderReports(...page.items), nextPageToken: toToken("caseReports", page.before) };
    },

    async *watchCases(request, { signal }) {
      for await (const changed of cases.watch(parsePosition("caseChanges", request), signal)) {
        const [record] = await render(changed);
        yield { cursor: toToken("caseChanges", changed.revision), record };
      }
    },

    async listAudit(request) {
      const { size, before } = parsePage("audit", request);
      const page = await cases.listAudit(size, before);
      return { entries: page.items.map(renderAuditEntry), nextPageToken: toToken("audit", page.before) };
    },
  };
}

function actsOf(cases: Cases, evidence: Evidence, operators: Operators): Pick<Methods, Acts> {
  const render = renderer(cases);
  const by = ({ requestHeader }: HandlerContext) => operators.moderatorOf((name) => requestHeader.get(name));
  const answer = async (changed: Case) => ({ record: (await render(changed))[0] });
  return {
    claimCase: async ({ caseId }, context) => answer(await cases.claim(Number(caseId), by(context))),

    releaseCase: async ({ caseId }, context) => answer(await cases.release(Number(caseId), by(context))),

    async resolveCase({ caseId, outcome, resolution }, context) {
      return answer(await cases.resolve(Number(caseId), by(context), parseOutcome(outcome), resolution));
    },

    addNote: async ({ caseId, text }, context) => answer(await cases.addNote(Number(caseId), by(context), text)),

    async *getEvidence({ reportId }, context) {
      yield* renderEvidence(await evidence.open(Number(reportId), by(context)));
    },
  };
}

/** Renders cases with the subjects of people. */
function renderer(cases: Cases) {
  return async (...found: Case[]): Promise<MessageInitShape<typeof CaseRecordSchema>[]> => {
    const subjects = await cases.subjectsOf(found.map(({ reportedKey }) => reportedKey));
    return found.map((one) => renderCase(one, subjects, cases.nowMs()));
  };
}
