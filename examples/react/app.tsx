import type { SatoshigleClient, State } from "@satoshigle/client";
import { useSatoshigle, Video } from "@satoshigle/client/react";
import { useEffect, useState } from "react";

interface ControlsProps {
  client: Pick<SatoshigleClient, "next" | "stop">;
  phase: State["activity"]["phase"];
  start: () => Promise<void>;
  onProblem: (message: string) => void;
}

function Controls({ client, phase, start, onProblem }: ControlsProps) {
  const run = (command: () => Promise<void>) => () => {
    command().catch((error: unknown) => onProblem(error instanceof Error ? error.message : String(error)));
  };
  if (phase === "idle") {
    return (
      <button id="start" onClick={run(start)}>
        Start
      </button>
    );
  }
  return (
    <>
      <button id="next" onClick={run(() => client.next())}>
        Next
      </button>
      <button id="stop" onClick={run(() => client.stop())}>
        Stop
      </button>
    </>
  );
}

export function App({ server }: { server: string }) {
  const { client, state, partnerStream, error } = useSatoshigle(server);
  const [camera, setCamera] = useState<MediaStream | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { activity, connection } = state;
  const { phase } = activity;

  async function openCamera(): Promise<void> {
    const media = camera ?? (await navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
    setCamera(media);
    await client?.setMedia(media);
  }

  async function start(): Promise<void> {
    await openCamera();
    await client?.start();
  }

  // After a reload in the middle of a call, the hook resumes it, and the page adds the camera.
  useEffect(() => {
    if (phase !== "idle" && !camera) openCamera().catch((reason: unknown) => setProblem(String(reason)));
  }, [phase]);

  return (
    <main>
      <Video id="remote" stream={partnerStream} width={320} />
      <Video id="local" stream={camera} width={320} muted />
      <p id="status">
        {connection.status}, {phase === "matched" ? activity.call : phase}
      </p>
      <p role="alert">{problem ?? error?.message}</p>
      {client && <Controls client={client} phase={phase} start={start} onProblem={setProblem} />}
    </main>
  );
}
