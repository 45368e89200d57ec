import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { findTask, isLate, isLeftOver } from "../tips.js";
import type { Tipping } from "../use-tips.js";
import { describeFacts, describeTip } from "../tip-words.js";
import { useNow } from "../use-now.js";
import { TipAnswer } from "./tip-answer.js";
import { TipArrival } from "./tip-arrival.js";
import { Icon } from "./icon.js";
import { TipPayment } from "./tip-payment.js";

const loadedAtMs = Date.now();

/** Shows the tip that needs an action, or the latest change of a tip. */
export function TipTray({ client, tipping }: { client: SatoshigleClient; tipping: Tipping }) {
  const [put, setPut] = useState<readonly string[]>([]);
  const { tips, pays, answers } = tipping;
  const news = tipping.news?.putAway ? null : tipping.news;
  const open = tips.filter((tip) => !put.includes(tip.id));
  const task = findTask(open, { pays, answers }) ?? open.find((tip) => isLeftOver(tip, loadedAtMs));
  const now = useNow(tips.some((tip) => tip.role === "payee" && tip.state === "invoiced"));
  const late = pays ? undefined : open.find((tip) => isLate(tip, now));
  const facts = news ? describeFacts(news) : "";
  const putAway = (tip: Tip) => setPut([...put, tip.id]);
  if (task?.role === "payee") return <TipAnswer key={task.id} client={client} tip={task} tipping={tipping} />;
  if (task) return <TipPayment key={task.id} client={client} tip={task} pays={pays} onPutAway={() => putAway(task)} />;
  if (late) return <TipArrival key={late.id} client={client} tip={late} onPutAway={() => putAway(late)} />;
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
