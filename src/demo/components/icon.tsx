const paths = {
  microphone: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  microphoneOff:
    "M15 9.4V6a3 3 0 0 0-5.7-1.3M9 9v2a3 3 0 0 0 4.6 2.5M5.5 11a6.5 6.5 0 0 0 10.6 5M18.5 11c0 1-.2 1.9-.6 2.700M12 17.500V21M4 3l16 18",
  camera: "M4.5 6.500h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM14.5 10.500l6-3.500v10l-6-3.5",
  cameraOff:
    "M10 6.500h2.500a2 2 0 0 1 2 2v2l6-3.500v10l-3-1.750M14.5 15.500a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M4 3l16 18",
  chat: "M4 5h16a1.5 1.5 0 0 1 1.5 1.500v9A1.5 1.5 0 0 1 20 17h-8l-5 4v-4H4a1.5 1.5 0 0 1-1.5-1.500v-9A1.5 1.5 0 0 1 4 5ZM7.5 9.500h9M7.5 12.800h5.5",
  people:
    "M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.3-3.6 2.9-5.5 6.5-5.500s6.2 1.9 6.5 5.500M16 4.900a3.5 3.5 0 0 1 0 6.300M18 15c2.1.7 3.4 2.4 3.6 5",
  flag: "M5 21V4M5 4.500c4-2.5 8 2.5 14 0v9.500c-6 2.5-10-2.5-14 0",
  settings:
    "M4 7h9M19 7h1M4 17h1M11 17h9M16 9.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 19.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  stop: "M7.5 6h9A1.5 1.5 0 0 1 18 7.500v9a1.5 1.5 0 0 1-1.5 1.500h-9A1.5 1.5 0 0 1 6 16.500v-9A1.5 1.5 0 0 1 7.5 6Z",
  next: "M4 12h15M13 5.500l6.5 6.5-6.5 6.5",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19.500V5M5.5 11.5 12 5l6.5 6.5",
  alert: "M12 8v5M12 16.500v.1M12 3.5 21.5 20h-19L12 3.500Z",
  sound: "M4 9.500v5h3.500L12 18.500v-13L7.5 9.500H4ZM15.5 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  direct: "M3.500 12h17M16 7.500l4.500 4.500-4.500 4.500M8 7.500 3.500 12 8 16.500",
  relayed:
    "M12 3.500l7 2.500v5.500c0 4.300-2.900 7.400-7 9-4.100-1.600-7-4.700-7-9V6l7-2.500ZM9 11.800l2.200 2.200 3.800-4",
  bolt: "M13 3 5 13.500h5.500L11 21l8-10.500h-5.500L13 3Z",
  copy: "M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1ZM4 15V4a1 1 0 0 1 1-1h11",
  globe:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3.500 9h17M3.500 15h17M12 3c-5.300 5.500-5.300 12.500 0 18M12 3c5.300 5.500 5.300 12.500 0 18",
  check: "M5 12.500l4.5 4.500L19 7.5",
} as const;

export type IconName = keyof typeof paths;

/** Icons that point in the direction of reading, or show text or sound in it. */
const followsReading = new Set<IconName>(["next", "chat", "sound", "flag"]);

/** A decorative icon. The control around it carries the label. */
export function Icon({ name, solid }: { name: IconName; solid?: boolean }) {
  const kinds = ["icon", solid && "icon-solid", followsReading.has(name) && "icon-turns"];
  return (
    <svg class={kinds.filter(Boolean).join(" ")} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
