import { afterAll, beforeAll, expect, it } from "vitest";
import { Cable } from "../e2e/support/cable.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { sdp } from "../support/sdp.js";
import { startServer, type TestServer } from "../support/server.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Program } from "./program.js";

let server: TestServer;
let cable: Cable;
let bot: Program;
beforeAll(async () => {
  server = await startServer();
  cable = await Cable.to(server.url);
  bot = Program.start("bot/bot.ts", cable.url);
});
afterAll(async () => {
  await bot.kill();
  cable.close();
  await server.close();
});

const preferences = { interests: ["bot"] };
const offer = { type: Description_Type.OFFER, sdp: sdp(), connectionId: "one" };

it("reads the offer of each partner, moves on, and resumes after a broken connection", async () => {
  await bot.printed(/^waiting$/);
  const first = await TestClient.open(transportTo(server.url));
  await first.match({ preferences, offer });
  expect((await first.until("matchEnded")).reason).toBe(MatchEnded_Reason.PARTNER_SKIPPED);
  await bot.printed(/^partner offers audio$/);
  await first.leave();

  cable.cut();
  await bot.printed(/^disconnected: /);
  cable.mend();
  await bot.printed(/^resumed session /);
  const second = await TestClient.open(transportTo(server.url));
  await second.match({ preferences, offer });
  await second.until("matchEnded");
  await bot.printed(/^partner offers audio$/, 2);
});
