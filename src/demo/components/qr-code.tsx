import { useEffect, useState } from "preact/hooks";

interface Squares {
  size: number;
  path: string;
}

/** A QR code of a Lightning link. They ignore case, and uppercase makes the code smaller. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [squares, setSquares] = useState<Squares>();
  useEffect(() => {
    let wanted = true;
    void draw(text.toUpperCase()).then((drawn) => wanted && setSquares(drawn));
    return () => {
      wanted = false;
    };
  }, [text]);
  if (!squares) return <span class="qr" aria-hidden="true" />;
  const box = `0 0 ${String(squares.size)} ${String(squares.size)}`;
  return (
    <svg class="qr" viewBox={box} role="img" aria-label={label} data-testid="tip-qr">
      <path d={squares.path} shape-rendering="crispEdges" />
    </svg>
  );
}

/** Loads the encoder on demand, because most users never see a QR code. */
async function draw(text: string): Promise<Squares> {
  const { encode } = await import("uqr");
  const { data, size } = encode(text, { ecc: "L", border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : "")));
  return { size, path: path.join("") };
}
