/** `emm predeploy`: everything that should hold before a deployment: environment, connections, doctor, files, tests. */
import { spawn } from "node:child_process";
import { inspectEnvironment } from "../config.ts";
import { connectionFindings } from "./check-connections.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { examine, report } from "./doctor.ts";
import { type Finding, findingsOf } from "./findings.ts";

const mark = findingsOf("Tests");
/** What one reads of a failed test run. */
const LAST_LINES = 15;

export async function predeploy(
  context: CommandContext,
  { skipTests = false }: { skipTests?: boolean },
): Promise<ExitCode> {
  const findings = await context.terminal.working("Looking at everything …", async (step) => {
    const found = await examine(context, { fix: false, step });
    step("Asking once more, each service by itself …");
    found.push(...(await connectionFindings(context, inspectEnvironment(context.env).sound)));
    if (skipTests) return [...found, mark.skipped("npm test", "left out by --skip-tests")];
    step("Running npm test, which takes some minutes …");
    return [...found, await testFinding(context)];
  });
  return report(context, findings);
}

async function testFinding({ folder, terminal }: CommandContext): Promise<Finding> {
  const { code, output } = await run("npm", ["test"], folder);
  if (code === 0) return mark.ok("npm test", "passes");
  for (const line of output.trimEnd().split("\n").slice(-LAST_LINES))
    terminal.note(terminal.style("dim", line));
  return mark.problem(
    "npm test",
    `fails (exit code ${code ?? "none"})`,
    "run npm test and mend what it names",
  );
}

/** Shell-free, and with the tests' own environment: a .env of ours must not reach them. */
function run(command: string, args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => resolve({ code: null, output: error.message }));
    child.on("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}
