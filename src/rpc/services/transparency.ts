import { TransparencyService } from "../../../gen/satoshigle/internal/v1/transparency_pb.js";
import type { Transparency } from "../../app/transparency.js";
import { parsePeriod, renderFigures, renderStatement } from "../codec/transparency.js";
import type { InternalService } from "../service.js";

/** `TransparencyService`, for reports about moderation. */
export function transparencyService(transparency: Transparency): InternalService {
  return {
    desc: TransparencyService,
    addTo: (router) =>
      router.service(TransparencyService, {
        getFigures: async (request) => renderFigures(await transparency.figures(parsePeriod(request))),

        async *exportStatements(request, { signal }) {
          for await (const statement of transparency.statements(parsePeriod(request), signal)) {
            yield { statement: renderStatement(statement) };
          }
        },
      }),
    longRunning: [TransparencyService.method.getFigures], // reads up to a million entries of the audit log
  };
}
