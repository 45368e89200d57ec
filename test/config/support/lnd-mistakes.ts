const URL = "it must be an https: URL such as https://127.0.0.1:10009";
const TOGETHER = "LND_URL, LND_TLS_CERT_FILE, LND_MACAROON_FILE are required together";
const URL_OF_LND = "https://127.0.0.1:10009";

/** Invalid values of the variables about the operator's LND. */
export const lndMistakes: [name: string, given: string, explanation: string, shown?: string][] = [
  ["LND_URL", "127.0.0.1:10009", `${URL}; begin it with https://`],
  ["LND_URL", "http://127.0.0.1:10009", `${URL}; begin it with https://`],
  ["LND_URL", "https://", URL],
  ["LND_URL", "https://node:10009/v1", `${URL}; write the host and the port alone: https://node:10009`],
  [
    "LND_URL",
    "https://me:hunter2@node:10009",
    `${URL}; a macaroon stands in place of user and password`,
    "(hidden)@node:10009",
  ],
  ["LND_TLS_CERT_FILE", "/nowhere/tls.cert", "it must be a PEM file with a certificate; there is no such file"],
  [
    "LND_TLS_CERT_FILE",
    "package.json",
    'it must be a PEM file with a certificate; it is not PEM: it has no line "-----BEGIN CERTIFICATE-----"',
  ],
  ["LND_MACAROON_FILE", "/nowhere/admin.macaroon", "it must be a file with a macaroon; there is no such file"],
  ["LND_MACAROON_FILE", "src", "it must be a file with a macaroon; it is a folder"],
  ["LND_MACAROON_FILE", "package.json", "it must be a file with a macaroon; it holds no macaroon"],
];

export const lndContradictions: [environment: Record<string, string>, refusal: string][] = [
  [{ LND_URL: URL_OF_LND }, `${TOGETHER}: LND_TLS_CERT_FILE and LND_MACAROON_FILE missing`],
];
