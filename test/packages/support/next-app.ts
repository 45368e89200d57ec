/** A page with Next.js, as its author would write it: what is in each file. */
export const nextApp: Record<string, string> = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      ...{ target: "ES2022", module: "esnext", moduleResolution: "bundler", lib: ["dom", "dom.iterable", "esnext"] },
      ...{ jsx: "react-jsx", strict: true, noEmit: true, allowJs: true, esModuleInterop: true, isolatedModules: true },
      ...{ skipLibCheck: true, resolveJsonModule: true, incremental: true, plugins: [{ name: "next" }] },
    },
    include: ["next-env.d.ts", "**/*.ts", "**/*.tsx", ".next/types/**/*.ts", ".next/dev/types/**/*.ts"],
    exclude: ["node_modules"],
  }),
  "app/layout.tsx": `
import type { ReactNode } from "react";

export default function Layout({ children }: { children: ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  "app/page.tsx": `
import { isBlank, Satoshigle } from "@satoshigle/client";
import { Chat } from "./chat";

export default function Page() {
  const chat = new Satoshigle("https://chat.example.com");
  return (
    <main>
      <p>{isBlank("") ? chat.state.activity.phase : "never"} on the server</p>
      <Chat />
    </main>
  );
}
`,
  "app/chat.tsx": `
"use client";

import { useSatoshigle, Video } from "@satoshigle/client/react";

export function Chat() {
  const { client, state, partnerStream } = useSatoshigle("https://chat.example.com");
  return (
    <section>
      <Video stream={partnerStream} />
      <button onClick={() => void client?.start()}>{state.activity.phase} in the component</button>
    </section>
  );
}
`,
};
