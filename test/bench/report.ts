/** What a benchmark found, as a table on the terminal and as docs/BENCHMARKS.md. Owns the words and no measurement. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, platform, release, totalmem } from "node:os";
import { BUDGETS, type BudgetId } from "./budgets.ts";
import { gains } from "./gains.ts";

export interface Measured {
  value: string;
  /** null = it cannot be said. */
  within: boolean | null;
}

export interface Table {
  title: string;
  /** Under what conditions, and what follows from it. */
  notes: string[];
  columns: string[];
  rows: string[][];
}

export interface Findings {
  budgets?: Partial<Record<BudgetId, Measured>>;
  tables?: Table[];
}

/** Several parts may measure one line: all are shown, and all must hold. */
export function joined(all: Findings[]): Required<Findings> {
  const budgets: Partial<Record<BudgetId, Measured>> = {};
  for (const found of all) {
    for (const { id } of BUDGETS) {
      const measured = found.budgets?.[id];
      if (measured) budgets[id] = both(budgets[id], measured);
    }
  }
  return { budgets, tables: all.flatMap((found) => found.tables ?? []) };
}

function both(one: Measured | undefined, other: Measured): Measured {
  if (!one) return other;
  const within = one.within === false || other.within === false ? false : (one.within ?? other.within);
  return { value: `${one.value}; ${other.value}`, within };
}

export function budgetTable({ budgets }: Required<Findings>, { isWhole }: { isWhole: boolean }): Table {
  const lines = BUDGETS.filter(({ id }) => isWhole || budgets[id] !== undefined);
  const rows = lines.map(({ id, what, budget, floor }) => {
    const measured = budgets[id] ?? { value: "not measured in this run", within: null };
    return [what, budget, floor, measured.value, verdict(measured.within)];
  });
  return {
    title: "Budget",
    notes: ["The floor is what nothing could undercut: the fewest requests, or what the vendors take."],
    columns: ["what", "budget", "floor", "measured", "within"],
    rows,
  };
}

const verdict = (within: boolean | null) => (within === null ? "–" : within ? "yes" : "**no**");

/** What to think of it, in a line. */
export function verdictWords({ budgets }: Required<Findings>): string {
  const measured = BUDGETS.filter(({ id }) => typeof budgets[id]?.within === "boolean");
  const beyond = measured.filter(({ id }) => budgets[id]?.within === false);
  const count = `${measured.length - beyond.length} of ${measured.length} lines of the budget hold`;
  if (beyond.length === 0) return `${count}.`;
  return `${count}; beyond it: ${beyond.map(({ what }) => what).join("; ")}. On a busy machine times mean little: repeat without other work beside it.`;
}

export function toTerminal(table: Table): string {
  const lines = [table.columns, ...table.rows].map((row) => row.map((cell) => cell.replaceAll("**", "")));
  const widths = table.columns.map((_, column) =>
    Math.max(...lines.map((row) => (row[column] ?? "").length)),
  );
  const text = lines.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return [`\n${table.title}`, ...text.map((line) => `  ${line.trimEnd()}`), ...table.notes].join("\n");
}

function toMarkdown({ title, notes, columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const head = [line(columns), line(columns.map(() => "---"))];
  return [`## ${title}`, "", ...notes.flatMap((note) => [note, ""]), ...head, ...rows.map(line)].join("\n");
}

export interface Circumstances {
  minutes: number;
  postgres: string;
  isQuick: boolean;
}

export function machineWords({ minutes, postgres, isQuick }: Circumstances): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const date = new Date().toISOString().slice(0, 10);
  return [
    `${date}; ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory}, ${platform()} ${release()};`,
    `Node ${process.version}; ${postgres}; bot ${versionOf("package.json")}, engine DBOS ${packageVersion("@dbos-inc/dbos-sdk")},`,
    `PGlite ${packageVersion("@electric-sql/pglite")}, Bolt ${packageVersion("@slack/bolt")}.`,
    `The run took ${minutes.toFixed(1)} minutes${isQuick ? ", with `--quick`: smaller numbers of everything, good for a look, not for a verdict" : ""}.`,
  ].join(" ");
}

const ROOT = new URL("../../", import.meta.url);
const packageVersion = (name: string) => versionOf(`node_modules/${name}/package.json`);

function versionOf(path: string): string {
  const description: unknown = JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));
  const isNamed = typeof description === "object" && description !== null && "version" in description;
  return isNamed ? String(description.version) : "unknown";
}

const HOW = `\`npm run bench\` writes this page. Three processes of its own: the bot as it is deployed (built, \`dist/main.js\`), the
stand-ins for Slack, Notion and Claude as HTTP servers, and PostgreSQL. All of them share the machine, so what is said
about speed is said about bot and stand-ins together. Requests are counted where the stand-ins answer them.`;

export function writeDocs(found: Required<Findings>, circumstances: Circumstances): string {
  const parts = [budgetTable(found, { isWhole: true }), gains, ...found.tables].map(toMarkdown);
  const text = ["# Benchmarks", "", HOW, "", machineWords(circumstances), "", parts.join("\n\n"), ""].join(
    "\n",
  );
  const path = new URL("docs/BENCHMARKS.md", ROOT);
  writeFileSync(path, text);
  return path.pathname;
}
