/** What the command line writes to a terminal that people watch, and to one that says little about itself. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** In a process of its own: a spinner that counts the lines of such a terminal never comes back. */
function workOn(columns: number | undefined): { status: number | null; said: string } {
  const code = `
    import { createTerminal } from "./src/cli/terminal.ts";
    const said = [];
    const stream = { isTTY: true, columns: ${columns}, write: (text) => said.push(text), once() {}, on() {}, off() {},
      cursorTo() {}, clearLine() {}, moveCursor() {}, getWindowSize: () => [0, 0], hasColors: () => false };
    const terminal = createTerminal({ stdout: stream, stderr: stream, env: {} });
    await terminal.working("Reading …", async (step) => step("Half of it …"));
    process.stdout.write(said.join(""));
  `;
  const run = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    cwd: new URL("../../", import.meta.url),
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status: run.status, said: run.stdout };
}

describe("a terminal that names no columns", () => {
  it.each([0, undefined])("(%s) gets a line for each step, and the work comes to its end", (columns) => {
    expect(workOn(columns)).toEqual({ status: 0, said: "Half of it …\n" });
  });
});
