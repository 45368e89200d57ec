import { readFileSync } from "node:fs";
import { PROBLEMS } from "./certificates.js";
import { refuse, text } from "./schemas.js";
import { certificate, type Variable } from "./variable.js";

/** The URL of a gRPC server with TLS. */
const grpcUrl = text.transform((given, context) => {
  if (given === "") return given;
  if (!/^https:\/\//i.test(given)) return refuse(context, "begin it with https://");
  if (!URL.canParse(given)) return refuse(context);
  const { username, password, pathname, search, hash, origin } = new URL(given);
  if (username + password !== "") return refuse(context, "a macaroon stands in place of user and password");
  if (pathname + search + hash !== "/") return refuse(context, `write the host and the port alone: ${origin}`);
  return origin;
});

const MAX_MACAROON_BYTES = 16_384;

/** A macaroon as LND writes it begins with the number of its format. */
const MACAROON_FORMAT = 2;

/** The content of a file with a macaroon, in hexadecimal. */
const macaroon = text.transform((path, context) => {
  if (path === "") return "";
  try {
    const content = readFileSync(path);
    if (/^[\da-f\s]+$/i.test(content.toString("latin1"))) {
      return refuse(context, "it holds text: name the file as LND wrote it");
    }
    const isMacaroon = content[0] === MACAROON_FORMAT && content.length <= MAX_MACAROON_BYTES;
    return isMacaroon ? content.toString("hex") : refuse(context, "it holds no macaroon");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return refuse(context, PROBLEMS[code] ?? `it cannot be read (${code})`);
  }
});

/** The variables about the operator's Lightning node. */
export const lndVariables = {
  LND_URL: {
    schema: grpcUrl,
    default: "",
    allowed: "an https: URL such as https://127.0.0.1:10009",
    help: "gRPC interface of the operator's LND; no node when empty",
  },
  LND_TLS_CERT_FILE: {
    ...certificate,
    help: "LND's certificate, its tls.cert. No other certificate is trusted",
  },
  LND_MACAROON_FILE: {
    schema: macaroon,
    default: "",
    allowed: "a file with a macaroon",
    help: "What LND lets the server do: `lncli bakemacaroon info:read onchain:read onchain:write offchain:read offchain:write peers:write invoices:read invoices:write`",
  },
} as const satisfies Record<string, Variable>;
