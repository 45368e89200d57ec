import { useState } from "preact/hooks";
import { OperatorRole as Role } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { Dialog } from "../parts/dialog.js";
import { textIn } from "../parts/subject-or-key.js";
import { keep, NAME } from "./kept.js";
import type { Operator } from "./operator.js";

const ROLES: Record<Role, string> = {
  [Role.UNSPECIFIED]: "",
  [Role.VIEWER]: "viewer",
  [Role.MODERATOR]: "moderator",
  [Role.ADMIN]: "admin",
};

interface Props {
  operator: Operator;
  /** Why the server does not know the operator; empty if it does. */
  problem: string;
  onName: () => void;
}

/** Who the operator is. Without a source of names on the server, the name is entered here, once per browser. */
export function Badge({ operator, problem, onName }: Props) {
  const [isAsked, setAsked] = useState(false);
  const { name, role, namesItself } = operator;
  const named = (chosen: string) => {
    keep(NAME, chosen);
    setAsked(false);
    onName();
  };
  return (
    <div class="who buttons">
      {problem !== "" && <span class="soft">{problem}</span>}
      {name !== "" && <bdi>{name}</bdi>}
      {!namesItself && role !== Role.UNSPECIFIED && <span class="soft">{ROLES[role]}</span>}
      {namesItself && (
        <button type="button" onClick={() => setAsked(true)}>
          {name === "" ? "Enter your name" : "Change name"}
        </button>
      )}
      {isAsked && <NameDialog initial={name} onClose={() => setAsked(false)} onDone={named} />}
    </div>
  );
}

interface DialogProps {
  initial: string;
  onClose: () => void;
  onDone: (name: string) => void;
}

function NameDialog({ initial, onClose, onDone }: DialogProps) {
  return (
    <Dialog title="Your name" onClose={onClose}>
      <p class="soft">
        It is on what you do, in cases and in the audit log. This browser keeps it. Letters, digits and . _ @ - are
        allowed.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onDone(textIn(new FormData(event.currentTarget), "name"));
        }}
      >
        <div class="fields">
          <label class="wide">
            Name
            <input
              name="name"
              defaultValue={initial}
              pattern="[A-Za-z0-9._@\-]+"
              maxLength={64}
              required
              autocomplete="off"
              spellcheck={false}
            />
          </label>
        </div>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main">
            Keep
          </button>
        </div>
      </form>
    </Dialog>
  );
}
