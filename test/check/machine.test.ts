import { chmod, mkdir, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkCertificates } from "../../src/check/certificates.js";
import { loadConfig } from "../../src/config.js";
import { makeCertificate } from "../support/certificate.js";
import { outcomeOf, temporaryFolder } from "./support.js";

describe("the configuration", () => {
  it("fails with each refused variable, and nothing else is tried", async () => {
    const { findings, exitCode, on } = await outcomeOf({ PORT: "x", STUN_URLS: "http://a" });
    expect(on("configuration", "fail")).toEqual([
      expect.stringContaining("PORT=x is not allowed"),
      expect.stringContaining("STUN_URLS=http://a is not allowed"),
    ]);
    expect(findings).toHaveLength(2);
    expect(exitCode).toBe(1);
  });
});

describe("origins and proxies", () => {
  const production = { NODE_ENV: "production" };

  it.each([
    ["http://chat.invalid", /^fail .*https pages only → serve it with TLS/],
    ["http://localhost:3001", /^fail .* this machine only → set CLIENT_URL/],
    ["https://chat.invalid", /^ok https:\/\/chat\.invalid may call$/],
    ["capacitor://localhost", /^ok capacitor:\/\/localhost may call: an app/],
  ])("of %s", async (origin, expected) => {
    const { on } = await outcomeOf({ ...production, CLIENT_URL: origin });
    expect(on("origins")).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    [{}, /^fail people come over https.* → set TRUST_PROXY/],
    [{ TRUST_PROXY: "10.0.0.0/8" }, /^ok 10\.0\.0\.0\/8 may name the address/],
    [{ TRUST_PROXY: "0.0.0.0/1" }, /^fail TRUST_PROXY trusts 0\.0\.0\.0\/1.*anyone/],
  ])("with %o behind a proxy with TLS", async (variables, expected) => {
    const { on } = await outcomeOf({ ...production, CLIENT_URL: "https://chat.invalid", ...variables });
    expect(on("proxies")).toEqual([expect.stringMatching(expected)]);
  });
});

describe("DATA_DIR", () => {
  it("passes when it can be written, or created, and says how much room there is", async () => {
    const folder = await temporaryFolder();
    for (const DATA_DIR of [folder, join(folder, "new", "deep")]) {
      const { on } = await outcomeOf({ DATA_DIR });
      expect(on("data", "fail")).toEqual([]);
      expect(on("data").join()).toMatch(/\d+ MiB are free/);
    }
  });

  it("fails when it is a file, or cannot be written", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    expect((await outcomeOf({ DATA_DIR: file })).on("data").join()).toContain("is not a folder");
    const { on } = await outcomeOf({ DATA_DIR: "/proc/satoshigle" });
    expect(on("data")).toEqual([expect.stringMatching(/^fail .* cannot be written: .* → make the user/)]);
  });

  it("warns of looser modes, and fails with them in production", async () => {
    const folder = join(await temporaryFolder(), "data");
    await mkdir(folder);
    await chmod(folder, 0o755);
    const expected = expect.stringMatching(/other users .* → .* run chmod 0700/) as string;
    expect((await outcomeOf({ DATA_DIR: folder })).on("data", "warn")).toEqual([expected]);
    const production = { NODE_ENV: "production", CLIENT_URL: "https://chat.invalid" };
    expect((await outcomeOf({ ...production, DATA_DIR: folder })).on("data", "fail")).toEqual([expected]);
  });

  it("warns of a folder in memory", async () => {
    const folder = execFileSync("mktemp", ["-d", "-p", "/dev/shm"], { encoding: "utf8" }).trim();
    const { on } = await outcomeOf({ DATA_DIR: folder });
    execFileSync("rmdir", [folder]);
    expect(on("data", "warn")).toEqual(expect.arrayContaining([expect.stringContaining("is in memory (tmpfs)")]));
  });

  it("is not needed with Redis", async () => {
    const { on } = await outcomeOf({ REDIS_ENABLED: "true", REDIS_URL: "redis://127.0.0.1:9", DATA_DIR: "/proc/x" });
    expect(on("data")).toEqual(["ok not used: the records are in Redis"]);
  });
});

describe("certificates", () => {
  const DAY_MS = 86_400_000;

  it("are checked for validity, names and chain", async () => {
    const { certFile, keyFile } = await makeCertificate();
    const config = loadConfig({
      TLS_CERT_FILE: certFile,
      TLS_KEY_FILE: keyFile,
      CLIENT_URL: "https://localhost:3001,https://127.0.0.1,https://chat.invalid",
    });
    const judge = (nowMs: number) => checkCertificates(config, nowMs).map(({ level, text }) => `${level} ${text}`);
    expect(judge(Date.now())).toEqual([
      expect.stringMatching(/^warn TLS_CERT_FILE is valid until .*, 1 days$/),
      "ok it is for localhost",
      "ok it is for 127.0.0.1",
      expect.stringMatching(/^warn TLS_CERT_FILE is not for chat\.invalid of CLIENT_URL, but for .*localhost/),
      expect.stringMatching(/^warn TLS_CERT_FILE is self-signed/),
    ]);
    expect(judge(Date.now() - 30 * DAY_MS)[0]).toMatch(/^fail TLS_CERT_FILE is not valid before/);
  });

  it("are checked for an order that is wrong, and an authority that nobody knows", async () => {
    const folder = await temporaryFolder();
    const run = (script: string) => execFileSync("sh", ["-ec", script], { cwd: folder, stdio: "ignore" });
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    run(`openssl req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=ca -days 90
      openssl req ${key} -keyout leaf.key -out leaf.csr -subj /CN=localhost
      openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 90 -out leaf.pem
      openssl req -x509 ${key} -keyout other.key -out other.pem -subj /CN=other -days 90
      cat leaf.pem other.pem > wrong.pem`);
    const textsWith = (file: string) => {
      const files = { TLS_CERT_FILE: join(folder, file), TLS_KEY_FILE: join(folder, "leaf.key") };
      return checkCertificates(loadConfig(files), Date.now()).map(({ level, text }) => `${level} ${text}`);
    };
    expect(textsWith("leaf.pem")).toContain(
      "warn TLS_CERT_FILE: its chain ends before an authority that is known publicly",
    );
    expect(textsWith("wrong.pem")).toContain("fail TLS_CERT_FILE: certificate 1 is not signed by the one after it");
  });
});
