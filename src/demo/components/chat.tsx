import { useEffect, useRef, useState } from "preact/hooks";
import { isBlank, type ChatMessage, type EvidencePolicy, type SatoshigleClient } from "@satoshigle/client";
import { useChatSigns } from "../use-chat-signs.js";
import type { ClientView } from "../use-client.js";
import { formatTime, say } from "../say.js";
import { Icon } from "./icon.js";

const MAX_CHARACTERS = 2_000;

interface Props {
  client: SatoshigleClient;
  view: ClientView;
  /** The chat is in sight. */
  reading: boolean;
  evidence: EvidencePolicy;
}

/** The text chat with the partner. Messages travel between the browsers and are not stored, except in a report. */
export function Chat({ client, view, reading, evidence }: Props) {
  const [text, setText] = useState("");
  const end = useRef<HTMLSpanElement>(null);
  const { activity } = view.state;
  const { lines, count } = view.chat;
  const firstAt = count - lines.length;
  const ready = activity.phase === "matched" && activity.chatReady;
  const signs = useChatSigns(client, reading, view.chat.receivedCount);
  const isSeen = ({ from, id = Infinity }: ChatMessage) => from === "me" && id <= signs.seenLine;
  const seen = lines.reduce((last, line, at) => (isSeen(line) ? at : last), -1);

  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [lines]);

  function send(event: Event): void {
    event.preventDefault();
    if (isBlank(text) || !ready) return;
    try {
      client.say(text.trim());
      setText("");
    } catch (error) {
      view.fail(error);
    }
  }

  return (
    <div class="chat">
      <div
        class="chat-log"
        data-testid="chat-log"
        role="log"
        aria-live="polite"
        aria-label={say("chat.label")}
        tabIndex={0}
      >
        {lines.length === 0 && (
          <p class="chat-empty">{activity.phase === "matched" ? explainEmpty(evidence) : say("chat.noPartner")}</p>
        )}
        {lines.map((message, at) => (
          <Line
            key={firstAt + at}
            message={message}
            follows={lines[at - 1]?.from === message.from}
            seen={at === seen}
          />
        ))}
        <span ref={end} class="chat-end" aria-hidden="true" />
      </div>
      <p class="chat-typing" data-testid="typing" data-active={signs.typing && ready}>
        {signs.typing && ready && <span aria-label={say("chat.partnerTyping")}>{say("chat.typing")}</span>}
      </p>
      <form class="chat-form" onSubmit={send}>
        <input
          class="field"
          dir="auto"
          data-testid="chat-input"
          aria-label={say("chat.input")}
          placeholder={ready ? say("chat.placeholder") : say("chat.unavailable")}
          autocomplete="off"
          enterkeyhint="send"
          maxLength={MAX_CHARACTERS}
          disabled={!ready}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            client.setTyping(!isBlank(event.currentTarget.value));
          }}
        />
        <button
          type="submit"
          class="send"
          data-testid="chat-send"
          aria-label={say("chat.send")}
          disabled={!ready || isBlank(text)}
        >
          <Icon name="send" />
        </button>
      </form>
    </div>
  );
}

function explainEmpty(evidence: EvidencePolicy): string {
  return say(evidence === "off" ? "chat.empty" : "evidence.chatEmpty");
}

interface LineProps {
  message: ChatMessage;
  follows: boolean;
  /** It is the last line that the partner has seen. */
  seen: boolean;
}

function Line({ message, follows, seen }: LineProps) {
  const time = formatTime(message.atMs, { hour: "2-digit", minute: "2-digit" });
  return (
    <>
      <p class={`line line-${message.from}`} data-from={message.from} data-follows={follows} title={time}>
        <span class="visually-hidden">{say(`chat.${message.from}`)} </span>
        <span class="line-text" dir="auto">
          {message.text}
        </span>
      </p>
      {seen && (
        <small class="line-seen" data-testid="seen">
          {say("chat.seen")}
        </small>
      )}
    </>
  );
}
