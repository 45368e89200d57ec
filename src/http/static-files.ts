import type { FastifyInstance } from "fastify";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface StaticFiles {
  /** Folder that a build wrote. */
  root: string;
  /** Headers of every file. */
  headers?: Record<string, string>;
  /** Completes `index.html`, which is served at `/`. */
  completeIndex?: (html: Buffer) => Buffer;
}

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Serves a built page from memory; says how to build it when it is missing. The files are few and small. If each request
 * opened one, clients that stop reading could use up the process's file descriptors, and it could accept no connections.
 */
export function serveFiles(
  app: FastifyInstance,
  { root, headers = {}, completeIndex = (html) => html }: StaticFiles,
): void {
  if (!existsSync(join(root, "index.html"))) {
    app.get("/", (_request, reply) =>
      reply.code(503).headers(headers).type("text/plain").send("The page is not built: npm run build\n"),
    );
    return;
  }
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name))) {
    const url = `/${relative(root, path).split(sep).join("/")}`;
    const content = readFileSync(path);
    const type = types[extname(path)] ?? "application/octet-stream";
    if (url !== "/index.html") serveFile(app, url, content, { ...headers, "content-type": type });
    else serveFile(app, "/", completeIndex(content), { ...headers, "content-type": type });
  }
}

function serveFile(app: FastifyInstance, url: string, content: Buffer, others: Record<string, string>): void {
  const headers = {
    ...others,
    // The build puts a hash of the content into the names of these.
    "cache-control": url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    etag: `"${createHash("sha256").update(content).digest("base64url")}"`,
  };
  app.get(url, (request, reply) => {
    void reply.headers(headers);
    return request.headers["if-none-match"] === headers.etag ? reply.code(304).send() : reply.send(content);
  });
}
