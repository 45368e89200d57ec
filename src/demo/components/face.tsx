/** A placeholder for missing video. Its eyes look around during a search. */
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
