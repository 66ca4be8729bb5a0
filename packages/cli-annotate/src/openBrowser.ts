import { spawn } from "node:child_process";

/** Asks the system to show an address; says nothing where there is no browser, since the address is printed too. */
export function openBrowser(address: string, platform: NodeJS.Platform = process.platform): void {
  const [command, ...before] =
    platform === "darwin" ? ["open"] : platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
  const child = spawn(command!, [...before, address], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
