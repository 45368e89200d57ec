import type { DescMethod } from "@bufbuild/protobuf";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";
import type { Caller } from "../../app/caller.js";
import { DomainError } from "../../core/errors.js";
import { includesRole } from "../../core/role.js";
import type { Operators, Peer } from "../../ports/operators.js";
import type { CallSource } from "./authenticate.js";
import { neededFor } from "./roles.js";
import { admitSameOrigin } from "./same-origin.js";

/** Admits calls of operators whose role suffices. */
export function admitOperators(operators: Operators) {
  return (call: CallSource, request: IncomingMessage, { parent, name }: DescMethod): Caller => {
    const caller = admitSameOrigin(call, request.headers["sec-fetch-site"]);
    const needed = neededFor(parent.typeName, name);
    if (needed === "nothing") return caller;
    Object.assign(request.headers, operators.admit(peerOf(request.socket)));
    const { role } = operators.operatorOf((header) => textOf(request.headers[header.toLowerCase()]));
    if (includesRole(role, needed)) return caller;
    const message = `${name} needs the role ${needed}, and the caller has the role ${role}`;
    throw new DomainError("role_required", message, { problem: needed });
  };
}

function peerOf(socket: Socket): Peer {
  const address = socket.remoteAddress ?? "";
  if (!(socket instanceof TLSSocket) || !socket.authorized) return { address, commonName: undefined };
  // A subject may have several common names, and then names nobody. An empty object means that there is no certificate.
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  const commonName: unknown = subject?.CN;
  return { address, commonName: typeof commonName === "string" ? commonName : undefined };
}

function textOf(header: string | string[] | undefined): string | null {
  return header === undefined ? null : header.toString();
}
