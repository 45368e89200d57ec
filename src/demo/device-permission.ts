/** Whether camera and microphone open without a question to the person. False in browsers that do not say. */
export async function areDevicesPermitted(): Promise<boolean> {
  try {
    const names = ["camera", "microphone"] as PermissionName[];
    const answers = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
    return answers.every(({ state }) => state === "granted");
  } catch {
    return false;
  }
}
