import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";

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
 * Holds a message against the rules its `.proto` states.
 * @throws ConnectError INVALID_ARGUMENT with `buf.validate.Violations`, which names the first field that breaks one
 */
export function validate<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): void {
  const result = validator.validate(desc, message);
  if (result.kind === "valid") return;
  const [value, violations] = result.violations === undefined ? [] : violationsToProto(result.violations);
  const details = value === undefined || violations === undefined ? [] : [{ desc: violations, value }];
  throw new ConnectError(result.error.message, Code.InvalidArgument, undefined, details, result.error);
}
