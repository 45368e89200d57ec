import { isLoopback } from "../core/address.js";
import type { Config } from "../config.js";
import { about, type Finding } from "./finding.js";

const origin = about("origins");
const proxy = about("proxies");

/** Checks what can be seen from the origins and proxies alone, without asking them. */
export function checkOrigins(config: Config): Finding[] {
  const origins = [...config.CLIENT_URL, ...config.CLIENT_IP_URL];
  return [...origins.map((one) => checkOrigin(one, config)), ...checkProxies(config, origins)];
}

function checkOrigin(one: string, { NODE_ENV }: Config): Finding {
  const { protocol, hostname } = new URL(one);
  if (!/^https?:$/.test(protocol)) return origin.ok(`${one} may call: an app or an extension`);
  if (isLoopback(hostname)) {
    const text = `${one} can be opened on this machine only`;
    return NODE_ENV === "production"
      ? origin.fail(text, "set CLIENT_URL to the address that people open")
      : origin.ok(text);
  }
  if (protocol === "https:") return origin.ok(`${one} may call`);
  const text = `${one} may call, but browsers give camera and microphone to https pages only`;
  return origin.fail(text, "serve it with TLS and write https:// in CLIENT_URL");
}

function checkProxies(config: Config, origins: readonly string[]): Finding[] {
  const { TRUST_PROXY: trusted } = config;
  const wide = trusted.filter((network) => /\/[0-7]$/.test(network));
  if (wide.length > 0) {
    const text = `TRUST_PROXY trusts ${wide.join(", ")}: anyone can claim any address, so limits and bans do not hold`;
    return [proxy.fail(text, "name the addresses of your proxies only")];
  }
  const isBehindTls = config.TLS_CERT_FILE === "" && origins.some((one) => one.startsWith("https:"));
  if (isBehindTls && trusted.length === 0) {
    const text = "people come over https, which this server does not speak: a proxy is in front, and it is not trusted";
    const advice = "set TRUST_PROXY to its address: otherwise all people share the limits of one address";
    return [proxy.fail(text, advice)];
  }
  if (trusted.length === 0) return [proxy.ok("none are trusted: the address of a connection is that of the person")];
  return [proxy.ok(`${trusted.join(", ")} may name the address of a person`)];
}
