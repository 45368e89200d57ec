const MAX_SHOWN_CHARACTERS = 200;

/** The URLs of STUN and TURN servers that this browser refuses: one of them would prevent every call. */
export class RefusedUrls {
  readonly #onRefused: (url: string) => void;
  readonly #tried = new Set<string>();
  readonly #refused = new Set<string>();

  /** @param onRefused called once for each URL, without anything that may be a password */
  constructor(onRefused: (url: string) => void) {
    this.#onRefused = onRefused;
  }

  /** Returns the servers without these URLs. */
  without(servers: readonly RTCIceServer[]): RTCIceServer[] {
    if (this.#refused.size === 0) return [...servers];
    return servers
      .map((server) => ({ ...server, urls: urlsOf(server).filter((url) => !this.#refused.has(url)) }))
      .filter(({ urls }) => urls.length > 0);
  }

  /** Tries each URL that was not tried before. Returns whether one was refused. */
  find(servers: readonly RTCIceServer[]): boolean {
    // The fault may lie elsewhere, such as in too many connections.
    if (!accepts([])) return false;
    const before = this.#refused.size;
    for (const server of servers) {
      for (const url of urlsOf(server)) {
        if (this.#tried.has(url)) continue;
        this.#tried.add(url);
        if (!accepts([{ ...server, urls: url }])) this.#refuse(url);
      }
    }
    return this.#refused.size > before;
  }

  #refuse(url: string): void {
    this.#refused.add(url);
    this.#onRefused(shown(url));
  }
}

function urlsOf({ urls }: RTCIceServer): string[] {
  return typeof urls === "string" ? [urls] : urls;
}

function accepts(iceServers: RTCIceServer[]): boolean {
  try {
    new RTCPeerConnection({ iceServers }).close();
    return true;
  } catch {
    return false;
  }
}

/** The URL without user and password, which some write into it. */
function shown(url: string): string {
  const at = url.lastIndexOf("@");
  const scheme = /^[a-z]*:/i.exec(url)?.[0] ?? "";
  return (at < 0 ? url : scheme + url.slice(at + 1)).slice(0, MAX_SHOWN_CHARACTERS);
}
