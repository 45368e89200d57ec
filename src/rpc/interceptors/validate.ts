import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";

/** The platform's regular expressions: the patterns are ours alone, and each reads its text once. */
const patterns = new Map<string, RegExp>();
const validator = createValidator({
  failFast: true, // an error names one field: all of them would cost as much as whoever sent them likes
  regexMatch: (pattern, text) => {
    const known = patterns.get(pattern) ?? new RegExp(pattern, "u");
    patterns.set(pattern, known);
    return known.test(text);
  },
});

/**
 * Validates a message against the rules of its `.proto`.
 * @throws ConnectError INVALID_ARGUMENT for the first field that breaks a rule: `google.rpc.ErrorInfo` names its path, as
 * for every other refused field, and `buf.validate.Violations` the rule
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
