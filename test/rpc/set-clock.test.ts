import { expect, it, vi } from "vitest";
import { TestClient, transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { startServer } from "../support/server.js";

it("a limit ends in time although the machine's clock was set back by an hour", async () => {
  const server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", RATE_LIMIT_WINDOW_MS: "1000" });
  const person = await TestClient.open(transportTo(server.url));
  await person.leave();
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000);
  const refusal = await refusalOf(person.leave());
  expect(refusal).toMatchObject({ reason: "LIMIT_REACHED" });
  expect(refusal.retryMs).toBeLessThanOrEqual(1_000);
  await vi.waitFor(() => person.leave(), { timeout: 60_000, interval: 250 });
  vi.restoreAllMocks();
  await server.close();
});
