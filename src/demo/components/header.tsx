import type { CallStats, Connection, TipTotals } from "@satoshigle/client";
import { describeTotals } from "../tips.js";
import type { Phase } from "../words.js";
import { say } from "../say.js";
import { Icon } from "./icon.js";
import { Logo } from "./logo.js";
import type { Way } from "../way.js";
import { QualityMeter } from "./quality-meter.js";
import { WayBadge } from "./way-badge.js";

interface Props {
  phase: Phase;
  connection: Connection;
  stats: CallStats | null;
  way: Way | null;
  onDirect: () => void;
  onSafetyCode: () => void;
  canReport: boolean;
  onReport: () => void;
  onSettings: () => void;
  /** Totals of this call; null if tips are unavailable. */
  tips: TipTotals | null;
  onTip: () => void;
}

/** The name, the state of the call, and the less frequent actions. */
export function Header({ phase, stats, way, onDirect, onSafetyCode, ...props }: Props) {
  const { canReport, onReport, onSettings, tips, onTip } = props;
  const inCall = phase === "connected" || phase === "reconnecting";
  return (
    <header class="header">
      <h1 class="header-title">
        <Logo />
      </h1>
      <div class="header-tools">
        {inCall && way && <WayBadge way={way} onDirect={onDirect} onSafetyCode={onSafetyCode} />}
        {inCall && <QualityMeter stats={stats} />}
        {tips && (
          <button type="button" class="tool tool-tip" data-testid="tip" onClick={onTip}>
            <Icon name="bolt" />
            <span class="tool-name">{say("tip.button")}</span>
            <span class="tip-total" data-testid="tip-total">
              {describeTotals(tips)}
            </span>
          </button>
        )}
        {canReport && (
          <button type="button" class="tool" data-testid="report" onClick={onReport}>
            <Icon name="flag" />
            <span class="tool-name">
              {phase === "idle" || phase === "waiting" ? say("header.reportLast") : say("header.report")}
            </span>
          </button>
        )}
        <button type="button" class="tool" data-testid="settings" onClick={onSettings}>
          <Icon name="settings" />
          <span class="tool-name">{say("settings.title")}</span>
        </button>
      </div>
    </header>
  );
}
