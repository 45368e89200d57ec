/** The head of a JPEG of some size, and some data, as canvases write them. */
export function jpegOf(width: number, height: number, data: Uint8Array = new Uint8Array(64)): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16BE(height);
  size.writeUInt16BE(width, 2);
  return Buffer.concat([
    Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"),
    Buffer.from("ffc0000b08", "hex"),
    size,
    Buffer.from("01011100", "hex"),
    Buffer.from("ffda0008010100003f00", "hex"),
    data,
    Buffer.from("ffd9", "hex"),
  ]);
}
