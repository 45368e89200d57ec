import { X509Certificate } from "node:crypto";
import type { SecureClientSessionOptions } from "node:http2";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { Invoices } from "../../../gen/lnrpc/invoicesrpc/invoices_pb.js";
import { Lightning } from "../../../gen/lnrpc/lightning_pb.js";
import { WalletKit } from "../../../gen/lnrpc/walletrpc/walletkit_pb.js";

/** Where LND is, and how to be let in. */
export interface LndAddress {
  /** Such as `https://127.0.0.1:10009`. */
  url: string;
  /** LND's certificate in PEM, usually its `tls.cert`; no other is trusted. */
  certificate: string;
  /** In hexadecimal. */
  macaroon: string;
}

/** The connection is checked this often while calls or streams are open, and is lost without an answer in time. */
const PING = { pingIntervalMs: 20_000, pingTimeoutMs: 10_000 };

/** One connection to LND over HTTP/2. It is opened by the first call, and again after it was lost. */
export class LndConnection {
  readonly lightning: Client<typeof Lightning>;
  readonly invoices: Client<typeof Invoices>;
  readonly wallet: Client<typeof WalletKit>;
  readonly #session: Http2SessionManager;

  constructor({ url, certificate, macaroon }: LndAddress) {
    this.#session = new Http2SessionManager(url, PING, pinnedTo(certificate));
    const interceptors = [withMacaroon(macaroon)];
    const transport = createGrpcTransport({ baseUrl: url, sessionManager: this.#session, interceptors });
    this.lightning = createClient(Lightning, transport);
    this.invoices = createClient(Invoices, transport);
    this.wallet = createClient(WalletKit, transport);
  }

  end(): void {
    this.#session.abort();
  }
}

function withMacaroon(macaroon: string): Interceptor {
  return (next) => (request) => {
    request.header.set("macaroon", macaroon);
    return next(request);
  };
}

/** Trusts one file. LND signs its certificate itself, for names by which it need not be known here. */
function pinnedTo(certificate: string): SecureClientSessionOptions {
  const pinned = new X509Certificate(certificate).raw;
  return {
    ca: certificate,
    checkServerIdentity: (host: string, shown: PeerCertificate) =>
      pinned.equals(shown.raw) ? undefined : checkServerIdentity(host, shown),
  };
}
