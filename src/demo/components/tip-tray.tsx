import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { findTask, isLeftOver } from "../tips.js";
import type { Tipping } from "../use-tips.js";
import { describeFacts, describeTip } from "../tip-words.js";
import { TipAnswer } from "./tip-answer.js";
import { Icon } from "./icon.js";
import { TipPayment } from "./tip-payment.js";

const loadedAtMs = Date.now();

/** Shows the tip that needs an action, or the latest change of a tip. */
export function TipTray({ client, tipping }: { client: SatoshigleClient; tipping: Tipping }) {
  const [put, setPut] = useState<readonly string[]>([]);
  const { tips, news, pays } = tipping;
  const open = tips.filter((tip) => !put.includes(tip.id));
  const task = findTask(open, { pays, answers: pays }) ?? open.find((tip) => isLeftOver(tip, loadedAtMs));
  const facts = news ? describeFacts(news) : "";
  const putAway = (tip: Tip) => setPut([...put, tip.id]);
  if (task?.role === "payee") return <TipAnswer key={task.id} client={client} tip={task} pays={pays} />;
  if (task) return <TipPayment key={task.id} client={client} tip={task} pays={pays} onPutAway={() => putAway(task)} />;
  return (
    <div class="tip-news" role="status" data-testid="tip-news" data-state={news?.state}>
      {news && (
        <p class="tip-line">
          <Icon name={facts ? "check" : "bolt"} />
          <span>
            {describeTip(news)}
            {facts && (
              <small class="tip-facts" data-testid="tip-facts">
                {facts}
              </small>
            )}
          </span>
        </p>
      )}
    </div>
  );
}
