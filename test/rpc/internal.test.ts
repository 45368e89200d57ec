import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/health/v1/health_pb.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

it("reports over gRPC that it is healthy, as a whole and for each service", async () => {
  const health = createClient(Health, createGrpcTransport({ baseUrl: server.internalUrl }));
  for (const service of ["", "satoshigle.v1.MatchService"]) {
    expect(await health.check({ service })).toMatchObject({ status: Status.SERVING });
  }
  await expect(health.check({ service: "satoshigle.v1.Nothing" })).rejects.toThrow("is unknown");
});

it("lists its services to buf curl, without a schema", async () => {
  const args = ["--http2-prior-knowledge", "--list-services", server.internalUrl];
  const { stdout } = await promisify(execFile)("node_modules/.bin/buf", ["curl", ...args]);
  expect(stdout.split("\n")).toContain("grpc.health.v1.Health");
});

it("is not served on the public port", async () => {
  const answer = await fetch(`${server.url}/grpc.health.v1.Health/Check`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(404);
});
