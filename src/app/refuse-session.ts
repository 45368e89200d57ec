import { DomainError } from "../core/errors.js";
import type { Lobby } from "../ports/lobby.js";
import type { SessionSettings } from "./sessions.js";

type Refusal = Exclude<Awaited<ReturnType<Lobby["open"]>>["state"], "attached">;

interface Circumstances extends Pick<SessionSettings, "personKeeps"> {
  retryAfterMs: number;
}

/**
 * Refuses a session that the lobby did not open.
 * @throws DomainError `limit_reached`, `already_connected`, `superseded`
 */
export function refuseSession(state: Refusal, { personKeeps, retryAfterMs }: Circumstances): never {
  switch (state) {
    case "full":
      throw new DomainError("limit_reached", "the server is full; try again soon", {
        problem: "overload",
        retryAfterMs,
      });
    case "crowded":
      throw new DomainError("limit_reached", "too many sessions from this network; try again soon", {
        problem: "network",
        retryAfterMs,
      });
    case "occupied":
      throw personKeeps === "oldest"
        ? new DomainError(
            "already_connected",
            "you are connected in another tab or on another device; leave there first",
          )
        : new DomainError("superseded", "you are connected in another tab or on another device now");
  }
}
