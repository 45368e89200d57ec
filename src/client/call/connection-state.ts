/** The state that the ICE agent gives a connection, as far as it goes: it does not know about encryption. */
const STATES: Record<RTCIceConnectionState, RTCPeerConnectionState> = {
  new: "new",
  checking: "connecting",
  connected: "connected",
  completed: "connected",
  disconnected: "disconnected",
  failed: "failed",
  closed: "closed",
};

/** Whether the browser reports the state of the connection as a whole, as Firefox does since version 113. */
export function hasConnectionState(connection: RTCPeerConnection): boolean {
  return (connection as Partial<RTCPeerConnection>).connectionState !== undefined;
}

export function connectionStateOf(connection: RTCPeerConnection): RTCPeerConnectionState {
  return hasConnectionState(connection) ? connection.connectionState : STATES[connection.iceConnectionState];
}
