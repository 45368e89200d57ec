import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Project } from "./support/project.js";
import { reactApp } from "./support/react-app.js";

const { client } = inject("tarballs");
const packages = ["react@19", "react-dom@19", "@types/react@19", "@types/react-dom@19", "typescript@5", "vite@8"];

let project: Project;
beforeAll(async () => {
  project = await Project.create(client, ...packages);
  for (const [path, content] of Object.entries(reactApp)) await project.write(path, content);
});
afterAll(() => project.remove());

describe("a project of Vite, TypeScript and React", () => {
  it("type-checks", async () => {
    expect(await project.run("npx", "tsc")).toBe("");
  });

  it("builds with the client", async () => {
    await project.run("npx", "vite", "build", "--logLevel", "warn");
    const [script = ""] = (await readdir(join(project.folder, "dist/assets"))).filter((name) => name.endsWith(".js"));
    expect((await project.read(`dist/assets/${script}`)).includes("SatoshigleError")).toBe(true);
  });

  it("renders on the server, where importing the client has no effect", async () => {
    await project.run("npx", "vite", "build", "--ssr", "src/server.tsx", "--outDir", "server", "--logLevel", "warn");
    expect(await project.read("server/server.js")).toContain('from "@satoshigle/client"');
    expect(await project.run("node", "server/server.js")).toBe("<button>idle</button>\n");
  });
});
