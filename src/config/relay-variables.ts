import { answerPath, headers, httpsUrl, stunUrls, text, turnUrls } from "./schemas.js";
import { amount, choice, DAY, duration, type Variable } from "./variable.js";

/** The variables about STUN and TURN servers. */
export const relayVariables = {
  STUN_URLS: {
    schema: stunUrls,
    default: "",
    allowed: "stun: URLs such as stun:stun.example.com:3478, separated by commas",
    help: "STUN servers for the browsers",
  },
  TURN_URLS: {
    schema: turnUrls,
    default: "",
    allowed: "turn: URLs such as turn:turn.example.com:3478, separated by commas",
    help: "TURN servers for the browsers",
  },
  TURN_SECRET: {
    schema: text,
    default: "",
    allowed: "the TURN server's static-auth-secret",
    help: "Makes TURN credentials; required with TURN_URLS, unless they come from TURN_API_URL",
  },
  TURN_LIFETIME_MS: {
    ...duration(10_000, DAY),
    default: "600000",
    help: "How long TURN credentials are valid. Clients renew them in time; they cannot be withdrawn before",
  },
  TURN_API_URL: {
    schema: httpsUrl,
    default: "",
    allowed: "an https: URL; http: on this machine",
    help: "Requests TURN credentials from a provider instead of making them. In it, in the headers and in the body, {secret} and {secret:base64} stand for TURN_API_SECRET, {lifetime} for TURN_LIFETIME_MS in seconds",
  },
  TURN_API_SECRET: {
    schema: text,
    default: "",
    allowed: "the provider's token or key",
    help: "Secret for TURN_API_URL",
  },
  TURN_API_METHOD: { ...choice("POST", "GET", "PUT"), default: "POST", help: "Method of the request to TURN_API_URL" },
  TURN_API_HEADERS: {
    schema: headers,
    default: "",
    allowed: "headers such as authorization: Bearer {secret}, separated by commas",
    help: "Headers of the request to TURN_API_URL",
  },
  TURN_API_BODY: {
    schema: text,
    default: "",
    allowed: 'a text such as {"ttl": {lifetime}}',
    help: "Body of the request to TURN_API_URL; JSON, unless TURN_API_HEADERS has another content-type",
  },
  TURN_API_SERVERS: {
    schema: answerPath,
    default: "$.iceServers",
    allowed: "a path such as $.iceServers, or $ for the whole answer",
    help: "Where the provider's answer has the list of servers with their credentials",
  },
  TURN_API_USERNAME: {
    schema: answerPath,
    default: "",
    allowed: "a path such as $.username",
    help: "Where the provider's answer has the user name, if it names no servers; those of TURN_URLS are then used",
  },
  TURN_API_PASSWORD: {
    schema: answerPath,
    default: "",
    allowed: "a path such as $.password",
    help: "Where the provider's answer has the password that belongs to TURN_API_USERNAME",
  },
  TURN_CREDENTIALS_PER_HOUR: {
    ...amount(1, 1_000_000),
    default: "1000",
    help: "TURN credentials per address (IPv6: a /64) and hour, in addition to those that come with matches; its network may have 4 times as many",
  },
  RELAY_MAX_BITRATE_KBPS: {
    ...amount(0, 1_000_000),
    default: "0",
    help: "How much each side of a relayed call sends at most, in kbit/s, of which the sound takes about 50; 0 is no limit. Clients keep to it; the relay's own limit, such as coturn's max-bps, enforces it",
  },
  ICE_POLICY: {
    ...choice("all", "relay"),
    default: "all",
    help: "With relay every call is relayed, and no one learns another's address",
  },
} as const satisfies Record<string, Variable>;
