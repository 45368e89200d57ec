import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ChannelCommand_State as State } from "../../gen/satoshigle/internal/v1/channel_pb.js";
import { soon } from "../support/soon.js";
import { violationsOn } from "./support/axe.js";
import type { ConsolePage } from "./support/console-page.js";
import { cutOff } from "./support/cut-off.js";
import { overlaps } from "./support/layout.js";
import { LightningSite } from "./support/lightning-site.js";

const LIMITS = { opensPerDay: 100, feesPerDaySat: 100_000n, leastHtlcBlocks: 24 };

let site: LightningSite;
let channels: LightningSite["channels"];
beforeAll(async () => {
  site = await LightningSite.open();
  ({ channels } = site);
});
afterAll(() => site.close());

let operator: ConsolePage;
beforeEach(async () => {
  await channels.setPolicy({ policy: LIMITS });
  operator = await site.visit();
});
afterEach(() => operator.close());

const key = (name: string) => operator.page.keyboard.press(name);
const field = (name: string | RegExp) => operator.dialog.getByLabel(name);
const channel = (channelId = "") =>
  operator.page.locator(channelId === "" ? "[data-channel]" : `[data-channel="${channelId}"]`);
const command = () => operator.page.locator("[data-command]").first();
const short = (id: string) => `${id.slice(0, 10)}…${id.slice(-8)}`;

/** Fills the form and asks what it would cost. */
async function fill(capacity: number, push = 0) {
  await operator.press("Open a channel");
  await field(/^Peer/).fill(`${site.peerId}@${site.peerAddress}`);
  await field("Capacity in sat").fill(String(capacity));
  await field(/^Given to the peer/).fill(String(push));
  await operator.press("Check", operator.dialog);
}

/** The parts of the bar of a channel, as shares of its width. */
async function drawn(channelId: string) {
  const [all, local, remote] = await channel(channelId)
    .locator("svg rect")
    .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
  return { local: (local ?? 0) / (all ?? 1), remote: (remote ?? 0) / (all ?? 1) };
}

it("opens a channel after a dry run, which then appears and whose balance is drawn", async () => {
  await operator.open("lightning");
  await operator.page.getByText("regtest").waitFor();
  const before = (await channels.listChannels({})).channels.length;
  await fill(1_000_000, 250_000);
  const said = operator.dialog.getByRole("group", { name: "What is going to be done" });
  expect(await said.innerText()).toMatch(/1,000,000 sat[^]*250,000 sat[^]*Fee on the chain: 306 sat[^]*allows it/);
  expect((await channels.listChannels({})).channels).toHaveLength(before);
  await operator.press("Open channel", operator.dialog);
  await operator.says("A channel of 1,000,000 sat is being opened.");
  await command().getByText("Open 1,000,000 sat").waitFor();
  expect(await command().innerText()).toContain("Done");
  const { commands } = await channels.listCommands({ pageSize: 1 });
  const { channelId = "" } = commands[0] ?? {};
  await channel(channelId).getByText("Opening").waitFor();
  await site.mine(6);
  await channel(channelId).getByText("Open", { exact: true }).waitFor();
  await expect.poll(async () => (await drawn(channelId)).remote).toBeCloseTo(0.25, 2);
  const { local } = await drawn(channelId);
  expect(local).toBeGreaterThan(0.7);
  expect(local).toBeLessThanOrEqual(0.75);
  const bar = channel(channelId).getByRole("img", {
    name: /^local 7\d\d,\d+ sat, remote 250,000 sat, of 1,000,000 sat$/,
  });
  expect(await bar.count()).toBe(1);
  expect(operator.complaints).toEqual([]);
});

it("shows the node's words when it refuses, in the form and among the commands", async () => {
  const words = "received funding error: chan size of 0.0002 BTC is below min chan size of 0.01 BTC";
  await operator.open("lightning");
  await fill(20_000);
  site.node.refuse("openChannelSync", words);
  await operator.press("Open channel", operator.dialog);
  await operator.dialog.getByRole("alert").filter({ hasText: words }).waitFor();
  expect(await field("Capacity in sat").inputValue()).toBe("20000");
  site.node.onCall = () => undefined;
  await operator.press("Cancel", operator.dialog);
  await command().getByText(words).waitFor();
  expect(await command().innerText()).toContain("Refused");
});

it("gives a command that was not answered once, also after Back and Check, and doubts a different one", async () => {
  await operator.open("lightning");
  await fill(700_000);
  await operator.page.route(/\/OpenChannel$/, (route) => route.fetch().then(() => route.abort()), { times: 1 });
  await operator.press("Open channel", operator.dialog);
  await operator.dialog.getByRole("alert").first().waitFor();
  for (const capacity of ["800000", "700000"]) {
    await operator.press("Back", operator.dialog);
    await field("Capacity in sat").fill(capacity);
    await operator.press("Check", operator.dialog);
    if (capacity === "800000") await operator.dialog.getByText("may have been carried out").waitFor();
  }
  await operator.press("Open channel", operator.dialog);
  await operator.says("A channel of 700,000 sat is being opened.");
  const opened = (await channels.listChannels({})).channels.filter(({ capacitySat }) => capacitySat === 700_000n);
  expect(opened).toHaveLength(1);
});

it("says what the policy has against a command, and offers none", async () => {
  await channels.setPolicy({ policy: { ...LIMITS, opensPerDay: 0, reserveSat: 99_999_999n } });
  await operator.open("lightning");
  await fill(1_000_000);
  await operator.dialog.getByText("opens_per_day").waitFor();
  await operator.dialog.getByText("reserve_sat").waitFor();
  expect(await operator.button("Open channel", operator.dialog).count()).toBe(0);
  await operator.press("Back", operator.dialog);
  expect(await field("Capacity in sat").inputValue()).toBe("1000000");
});

it("forces a channel only with a reason, and then tells the blocks that are left", async () => {
  const channelId = await site.openChannel(500_000);
  await operator.open("lightning");
  await channel(channelId).getByText("Open", { exact: true }).waitFor();
  await operator.press(`Close ${short(channelId)}`);
  await field(/^Force/).check();
  await operator.press("Check", operator.dialog);
  const reason = field("Reason, required");
  expect(await reason.evaluate((element: HTMLInputElement) => element.validity.valueMissing)).toBe(true);
  await reason.fill(" ");
  await operator.press("Check", operator.dialog);
  await operator.dialog.getByRole("alert").filter({ hasText: "terms.reason" }).waitFor();
  expect((await channels.listChannels({})).channels.find((one) => one.channelId === channelId)?.blocksLeft).toBe(
    undefined,
  );
  await reason.fill("the peer is lost");
  await operator.press("Check", operator.dialog);
  await operator.dialog.getByText("cannot be undone").waitFor();
  await operator.press("Force close", operator.dialog);
  await operator.says(`The channel ${short(channelId)} is being closed.`);
  await site.mine(1);
  await channel(channelId)
    .getByText(/^\d+ blocks until the money can be spent/)
    .waitFor();
  await command().getByText("because: the peer is lost").waitFor();
});

it("sets fees after they are shown, and closes a channel with its peer", async () => {
  const channelId = await site.openChannel(400_000);
  await operator.open("lightning");
  await operator.press(`Fees of ${short(channelId)}`);
  await field("For each payment, in msat").fill("2000");
  await field("In millionths of the amount").fill("350");
  await operator.press("Check", operator.dialog);
  await operator.dialog.getByText("2,000 msat + 350 ppm").waitFor();
  await operator.press("Set fees", operator.dialog);
  await operator.says(`The fees of ${short(channelId)} are set.`);
  await channel(channelId).getByText("2,000 msat + 350 ppm").waitFor();
  await operator.press(`Close ${short(channelId)}`);
  await operator.press("Check", operator.dialog);
  await operator.press("Close channel", operator.dialog);
  await operator.says(`The channel ${short(channelId)} is being closed.`);
  await soon(async () => {
    const { commands } = await channels.listCommands({ pageSize: 1 });
    expect(commands).toMatchObject([{ state: State.DONE, act: { case: "close", value: { channelId, force: false } } }]);
  });
});

it("shows the alerts of the policy, which is changed from the revision that was read", async () => {
  await operator.open("lightning");
  await operator.press("Change the policy");
  await field("Least inbound, in sat").fill("90000000");
  await field("Channels opened in a day").fill("7");
  await field(/^Allowed peers/).fill("nobody");
  await operator.press("Set policy", operator.dialog);
  await operator.dialog.getByRole("alert").filter({ hasText: "“nobody” is no public key" }).waitFor();
  await field(/^Allowed peers/).fill(`${site.peerId}\n`);
  await operator.press("Set policy", operator.dialog);
  await operator.says("The policy is in force.");
  await operator.page.getByText("Inbound is low").waitFor();
  expect((await channels.getPolicy({})).policy).toMatchObject({ opensPerDay: 7, allowedPeers: [site.peerId] });
  await operator.press("Change the policy");
  await channels.setPolicy({ policy: LIMITS });
  await operator.press("Set policy", operator.dialog);
  await operator.dialog.getByRole("alert").filter({ hasText: "Somebody else changed the policy" }).waitFor();
});

it("says that the node is away, and what it said last", async () => {
  await operator.open("lightning");
  await operator.page.getByText("regtest").waitFor();
  await site.node.stop();
  await operator.page.reload();
  await operator.page.getByText("a node that is away cannot defend its channels").waitFor();
  await operator.page.getByText("regtest").waitFor();
  await operator.press("Open a channel");
  await operator.press("Cancel", operator.dialog);
  await site.node.start();
  await soon(async () => {
    expect((await channels.getNode({})).isReachable).toBe(true);
  });
});

it("opens a channel with the keyboard alone", async () => {
  await operator.open("lightning");
  await operator.page.getByText("regtest").waitFor();
  await operator.tabTo("Open a channel");
  await key("Enter");
  await operator.dialog.waitFor();
  await operator.page.keyboard.type(`${site.peerId}@${site.peerAddress}`);
  await key("Tab");
  await operator.page.keyboard.type("300000");
  await key("Enter");
  await operator.dialog.getByText("The policy allows it.").waitFor();
  expect(await operator.focused()).toContain("What is going to be done");
  await operator.tabTo("Open channel");
  await key("Enter");
  await operator.says("A channel of 300,000 sat is being opened.");
  expect(await operator.focused()).toBe("A channel of 300,000 sat is being opened.");
});

it("offers viewers and moderators no commands", async () => {
  await site.openChannel(200_000);
  for (const role of ["VIEWER", "MODERATOR"]) {
    await operator.page.route("**/GetOperator", async (route) => {
      const body = JSON.stringify({ name: role, role: `OPERATOR_ROLE_${role}` });
      await route.fulfill({ status: 200, contentType: "application/json", body });
    });
    await operator.open("lightning");
    await operator.page.getByText(role, { exact: true }).waitFor();
    await channel().first().waitFor();
    expect(await operator.button(/^(Open a channel|Close|Fees|Change the policy)/).count()).toBe(0);
  }
});

describe.each([
  ["light", 1280],
  ["dark", 320],
] as const)("in %s colors on a page of %i pixels", (colorScheme, width) => {
  it("axe finds nothing in the view and its dialogs, and nothing is cut off", async () => {
    const channelId = await site.openChannel(1_500_000, 400_000);
    await operator.close();
    operator = await site.visit(width, colorScheme);
    await operator.open("lightning");
    await channel(channelId).waitFor();
    await command().waitFor();
    const height = await operator.page.evaluate(() => document.documentElement.scrollHeight);
    await operator.page.setViewportSize({ width, height });
    expect(await violationsOn(operator)).toEqual([]);
    expect(await overlaps(operator.page)).toEqual([]);
    expect(await cutOff(operator.page)).toEqual([]);
    expect(await operator.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    for (const name of [`Close ${short(channelId)}`, `Fees of ${short(channelId)}`, "Change the policy"]) {
      await operator.press(name);
      expect(await violationsOn(operator), name).toEqual([]);
      expect(await cutOff(operator.page), name).toEqual([]);
      await operator.press("Cancel", operator.dialog);
    }
    await channels.setPolicy({ policy: { ...LIMITS, opensPerDay: 0 } });
    await fill(1_000_000);
    await operator.dialog.getByText("opens_per_day").waitFor();
    expect(await violationsOn(operator)).toEqual([]);
    expect(await cutOff(operator.page)).toEqual([]);
    expect(operator.complaints).toEqual([]);
  });
});
