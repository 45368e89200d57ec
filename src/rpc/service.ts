import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import type { SignalRequest } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { StreamClient } from "../app/arrivals.js";
import type { Appeals } from "../app/appeals.js";
import type { Caller } from "../app/caller.js";
import type { ClientProblems } from "../app/client-problems.js";
import type { Deposits } from "../app/deposits.js";
import type { Diagnostics } from "../app/diagnostics.js";
import type { RelayCredentials } from "../app/ice.js";
import type { Evidence } from "../app/evidence.js";
import type { Matching } from "../app/matching.js";
import type { Moderation } from "../app/moderation.js";
import type { ReportAnswers } from "../app/report-answers.js";
import type { SessionStream } from "../app/session-stream.js";
import type { Sessions } from "../app/sessions.js";
import type { Signaling } from "../app/signaling.js";
import type { Tipping } from "../app/tipping.js";
import type { Warnings } from "../app/warnings.js";
import type { RenderContext } from "./codec/render.js";

/** A service of the internal listener. */
export interface InternalService {
  desc: DescService;
  addTo(router: ConnectRouter): void;
  /** Unary methods without the deadline of the others. */
  longRunning?: readonly DescMethod[];
}

/** A session's stream, and the context that its messages are rendered with. */
export interface OpenStream {
  session: SessionStream;
  context: RenderContext;
}

/** What the public listener serves: the stream, and the use cases of the unary commands. */
export interface PublicServices {
  openStream(caller: Caller, request: SignalRequest, client: StreamClient): Promise<OpenStream>;
  sessions: Pick<Sessions, "goodbye">;
  signaling: Pick<Signaling, "send">;
  relaying: Pick<RelayCredentials, "iceServers">;
  clientProblems: Pick<ClientProblems, "report">;
  matching: Pick<Matching, "match" | "leave">;
  moderation: Pick<Moderation, "report">;
  answers: Pick<ReportAnswers, "acknowledge">;
  warnings: Pick<Warnings, "acknowledge">;
  appeals: Pick<Appeals, "appeal">;
  diagnostics: Pick<Diagnostics, "reportCheck">;
  evidence: Pick<Evidence, "settings" | "attach" | "commit">;
  /** Undefined on a server without deposits. */
  deposits: Pick<Deposits, "request" | "own"> | undefined;
  tipping: Pick<Tipping, "offer" | "sendInvoice" | "confirm" | "confirmReceipt" | "cancel">;
}
