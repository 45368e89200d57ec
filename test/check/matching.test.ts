import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeCountryDatabase } from "../support/country-database.js";
import { outcomeOf, temporaryFolder } from "./support.js";

/** A matching file with this text. */
async function fileOf(text: string): Promise<string> {
  const path = join(await temporaryFolder(), "matching.yaml");
  await writeFile(path, text);
  return path;
}

const FILE = `
attributes:
  - { name: interests, gives_way_after_seconds: 8 }
  - name: mode
  - name: country
  - { name: level, values: [low, high], gives_way_after_seconds: 15 }
  - { name: verified, values: ["yes", "no"], said_by: [app], default: "no" }
`;

describe("what people are matched by", () => {
  it("is said", async () => {
    expect((await outcomeOf({ WIDEN_AFTER_MS: "7000" })).on("matching")).toEqual([
      "ok people are matched by interests (gives way after 7 s), languages",
    ]);
    const path = await fileOf(FILE);
    expect((await outcomeOf({ MATCHING_FILE: path })).on("matching")).toEqual([
      `ok ${path}: people are matched by interests (gives way after 8 s), mode (video|audio|text; video by default), ` +
        "country (said by server), level (low|high; gives way after 15 s), " +
        "verified (yes|no; said by app; no by default)",
    ]);
  });

  it("may have mistakes, which are named by line and field", async () => {
    const path = await fileOf(
      "attributes:\n  - name: Level\n    values: [low]\n  - name: verified\n    vales: []\n    values: open\n",
    );
    const { on, exitCode } = await outcomeOf({ MATCHING_FILE: path });
    expect(on("matching")).toEqual([
      expect.stringMatching(/^fail MATCHING_FILE=.* line 2: attributes\[0\]\.name: .* → docs\/matching\.md/),
      expect.stringMatching(/^fail MATCHING_FILE=.* line 5: attributes\[1\]\.vales: .* → docs\/matching\.md/),
    ]);
    expect(exitCode).toBe(1);
  });

  it("may be missing", async () => {
    expect((await outcomeOf({ MATCHING_FILE: "/nowhere/matching.yaml" })).on("matching")).toEqual([
      expect.stringMatching(/^fail MATCHING_FILE=\/nowhere\/matching\.yaml cannot be read \(ENOENT\)/),
    ]);
  });
});

describe("countries", () => {
  const on = async (variables: Record<string, string>) =>
    (await outcomeOf({ MATCHING_FILE: await fileOf(FILE), ...variables })).on("country");

  it("come from a database, which is read, and whose age is said", async () => {
    const path = join(await temporaryFolder(), "countries.mmdb");
    await writeCountryDatabase(path, { "10.1.0.0/16": "DE" });
    expect(await on({ COUNTRY_DATABASE: path })).toEqual([
      expect.stringMatching(
        /^warn .*mmdb \(Test-Country\) can be read; it was built on 2023-11-14, \d+ days ago → rep/,
      ),
      `warn ${path} has no IPv6 addresses → use a database that has both`,
    ]);
    await writeCountryDatabase(path, { "10.1.0.0/16": "DE" }, { builtMs: Date.now(), ipVersion: 6 });
    const today = new Date().toISOString().slice(0, 10);
    expect(await on({ COUNTRY_DATABASE: path })).toEqual([
      `ok ${path} (Test-Country) can be read; it was built on ${today}`,
    ]);
  });

  it("cannot come from a file of another kind, or none", async () => {
    const path = join(await temporaryFolder(), "asn.mmdb");
    await writeCountryDatabase(path, { "10.1.0.0/16": "DE" }, { databaseType: "Test-ASN" });
    expect(await on({ COUNTRY_DATABASE: path })).toEqual([
      expect.stringMatching(/^fail COUNTRY_DATABASE=.* \(it is of the type Test-ASN\) → /),
    ]);
    await writeFile(path, "text");
    expect(await on({ COUNTRY_DATABASE: path })).toEqual([
      expect.stringMatching(/^fail COUNTRY_DATABASE=.* cannot be used/),
    ]);
    expect(await on({ COUNTRY_DATABASE: `${path}.gz` })).toEqual([
      expect.stringMatching(/^fail COUNTRY_DATABASE=.* \(there is no such file\)/),
    ]);
  });

  it("come from the header of trusted proxies", async () => {
    const header = { COUNTRY_HEADER: "CF-IPCountry" };
    expect(await on({ ...header, TRUST_PROXY: "loopback" })).toEqual([
      "ok the header CF-IPCountry of the proxies in TRUST_PROXY counts",
    ]);
    const { on: all } = await outcomeOf({ ...header, MATCHING_FILE: await fileOf(FILE) });
    expect(all("configuration").join()).toContain("COUNTRY_HEADER has no effect: TRUST_PROXY names no proxy");
  });

  it("may be sought and never known, or known and never sought", async () => {
    expect(await on({})).toEqual([
      expect.stringMatching(/^warn no country is ever known, .* → set COUNTRY_DATABASE, or COUNTRY_HEADER/),
    ]);
    const path = await fileOf("attributes:\n  - name: languages\n");
    expect(await on({ MATCHING_FILE: path })).toEqual([]);
    expect(await on({ MATCHING_FILE: path, COUNTRY_HEADER: "X-Country", TRUST_PROXY: "1" })).toEqual([
      expect.stringMatching(/^warn countries are looked up without need: .* → add the attribute/),
    ]);
  });
});
