import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";

/** Uses the platform's regular expressions: the patterns are our own, and match in linear time. */
const patterns = new Map<string, RegExp>();
const validator = createValidator({
  failFast: true, // report the first violation only: the cost of collecting all of them would be up to the client
  regexMatch: (pattern, text) => {
    const compiled = patterns.get(pattern) ?? new RegExp(pattern, "u");
    patterns.set(pattern, compiled);
    return compiled.test(text);
  },
});

/**
 * Validates a message against the rules of its `.proto`.
 * @throws ConnectError INVALID_ARGUMENT for the first field that breaks a rule. Like for any other refused field,
 * `google.rpc.ErrorInfo` carries its path; `buf.validate.Violations` carries the rule
 */
export function validate<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): void {
  const result = validator.validate(desc, message);
  if (result.kind === "valid") return;
  const error = new ConnectError(result.error.message, Code.InvalidArgument, undefined, undefined, result.error);
  if (result.violations !== undefined) {
    const [value, violations] = violationsToProto(result.violations);
    const [first] = result.violations;
    const field = first === undefined ? "" : pathToString(first.field);
    const info = create(ErrorInfoSchema, { reason: "FIELD_INVALID", domain: "satoshigle", metadata: { field } });
    error.details.push({ desc: ErrorInfoSchema, value: info }, { desc: violations, value });
  }
  throw error;
}
