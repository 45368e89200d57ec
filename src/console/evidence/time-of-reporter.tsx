const format = new Intl.DateTimeFormat(undefined, {
  ...{ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
});

/** How a time of the reporter's device is written. */
export const written = (atMs: number) => format.format(new Date(atMs));

/** A time of the reporter's device. */
export function TimeOfReporter({ atMs }: { atMs: number }) {
  return (
    <time class="soft" dateTime={new Date(atMs).toISOString()}>
      {written(atMs)}
    </time>
  );
}
