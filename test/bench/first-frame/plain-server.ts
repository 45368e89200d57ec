import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { type WebSocket, WebSocketServer } from "ws";

/** The server of the plain page: pairs two who press Start, and relays what they send. */
const [port, certFile, keyFile] = process.argv.slice(2);
const page = readFileSync(new URL("./plain-page.html", import.meta.url));
const tls = { cert: readFileSync(certFile ?? ""), key: readFileSync(keyFile ?? "") };
const server = createServer(tls, (_, response) => response.setHeader("content-type", "text/html").end(page));

const partners = new Map<WebSocket, WebSocket>();
let waiting: WebSocket | undefined;

function start(socket: WebSocket): void {
  if (waiting === undefined) {
    waiting = socket;
    socket.send(JSON.stringify({ waiting: true }));
    return;
  }
  partners.set(socket, waiting).set(waiting, socket);
  socket.send(JSON.stringify({ matched: { offers: true } }));
  waiting.send(JSON.stringify({ matched: { offers: false } }));
  waiting = undefined;
}

new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    if ("start" in (JSON.parse(text) as object)) start(socket);
    else partners.get(socket)?.send(text);
  });
  socket.on("close", () => {
    if (waiting === socket) waiting = undefined;
    partners.delete(socket);
  });
});
server.listen(Number(port), () => process.stdout.write("up\n"));
