import { storedSwitch } from "./stored-switch.js";

/** Whether the local video is mirrored. The partner always sees it unmirrored. */
export const useMirror = storedSwitch("mirror", true);
