import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Debian packages that the tests need, each with a file that shows whether it is installed. */
const packages = {
  caddy: "/usr/bin/caddy",
  chromium: "/usr/bin/chromium",
  "chromium-headless-shell": "/usr/bin/chromium-headless-shell",
  coturn: "/usr/bin/turnserver",
  curl: "/usr/bin/curl",
  electrum: "/usr/bin/electrum",
  "firefox-esr": "/usr/bin/firefox-esr",
  gcc: "/usr/bin/gcc",
  haproxy: "/usr/sbin/haproxy",
  "kubernetes-client": "/usr/bin/kubectl",
  nginx: "/usr/sbin/nginx",
  "lua-check": "/usr/bin/luacheck",
  nftables: "/usr/sbin/nft",
  openssl: "/usr/bin/openssl",
  prometheus: "/usr/bin/promtool",
  "redis-server": "/usr/bin/redis-server",
  "redis-tools": "/usr/bin/redis-cli",
  strace: "/usr/bin/strace",
  systemd: "/usr/bin/systemd-analyze",
  "webkit2gtk-driver": "/usr/bin/WebKitWebDriver",
  xvfb: "/usr/bin/Xvfb",
  zsh: "/usr/bin/zsh",
};

/**
 * Checks that the packages are installed. As root on Debian, installs missing ones.
 * @throws Error with the command to run, on other systems
 */
export function installPackages(...names: (keyof typeof packages)[]): void {
  const missing = names.filter((name) => !existsSync(packages[name]));
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    throw new Error(`The tests need ${missing.join(", ")}. Install them, on Debian with: sudo sh -c '${command}'`);
  }
  process.stdout.write(`installing ${missing.join(", ")}\n`);
  execFileSync("sh", ["-c", command], { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}
