import type { SatoshigleClient, State } from "@satoshigle/client";
import { useEffect, useRef, useState } from "react";
import { useSatoshigle } from "./use-satoshigle.js";

function Video({ id, stream, muted = false }: { id: string; stream: MediaStream | null; muted?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return <video id={id} ref={video} autoPlay playsInline muted={muted} width={320} />;
}

interface ControlsProps {
  client: SatoshigleClient;
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
  const chat = useSatoshigle(server);
  const [camera, setCamera] = useState<MediaStream | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  if (!chat) return null;
  const { client, state, partner } = chat;

  async function start(): Promise<void> {
    const media = camera ?? (await navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
    setCamera(media);
    await client.setMedia(media);
    await client.start();
  }

  const { activity, connection } = state;
  return (
    <main>
      <Video id="remote" stream={partner} />
      <Video id="local" stream={camera} muted />
      <p id="status">
        {connection.status}, {activity.phase === "matched" ? activity.call : activity.phase}
      </p>
      <p role="alert">{problem ?? chat.problem}</p>
      <Controls client={client} phase={activity.phase} start={start} onProblem={setProblem} />
    </main>
  );
}
