import { encode } from "uqr";

/** A text to be scanned. Capitals make it smaller, and invoices do not mind. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text.toUpperCase(), { ecc: "L", border: 2 });
  const squares = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : "")));
  return (
    <svg class="qr" viewBox={`0 0 ${String(size)} ${String(size)}`} role="img" aria-label={label} data-testid="tip-qr">
      <path d={squares.join("")} shape-rendering="crispEdges" />
    </svg>
  );
}
