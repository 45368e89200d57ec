/** What was measured of one server and its Redis; `docs/capacity.md` says where. */
export const measured = {
  /** CPU of Node.js for a chat without Redis, in milliseconds: two people meet, exchange signals and part. */
  nodeMsPerChat: 0.74,
  /** How many times that it takes with Redis. */
  redisFactor: 1.21,
  /** CPU of Redis for a chat, in milliseconds. */
  redisMsPerChat: 0.41,
  /** Chats a second of one realm, which lives on one Redis primary. */
  chatsPerSecondOfRealm: 820,
  /** CPU of Node.js for the ping and heartbeat of an idle stream, in milliseconds, and how often they are sent. */
  pingMsPerStream: 0.066,
  pingsEveryMs: 15_000,
  /** Resident memory of an idle stream, in bytes. */
  bytesPerStream: 12_111,
} as const;

/** What the simulated day of a million people gives; see `npm run simulate`. */
export const simulated = {
  /** Chats a second that begin, for each person who is online. */
  chatsPerSecondOfPerson: 0.00777,
  /** The part of their time that people are in chats. */
  shareInChat: 0.98,
} as const;

export const assumed = {
  /** The part of what was measured that is used, so that peaks and the loss of an instance find room. */
  load: 0.6,
  /** Streams of an instance, so that its loss does not bring too many people back at once. */
  streamsPerInstance: 25_000,
  /** What each side of a chat sends, in kbit/s: a picture of 480 lines and sound. */
  kbitPerSide: 1_000,
  /** Shares of chats that need a relay. */
  relayShares: [0.1, 0.2, 0.3],
} as const;

/** What a number of people online needs. */
export interface Capacity {
  online: number;
  chatsPerSecond: number;
  /** Busy cores of all instances, and of all Redis primaries. */
  nodeCores: number;
  redisCores: number;
  /** Whether one process without Redis is enough. */
  fitsOneProcess: boolean;
  instances: number;
  /** Realms with a Redis primary each; 0 without Redis. */
  realms: number;
  /** Memory of all streams, in bytes. */
  streamBytes: number;
  /** What relays send, in Mbit/s, for each of the assumed shares. They receive as much. */
  relayMbit: number[];
}

export function capacityFor(online: number): Capacity {
  const chatsPerSecond = online * simulated.chatsPerSecondOfPerson;
  const pingCores = (online * measured.pingMsPerStream) / measured.pingsEveryMs;
  const coresAt = (msPerChat: number) => (chatsPerSecond * msPerChat) / 1_000 + pingCores;
  const coresAlone = coresAt(measured.nodeMsPerChat);
  const fitsOneProcess = coresAlone <= assumed.load && online <= assumed.streamsPerInstance;
  const nodeCores = fitsOneProcess ? coresAlone : coresAt(measured.nodeMsPerChat * measured.redisFactor);
  const realms = Math.ceil(chatsPerSecond / (measured.chatsPerSecondOfRealm * assumed.load));
  // An instance serves one realm.
  const enough = Math.max(nodeCores / assumed.load, online / assumed.streamsPerInstance, realms);
  const sentKbit = online * simulated.shareInChat * assumed.kbitPerSide;
  return {
    ...{ online, chatsPerSecond, nodeCores, fitsOneProcess },
    redisCores: fitsOneProcess ? 0 : (chatsPerSecond * measured.redisMsPerChat) / 1_000,
    instances: fitsOneProcess ? 1 : Math.ceil(enough),
    realms: fitsOneProcess ? 0 : realms,
    streamBytes: online * measured.bytesPerStream,
    relayMbit: assumed.relayShares.map((share) => (sentKbit * share) / 1_000),
  };
}

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

/** The rows of the table in `docs/capacity.md`. */
export function capacityRows(): Record<string, string>[] {
  return SIZES.map(capacityFor).map((capacity) => ({
    "people online": capacity.online.toLocaleString("en"),
    "chats a second": rounded(capacity.chatsPerSecond),
    "cores of Node.js": capacity.nodeCores.toFixed(2),
    instances: rounded(capacity.instances),
    "realms, each with a Redis primary": capacity.realms === 0 ? "none needed" : rounded(capacity.realms),
    "cores of Redis": capacity.redisCores.toFixed(2),
    "memory of streams": bytes(capacity.streamBytes),
    ...Object.fromEntries(
      assumed.relayShares.map((share, index) => [
        `relays send at ${String(share * 100)} %`,
        bits(capacity.relayMbit[index] ?? 0),
      ]),
    ),
  }));
}

function rounded(value: number): string {
  return value < 100 ? String(Number(value.toPrecision(2))) : Math.round(value).toLocaleString("en");
}

function bytes(value: number): string {
  return value < 1e9 ? `${(value / 1e6).toFixed(0)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

function bits(mbit: number): string {
  return mbit < 1_000 ? `${mbit.toFixed(0)} Mbit/s` : `${(mbit / 1_000).toFixed(1)} Gbit/s`;
}
