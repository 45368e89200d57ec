export function Logo() {
  return (
    <span class="logo">
      <svg class="logo-mark" viewBox="0 0 48 48" aria-hidden="true">
        <circle class="logo-them" cx="31" cy="24" r="16" />
        <circle class="logo-you" cx="17" cy="24" r="16" />
        <path class="logo-both" d="M24 9.6a16 16 0 0 1 0 28.8 16 16 0 0 1 0-28.8Z" />
        <g class="logo-eyes">
          <circle cx="11.5" cy="21.5" r="2.9" />
          <circle cx="19" cy="21.5" r="2.9" />
          <circle cx="29" cy="21.5" r="2.9" />
          <circle cx="36.5" cy="21.5" r="2.9" />
        </g>
      </svg>
      <span class="logo-name">Satoshigle</span>
    </span>
  );
}
