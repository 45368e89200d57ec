import type { DescMethod } from "@bufbuild/protobuf";
import type { IncomingMessage } from "node:http";
import type { Caller } from "../../app/caller.js";
import { DomainError } from "../../core/errors.js";
import { includesRole } from "../../core/role.js";
import type { Operators } from "../../ports/operators.js";
import type { CallSource } from "./authenticate.js";
import { neededFor } from "./roles.js";
import { admitSameOrigin } from "./same-origin.js";

/** Admits calls of operators whose role suffices. */
export function admitOperators(operators: Operators) {
  return (call: CallSource, request: IncomingMessage, { parent, name }: DescMethod): Caller => {
    const caller = admitSameOrigin(call, request.headers["sec-fetch-site"]);
    const needed = neededFor(parent.typeName, name);
    if (needed === "nothing") return caller;
    operators.checkPeer(request.socket.remoteAddress ?? "");
    const { role } = operators.operatorOf((header) => textOf(request.headers[header.toLowerCase()]));
    if (includesRole(role, needed)) return caller;
    const message = `${name} needs the role ${needed}, and the caller has the role ${role}`;
    throw new DomainError("role_required", message, { problem: needed });
  };
}

function textOf(header: string | string[] | undefined): string | null {
  return header === undefined ? null : header.toString();
}
