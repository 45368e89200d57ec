import { createHash, createHmac, randomBytes } from "node:crypto";

/** Methods of STUN (RFC 8489, 18.2) and TURN (RFC 8656, 17). */
export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  data: 0x007,
  createPermission: 0x008,
} as const;

/** Attributes (RFC 8489, 18.3, and RFC 8656, 18). */
export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
} as const;

export type Attribute = [type: number, value: Buffer];

export interface Message {
  method: number;
  kind: "request" | "indication" | "success" | "error";
  transaction: Buffer;
  attributes: readonly Attribute[];
}

/** How a client proves who it is (RFC 8489, 9.2). */
export interface Credentials {
  username: string;
  credential: string;
  realm: string;
  nonce: string;
}

export interface Endpoint {
  address: string;
  port: number;
}

const COOKIE = 0x2112a442;
const [HEADER_BYTES, TRANSACTION_BYTES, INTEGRITY_BYTES] = [20, 12, 24];
/** Larger messages are not STUN: those of a probe are small. */
const MAX_BYTES = 4096;
const KINDS = ["request", "indication", "success", "error"] as const;

/** Encodes a request with a random transaction ID, signed if credentials are given. */
export function encodeRequest(method: number, attributes: readonly Attribute[], credentials?: Credentials): Buffer {
  const transaction = randomBytes(TRANSACTION_BYTES);
  if (credentials === undefined) return encode(method, transaction, attributes, 0);
  const { username, credential, realm, nonce } = credentials;
  const named: Attribute[] = [
    [ATTRIBUTE.username, Buffer.from(username)],
    [ATTRIBUTE.realm, Buffer.from(realm)],
    [ATTRIBUTE.nonce, Buffer.from(nonce)],
  ];
  const unsigned = encode(method, transaction, [...attributes, ...named], INTEGRITY_BYTES);
  const key = createHash("md5").update(`${username}:${realm}:${credential}`).digest();
  const hmac = createHmac("sha1", key).update(unsigned).digest();
  return Buffer.concat([unsigned, encodeAttribute([ATTRIBUTE.messageIntegrity, hmac])]);
}

/** @param moreBytes how many bytes of attributes follow, which the header counts */
function encode(method: number, transaction: Buffer, attributes: readonly Attribute[], moreBytes: number): Buffer {
  const body = Buffer.concat(attributes.map(encodeAttribute));
  const header = Buffer.alloc(HEADER_BYTES - TRANSACTION_BYTES);
  header.writeUInt16BE(method, 0); // of a method below 0x010, a request has the same number
  header.writeUInt16BE(body.length + moreBytes, 2);
  header.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([header, transaction, body]);
}

function encodeAttribute([type, value]: Attribute): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(padding(value.length))]);
}

const padding = (bytes: number) => (4 - (bytes % 4)) % 4;

/** Returns how long the first message of a byte stream is; undefined while that is unknown, 0 if it is not STUN. */
export function messageBytes(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const length = HEADER_BYTES + bytes.readUInt16BE(2);
  const isStun = bytes.readUInt16BE(0) < 0x4000 && bytes.readUInt32BE(4) === COOKIE && length <= MAX_BYTES;
  return isStun ? length : 0;
}

/** Decodes a message; undefined if it is not one. */
export function decode(bytes: Buffer): Message | undefined {
  if (messageBytes(bytes) !== bytes.length) return undefined;
  const type = bytes.readUInt16BE(0);
  const kind = KINDS[((type & 0x100) >> 7) | ((type & 0x010) >> 4)];
  const method = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2);
  const attributes: Attribute[] = [];
  for (let at = HEADER_BYTES; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.push([bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length)]);
    at += 4 + length + padding(length);
  }
  const transaction = bytes.subarray(HEADER_BYTES - TRANSACTION_BYTES, HEADER_BYTES);
  return kind && { method, kind, transaction, attributes };
}

export function attributeOf({ attributes }: Message, type: number): Buffer | undefined {
  return attributes.find(([known]) => known === type)?.[1];
}

export function textOf(message: Message, type: number): string {
  return attributeOf(message, type)?.toString("utf8") ?? "";
}

/** The code of an error response and its reason; undefined if there is none. */
export function errorOf(message: Message): { code: number; reason: string } | undefined {
  const value = attributeOf(message, ATTRIBUTE.errorCode);
  if (value === undefined || value.length < 4) return undefined;
  return { code: (value.readUInt8(2) & 7) * 100 + value.readUInt8(3), reason: value.subarray(4).toString("utf8") };
}

/** An address that is hidden from routers that rewrite addresses in packets (RFC 8489, 14.2). */
export function addressOf(message: Message, type: number): Endpoint | undefined {
  const value = attributeOf(message, type);
  if (value === undefined || (value.length !== 8 && value.length !== 20)) return undefined;
  const mask = maskOf(message.transaction);
  const address = Buffer.from(value.subarray(4).map((byte, index) => byte ^ (mask[index] ?? 0)));
  const port = value.readUInt16BE(2) ^ (COOKIE >>> 16);
  return { address: address.length === 4 ? [...address].join(".") : inGroups(address), port };
}

function inGroups(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1); // the usual short form
}

function maskOf(transaction: Buffer): Buffer {
  const cookie = Buffer.alloc(4);
  cookie.writeUInt32BE(COOKIE);
  return Buffer.concat([cookie, transaction]);
}

/** Names the peer of a permission by an attribute that a server sent: its mask covers the transaction ID for IPv6 only. */
export function peerAttribute({ address, port }: Endpoint): Attribute {
  const parts = address.split(".").map(Number);
  const value = Buffer.alloc(8);
  value.writeUInt8(1, 1);
  value.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  const mask = maskOf(Buffer.alloc(0));
  parts.forEach((part, index) => value.writeUInt8(part ^ (mask[index] ?? 0), 4 + index));
  return [ATTRIBUTE.xorPeerAddress, value];
}
