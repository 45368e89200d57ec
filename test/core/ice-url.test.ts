import fc from "fast-check";
import { expect, it } from "vitest";
import { parseIceUrl } from "../../src/core/ice-url.js";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.stringMatching(/^[a-z]{2,10}$/))
  .map(([labels, top]) => [...labels, top].join("."));
const host = fc.oneof(
  name,
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
const secure = fc.boolean();
/** The parts of a URL, as RFC 7064 and RFC 7065 define their defaults. */
const partsOf = (host: string, port: number | null, secure: boolean, transport = "") => ({
  host: host.replace(/[[\]]/g, ""),
  port: port ?? (secure ? 5349 : 3478),
  transport: secure ? "tls" : transport || "udp",
});
const stun = fc.record({ host, port, secure }).map(({ host, port, secure }) => ({
  kind: "stun" as const,
  parts: partsOf(host, port, secure),
  url: `stun${secure ? "s" : ""}:${host}${port === null ? "" : `:${String(port)}`}`,
}));
const turn = fc
  .record({ host, port, secure, transport: fc.constantFrom("", "udp", "tcp") })
  .filter(({ secure, transport }) => !secure || transport !== "udp")
  .map(({ host, port, secure, transport }) => ({
    kind: "turn" as const,
    parts: partsOf(host, port, secure, transport),
    url: [
      `turn${secure ? "s" : ""}:${host}`,
      port === null ? "" : `:${String(port)}`,
      transport === "" ? "" : `?transport=${transport}`,
    ].join(""),
  }));

it("takes every URL of the grammar in its normal form, and leaves it as it is", () => {
  fc.assert(
    fc.property(fc.oneof(stun, turn), ({ kind, url, parts }) => {
      expect(parseIceUrl(url)).toEqual({ kind, url: url.toLowerCase(), ...parts });
    }),
  );
});

it("reads schemes, hosts and transports in any case, and ports with leading zeros", () => {
  expect(parseIceUrl("TURN:Turn.Example.COM:03478?TRANSPORT=UDP")).toEqual({
    kind: "turn",
    url: "turn:turn.example.com:3478?transport=udp",
    ...{ host: "turn.example.com", port: 3478, transport: "udp" },
  });
});

/** The grammar once more, written down as RFC 7064, RFC 7065 and RFC 3986 have it, for names of DNS. */
const DIGITS = String.raw`0*(\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])`;
const GRAMMAR = new RegExp(
  String.raw`^(stuns?:HOST(:${DIGITS})?|turn:HOST(:${DIGITS})?(\?transport=(udp|tcp))?|turns:HOST(:${DIGITS})?(\?transport=tcp)?)$`.replaceAll(
    "HOST",
    String.raw`(\[[\da-f:.]+\]|[a-z\d_.-]+)`,
  ),
  "i",
);

it("takes nothing outside the grammar, however close it comes", () => {
  const parts = ["stun", "turn", "turns", ":", "//", "[", "]", "::1", "%eth0", "a", "-", ".", "1", "256", "99999", "0"];
  const more = ["?", "transport=", "udp", "tcp", "sctp", "#", "@", "&", " ", "é", "\n", "\0", "%41"];
  const spoilt = fc
    .tuple(fc.oneof(stun, turn), fc.nat(), fc.constantFrom(...parts, ...more))
    .map(([{ url }, at, part]) => {
      const index = at % (url.length + 1);
      return url.slice(0, index) + part + url.slice(index);
    });
  const mixed = fc.array(fc.constantFrom(...parts, ...more), { maxLength: 10 }).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(spoilt, mixed, fc.string()), (text) => {
      const parsed = parseIceUrl(text);
      if ("problem" in parsed) return;
      expect(text).toMatch(GRAMMAR);
      expect(parseIceUrl(parsed.url)).toEqual(parsed);
    }),
    { numRuns: 2_000 },
  );
});

it("takes no longer for a long text than for a short one of the same kind", () => {
  for (const text of ["turn:" + "a".repeat(100_000), "turn:" + "a.".repeat(50_000), "turn:[" + ":".repeat(100_000)])
    expect(parseIceUrl(text)).toHaveProperty("problem");
});
