import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/**
 * A minimal relay on WebSockets: two connections with the same room receive each other's messages unchanged.
 * Nothing is parsed, checked, acknowledged or stored.
 */

const JOIN = "j".charCodeAt(0);
const waiting = new Map<string, WebSocket>();
const partners = new WeakMap<WebSocket, WebSocket>();

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.on("message", (data: Buffer, isBinary) => {
    if (data[0] === JOIN) join(socket, data.toString());
    else partners.get(socket)?.send(data, { binary: isBinary });
  });
});

function join(socket: WebSocket, room: string): void {
  const other = waiting.get(room);
  if (other === undefined) {
    waiting.set(room, socket);
    return;
  }
  waiting.delete(room);
  partners.set(socket, other).set(other, socket);
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
