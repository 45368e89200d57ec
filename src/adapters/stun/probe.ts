import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv4 } from "node:net";
import { StunClient } from "./client.js";
import type { StunServer } from "./link.js";
import { addressOf, ATTRIBUTE, type Credentials, type Endpoint, errorOf, type Message } from "./message.js";
import { METHOD, peerAttribute, textOf } from "./message.js";

/** The server refused a request. */
export class StunRefused extends Error {
  override readonly name = "StunRefused";

  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(`${String(code)} ${reason}`.trim());
  }
}

/** Requests UDP (RFC 8656, 14.7). */
const UDP: [number, Buffer] = [ATTRIBUTE.requestedTransport, Buffer.from([17, 0, 0, 0])];
const END: [number, Buffer] = [ATTRIBUTE.lifetime, Buffer.alloc(4)];
const [UNAUTHORIZED, STALE_NONCE] = [401, 438];
/** How long a relayed packet may take to arrive, and the pause between two tries, in milliseconds. */
const [ARRIVAL_MS, RETRY_MS] = [1_500, 300];

/** Returns the address under which the server sees this machine. @throws Error */
export async function probeStun(server: StunServer, timeoutMs: number): Promise<Endpoint> {
  const client = await StunClient.open(server, timeoutMs);
  try {
    const seen = addressOf(accepted(await client.request(METHOD.binding)), ATTRIBUTE.xorMappedAddress);
    if (seen === undefined) throw new Error("the answer contains no address");
    return seen;
  } finally {
    client.close();
  }
}

export interface RelayProbe {
  relayed: Endpoint;
  /** Whether a packet to the relayed address arrived; undefined if the server does not relay for this machine. */
  isRelaying: boolean | undefined;
  /** Whether the server gives relays to anyone, without credentials. */
  isOpen: boolean;
}

type Login = Pick<Credentials, "username" | "credential">;

/** Allocates a relay, sends a packet through it, and gives it back. @throws StunRefused, Error */
export async function probeTurn(server: StunServer, login: Login, timeoutMs: number): Promise<RelayProbe> {
  const client = await StunClient.open(server, timeoutMs);
  try {
    const challenge = await client.request(METHOD.allocate, [UDP]);
    if (challenge.kind === "success") return { relayed: relayedIn(challenge), isRelaying: undefined, isOpen: true };
    const { response, credentials } = await allocate(client, challenge, login);
    const [relayed, own] = [relayedIn(response), addressOf(response, ATTRIBUTE.xorMappedAddress)];
    const isRelaying = own === undefined ? undefined : await relays(client, credentials, relayed, own);
    await client.request(METHOD.refresh, [END], credentials);
    return { relayed, isRelaying, isOpen: false };
  } finally {
    client.close();
  }
}

async function allocate(client: StunClient, challenge: Message, login: Login) {
  if (errorOf(challenge)?.code !== UNAUTHORIZED) accepted(challenge);
  let credentials = withNonce(challenge, login);
  let response = await client.request(METHOD.allocate, [UDP], credentials);
  if (errorOf(response)?.code === STALE_NONCE) {
    credentials = withNonce(response, login);
    response = await client.request(METHOD.allocate, [UDP], credentials);
  }
  return { response: accepted(response), credentials };
}

function withNonce(message: Message, login: Login): Credentials {
  return { ...login, realm: textOf(message, ATTRIBUTE.realm), nonce: textOf(message, ATTRIBUTE.nonce) };
}

/** @throws StunRefused unless the response is a success */
function accepted(message: Message): Message {
  if (message.kind === "success") return message;
  const { code, reason } = errorOf(message) ?? { code: 0, reason: "the answer is an error without a code" };
  throw new StunRefused(code, reason);
}

function relayedIn(response: Message): Endpoint {
  const relayed = addressOf(response, ATTRIBUTE.xorRelayedAddress);
  if (relayed === undefined) throw new Error("the answer contains no relayed address");
  return relayed;
}

/**
 * Whether a packet from this machine to the relayed address arrives through the relay. Undefined if the server permits no
 * peer at the address of this machine, as is usual for private addresses.
 */
async function relays(
  client: StunClient,
  credentials: Credentials,
  relayed: Endpoint,
  own: Endpoint,
): Promise<boolean | undefined> {
  if (!isIPv4(own.address) || !isIPv4(relayed.address)) return undefined;
  const permission = await client.request(METHOD.createPermission, [peerAttribute(own)], credentials);
  if (permission.kind !== "success") return undefined;
  const sender = createSocket("udp4");
  await once(sender.bind(0), "listening");
  const send = () => {
    sender.send("satoshigle", relayed.port, relayed.address);
  };
  const repeating = setInterval(send, RETRY_MS);
  try {
    return await new Promise<boolean>((resolve) => {
      client.onIndication(({ method }) => {
        if (method === METHOD.data) resolve(true);
      });
      setTimeout(resolve, ARRIVAL_MS, false).unref();
      sender.on("error", () => {
        resolve(false);
      });
      send();
    });
  } finally {
    clearInterval(repeating);
    sender.close();
  }
}
