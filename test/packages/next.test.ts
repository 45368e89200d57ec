import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freePort } from "../support/ports.js";
import { Command } from "./support/command.js";
import { nextApp } from "./support/next-app.js";
import { Project } from "./support/project.js";

const { client } = inject("tarballs");
const types = ["typescript@5", "@types/node@20", "@types/react@19", "@types/react-dom@19"];
/** Nothing is sent to anybody while the project is built. */
const quiet = "NEXT_TELEMETRY_DISABLED=1";

/** Next.js compiles with all cores and checks types, which takes a minute on two of them. */
const PATIENCE_MS = 400_000;

let project: Project;
beforeAll(async () => {
  project = await Project.create(client, "next@16", "react@19", "react-dom@19", ...types);
  for (const [path, content] of Object.entries(nextApp)) await project.write(path, content);
});
afterAll(() => project.remove());

it(
  "a project of Next.js is built with the client in a page of the server and in a component of the browser",
  async () => {
    expect(await project.run("env", quiet, "npx", "next", "build")).toContain("Compiled successfully");
    const port = String(await freePort());
    const next = new Command(project.folder, {}, "env", quiet, "npx", "next", "start", "--port", port);
    try {
      await next.prints(/Ready in/);
      const url = `http://localhost:${port}`;
      const html = await (await fetch(url)).text();
      const text = html.replaceAll("<!-- -->", "");
      expect(text).toContain("<p>idle on the server</p>");
      expect(text).toContain("idle in the component</button>");
      const paths = [...html.matchAll(/<script src="([^"]+)"/g)].map(([, path = ""]) => path);
      const scripts = await Promise.all(paths.map(async (path) => (await fetch(url + path)).text()));
      expect(scripts.filter((script) => script.includes("SatoshigleError"))).toHaveLength(1);
      expect(next.output).not.toMatch(/error/i);
    } finally {
      await next.kill();
    }
  },
  PATIENCE_MS,
);
