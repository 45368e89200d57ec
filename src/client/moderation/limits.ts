/** What evidence contains at most. Programs of moderators refuse more. */
export const MAX_LINES = 50;
export const MAX_FRAMES = 5;
/** The size of a frame, in pixels and in bytes. */
export const [MAX_WIDTH, MAX_HEIGHT] = [320, 240];
export const MAX_FRAME_BYTES = 12 * 1024;
