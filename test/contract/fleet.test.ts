/** What the campaigns start, they end: also a bot that is only just starting. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createFleet } from "../faults/fleet.ts";
import { startBot } from "../fixtures/bot-process.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "emm-fleet-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process that says who it is, and never that it has started. */
function slowStarter(name: string): { args: string[]; pid: () => number } {
  const file = join(folder, name);
  const script = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
  return { args: ["-e", script], pid: () => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process.
    return false;
  }
}

it("a fleet that is killed leaves nobody behind who was still starting", async () => {
  const { args, pid } = slowStarter("starting");
  const fleet = createFleet(1, (signal) => startBot({ env: {}, args, signal }));
  const starting = fleet.start();
  await vi.waitFor(() => expect(pid()).toBeGreaterThan(0), { timeout: 10_000 });
  expect(isAlive(pid())).toBe(true);
  await fleet.kill();
  expect(isAlive(pid())).toBe(false);
  await starting;
  expect(fleet.processes).toEqual([]);
});
