/** What an operator may do. Each role includes the ones before it. */
export const roles = ["viewer", "moderator", "admin"] as const;
export type Role = (typeof roles)[number];

/** Whether a role is another one, or includes it. */
export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}
