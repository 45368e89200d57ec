import { expect, it } from "vitest";
import { readConfig } from "../../src/config.js";

const SECRET = "SESSION_SECRET=a-secret-of-at-least-thirty-two-characters";

function read(file: string | Buffer, environment: Record<string, string> = {}) {
  return readConfig({ environment, file: Buffer.from(file) });
}

function refusalsOf(file: string | Buffer, environment: Record<string, string> = {}): string[] {
  try {
    read(file, environment);
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  return [];
}

it.each([
  ["plain", "PORT=8080\n"],
  ["with a byte order mark", "\uFEFFPORT=8080\n"],
  ["with CRLF", `PORT=8080\r\n${SECRET}\r\n`],
  ["with CR", `PORT=8080\r${SECRET}\r`],
  ["with export", "export PORT=8080"],
  ["with blanks", "  PORT = 8080  "],
  ["with double quotes", 'PORT="8080" # the port'],
  ["with single quotes", "PORT='8080'"],
  ["with a comment", "# HOST=x\n\nPORT=8080 # the port"],
])("reads a file %s", (_, file) => {
  expect(read(file).config.PORT).toBe(8080);
});

it("reads a multi-line value, and counts lines after it", () => {
  expect(refusalsOf('TURN_SECRET="a\nPORT: 1\nb"\nTURN_URLS=turn:x\nPORT=abc')).toEqual([
    expect.stringMatching(/^\.env line 5: PORT=abc is not allowed/),
  ]);
});

it("yields to the environment, whose values have no line number", () => {
  expect(read("PORT=abc", { PORT: "8080" }).config.PORT).toBe(8080);
  expect(refusalsOf("PORT=8080", { PORT: "abc" })).toEqual([expect.stringMatching(/^PORT=abc is not allowed/)]);
});

it.each([
  ["PORT: 8080", "this is YAML: write PORT=value instead of PORT: value"],
  ["  - REDIS_URL: redis://:hunter2@x?a=b", "this is YAML: write REDIS_URL=value instead of REDIS_URL: value"],
  ["PORT 8080", "this is not a variable: write NAME=value, or # at the beginning of a comment"],
  ["[server]", "this is not a variable: write NAME=value, or # at the beginning of a comment"],
  ['TURN_SECRET="hunter2', "the quote that opens the value of TURN_SECRET is never closed"],
  ["REDIS_URL=redis://u:hunter2#x@host", "in the value of REDIS_URL, # begins a comment: put the value in quotes"],
  ["REDIS_ENABLE=true", "REDIS_ENABLE is not a variable of this server; did you mean REDIS_ENABLED?"],
  ["CLIENT_URLS=https://a.example", "CLIENT_URLS is not a variable of this server; did you mean CLIENT_URL?"],
])("explains the line %s", (line, explanation) => {
  const refusals = refusalsOf(`# comment\n${SECRET}\n${line}\n`);
  expect(refusals).toContain(`.env line 3: ${explanation}`);
  expect(refusals.join()).not.toContain("hunter2");
});

it("warns of an unknown variable and of one that is set twice", () => {
  expect(read(`${SECRET}\nVITE_API=x\nPORT=1\nPORT=2`).warnings).toEqual([
    ".env line 4: PORT is also set on line 3; this one counts",
    ".env line 2: VITE_API is not a variable of this server, and has no effect",
  ]);
});

it("detects a file in UTF-16", () => {
  const file = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("PORT=8080", "utf16le")]);
  expect(refusalsOf(file)).toEqual([".env is encoded in UTF-16: save it as UTF-8"]);
});

it("explains the one line of the original server's file that does not apply", () => {
  const file = [
    ...[
      "NODE_ENV=development",
      "PORT=3001",
      "CLIENT_URL=http://localhost:5173/",
      "CLIENT_IP_URL=http://192.168.1.7:5173",
    ],
    ...["REDIS_ENABLED=false", "REDIS_URL=redis://localhost:6379", "RATE_LIMIT_WINDOW_MS=60000"],
    ...["RATE_LIMIT_MAX_REQUESTS=100", "CONNECTION_TIMEOUT_MS=20000", "MAX_DISCONNECTION_DURATION_MS=60000"],
    "SOCKET_PATH=/socket.io/",
  ];
  expect(refusalsOf(file.join("\n"))).toEqual([
    ".env line 11: SOCKET_PATH=/socket.io/ is not allowed: it must be a path such as /chat, or nothing; " +
      "this server does not speak Socket.IO, and answers its path with 410: remove the variable",
  ]);
  expect(read(file.slice(0, -1).join("\n")).config.CLIENT_URL).toEqual(["http://localhost:5173"]);
});
