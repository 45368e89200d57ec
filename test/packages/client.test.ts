import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Project } from "./support/project.js";

const { client } = inject("tarballs");

/** Uses a value and a type of each entry point. */
const page = `
import { Satoshigle, SatoshigleError, type State } from "@satoshigle/client";
import { NwcWallet, type Wallet } from "@satoshigle/client/wallets";

const chat = new Satoshigle(location.origin);
const wallet: Wallet = new NwcWallet("nostr+walletconnect://…");
chat.setWallet(wallet);
chat.on("state", (state: State) => (document.title = state.activity.phase));
chat.start({ interests: ["chess"] }).catch((error: unknown) => {
  if (error instanceof SatoshigleError) document.title = error.code;
});
// @ts-expect-error There is no such event.
chat.on("nothing", () => undefined);
`;

let project: Project;
beforeAll(async () => {
  project = await Project.create(client);
  await project.write("page.ts", page);
});
afterAll(() => project.remove());

describe("an installed client", () => {
  it("has few packages and a small size, without install scripts and native code", async () => {
    const installed = await project.installed();
    expect(installed.size).toBeLessThanOrEqual(12);
    expect([...installed].filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
    expect(await project.installedBytes()).toBeLessThan(20e6);
  });

  it.each([
    ["nodenext", "nodenext"],
    ["node16", "node16"],
    ["es2022", "bundler"],
  ])("has types that resolve with module %s and moduleResolution %s", async (module, resolution) => {
    const modes = { module, moduleResolution: resolution };
    const platform = { target: "es2022", lib: ["es2022", "dom", "dom.iterable"], types: [] };
    const compilerOptions = { ...modes, ...platform, strict: true, noEmit: true };
    await project.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["page.ts"] }));
    expect(await project.runOwn("tsc")).toBe("");
  });

  it("is bundled by esbuild, without the optional wallet library", async () => {
    const { errors, outputFiles } = await build({
      ...{ absWorkingDir: project.folder, entryPoints: ["page.ts"] },
      ...{ bundle: true, format: "esm", write: false, logLevel: "silent" },
    });
    expect(errors).toEqual([]);
    expect(outputFiles[0]?.text.includes('"SatoshigleError"')).toBe(true);
  });

  it("has no effect if it is imported on a server", async () => {
    const script = `
      const before = Object.getOwnPropertyNames(globalThis).length;
      const paths = ["", "/wallets", "/screening", "/appeals", "/deposits"];
      const modules = await Promise.all(paths.map((path) => import("@satoshigle/client" + path)));
      const handles = process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|TCP|Worker/.test(name));
      const added = Object.getOwnPropertyNames(globalThis).length - before;
      console.log(JSON.stringify({ exports: modules.map((one) => Object.keys(one)), handles, added }));`;
    const output = await project.run("node", "--input-type=module", "--eval", script);
    expect(JSON.parse(output)).toEqual({
      exports: [
        ["PaymentFailed", "Satoshigle", "SatoshigleError", "isBlank"],
        [
          "AddressProblem",
          "LightningAddressWallet",
          "NwcWallet",
          "PaymentFailed",
          "PaymentUnclear",
          "WebLnWallet",
        ].concat("authorizeNwc", "loadNwc", "recognizePasted"),
        ["screenVideo"],
        ["appeal", "banOf"],
        ["depositAdmits", "requestDeposit"],
      ],
      handles: [],
      added: 0,
    });
  });

  it("reports the package that Nostr Wallet Connect needs", async () => {
    const script = `
      import { NwcWallet } from "@satoshigle/client/wallets";
      const wallet = new NwcWallet("nostr+walletconnect://x");
      console.log(await wallet.makeInvoice({ amountMsat: 1000, memo: "" }).catch((error) => error.message));`;
    const output = await project.run("node", "--input-type=module", "--eval", script);
    expect(output).toBe("NwcWallet needs the package @getalby/sdk: npm install @getalby/sdk\n");
  });
});
