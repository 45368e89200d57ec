import type net from "node:net";
import { limits } from "../core/limits.js";

/** How long a client may take to read the answer, in milliseconds. */
const LINGER_MS = 1_000;

interface Answer {
  status: string;
  type: string;
  body: string;
}

const HEADERS_KIB = String(limits.headerBytes / 1024);

/** A person may read this one: the cookies of other programs on the same host name can be the cause. */
const TOO_LARGE: Answer = {
  status: "431 Request Header Fields Too Large",
  type: "text/html; charset=utf-8",
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Too many cookies</title>
<h1>Too many cookies</h1>
<p>Your browser sent more than ${HEADERS_KIB} KiB of cookies and other headers, which this server does not accept.
<p>Delete the cookies of this site in your browser, then load the page again.
`,
};
const TOO_SLOW = refusal("408 Request Timeout", "deadline_exceeded", "the request did not arrive in time");
const MALFORMED = refusal("400 Bad Request", "invalid_argument", "the request is not valid HTTP");

function refusal(status: string, code: string, message: string): Answer {
  return { status, type: "application/json", body: JSON.stringify({ code, message }) };
}

/** Answers what is no request over HTTP/1.1, and closes the connection. */
export function answerBrokenRequest({ code }: NodeJS.ErrnoException, socket: net.Socket): void {
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const { status, type, body } = answerTo(code);
  const head = [
    `HTTP/1.1 ${status}`,
    "connection: close",
    "cache-control: no-store",
    `content-type: ${type}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // Closing at once would discard the answer if the client is still sending.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => {
    clearTimeout(timer);
  });
}

function answerTo(code: string | undefined): Answer {
  if (code === "HPE_HEADER_OVERFLOW") return TOO_LARGE;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? TOO_SLOW : MALFORMED;
}
