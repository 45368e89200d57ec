import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { Person } from "../../support/person.js";
import { uniqueInterest } from "../../support/pair.js";
import { callJson } from "../../support/http.js";
import { readRefusal, type Refusal } from "../../support/refusal.js";
import { sdp } from "../../support/sdp.js";
import type { TestServer } from "../../support/server.js";
import type { Operator } from "./operator.js";

/** Lets tests be many people: the address that a proxy tells is believed. */
export const behindProxy = { TRUST_PROXY: "127.0.0.1" };

/** What a proxy does for somebody at that address. */
export function transportFrom(server: Pick<TestServer, "url">, address: string): Transport {
  return createConnectTransport({
    baseUrl: server.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("x-forwarded-for", address);
        return next(request);
      },
    ],
  });
}

export interface Meeting {
  matchId: string;
  first: Person;
  second: Person;
}

/** Two people who were let in meet each other and nobody else. */
export async function meet(first: Person, second: Person): Promise<Meeting> {
  const request = { preferences: { interests: [uniqueInterest()] } };
  await first.match(request);
  await second.match(request);
  const [{ matchId }] = await Promise.all([first.until("matched"), second.until("matched")]);
  return { matchId, first, second };
}

/** Both sides of a match say something of their call: only then a report of it counts. */
export async function talk({ matchId, first, second }: Meeting): Promise<void> {
  const described = (type: Description_Type) => ({
    ...{ matchId, clientSequence: 1 },
    signals: [{ kind: { case: "description" as const, value: { type, sdp: sdp(), connectionId: "pc" } } }],
  });
  await second.send(described(Description_Type.OFFER));
  await first.send(described(Description_Type.ANSWER));
}

/** Somebody at one address talks with somebody at another, and reports them. Both are gone afterwards. */
export async function reportFrom(
  server: Pick<TestServer, "url">,
  reporterAt: string,
  reportedAt: string,
  comment = "",
): Promise<void> {
  const [reporter, reported] = await Promise.all(
    [reporterAt, reportedAt].map((address) => Person.open(transportFrom(server, address))),
  );
  if (reporter === undefined || reported === undefined) throw new Error("nobody came");
  const meeting = await meet(reporter, reported);
  const { matchId } = meeting;
  await talk(meeting);
  await reporter.report({ matchId, reason: ReportReason.SPAM, comment });
  await Promise.all([reporter.break(), reported.break()]);
}

/** By which key an address is known: somebody there is reported by somebody else. */
export async function keyOf(server: Pick<TestServer, "url">, operator: Operator, address: string): Promise<string> {
  await reportFrom(server, "198.51.100.77", address);
  const { reports } = await operator.call("listReports", { pageSize: 1 });
  return reports[0]?.reportedKey ?? "";
}

/** What a call without a session is answered, which is counted for the address alone. `from` is what a proxy would say. */
export async function knockAt({ url }: TestServer, from?: string, token?: string): Promise<Refusal["code"] | "served"> {
  const headers: Record<string, string> = from === undefined ? {} : { "x-forwarded-for": from };
  const { error } = await callJson(url, "satoshigle.v1.MatchService/Leave", {}, token, headers);
  return error === undefined ? "served" : readRefusal(error).code;
}
