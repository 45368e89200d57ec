import { OperatorRole as WireRole, OperatorService } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { Role } from "../../core/role.js";
import type { Operators } from "../../ports/operators.js";
import type { InternalService } from "../service.js";

const wireRoles = {
  viewer: WireRole.VIEWER,
  moderator: WireRole.MODERATOR,
  admin: WireRole.ADMIN,
} as const satisfies Record<Role, WireRole>;

/** `OperatorService`, for the console. */
export function operatorService(operators: Operators): InternalService {
  return {
    desc: OperatorService,
    addTo: (router) =>
      router.service(OperatorService, {
        getOperator(_request, { requestHeader }) {
          const { name = "", role } = operators.operatorOf((header) => requestHeader.get(header));
          return { name, role: wireRoles[role], namesItself: operators.nameThemselves };
        },
      }),
  };
}
