import { expect, it } from "vitest";
import { type LobbyHarness, WINDOW_MS } from "../lobby-harness.js";

export function furtherSessionsContract(harness: () => LobbyHarness): void {
  const belongTo = (person: string, ...names: string[]) => {
    for (const name of names) harness().networks.set(name, `~${person}.net-${name}`);
  };
  const sessions = async () => (await harness().stores.lobby.count()).sessions;

  it("are as many as are allowed, and a repeated call opens no other", async () => {
    belongTo("pat", "phone", "laptop", "tablet");
    expect(await harness().enterAsOneOf(2, "phone")).toBe("attached");
    expect(await harness().enterAsOneOf(2, "laptop")).toBe("attached");
    expect(await harness().enterAsOneOf(2, "tablet")).toBe("occupied");
    expect(await harness().enterAsOneOf(2, "laptop")).toBe("attached");
    expect(await sessions()).toBe(2);
  });

  it("are never more, however many are opened at once", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `tab-${String(index)}`);
    belongTo("pat", ...names);
    const states = await Promise.all(names.map((name) => harness().enterAsOneOf(3, name)));
    expect(states.filter((state) => state === "attached")).toHaveLength(3);
    expect(states.filter((state) => state === "occupied")).toHaveLength(17);
    expect(await sessions()).toBe(3);
  });

  it("count while they are away, and no longer when they are closed", async () => {
    belongTo("pat", "phone", "laptop");
    await harness().enterAsOneOf(1, "phone");
    await harness().match("phone");
    await harness().detach("phone");
    await harness().pass(WINDOW_MS - 1);
    expect(await harness().enterAsOneOf(1, "laptop")).toBe("occupied");
    await harness().pass(1);
    expect(await harness().enterAsOneOf(1, "laptop")).toBe("attached");
  });

  it("count wherever the streams were opened", async () => {
    belongTo("pat", "phone", "laptop");
    await harness().enterAsOneOf(1, "phone");
    harness().networks.set("phone", "~pat.cafe");
    await harness().attach("phone");
    expect(await harness().enterAsOneOf(1, "laptop")).toBe("occupied");
  });

  it("do not count for others: other people, strangers and browsers", async () => {
    belongTo("pat", "phone");
    belongTo("ann", "ann");
    for (const name of ["tab", "other tab"]) harness().networks.set(name, "^browser.net-phone");
    expect(await harness().enterAsOneOf(1, "phone")).toBe("attached");
    for (const name of ["ann", "tab", "other tab", "stranger"]) {
      expect(await harness().enterAsOneOf(1, name)).toBe("attached");
    }
  });

  it("are any number without a limit, of which those that came first can be closed", async () => {
    belongTo("pat", "phone", "laptop");
    await harness().enterAsOneOf(1, "phone");
    expect(await harness().enterAsOneOf(undefined, "laptop")).toBe("attached");
    expect(await harness().close("~pat", { reason: "superseded", keep: 1, limit: 10 })).toEqual({ closed: 1 });
    expect((await harness().read("laptop")).state).toBe("events");
  });
}
