/** `emm predeploy`: what should hold before a deployment: all that the doctor looks at, connections and the tests. */
import { spawn } from "node:child_process";
import { findingsOf } from "../checks/finding.ts";
import { inspectEnvironment } from "../config.ts";
import { connectionFindings } from "./check-connections.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { examine, report } from "./doctor.ts";

const mark = findingsOf("Tests");
/** What one reads of a failed test run. */
const LAST_LINES = 15;

export async function predeploy(
  context: CommandContext,
  { skipTests = false }: { skipTests?: boolean },
): Promise<ExitCode> {
  const { terminal } = context;
  let lastWords: string[] = [];
  const findings = await terminal.working("Looking at everything …", async (step) => {
    const found = await examine(context, { fix: false, step });
    step("Asking Slack, Notion, Claude and the store once more, for their times …");
    found.push(...(await connectionFindings(context, inspectEnvironment(context.env).sound)));
    if (skipTests) return [...found, mark.skipped("npm test", "left out by --skip-tests")];
    step("Running npm test, which takes some minutes …");
    const { code, output } = await run("npm", ["test"], context.folder);
    if (code === 0) return [...found, mark.ok("npm test", "passes")];
    lastWords = output.trimEnd().split("\n").slice(-LAST_LINES);
    const how = `fails (exit code ${code ?? "none"})`;
    return [...found, mark.problem("npm test", how, "run npm test and mend what it names")];
  });
  for (const line of lastWords) terminal.note(terminal.style("dim", line));
  return report(context, findings);
}

/** In the environment of this process, which knows nothing of .env. */
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
