/** Somebody without a picture: eyes that look about while the page is looking. */
export function Face() {
  return (
    <span class="face" aria-hidden="true">
      <span class="eyes">
        <span class="eye" />
        <span class="eye" />
      </span>
    </span>
  );
}
