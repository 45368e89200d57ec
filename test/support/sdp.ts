/** A small but complete SDP, with room for more lines in its media section. */
export function sdp(...lines: string[]): string {
  return [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    ...lines,
    "",
  ].join("\r\n");
}
