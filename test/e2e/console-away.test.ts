import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Receiver, WEBHOOK_SECRET } from "../support/webhook-receiver.js";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";

let site: ConsoleSite;
let [accepting, failing]: [Receiver, Receiver] = [] as never;
beforeAll(async () => {
  accepting = await Receiver.open();
  failing = await Receiver.open({ answer: (response) => response.writeHead(503).end() });
  const other = failing.url.replace("127.0.0.1", "localhost").replace("/hook", "/secret");
  site = await ConsoleSite.open({ WEBHOOK_SECRET, WEBHOOK_URLS: `${accepting.url},${other}` });
});
afterAll(async () => {
  await site.close();
  for (const receiver of [accepting, failing]) receiver.close();
});

let operator: ConsolePage;
beforeEach(async () => {
  operator = await site.visit();
});
afterEach(() => operator.close());

const says = (text: string) => operator.alert.filter({ hasText: text }).waitFor();

it("shows which receivers of webhooks fail, since when and why, without their URLs", async () => {
  await site.enter();
  await operator.open("webhooks");
  await operator.rows("localhost").getByText("status 503").waitFor();
  expect(await operator.rows().first().innerText()).toMatch(/localhost[^]*Failing[^]*failures?, the first .* ago/);
  expect(await operator.rows("localhost").locator("time").count()).toBe(3); // failing since, next attempt, oldest event
  await operator.rows("127.0.0.1").getByText("Delivering").waitFor();
  await operator.rows("127.0.0.1").locator("time").first().waitFor(); // last success
  expect(await operator.page.locator("main").innerText()).not.toMatch(/secret|hook\b/);
  await operator.open("status");
  await operator.page.locator('[data-figure="webhooks"]', { hasText: "1" }).waitFor();
});

it("says that the server is away, keeps what it has shown, and loads it when the server is back", async () => {
  const { matchId } = await site.match();
  await operator.open("matches");
  await site.server.stop("SIGKILL");
  try {
    await operator.press("Refresh");
    await says("This server is unreachable. Try again.");
    expect(await operator.rows(matchId).count()).toBe(1);
    await operator.press(`End match ${matchId}`);
    await operator.press("End match", operator.dialog);
    await operator.dialog.getByRole("alert").filter({ hasText: "This server is unreachable." }).waitFor();
    await operator.press("Cancel", operator.dialog);
    await operator.page.getByRole("link", { name: "Webhooks" }).click();
    await says("No data: this instance or the store is unreachable.");
  } finally {
    await site.server.start();
  }
  await operator.rows("localhost").waitFor();
  await operator.alert.waitFor({ state: "detached" });
  await operator.page.getByRole("link", { name: "Matches" }).click();
  await operator.page.getByText("No matches.").waitFor(); // they were in its memory
});

it("says that the server does not answer, and that a change may have been made", async () => {
  const { sessionId } = (await site.enter()).welcome;
  await operator.open("sessions");
  await operator.press(`Close session of ${sessionId}`);
  site.server.signal("SIGSTOP");
  try {
    await operator.press("Close session", operator.dialog);
    await says("The server did not answer in time. Refresh to see whether the change was made.");
  } finally {
    site.server.signal("SIGCONT");
  }
  await operator.press("Cancel", operator.dialog);
  await operator.press("Refresh");
  await operator.page.locator(`[data-session="${sessionId}"]`).waitFor({ state: "detached" });
});
