import { Code, createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CheckOutcome_Part, CheckOutcome_Result, DiagnosticsService } from "../../gen/satoshigle/v1/diagnostics_pb.js";
import { CHECK_PARTS, CHECK_RESULTS } from "../../src/core/connection-check.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

async function client() {
  const transport = transportTo(server.url);
  const { welcome } = await TestClient.open(transport);
  const headers = { authorization: `Bearer ${welcome.token}` };
  return { ...createClient(DiagnosticsService, transport), headers };
}

const counts = async (): Promise<string[]> => {
  const text = await (await fetch(`${server.internalUrl}/metrics`)).text();
  return text.match(/(?<=^satoshigle_connection_checks_total)\{.*/gm) ?? [];
};

it("counts outcomes by part and result, of which there are a fixed number", async () => {
  const { reportCheck, headers } = await client();
  const before = await counts();
  expect(before).toHaveLength(CHECK_PARTS.length * CHECK_RESULTS.length);
  const [part, other] = [CheckOutcome_Part.TURN_TLS, CheckOutcome_Part.CAMERA];
  const [result, last] = [CheckOutcome_Result.FAILED, CheckOutcome_Result.UNAVAILABLE];
  await reportCheck(
    {
      outcomes: [
        { part, result: last },
        { part, result },
        { part: other, result: last },
      ],
    },
    { headers },
  );
  const after = await counts();
  expect(after).toHaveLength(before.length);
  expect(after.filter((line) => !before.includes(line))).toEqual([
    '{part="turn_tls",result="failed"} 1',
    '{part="camera",result="unavailable"} 1',
  ]);
});

const { SERVER } = CheckOutcome_Part;
const { OK, UNSPECIFIED } = CheckOutcome_Result;
const unusable: [what: string, outcomes: { part: CheckOutcome_Part; result: CheckOutcome_Result }[]][] = [
  ["no outcome", []],
  ["an unknown part", [{ part: 99 as never, result: OK }]],
  ["no result", [{ part: SERVER, result: UNSPECIFIED }]],
  ["nine outcomes", Array.from({ length: 9 }, () => ({ part: SERVER, result: OK }))],
];

it.each(unusable)("refuses %s", async (_what, outcomes) => {
  const { reportCheck, headers } = await client();
  await expect(reportCheck({ outcomes }, { headers })).rejects.toMatchObject({ code: Code.InvalidArgument });
});

it("refuses a call without a token", async () => {
  const { reportCheck } = await client();
  const outcomes = [{ part: CheckOutcome_Part.SERVER, result: CheckOutcome_Result.OK }];
  await expect(reportCheck({ outcomes })).rejects.toMatchObject({ code: Code.Unauthenticated });
});
