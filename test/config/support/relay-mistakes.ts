const TURN = "it must be turn: URLs such as turn:turn.example.com:3478, separated by commas";
const STUN = "it must be stun: URLs such as stun:stun.example.com:3478, separated by commas";
const API = "it must be an https: URL; http: on this machine";

/** Invalid values of the variables about STUN and TURN servers. */
export const relayMistakes: [name: string, given: string, explanation: string, shown?: string][] = [
  ["STUN_URLS", "turn:turn.example.com", STUN],
  ["STUN_URLS", "stun://stun.example.com", `${STUN}; these URLs have no // after the scheme`],
  ["STUN_URLS", "stun.example.com:3478", STUN],
  ["STUN_URLS", "stun:stun.example.com?transport=udp", `${STUN}; URLs of STUN servers have no parameters`],
  ["STUN_URLS", "stun:2001:db8::1", `${STUN}; write an IPv6 address in brackets, and the port behind them`],
  ["STUN_URLS", "stun:[2001:db8::1%eth0]:3478", `${STUN}; the brackets hold an IPv6 address without a zone`],
  ["STUN_URLS", "stun:192.0.2.256", `${STUN}; an IPv4 address has four numbers, 0 to 255`],
  ["STUN_URLS", "stun:stun.éxample.com", `${STUN}; write the name of the host in ASCII, as xn--…`],
  ["TURN_URLS", "turn:turn.example.com:99999", `${TURN}; the port is 1 to 65535`],
  ["TURN_URLS", "turn:turn.example.com:port", `${TURN}; the port is a number`],
  ["TURN_URLS", "turn:turn.example.com:0", `${TURN}; the port is 1 to 65535`],
  ["TURN_URLS", "turn:", `${TURN}; it names no host`],
  ["TURN_URLS", "turn:turn.example.com/path", `${TURN}; write the host and the port alone, without a path`],
  ["TURN_URLS", "turn:-a.example", `${TURN}; the host is not a name of DNS`],
  [
    "TURN_URLS",
    "turn:turn.example.com?transport=sctp",
    `${TURN}; the only parameter is ?transport=udp or ?transport=tcp`,
  ],
  [
    "TURN_URLS",
    "turns:turn.example.com?transport=udp",
    `${TURN}; browsers reach turns: over TCP only: write ?transport=tcp`,
  ],
  ["TURN_URLS", "https://turn.example.com", `${TURN}; these URLs have no // after the scheme`],
  [
    "TURN_URLS",
    "turn:user:hunter2@turn.example.com",
    `${TURN}; these URLs have no user and no password`,
    "(hidden)@turn.example.com",
  ],
  ["TURN_LIFETIME_MS", "600", "it must be milliseconds, 10000 to 86400000"],
  ["TURN_LIFETIME_MS", "10m", "it must be milliseconds, 10000 to 86400000; write 600000"],
  ["TURN_API_URL", "api.example.com", `${API}; begin it with https://`, "(hidden)"],
  ["TURN_API_URL", "http://api.example.com/hunter2", `${API}; begin it with https://`, "(hidden)"],
  ["TURN_API_URL", "https://a:b@x", `${API}; write user and password into TURN_API_HEADERS`, "(hidden)"],
  ["TURN_API_METHOD", "post", "it must be POST, GET or PUT"],
  [
    "TURN_API_HEADERS",
    "Bearer hunter2",
    "it must be headers such as authorization: Bearer {secret}, separated by commas; write each as name: value",
    "(hidden)",
  ],
  ["TURN_API_SERVERS", "iceServers", "it must be a path such as $.iceServers, or $ for the whole answer"],
  ["TURN_API_USERNAME", "$..username", "it must be a path such as $.username"],
  ["TURN_API_PASSWORD", "password", "it must be a path such as $.password"],
  ["TURN_CREDENTIALS_PER_HOUR", "0", "it must be a number, 1 to 1000000"],
  ["RELAY_MAX_BITRATE_KBPS", "2mbit", "it must be a number, 0 to 1000000; write digits only"],
];
