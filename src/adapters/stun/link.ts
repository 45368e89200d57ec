import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect as connectTcp, isIP, isIPv6, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { IceUrl } from "../../core/ice-url.js";
import { decode, type Message, messageBytes } from "./message.js";

/** A server to exchange messages with. */
export interface StunServer extends Pick<IceUrl, "host" | "port" | "transport"> {
  /** The authority to trust with TLS, instead of those that Node.js knows. */
  ca?: string;
}

/** A way to exchange messages with a server. */
export interface Link {
  send(bytes: Buffer): void;
  /** Whether a lost packet is repeated by the transport. */
  isReliable: boolean;
  close(): void;
}

export interface LinkEvents {
  onMessage: (message: Message) => void;
  onEnd: (error: Error) => void;
}

/** Opens a link. @throws Error that says why that is not possible */
export async function openLink(server: StunServer, timeoutMs: number, events: LinkEvents): Promise<Link> {
  const address = isIP(server.host) === 0 ? (await lookup(server.host)).address : server.host;
  if (server.transport === "udp") return openDatagrams(address, server.port, events);
  return openStream(server, address, timeoutMs, events);
}

async function openDatagrams(address: string, port: number, events: LinkEvents): Promise<Link> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.on("error", events.onEnd).on("message", (bytes) => {
    const message = decode(bytes);
    if (message !== undefined) events.onMessage(message);
  });
  socket.connect(port, address); // the port is then known to be closed if an ICMP message says so
  await once(socket, "connect");
  const send = (bytes: Buffer) => {
    socket.send(bytes);
  };
  return { send, isReliable: false, close: () => socket.close() };
}

async function openStream(
  { host, port, transport, ca }: StunServer,
  address: string,
  timeoutMs: number,
  events: LinkEvents,
): Promise<Link> {
  const named = { ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) };
  const isSecure = transport === "tls";
  const socket = isSecure ? connectTls({ host: address, port, ...named }) : connectTcp(port, address);
  await opened(socket, isSecure ? "secureConnect" : "connect", timeoutMs);
  readMessages(socket, events);
  const send = (bytes: Buffer) => socket.write(bytes);
  return { send, isReliable: true, close: () => socket.destroy() };
}

async function opened(socket: Socket, event: "connect" | "secureConnect", timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no connection within ${String(timeoutMs / 1000)} s`));
  }, timeoutMs);
  try {
    await once(socket, event);
  } finally {
    clearTimeout(timer);
  }
}

function readMessages(socket: Socket, { onMessage, onEnd }: LinkEvents): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let bytes = messageBytes(rest); bytes !== undefined && bytes <= rest.length; bytes = messageBytes(rest)) {
      const message = decode(rest.subarray(0, bytes));
      if (message === undefined) {
        socket.destroy(new Error("the answer is not STUN"));
        return;
      }
      onMessage(message);
      rest = rest.subarray(bytes);
    }
  });
  socket.on("error", onEnd).on("close", () => {
    onEnd(new Error("the server closed the connection"));
  });
}
