import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";

/** A minimal relay on Socket.IO: rooms for two, and messages to the other member. */

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket: Socket) => {
  let current = "";
  socket.on("join", (room: string) => {
    void socket.leave(current);
    current = room;
    void socket.join(room);
  });
  socket.on("signal", (signal: unknown) => {
    socket.to(current).emit("signal", signal);
  });
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
