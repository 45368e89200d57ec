import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server, type Socket } from "socket.io";

/** A minimal signaling server on Socket.IO: a room per receiver, and a relay into it. */

const url = process.env.REDIS_URL ?? "";
const [publisher, subscriber] = [new Redis(url), new Redis(url)];
const adapters = { classic: createAdapter, sharded: createShardedAdapter };
const adapter = adapters[process.env.ADAPTER as keyof typeof adapters](publisher, subscriber);

const server = createServer();
const io = new Server(server, { adapter, transports: ["websocket"], serveClient: false });

io.on("connection", (socket: Socket) => {
  socket.on("join", (room: string) => {
    void socket.join(room);
  });
  socket.on("signal", (room: string, signal: unknown) => {
    socket.to(room).emit("signal", signal);
  });
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
