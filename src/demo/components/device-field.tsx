import { say } from "../say.js";

interface Props {
  name: string;
  testId: string;
  devices: MediaDeviceInfo[];
  chosen: string | undefined;
  onChoose: (deviceId: string) => void;
}

/** Selects a device of one kind. The browser hides device names until the user grants permission. */
export function DeviceField({ name, testId, devices, chosen, onChoose }: Props) {
  const named = devices.filter((device) => device.deviceId !== "" && device.label !== "");
  return (
    <label class="group">
      <span class="label">{name}</span>
      {named.length === 0 ? (
        <span class="help">{say("settings.noDevices")}</span>
      ) : (
        <select
          class="field"
          data-testid={testId}
          value={named.some((device) => device.deviceId === chosen) ? chosen : named[0]?.deviceId}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {named.map((device) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}
