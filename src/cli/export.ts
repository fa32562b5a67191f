/** `emm export`: what models can learn from settled decisions, one JSON object per line. */
import { renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { synthesisPrompt } from "../agents/synthesise.ts";
import { DATABASE_NAMES, type DatabaseName, inspectEnvironment } from "../config.ts";
import { type TrainingSet, trainingSet } from "../domain/training-examples.ts";
import { AppError } from "../errors.ts";
import { configuredIds } from "./check-notion.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { adminFor } from "./setup.ts";

export interface ExportOptions {
  out?: string;
  only?: "supervised" | "preference";
}

export async function exportTraining(context: CommandContext, options: ExportOptions): Promise<ExitCode> {
  const admin = adminFor(context);
  const ids = neededIds(context);
  const cases = await context.terminal.working("Reading Training Data …", () => admin.trainingCases(ids));
  const { examples: all, leftOut } = trainingSet(cases, synthesisPrompt);
  const examples = all.filter(({ type }) => options.only === undefined || type === options.only);
  const file = options.out === undefined ? null : resolve(context.folder, options.out);
  const lines = examples.map((example) => JSON.stringify(example));
  if (file !== null) writeWhole(file, lines.map((line) => `${line}\n`).join(""));
  const counts = {
    rows: cases.length,
    supervised: countOf(examples, "supervised"),
    preference: countOf(examples, "preference"),
    leftOut,
    written: file,
  };
  if (context.json) {
    printJson(context, file === null ? { ...counts, examples } : counts);
    return 0;
  }
  if (file === null) for (const line of lines) context.terminal.out(line);
  tell(context, counts);
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

function countOf(examples: TrainingSet["examples"], type: "supervised" | "preference"): number {
  return examples.filter((example) => example.type === type).length;
}

/** Beside it first, so that a reader never sees half a file. */
function writeWhole(file: string, text: string): void {
  // It holds what the team decides about.
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

interface Counts {
  rows: number;
  supervised: number;
  preference: number;
  leftOut: TrainingSet["leftOut"];
  written: string | null;
}

function tell({ terminal }: CommandContext, counts: Counts): void {
  const { rows, supervised, preference, leftOut, written } = counts;
  const sum = leftOut.reduce((total, { count }) => total + count, 0);
  terminal.note(
    `${rows} rows of Training Data: ${supervised} supervised examples, ${preference} preference pairs${written ? ` in ${written}` : ""}`,
  );
  if (sum > 0) terminal.note(`Left out: ${sum}`);
  for (const { reason, count } of leftOut) terminal.note(`  ${count} × ${reason}`);
}
