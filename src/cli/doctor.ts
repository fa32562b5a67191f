/** `emm doctor`: looks at every part of the set-up, asks the real services, and names the fix for what is wrong. */
import { countsOf, type Finding, findingsOf, hasProblem } from "../checks/finding.ts";
import { notionFindings } from "../checks/notion.ts";
import { slackFindings } from "../checks/slack.ts";
import { inspectEnvironment } from "../config.ts";
import { environmentFindings } from "./check-env.ts";
import { fileFindings } from "./check-files.ts";
import { railwayFindings } from "./check-railway.ts";
import { secretFindings } from "./check-secrets.ts";
import { claudeFindings, storeFindings } from "./check-services.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { printFindings } from "./findings.ts";

export interface DoctorOptions {
  /** Adds missing properties to the databases. */
  fix?: boolean;
}

const NO_ENV_FILE = findingsOf("Environment").skipped(
  ".env",
  "there is none here, so only the environment counts",
  "to make one: cp .env.example .env",
);

export async function doctor(context: CommandContext, { fix = false }: DoctorOptions): Promise<ExitCode> {
  const findings = await context.terminal.working("Looking at everything …", (step) =>
    examine(context, { fix, step }),
  );
  return report(context, findings);
}

export async function examine(
  context: CommandContext,
  { fix, step }: { fix: boolean; step: (label: string) => void },
): Promise<Finding[]> {
  const { sound } = inspectEnvironment(context.env);
  const findings = [
    ...(context.envFile === null ? [NO_ENV_FILE] : []),
    ...environmentFindings(context.env),
    ...fileFindings(context.folder),
  ];
  step("Asking Slack …");
  findings.push(...(await slackFindings(context, sound)));
  step(fix ? "Asking Notion, and adding what is missing …" : "Asking Notion …");
  findings.push(...(await notionFindings(context, sound, { fix })));
  step("Asking Claude …");
  findings.push(...(await claudeFindings(context, sound)));
  step("Asking Railway …");
  findings.push(...(await railwayFindings(context, sound)));
  step("Asking the store …");
  findings.push(...(await storeFindings(context, sound, secretFindings(context))));
  return findings;
}

export function report(context: CommandContext, findings: Finding[]): ExitCode {
  const exitCode = hasProblem(findings) ? 1 : 0;
  if (context.json) printJson(context, { ok: exitCode === 0, counts: countsOf(findings), findings });
  else printFindings(context.terminal, findings);
  return exitCode;
}
