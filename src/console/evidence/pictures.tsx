import { useEffect, useState } from "preact/hooks";
import { TimeOfReporter, written } from "./time-of-reporter.js";
import type { Picture } from "./unseal.js";

interface Props {
  pictures: readonly Picture[];
  withheldCount: number;
}

/** The pictures, blurred until the pointer or the focus is on them, or they are pressed. */
export function Pictures({ pictures, withheldCount }: Props) {
  const [blurs, setBlurs] = useState(0);
  if (withheldCount > 0) {
    return (
      <p class="soft">
        Pictures are attached, and not shown, as the report is about a minor: to view them may be a crime. Refer the
        case.
      </p>
    );
  }
  if (pictures.length === 0) return <p class="soft">No pictures are attached.</p>;
  return (
    <>
      <ul class="pictures" aria-label="Pictures">
        {pictures.map(({ atMs, jpeg }, index) => (
          <li key={`${String(index)} ${String(blurs)}`}>
            {jpeg ? (
              <Blurred
                jpeg={jpeg}
                alt={`Picture ${String(index + 1)} of the reported person’s video, ${written(atMs)}`}
              />
            ) : (
              <p class="soft refused">Not shown: it is no JPEG of at most 320×240 pixels and 12 KiB.</p>
            )}
            <TimeOfReporter atMs={atMs} />
          </li>
        ))}
      </ul>
      <div class="buttons evidence-acts">
        <button type="button" onClick={() => setBlurs((count) => count + 1)}>
          Blur again
        </button>
        <span class="soft">Press a picture to keep it clear. Pictures are only the reporter’s word.</span>
      </div>
    </>
  );
}

function Blurred({ jpeg, alt }: { jpeg: Uint8Array<ArrayBuffer>; alt: string }) {
  const url = useObjectUrl(jpeg);
  const [{ isPressed, isNear }, setState] = useState({ isPressed: false, isNear: false });
  const near = (next: boolean) => () => setState((before) => ({ ...before, isNear: next }));
  const hide = () => setState({ isPressed: false, isNear: false });
  return (
    <button
      type="button"
      class="picture"
      aria-pressed={isPressed}
      data-clear={isPressed || isNear}
      onPointerEnter={near(true)}
      onPointerLeave={near(false)}
      onFocus={near(true)}
      onBlur={near(false)}
      onClick={() => (isPressed ? hide() : setState({ isPressed: true, isNear: true }))}
      onKeyDown={({ key }) => key === "Escape" && hide()}
    >
      {url !== "" && <img src={url} alt={alt} draggable={false} />}
    </button>
  );
}

/** An address of bytes, for as long as they are shown. */
function useObjectUrl(bytes: Uint8Array<ArrayBuffer>): string {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [bytes]);
  return url;
}
