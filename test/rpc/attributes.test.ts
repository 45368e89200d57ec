import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { writeCountryDatabase } from "../support/country-database.js";
import { pair, roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { behindProxy, transportFrom } from "./support/networks.js";

const FILE = `
attributes:
  - { name: interests, gives_way_after_seconds: 600 }
  - name: languages
  - name: mode
  - name: country
  - { name: gender, values: [f, m, x] }
  - { name: level, values: [high, low], gives_way_after_seconds: 0.05, shared: true }
  - { name: verified, values: ["yes", "no"], said_by: [app], default: "no" }
`;

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-attributes-"));
  const [matching, countries] = [join(folder, "matching.yaml"), join(folder, "countries.mmdb")];
  await writeFile(matching, FILE);
  await writeCountryDatabase(countries, { "10.1.0.0/16": "DE", "10.2.0.0/16": "FR" });
  server = await startServer({
    ...{ ...roomy, ...behindProxy, IDENTITY_SECRET: appSecret, LIGHTNING_NETWORK: "regtest" },
    ...{ MATCHING_FILE: matching, COUNTRY_DATABASE: countries, COUNTRY_HEADER: "X-Country" },
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const open = (claims?: Record<string, unknown>) => from("10.9.0.1", claims);

async function from(address: string, claims?: Record<string, unknown>): Promise<TestClient> {
  const identity = claims === undefined ? {} : { identityToken: await identityToken(claims) };
  return TestClient.open(transportFrom(server, address), identity);
}

const named = (values: Record<string, string[]>) =>
  Object.entries(values).map(([name, some]) => ({ name, values: some }));

interface Wish {
  is?: Record<string, string[]>;
  seeks?: Record<string, string[]>;
}

/** Matches by an interest of its own, so that tests do not meet. */
function wishFor(interest: string, { is = {}, seeks = {} }: Wish = {}) {
  return { preferences: { interests: [interest] }, attributes: named(is), filters: named(seeks) };
}

describe("attributes and filters", () => {
  it("are announced, as far as a client can do something about them", async () => {
    const { attributes } = (await open()).welcome;
    expect(attributes.map(({ name }) => name)).toEqual(["mode", "country", "gender", "level", "verified"]);
    expect(attributes.find(({ name }) => name === "level")).toMatchObject({
      ...{ values: ["high", "low"], saidByClient: true, filterable: true, mutual: false, maxValues: 1 },
      ...{ givesWayAfter: { nanos: 50_000_000 } },
    });
    expect(attributes.find(({ name }) => name === "verified")).toMatchObject({
      saidByClient: false,
      defaultValue: "no",
    });
  });

  it("pair those who accept each other, and say what both are and what the partner sends", async () => {
    const [tag, ann, bob, cyd] = [uniqueInterest(), await open(), await open(), await open()];
    await ann.match(wishFor(tag, { is: { gender: ["f"], level: ["low"], mode: ["text"] }, seeks: { gender: ["m"] } }));
    await bob.match(wishFor(tag, { is: { gender: ["x"] } }));
    expect((await bob.next()).event.case).toBe("waiting");
    await cyd.match(wishFor(tag, { is: { gender: ["m"], level: ["low"] }, seeks: { gender: ["f"] } }));
    const [hers, his] = [await ann.until("matched"), await cyd.until("matched")];
    expect(hers.matchId).toBe(his.matchId);
    expect([hers.partnerMode, his.partnerMode]).toEqual(["video", "text"]);
    expect([hers.ownMode, his.ownMode]).toEqual(["text", ""]);
    expect(his.sharedAttributes).toMatchObject([{ name: "level", values: ["low"] }]);
    const again = await TestClient.open(transportTo(server.url), { token: cyd.welcome.token });
    expect(again.welcome.snapshot?.state).toMatchObject({
      ...{ case: "inMatch", value: { partnerMode: "text", sharedAttributes: [{ name: "level" }] } },
    });
  });

  it("give way, which the wait says", async () => {
    const ann = await open();
    await ann.match(wishFor(uniqueInterest(), { seeks: { level: ["high"] } }));
    let waiting = await ann.until("waiting");
    while (waiting.gaveWay.length === 0) waiting = await ann.until("waiting");
    expect(waiting).toMatchObject({ gaveWay: ["level"], widened: false, fittingCount: 0 });
  });

  it.each<[what: string, wish: Wish, field: string, message: RegExp]>([
    ["an unknown attribute", { is: { colour: ["red"] } }, "attributes", /`colour` is not one of .*gender/],
    ["an unknown value", { is: { gender: ["none"] } }, "attributes", /`gender` "none" is not one of f, m, x/],
    ["an unknown value of a filter", { seeks: { gender: ["f", "none"] } }, "filters", /"none" is not one of f, m, x/],
    ["two values of one", { is: { gender: ["f", "m"] } }, "attributes", /`gender` at most 1 values are allowed/],
    ["what the app says", { is: { verified: ["yes"] } }, "attributes", /`verified` is said by the app/],
    ["what the server says", { is: { country: ["de"] } }, "attributes", /`country` is said by the server/],
    ["a quarantine of one's own", { is: { quarantine: ["yes"] } }, "attributes", /`quarantine` is said by the server/],
    ["a filter for a quarantine", { seeks: { quarantine: ["yes"] } }, "filters", /`quarantine` is sought by naming it/],
    ["interests in another place", { is: { interests: ["a"] } }, "attributes[0].name", /belong into `preferences`/],
    ["a name that is none", { is: { "A b": ["a"] } }, "attributes[0].name", /must match|pattern/],
  ])("refuse %s", async (_, wish, field, message) => {
    const refusal = await refusalOf((await open()).match(wishFor(uniqueInterest(), wish)));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field });
    expect(refusal.message).toMatch(message);
  });

  it("refuse combinations beyond the limit with the field that has most of them", async () => {
    const is = { gender: ["f"], level: ["low"], mode: ["audio"] };
    const seeks = { gender: ["m", "f"], country: ["de", "fr", "at"] };
    const refusal = await refusalOf((await open()).match(wishFor(uniqueInterest(), { is, seeks })));
    expect(refusal).toMatchObject({ code: "InvalidArgument", field: "filters" });
    expect(refusal.message).toMatch(/`\w+` makes \d+ combinations with the rest, 66 are allowed/);
  });
});

describe("the country", () => {
  const seeks = { country: ["de"] };
  const isFound = async (tag: string, stranger: TestClient) => {
    const seeker = await open();
    await seeker.match(wishFor(tag, { seeks }));
    await stranger.match(wishFor(tag));
    return (await stranger.next()).event.case === "matched";
  };

  it("is that of the client's address", async () => {
    expect(await isFound(uniqueInterest(), await from("10.1.2.3"))).toBe(true);
    expect(await isFound(uniqueInterest(), await from("10.2.2.3"))).toBe(false);
    expect(await isFound(uniqueInterest(), await from("10.3.2.3"))).toBe(false);
  });

  it("is what a proxy writes, if it is trusted", async () => {
    const transportWith = (country: string, address: string) =>
      transportFrom(server, address, { "x-country": country });
    const via = (country: string, address: string) => TestClient.open(transportWith(country, address));
    expect(await isFound(uniqueInterest(), await via("DE", "10.2.2.3"))).toBe(true);
    expect(await isFound(uniqueInterest(), await via("FR", "10.1.2.3"))).toBe(false);
    expect(await isFound(uniqueInterest(), await via("XX", "10.1.2.3"))).toBe(true);
    expect(await isFound(uniqueInterest(), await via("<script>", "10.2.2.3"))).toBe(false);
  });
});

describe("what the app says", () => {
  it("is a part of the person", async () => {
    const [tag, ann, bob, cyd] = [
      uniqueInterest(),
      await open(),
      await open(),
      await open({ sub: "cyd", attributes: { verified: "yes" } }),
    ];
    await ann.match(wishFor(tag, { seeks: { verified: ["yes"] } }));
    await bob.match(wishFor(tag));
    await cyd.match(wishFor(tag));
    expect((await cyd.until("matched")).matchId).toBe((await ann.until("matched")).matchId);
  });

  it("holds in the next stream of the session, until another token says otherwise", async () => {
    const ann = await open({ sub: "ann", restrictions: ["no_tips"] });
    const offer = { tipId: "t".repeat(22), matchId: "m", amountMsat: 1_000n };
    const resumed = await TestClient.open(ann.transport, { token: ann.welcome.token });
    const refusal = await refusalOf(resumed.tips.offer(offer));
    expect(refusal).toMatchObject({ code: "PermissionDenied", reason: "RESTRICTED", problem: "no_tips" });
    const freed = await TestClient.open(ann.transport, {
      token: ann.welcome.token,
      identityToken: await identityToken({ sub: "ann" }),
    });
    expect(await refusalOf(freed.tips.offer(offer))).toMatchObject({ reason: "MATCH_OVER" });
  });

  it.each<[what: string, claims: Record<string, unknown>, message: RegExp]>([
    [
      "a value that the file does not have",
      { attributes: { verified: "maybe" } },
      /`attributes.verified` is not allowed: "maybe"/,
    ],
    ["attributes that are no object", { attributes: "yes" }, /`attributes` is not allowed/],
    ["a long attribute", { attributes: { verified: "y".repeat(33) } }, /`attributes.verified` is not allowed/],
    [
      "many attributes",
      { attributes: Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`a${String(index)}`, "b"])) },
      /at most 512 bytes/,
    ],
    ["a priority beyond 9", { priority: 10 }, /`priority` is not allowed/],
    ["an unknown restriction", { restrictions: ["no_fun"] }, /`restrictions.0` is not allowed/],
  ])("is refused with %s", async (_, claims, message) => {
    const refusal = await refusalOf(open({ sub: "ann", ...claims }));
    expect(refusal).toMatchObject({ code: "Unauthenticated", problem: "claim" });
    expect(refusal.message).toMatch(message);
  });

  it("may be about attributes that the file does not have", async () => {
    await open({ sub: "ann", attributes: { shoe_size: ["44", "45"] } });
  });

  it("may be that people meet only others in quarantine", async () => {
    const restrictions = ["quarantine"];
    const [tag, good] = [uniqueInterest(), await open()];
    const [bad, worse] = [await open({ sub: "bad", restrictions }), await open({ sub: "worse", restrictions })];
    await bad.match(wishFor(tag));
    await good.match(wishFor(tag));
    expect((await good.next()).event.case).toBe("waiting");
    await worse.match(wishFor(tag));
    expect((await worse.until("matched")).matchId).toBe((await bad.until("matched")).matchId);
  });

  it("may be that a person sends text only", async () => {
    const [tag, ann, bob] = [uniqueInterest(), await open({ sub: "ann", restrictions: ["text_only"] }), await open()];
    await ann.match(wishFor(tag, { is: { mode: ["video"] } }));
    await bob.match(wishFor(tag));
    expect(await bob.until("matched")).toMatchObject({ partnerMode: "text" });
  });

  it("may be that a person's reports and tips are not accepted", async () => {
    const tag = uniqueInterest();
    const ann = await open({ sub: "ann", restrictions: ["no_reports", "no_tips"] });
    const bob = await open();
    await ann.match(wishFor(tag));
    await bob.match(wishFor(tag));
    const { matchId } = await ann.until("matched");
    const report = ann.report({ matchId, reason: ReportReason.SPAM, comment: "" });
    expect(await refusalOf(report)).toMatchObject({
      code: "PermissionDenied",
      reason: "RESTRICTED",
      problem: "no_reports",
    });
    await bob.report({ matchId, reason: ReportReason.SPAM, comment: "" });
  });
});

describe("without a file", () => {
  it("nothing is announced, the mode is told, and filters are refused", async () => {
    const plain = await startServer(roomy);
    try {
      const { offerer, answerer } = await pair(transportTo(plain.url));
      expect(offerer.welcome.attributes).toEqual([]);
      await Promise.all([offerer.leave(), answerer.leave()]);
      const [tag, ann, bob] = [
        uniqueInterest(),
        ...(await Promise.all([0, 1].map(() => TestClient.open(transportTo(plain.url))))),
      ];
      await ann?.match(wishFor(tag, { is: { mode: ["audio"] } }));
      await bob?.match(wishFor(tag));
      expect(await bob?.until("matched")).toMatchObject({ partnerMode: "audio" });
      const filtered = offerer.match(wishFor(tag, { seeks: { mode: ["text"] } }));
      expect(await refusalOf(filtered)).toMatchObject({ code: "InvalidArgument", field: "filters" });
    } finally {
      await plain.close();
    }
  });
});
