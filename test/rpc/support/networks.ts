import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { type Resume, TestClient } from "../../support/test-client.js";
import { uniqueInterest } from "../../support/pair.js";
import { callJson } from "../../support/http.js";
import { readRefusal, type Refusal } from "../../support/refusal.js";
import { sdp } from "../../support/sdp.js";
import type { TestServer } from "../../support/server.js";
import type { Operator } from "./operator.js";

/** Lets a test use many addresses: the forwarded address is trusted. */
export const behindProxy = { TRUST_PROXY: "127.0.0.1" };

/** A transport as through a proxy, for a client at this address. */
export function transportFrom(
  server: Pick<TestServer, "url">,
  address: string,
  headers: Record<string, string> = {},
): Transport {
  return createConnectTransport({
    baseUrl: server.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("x-forwarded-for", address);
        for (const header of Object.entries(headers)) request.header.set(...header);
        return next(request);
      },
    ],
  });
}

export interface Meeting {
  matchId: string;
  first: TestClient;
  second: TestClient;
}

/** Matches two clients with each other. */
export async function meet(first: TestClient, second: TestClient): Promise<Meeting> {
  const request = { preferences: { interests: [uniqueInterest()] } };
  await first.match(request);
  await second.match(request);
  const [{ matchId }] = await Promise.all([first.until("matched"), second.until("matched")]);
  return { matchId, first, second };
}

/** Both sides of a match negotiate: only then does a report count. */
export async function talk({ matchId, first, second }: Meeting): Promise<void> {
  const described = (type: Description_Type) => ({
    ...{ matchId, clientSequence: 1 },
    signals: [{ kind: { case: "description" as const, value: { type, sdp: sdp(), connectionId: "pc" } } }],
  });
  await second.send(described(Description_Type.OFFER));
  await first.send(described(Description_Type.ANSWER));
}

/** A client at one address negotiates with one at another and reports it. Both leave afterwards. */
export async function reportFrom(
  server: Pick<TestServer, "url">,
  reporterAt: string,
  reportedAt: string,
  comment = "",
  reportedBy: Resume = {},
): Promise<void> {
  const [reporter, reported] = await Promise.all([
    TestClient.open(transportFrom(server, reporterAt)),
    TestClient.open(transportFrom(server, reportedAt), reportedBy),
  ]);
  const meeting = await meet(reporter, reported);
  const { matchId } = meeting;
  await talk(meeting);
  await reporter.report({ matchId, reason: ReportReason.SPAM, comment });
  await Promise.all([reporter.break(), reported.break()]);
}

/** Returns the key of an address, from a report about a client there. */
export async function keyOf(server: Pick<TestServer, "url">, operator: Operator, address: string): Promise<string> {
  await reportFrom(server, "198.51.100.77", address);
  const { reports } = await operator.call("listReports", { pageSize: 1 });
  return reports[0]?.reportedKey ?? "";
}

/** The answer to a call without a session, which counts for its address only. `from` is the forwarded address. */
export async function knockAt({ url }: TestServer, from?: string, token?: string): Promise<Refusal["code"] | "served"> {
  const headers: Record<string, string> = from === undefined ? {} : { "x-forwarded-for": from };
  const { error } = await callJson(url, "satoshigle.v1.MatchService/Leave", {}, token, headers);
  return error === undefined ? "served" : readRefusal(error).code;
}
