import type { Profile } from "@satoshigle/client";
import { say } from "../say.js";

/**
 * What the app says about the partner, as text. The picture is not shown: loading it would reveal the viewer's address to
 * a server that the partner may have chosen.
 */
export function PartnerProfile({ profile: { name, badges } }: { profile: Profile }) {
  return (
    <div class="profile" data-testid="profile" role="group" aria-label={say("stage.profile")}>
      {name !== undefined && (
        <p class="profile-name" dir="auto">
          {name}
        </p>
      )}
      {badges.length > 0 && (
        <ul class="profile-badges">
          {badges.map((badge, at) => (
            <li key={at} dir="auto">
              {badge}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
