import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../src/config.js";
import { defaultSchema, type MatchingSchema } from "../../src/core/matching-schema.js";
import { readMatchingSchema } from "../../src/matching-file.js";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "satoshigle-matching-"))));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(text: string): MatchingSchema {
  const path = join(folder, "matching.yaml");
  writeFileSync(path, text);
  return readMatchingSchema(loadConfig({ NODE_ENV: "test", MATCHING_FILE: path }));
}

/** The sentences of a refused file, without its path. */
function refusalsOf(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(/MATCHING_FILE=\S*?\.yaml:? ?/g, "").split("\n");
    throw error;
  }
  return [];
}

it("uses interests and languages without a file", () => {
  const config = loadConfig({ NODE_ENV: "test", WIDEN_AFTER_MS: "1234" });
  expect(readMatchingSchema(config)).toEqual(defaultSchema(1_234));
});

it("reads every property, in YAML and in JSON", () => {
  const yaml = `
priority_class_seconds: 30
attributes:
  - name: interests
    gives_way_after_seconds: 10
  - { name: gender, values: [f, m], said_by: [app, client], default: f, max_values: 1, unknown: accepted }
  - { name: city, values: open, mutual: true, shared: true, gives_way_after_seconds: 2.5 }
`;
  const schema = read(yaml);
  const json = JSON.stringify({
    priority_class_seconds: 30,
    attributes: [
      { name: "interests", gives_way_after_seconds: 10 },
      {
        name: "gender",
        values: ["f", "m"],
        said_by: ["app", "client"],
        default: "f",
        max_values: 1,
        unknown: "accepted",
      },
      { name: "city", values: "open", mutual: true, shared: true, gives_way_after_seconds: 2.5 },
    ],
  });
  expect(read(json)).toEqual(schema);
  expect(schema.priorityClassMs).toBe(30_000);
  const [interests, gender, city, ...others] = schema.attributes;
  expect(interests).toMatchObject({ isMutual: true, values: undefined, givesWayAfterMs: 10_000 });
  expect(gender).toEqual({
    ...{ name: "gender", values: ["f", "m"], saidBy: ["app", "client"], fallback: "f", maxValues: 1, isMutual: false },
    ...{ isSought: true, acceptsUnknown: true, givesWayAfterMs: undefined, isShared: false },
  });
  expect(city).toMatchObject({ isMutual: true, values: undefined, isShared: true, givesWayAfterMs: 2_500 });
  expect(others.map(({ name, isSought }) => [name, isSought])).toEqual([
    ["mode", false],
    ["quarantine", true],
  ]);
});

it("reads the example of the documentation", () => {
  const [, example = ""] = /```yaml\n([^`]*attributes:[^`]*)```/.exec(readFileSync("docs/matching.md", "utf8")) ?? [];
  expect(read(example).attributes.length).toBeGreaterThan(4);
});

const list = (...lines: string[]) => ["attributes:", ...lines.map((line) => `  - ${line}`)].join("\n");

it.each<[string, string, string[]]>([
  ["a name twice", list("name: mode", "name: mode"), [`line 3: attributes[1].name: "mode" is there already`]],
  [
    "a bad name",
    list("{ name: Gender, values: [f] }"),
    [expect.stringMatching(/^line 2: attributes\[0\]\.name: must be/)],
  ],
  [
    "no values",
    list("name: gender"),
    ["line 2: attributes[0].values: is required: a list of values, or the word open"],
  ],
  [
    "no list",
    list("{ name: gender, values: any }"),
    ["line 2: attributes[0].values: must be a list of 1 to 64 values, or the word open"],
  ],
  ["an unknown key", "attributes: []\nfilter: 1", [expect.stringMatching(/^line 2: filter: /)]],
  [
    "an unknown key of an attribute",
    `${list("name: mode")}\n    vlaues: [a]`,
    [expect.stringMatching(/^line 3: attributes\[0\]\.vlaues: /)],
  ],
  [
    "a fixed property",
    list("{ name: mode, values: [a] }"),
    [expect.stringMatching(/^line 2: attributes\[0\]\.values: cannot be set for "mode"/)],
  ],
  [
    "a default that is no value",
    list("{ name: gender, values: [f], default: m }"),
    ["line 2: attributes[0].default: must be one of the values"],
  ],
  [
    "a time that is none",
    `${list("name: interests")}\n    gives_way_after_seconds: soon`,
    [expect.stringMatching(/^line 3: attributes\[0\]\.gives_way_after_seconds: /)],
  ],
  [
    "an unknown source",
    list("{ name: gender, values: [f], said_by: [friend] }"),
    [expect.stringMatching(/^line 2: attributes\[0\]\.said_by\[0\]: /)],
  ],
  [
    "a quarantine that ends",
    list("{ name: quarantine, gives_way_after_seconds: 1 }"),
    [expect.stringMatching(/^line 2: attributes\[0\]\.gives_way_after_seconds: cannot be set/)],
  ],
  ["a broken file", "attributes: [", [expect.stringMatching(/^line 1: /)]],
  ["a key twice", "attributes: []\nattributes: []", [expect.stringMatching(/^line 2: .*unique/)]],
  ["an empty file", "", [expect.stringMatching(/^line 1: the file: /)]],
])("refuses %s with the line and the field", (_, text, expected) => {
  expect(refusalsOf(text)).toEqual(expected);
});

it("refuses more attributes than a person can have pools for", () => {
  const many = Array.from({ length: 7 }, (_, index) => `{ name: a${String(index)}, values: [x] }`);
  expect(refusalsOf(list(...many.slice(1)))).toEqual([]);
  expect(refusalsOf(list(...many))).toEqual([
    expect.stringMatching(/^attributes: at most 6 .* a0, a1, a2, a3, a4, a5, a6$/),
  ]);
});

it("refuses a file that is not there", () => {
  const config = loadConfig({ NODE_ENV: "test", MATCHING_FILE: "/none/such" });
  expect(() => readMatchingSchema(config)).toThrow(
    "MATCHING_FILE=/none/such cannot be read (ENOENT): it must be a file",
  );
});
