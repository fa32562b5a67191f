/** `emm export`: what models can learn from settled decisions, one JSON object per line. */
import { renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { synthesisPrompt } from "../agents/synthesise.ts";
import { configuredIds } from "../checks/notion.ts";
import { DATABASE_NAMES, type DatabaseName, inspectEnvironment } from "../config.ts";
import {
  countsSentence,
  type ExampleType,
  leftOutCount,
  type TrainingCounts,
  trainingFile,
} from "../domain/training-file.ts";
import { AppError } from "../errors.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { adminFor } from "./setup.ts";

export interface ExportOptions {
  out?: string;
  only?: ExampleType;
}

export async function exportTraining(context: CommandContext, options: ExportOptions): Promise<ExitCode> {
  const admin = adminFor(context);
  const ids = neededIds(context);
  const cases = await context.terminal.working("Reading Training Data …", () => admin.trainingCases(ids));
  const { examples, text, counts } = trainingFile(cases, {
    only: options.only ?? null,
    promptFor: synthesisPrompt,
  });
  const written = options.out === undefined ? null : resolve(context.folder, options.out);
  if (written !== null) writeWhole(written, text);
  if (context.json) {
    printJson(context, { ...counts, written, ...(written === null ? { examples } : {}) });
    return 0;
  }
  if (written === null) for (const example of examples) context.terminal.out(JSON.stringify(example));
  tell(context, counts, written);
  return 0;
}

function neededIds({ env }: CommandContext): Record<DatabaseName, string> {
  const ids = configuredIds(inspectEnvironment(env).sound);
  const needed = ["TRAINING_DATA", "ACTION_PIPES", "EXECUTIVE_INTENTS", "SYSTEM_INBOX"] as const;
  const missing = needed.filter((name) => ids[name] === undefined);
  if (missing.length > 0) {
    throw new AppError(
      `${missing.map((name) => `NOTION_DB_${name}`).join(", ")} ${missing.length === 1 ? "is" : "are"} missing or wrong: npm run emm -- check-env says what`,
      { code: "config_invalid", retryable: false },
    );
  }
  const entries = DATABASE_NAMES.map((name) => [name, ids[name] ?? ""]);
  // One entry for each name; only the four checked above are read.
  return Object.fromEntries(entries) as Record<DatabaseName, string>;
}

/** Beside it first, so that a reader never sees half a file. */
function writeWhole(file: string, text: string): void {
  // It holds what the team decides about.
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function tell({ terminal }: CommandContext, counts: TrainingCounts, written: string | null): void {
  terminal.note(`${countsSentence(counts)}${written === null ? "" : ` in ${written}`}`);
  const sum = leftOutCount(counts);
  if (sum > 0) terminal.note(`Left out: ${sum}`);
  for (const { reason, count } of counts.leftOut) terminal.note(`  ${count} × ${reason}`);
}
