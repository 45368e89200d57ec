import Fastify from "fastify";
import { Webhook } from "standardwebhooks";
import { Inbox } from "./inbox.js";

/** What a webhook of Satoshigle says; `data` is the message of the event in JSON. */
interface Message {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

const [port = "8787", file = "inbox.jsonl"] = process.argv.slice(2);
const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? "");
const inbox = new Inbox(file);

const app = Fastify({ bodyLimit: 64 * 1024 });

// The signature covers the bytes of the body, so it is kept as it came.
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
  done(null, body);
});

app.post("/webhooks", (request, reply) => {
  const body = String(request.body);
  const headers = request.headers as Record<string, string>;
  try {
    webhook.verify(body, headers); // also refuses what is older than five minutes
  } catch {
    return reply.code(401).send();
  }
  const id = headers["webhook-id"] ?? "";
  const message = JSON.parse(body) as Message;
  // Webhooks come at least once: what was handled before is acknowledged, and has no second effect.
  if (inbox.add({ id, ...message })) console.log(`${message.type} ${id}`);
  return reply.code(204).send();
});

await app.listen({ host: "127.0.0.1", port: Number(port) });
console.log(`listening on ${port}`);
