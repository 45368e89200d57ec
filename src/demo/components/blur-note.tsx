import type { ScreeningState } from "@satoshigle/client/screening";
import { say } from "../say.js";

/** Says why the partner's picture is blurred, and shows it on request. */
export function BlurNote({ state, onShow }: { state: ScreeningState; onShow: () => void }) {
  if (state !== "blurred" && state !== "failed") return null;
  return (
    <div class="blur-note" data-testid="blur-note">
      <p role="status">{say(state === "blurred" ? "stage.blurred" : "stage.unchecked")}</p>
      <button type="button" class="button button-strong" data-testid="show-picture" onClick={onShow}>
        {say("stage.showPicture")}
      </button>
    </div>
  );
}
