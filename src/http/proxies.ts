import proxyAddr from "@fastify/proxy-addr";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { addressBlock, addressHost, isLoopback, isPrivate } from "../core/address.js";
import { entriesOf, type Hop, lastOf, readAddress, readElement } from "./forwarded.js";
import type { Notices } from "./notices.js";

/**
 * Whether a peer is a proxy whose headers are trusted.
 * @param hop its distance: 0 for the peer of the connection, 1 for the peer of that proxy, and so on
 */
export type Trust = (address: string, hop: number) => boolean;

export interface ProxySettings {
  isTrusted: Trust;
  /** The header in which the proxies write where requests come from; `auto` finds out. */
  header: "auto" | "x-forwarded-for" | "forwarded";
}

/** A request's client, as far as it is known. */
export interface Client {
  address: string;
  /** The scheme and the host that it requested; undefined if no trusted proxy says. */
  scheme: string | undefined;
  host: string | undefined;
}

type Request = IncomingMessage | Http2ServerRequest;

/** Trusts addresses and networks, or a number of proxies, whatever their addresses are. */
export function trustOf(proxies: readonly string[]): Trust {
  const [first = ""] = proxies;
  if (!/^\d+$/.test(first)) return proxyAddr.compile([...proxies]);
  const count = Number(first);
  return (_address, hop) => hop < count;
}

/** Proxies of which it is remembered that they write `forwarded` alone. */
const MAX_KNOWN = 1_000;

/**
 * Finds the client of a request behind trusted proxies: the first peer, seen from this server, that is no proxy. One
 * header counts. The other, which clients can write and proxies pass on, has no effect on the address.
 */
export class Proxies {
  /**
   * Proxies that sent `forwarded` without `x-forwarded-for`. A proxy adds its header to every request, so these do not
   * write `x-forwarded-for`: when it is there, a client wrote it.
   */
  readonly #writeForwardedOnly = new Set<string>();

  constructor(
    private readonly settings: ProxySettings,
    private readonly notices: Notices,
  ) {}

  /** Whether the peer of a connection is a proxy. */
  isProxy(address: string): boolean {
    return this.settings.isTrusted(address, 0);
  }

  clientOf({ headers, socket }: Request): Client {
    const { remoteAddress: peer = "" } = socket;
    if (!this.isProxy(peer)) {
      if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) this.#noteUntrusted(peer);
      return { address: peer, scheme: undefined, host: undefined };
    }
    const client = this.#isForwardedUsed(peer, headers)
      ? this.#behind(peer, entriesOf(headers.forwarded), readElement)
      : this.#behind(peer, entriesOf(headers["x-forwarded-for"]), readAddress);
    client.scheme ??= lastOf(headers["x-forwarded-proto"])?.toLowerCase();
    client.host ??= lastOf(headers["x-forwarded-host"]);
    return client;
  }

  #isForwardedUsed(peer: string, { "x-forwarded-for": chain, forwarded, origin }: IncomingHttpHeaders): boolean {
    const { header } = this.settings;
    if (header === "auto" && forwarded !== undefined) {
      if (chain !== undefined) return this.#writeForwardedOnly.has(peer);
      if (this.#writeForwardedOnly.size < MAX_KNOWN) this.#writeForwardedOnly.add(peer);
      return true;
    }
    const used = header === "forwarded" ? forwarded : chain;
    if (used === undefined && origin !== undefined) this.#noteSilent(forwarded ?? chain);
    return header === "forwarded";
  }

  #behind(peer: string, entries: readonly string[], read: (entry: string) => Hop): Client {
    const client: Client = { address: peer, scheme: undefined, host: undefined };
    for (let hop = 0; hop < entries.length && this.settings.isTrusted(client.address, hop); hop++) {
      const { address, scheme, host } = read(entries[entries.length - 1 - hop] ?? "");
      client.scheme = scheme ?? client.scheme; // the proxy that is nearest to the client knows best
      client.host = host ?? client.host;
      if (address === undefined) {
        this.#noteNoAddress();
        break;
      }
      client.address = address;
    }
    return client;
  }

  #noteUntrusted(peer: string): void {
    const place = placeOf(peer);
    this.notices.once(
      "untrusted proxy",
      place.name,
      `requests with X-Forwarded-For or Forwarded arrive from ${place.name}, which TRUST_PROXY does not contain: the ` +
        `header is ignored, and all clients of a proxy there share the limits of one address. If it is your proxy, set ` +
        `TRUST_PROXY to ${place.advice}`,
    );
  }

  #noteSilent(other: string | string[] | undefined): void {
    const { header } = this.settings;
    const advice =
      other === undefined
        ? "configure it to send X-Forwarded-For (see docs/scaling.md)"
        : `set PROXY_HEADER to the header that it sends, instead of ${header}`;
    this.notices.once(
      "silent proxy",
      "",
      `a proxy in TRUST_PROXY does not say whom it forwards for, so all its clients share the limits of one address: ${advice}`,
    );
  }

  #noteNoAddress(): void {
    this.notices.once(
      "no address",
      "",
      "a proxy in TRUST_PROXY wrote something that is no address into X-Forwarded-For or Forwarded: such clients share " +
        "the limits of the proxy's address. Configure it to send the addresses of its clients",
    );
  }
}

/** Where a peer is, without naming the address of a person. */
function placeOf(peer: string): { name: string; advice: string } {
  const block = addressBlock(addressHost(peer));
  if (isLoopback(peer)) return { name: "this machine", advice: "loopback" };
  if (isPrivate(peer)) return { name: `the private network ${block}`, advice: `its address, or to ${block}` };
  return { name: "a public address", advice: "its address" };
}
