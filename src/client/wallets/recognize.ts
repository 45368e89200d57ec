import { ALPHABET, checksum, readInvoice, toBytes } from "../tips/invoice.js";

/** What a pasted text is. Only the first three can be used; the others tell what to do instead. */
export type Pasted =
  /** An invoice for an exact amount, in lower case. */
  | { kind: "invoice"; invoice: string; amountMsat: number }
  /** A lightning address or LNURL-pay, in its shortest form. */
  | { kind: "address"; address: string }
  /** A connection string of Nostr Wallet Connect, which is a secret. */
  | { kind: "connection"; connection: string }
  | { kind: UselessKind };

export type UselessKind =
  /** An invoice without an amount. */
  | "amountless"
  /** An invoice or LNURL with letters missing or changed. */
  | "damaged"
  /** A BOLT 12 offer: the wallets that pages can use do not pay it. */
  | "offer"
  /** LNURL-withdraw: lets its holder withdraw money. */
  | "withdraw"
  /** LNURL-auth or LNURL-channel: for logging in, or for opening a channel. */
  | "not_payment"
  /** A Bitcoin address. */
  | "onchain"
  /** 64 hexadecimal digits: a preimage or a payment hash. */
  | "digits"
  | "empty"
  | "unknown";

const INVOICE = /ln(?:bcrt|bc|tbs|tb)(?:\d+[munp]?)?1[02-9ac-hj-np-z]+/;
const NAME_AT_DOMAIN = /^₿?([a-z0-9._+-]+)@([a-z0-9.-]+|\[::1\])(:\d+)?$/;
const CONNECTION = /^nostr\+?walletconnect:(?:\/\/)?[0-9a-f]{64}\?.*\bsecret=[0-9a-f]{64}/i;
const ONCHAIN = /^(?:(?:bc|tb|bcrt)1[02-9ac-hj-np-z]{20,90}|[123mn][1-9a-hj-np-z]{25,34})$/;
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;
const MAX_LENGTH = 8_192;

/** Says what a text is that a person pasted: with any case, spaces, line breaks, links and parameters. */
export function recognize(text: string): Pasted {
  const start = text.slice(0, MAX_LENGTH);
  const joined = start.replace(/[\s\p{C}]+/gu, "");
  if (joined === "") return { kind: "empty" };
  if (CONNECTION.test(joined)) return { kind: "connection", connection: joined };
  return ofLink(joined) ?? ofWord(joined) ?? ofSentence(start) ?? { kind: "unknown" };
}

/** Returns the URL at which an address describes its payments, or undefined if it is none that may be asked. */
export function payUrl(address: string): URL | undefined {
  const [, name, host = "", port = ""] = NAME_AT_DOMAIN.exec(address.toLowerCase()) ?? [];
  if (name !== undefined) {
    return serviceUrl(`${LOOPBACK.test(host) ? "http" : "https"}://${host}${port}/.well-known/lnurlp/${name}`);
  }
  const link = /^lnurlp:(?:\/\/)?(.+)$/i.exec(address)?.[1];
  if (link === undefined) return serviceUrl(decodeLnurl(address.toLowerCase()) ?? "");
  const isLocal = LOOPBACK.test(/^(?:\[::1\]|[^/:?]*)/.exec(link)?.[0] ?? "");
  return serviceUrl(`${isLocal ? "http" : "https"}://${link}`);
}

/** Takes https, and on the same machine http. */
export function serviceUrl(text: string): URL | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  return isSafe && url.username === "" && url.password === "" ? url : undefined;
}

/** Reads links: `lightning:…`, `bitcoin:…?lightning=…`, `lnurlp://…`, and pages with the parameter `lightning`. */
function ofLink(text: string): Pasted | undefined {
  const word = text.replace(/^(?:lightning:(?:\/\/)?)+/i, "");
  if (word !== text) return ofLink(word) ?? ofWord(word);
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(?:\/\/)?(.*)$/i.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case "bitcoin":
      return ofBitcoinLink(rest);
    case "lnurlp":
      return payUrl(text) ? { kind: "address", address: text } : { kind: "unknown" };
    case "lnurlw":
      return { kind: "withdraw" };
    case "lnurlc":
    case "keyauth":
      return { kind: "not_payment" };
    case "http":
    case "https": {
      const inside = parameter(text, "lightning");
      return inside === undefined ? undefined : ofWord(inside);
    }
    default:
      return undefined;
  }
}

/** BIP 21. A wallet that shows several ways to pay accepts any of them. */
function ofBitcoinLink(rest: string): Pasted {
  const word = parameter(rest, "lightning");
  const found = word === undefined ? undefined : ofWord(word);
  if (found && found.kind !== "amountless") return found;
  if (parameter(rest, "lno") !== undefined) return { kind: "offer" };
  return found ?? { kind: "onchain" };
}

function parameter(link: string, name: string): string | undefined {
  const pairs = new URLSearchParams(link.slice(link.indexOf("?") + 1));
  return [...pairs].find(([key, value]) => key.toLowerCase() === name && value !== "")?.[1];
}

function ofWord(text: string): Pasted | undefined {
  const word = text.toLowerCase().replace(/[?#&].*$/, "");
  if (word.startsWith("lnurl1")) return ofLnurl(word);
  if (/^ln(?:bcrt|bc|tbs|tb)\d/.test(word)) return ofInvoice(word);
  if (/^ln[oi]1/.test(word)) return { kind: "offer" };
  if (NAME_AT_DOMAIN.test(word)) return payUrl(word) && { kind: "address", address: word.replace("₿", "") };
  if (/^[0-9a-f]{64}$/.test(word)) return { kind: "digits" };
  return ONCHAIN.test(word) ? { kind: "onchain" } : undefined;
}

/** An invoice or an address among other words. */
function ofSentence(text: string): Pasted | undefined {
  const invoice = INVOICE.exec(text.toLowerCase())?.[0];
  if (invoice !== undefined) return ofInvoice(invoice);
  for (const piece of text.split(/[\s,;<>()"“”]+/)) {
    const word = piece.replace(/[.!?:]+$/, "");
    const found = ofLink(word) ?? ofWord(word);
    if (found) return found;
  }
  return undefined;
}

function ofInvoice(word: string): Pasted {
  const facts = readInvoice(word);
  if (!facts) return { kind: "damaged" };
  const { amountMsat } = facts;
  return amountMsat === undefined ? { kind: "amountless" } : { kind: "invoice", invoice: word, amountMsat };
}

function ofLnurl(word: string): Pasted {
  const url = decodeLnurl(word);
  if (url === undefined) return { kind: "damaged" };
  if (parameter(url, "tag") === "login") return { kind: "not_payment" };
  return serviceUrl(url) ? { kind: "address", address: word } : { kind: "unknown" };
}

/** LUD-01: a URL in bech32. */
function decodeLnurl(word: string): string | undefined {
  if (!word.startsWith("lnurl1")) return undefined;
  const words = Array.from(word.slice("lnurl1".length), (letter) => ALPHABET.indexOf(letter));
  if (words.includes(-1) || checksum("lnurl", words) !== 1) return undefined;
  return new TextDecoder().decode(Uint8Array.from(toBytes(words.slice(0, -6))));
}
