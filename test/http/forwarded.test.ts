import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { addressIn, readElement } from "../../src/http/forwarded.js";
import { Notices } from "../../src/http/notices.js";
import { Proxies, type ProxySettings, trustOf } from "../../src/http/proxies.js";

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["203.0.113.7:40001", "203.0.113.7"], // Azure Application Gateway
  ["203.0.113.7:", "203.0.113.7"],
  ['"203.0.113.7:40001"', "203.0.113.7"],
  [" 203.0.113.7 ", "203.0.113.7"],
  ['" 203.0.113.7 "', "203.0.113.7"],
  ["2001:db8::1", "2001:db8::1"],
  ["2001:DB8:0:0::1", "2001:db8::1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["[2001:db8::1]:443", "2001:db8::1"],
  ['"[2001:db8::1]:443"', "2001:db8::1"],
  ["2001:db8:1:2:3:4:5:6:443", "2001:db8:1:2:3:4:5:6"],
  ["2001:db8::1:40001", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["[fe80::1%25eth0]:443", "fe80::1"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["[::ffff:203.0.113.7]:40001", "203.0.113.7"],
])("%j, as a proxy may write it, is the address %s", (entry, address) => {
  expect(addressIn(entry)).toBe(address);
});

it.each(["", "unknown", "_hidden", "unix:", "-", "localhost", "1", "127.1", "0x7f000001", "203.0.113.07", "203.0.113"])(
  "%j is no address",
  (entry) => {
    expect(addressIn(entry)).toBeUndefined();
  },
);

it.each([
  ["for=203.0.113.7", "203.0.113.7"],
  ['for="203.0.113.7:40001"', "203.0.113.7"],
  ["for=203.0.113.7:40001", "203.0.113.7"], // without the quotes that the standard demands
  ['For="[2001:db8::1]:443"', "2001:db8::1"],
  ["for=[2001:db8::1]", "2001:db8::1"],
  ['proto=https;for="[2001:db8::1]";by=203.0.113.43', "2001:db8::1"],
  ["for = 203.0.113.7", undefined],
  ["for=unknown", undefined],
  ["for=_SEVKISEK", undefined],
  ['for="_hidden:_port"', undefined],
  ["by=203.0.113.43", undefined],
  ['for="203.0.113.7', undefined],
  ["203.0.113.7", undefined],
])("of an element %j of Forwarded, the address is %s", (element, address) => {
  expect(readElement(element).address).toBe(address);
});

it("reads the scheme and the host of an element of Forwarded", () => {
  expect(readElement('for=203.0.113.7;proto=HTTPS;host="chat.example.com:8443"')).toEqual({
    address: "203.0.113.7",
    scheme: "https",
    host: "chat.example.com:8443",
  });
});

/** The proxies of a listener, and what they reported. */
function proxiesWith(trusted: string[], header: ProxySettings["header"] = "auto") {
  const reports: string[] = [];
  const proxies = new Proxies({ isTrusted: trustOf(trusted), header }, new Notices((report) => reports.push(report)));
  const clientOf = (headers: Record<string, string>, remoteAddress = "127.0.0.1") =>
    proxies.clientOf({ headers, socket: { remoteAddress } } as unknown as IncomingMessage);
  const addressOf = (headers: Record<string, string>, peer?: string) => clientOf(headers, peer).address;
  return { clientOf, addressOf, reports };
}

const x = (chain: string) => ({ "x-forwarded-for": chain });
const standard = (forwarded: string) => ({ forwarded });

it.each([
  ["X-Forwarded-For", x("198.51.100.9, 203.0.113.7:40001, 10.0.0.1:80")],
  ["Forwarded", standard('for=198.51.100.9, for="203.0.113.7:40001", for=10.0.0.1')],
])("the client is the first peer that is no proxy, in %s", (_name, headers) => {
  expect(proxiesWith(["loopback", "10.0.0.0/8"]).addressOf(headers)).toBe("203.0.113.7");
  expect(proxiesWith(["loopback"]).addressOf(headers)).toBe("10.0.0.1");
  expect(proxiesWith(["127.0.0.1"]).addressOf(headers, "::ffff:127.0.0.1")).toBe("10.0.0.1");
  expect(proxiesWith(["192.0.2.1"]).addressOf(headers)).toBe("127.0.0.1");
});

it.each([
  ["X-Forwarded-For", x("198.51.100.9, 203.0.113.7, 10.0.0.1")],
  ["Forwarded", standard("for=198.51.100.9, for=203.0.113.7, for=10.0.0.1")],
])("a number of proxies is counted from the server, in %s", (_name, headers) => {
  expect(proxiesWith(["1"]).addressOf(headers)).toBe("10.0.0.1");
  expect(proxiesWith(["2"]).addressOf(headers, "192.0.2.1")).toBe("203.0.113.7");
  expect(proxiesWith(["3"]).addressOf(headers)).toBe("198.51.100.9");
  expect(proxiesWith(["9"]).addressOf(headers)).toBe("198.51.100.9");
  expect(proxiesWith(["1"]).addressOf({}, "192.0.2.1")).toBe("192.0.2.1");
});

it.each([
  ["X-Forwarded-For", x("203.0.113.7, unknown"), x('203.0.113.7, "'), x("unknown, 203.0.113.7")],
  [
    "Forwarded",
    standard("for=203.0.113.7, for=_x"),
    standard('for=203.0.113.7, "'),
    standard('for=";, for=203.0.113.7'),
  ],
] as [string, ...Record<string, string>[]][])(
  "an entry of %s that is no address leaves its proxy as the client, and is reported once",
  (...[, ...all]) => {
    const { addressOf, reports } = proxiesWith(["127.0.0.1"]);
    expect(all.map((headers) => addressOf(headers))).toEqual(["127.0.0.1", "127.0.0.1", "203.0.113.7"]);
    expect(reports).toEqual([expect.stringContaining("no address")]);
    expect(reports.join()).not.toContain("unknown");
  },
);

it("a client cannot choose its address with the header that its proxies do not write", () => {
  const both = (client: string, own: string) => ({ "x-forwarded-for": client, forwarded: `for=${own}` });
  const writesX = proxiesWith(["127.0.0.1"]);
  expect(writesX.addressOf({ ...x("203.0.113.7"), ...standard("for=198.51.100.9") })).toBe("203.0.113.7");
  const writesForwarded = proxiesWith(["127.0.0.0/8"]);
  writesForwarded.addressOf(standard("for=192.0.2.1")); // anybody's request shows that it writes no X-Forwarded-For
  expect(writesForwarded.addressOf(both("198.51.100.9", "203.0.113.7"))).toBe("203.0.113.7");
  expect(writesForwarded.addressOf(both("203.0.113.7", "198.51.100.9"), "127.0.0.2"), "another proxy").toBe(
    "203.0.113.7",
  );
  for (const trusted of [["127.0.0.1"], ["1"]]) {
    expect(proxiesWith(trusted, "forwarded").addressOf(both("198.51.100.9", "203.0.113.7"))).toBe("203.0.113.7");
    expect(proxiesWith(trusted, "forwarded").addressOf(x("198.51.100.9"))).toBe("127.0.0.1");
    expect(proxiesWith(trusted, "x-forwarded-for").addressOf(both("203.0.113.7", "198.51.100.9"))).toBe("203.0.113.7");
    expect(proxiesWith(trusted, "x-forwarded-for").addressOf(standard("for=198.51.100.9"))).toBe("127.0.0.1");
  }
});

it("what a client writes before the proxy's entry has no effect, not even an open quote or a thousand entries", () => {
  for (const before of ['"', 'for="', "unknown", ",,,", "10.0.0.1,".repeat(1_000)]) {
    expect(proxiesWith(["127.0.0.1"]).addressOf(x(`${before}, 203.0.113.7`)), before.slice(0, 9)).toBe("203.0.113.7");
    expect(proxiesWith(["127.0.0.1"]).addressOf(standard(`${before}, for=203.0.113.7`))).toBe("203.0.113.7");
  }
});

it("takes scheme and host from the proxy that is nearest to the client, or from X-Forwarded-Proto and -Host", () => {
  const { clientOf } = proxiesWith(["loopback", "10.0.0.1"]);
  const twice = "for=203.0.113.7;proto=https;host=chat.example.com, for=10.0.0.1;proto=http;host=app";
  expect(clientOf(standard(twice))).toMatchObject({ scheme: "https", host: "chat.example.com" });
  expect(clientOf(standard(`for=198.51.100.9;proto=ftp;host=evil, ${twice}`))).toMatchObject({ scheme: "https" });
  const more = { "x-forwarded-proto": "HTTPS", "x-forwarded-host": "chat.example.com" };
  for (const headers of [x("203.0.113.7"), standard("for=203.0.113.7"), {}]) {
    expect(clientOf({ ...headers, ...more })).toMatchObject({ scheme: "https", host: "chat.example.com" });
  }
  expect(clientOf({ ...x("203.0.113.7"), ...more }, "192.0.2.1")).toMatchObject({ scheme: undefined, host: undefined });
});

it.each([
  ["127.0.0.1", /from this machine, .* set TRUST_PROXY to loopback/],
  ["172.18.0.5", /from the private network 172\.18\.0\.0\/16, .* TRUST_PROXY to its address, or to 172\.18\.0\.0\/16/],
  ["fd00:1::5", /from the private network fd00:1::\/32/],
  ["203.0.113.7", /from a public address, .* TRUST_PROXY to its address$/],
])("forwarding headers from %s are reported once when TRUST_PROXY does not contain it", (peer, report) => {
  const { addressOf, reports } = proxiesWith([]);
  for (const headers of [x("198.51.100.9"), standard("for=198.51.100.9")]) expect(addressOf(headers, peer)).toBe(peer);
  expect(addressOf({}, peer)).toBe(peer);
  expect(reports).toEqual([expect.stringMatching(report)]);
  expect(reports.join()).not.toMatch(/198\.51|203\.0|172\.18\.0\.5/);
});

it("reports a proxy that does not say whom it forwards for, when a page calls", () => {
  const { addressOf, reports } = proxiesWith(["127.0.0.1"]);
  addressOf({});
  expect(reports, "a health check").toEqual([]);
  for (let times = 0; times < 2; times++) addressOf({ origin: "https://chat.example.com" });
  expect(reports).toEqual([expect.stringContaining("configure it to send X-Forwarded-For")]);
  const pinned = proxiesWith(["127.0.0.1"], "x-forwarded-for");
  pinned.addressOf({ origin: "https://chat.example.com", ...standard("for=203.0.113.7") });
  expect(pinned.reports).toEqual([expect.stringContaining("set PROXY_HEADER to the header that it sends")]);
});

it("reports each subject once, and few of a kind", () => {
  const reports: string[] = [];
  const notices = new Notices((report) => reports.push(report));
  for (let times = 0; times < 3; times++) {
    for (let index = 0; index < 1_000; index++) notices.once("kind", String(index), `report ${String(index)}`);
  }
  expect(reports).toHaveLength(20);
  expect(reports.at(-1)).toContain("last report");
  notices.once("other kind", "", "another");
  expect(reports.at(-1)).toBe("another");
});
