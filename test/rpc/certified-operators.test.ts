import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { OperatorRole, OperatorService } from "../../gen/satoshigle/internal/v1/operator_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const NAMES = ["ann", "bob", "eve", "ann/CN=bob"];
let own: Certificate;
let certificates: Certificate[];
let server: TestServer;

beforeAll(async () => {
  own = await makeCertificate();
  certificates = await Promise.all(NAMES.map((name) => makeCertificate("127.0.0.1", name)));
  const issuers = join(own.folder, "issuers.pem");
  await writeFile(issuers, certificates.map(({ ca }) => ca).join(""));
  server = await startServer({
    INTERNAL_TLS_CERT_FILE: own.certFile,
    INTERNAL_TLS_KEY_FILE: own.keyFile,
    INTERNAL_TLS_CA_FILE: issuers,
    OPERATORS_CERTIFICATES: "ann=admin,bob=viewer",
  });
});
afterAll(async () => {
  await server.close();
  await Promise.all([own, ...certificates].map(({ folder }) => rm(folder, { recursive: true })));
});

describe.each(["1.1", "2"] as const)("over HTTP/%s", (httpVersion) => {
  it("the certificate gives the name and the role, whatever the headers claim", async () => {
    const headers = { "x-satoshigle-moderator": "eve", "x-satoshigle-role": "admin", "x-forwarded-user": "eve" };
    for (const [name, role] of [
      ["ann", OperatorRole.ADMIN],
      ["bob", OperatorRole.VIEWER],
    ] as const) {
      const operators = createClient(OperatorService, transportOf(name, httpVersion));
      expect(await operators.getOperator({}, { headers })).toMatchObject({ name, role, namesItself: false });
    }
  });

  it("a role allows what it includes and refuses the rest", async () => {
    const headers = { "x-satoshigle-role": "admin" };
    const transport = transportOf("bob", httpVersion);
    await createClient(ModerationService, transport).listCases({});
    expect(await refusalOf(createClient(PeopleService, transport).forget({ subject: "x" }, { headers }))).toMatchObject(
      { code: "PermissionDenied", reason: "ROLE_REQUIRED", problem: "admin" },
    );
    await createClient(PeopleService, transportOf("ann", httpVersion)).forget({ subject: "x" });
  });

  it.each(["eve", "ann/CN=bob"])("the valid certificate of %s, which has no role, is refused", async (name) => {
    const desk = createClient(ModerationService, transportOf(name, httpVersion));
    const headers = { "x-satoshigle-moderator": "ann", "x-satoshigle-role": "admin" };
    expect(await refusalOf(desk.listCases({}, { headers }))).toMatchObject({
      ...{ code: "PermissionDenied", reason: "OPERATOR_REFUSED" },
    });
  });
});

it("what a certified moderator does is in the audit log with the name of the certificate", async () => {
  const desk = createClient(ModerationService, transportOf("ann", "2"));
  await desk.unban({ subject: "somebody" }, { headers: { "x-satoshigle-moderator": "eve" } });
  const { entries } = await desk.listAudit({});
  const unbans = entries.filter(({ act }) => act === "unbanned");
  expect(unbans.map(({ moderator }) => moderator)).toEqual(["ann"]);
});

function transportOf(name: string, httpVersion: "1.1" | "2") {
  const { ca: cert, key } = certificates[NAMES.indexOf(name)] ?? {};
  return createConnectTransport({
    ...{ baseUrl: server.internalUrl, httpVersion },
    nodeOptions: { cert, key, ca: own.ca },
  });
}
