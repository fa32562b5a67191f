/** What the campaign prints: a table of its rounds, and how a failure can be had again. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RoundResult } from "./round.ts";
import { faultWords } from "./schedule.ts";
import type { Shrunk } from "./shrink.ts";

/** The short schedule, and how often it failed when it was repeated. */
export interface Narrowed extends Shrunk {
  repeats: number;
  failures: number;
}

export function summary(results: RoundResult[]): string {
  const rows = results.map(({ schedule, broken, seconds, healSeconds, kills, decided }) => [
    String(schedule.seed),
    schedule.replicas > 1 ? `${schedule.store} × ${schedule.replicas}` : schedule.store,
    ...[schedule.items.length, schedule.acts.length, schedule.faults.length, kills, decided].map(String),
    `${healSeconds.toFixed(1)} s`,
    `${seconds.toFixed(1)} s`,
    broken.length === 0 ? "holds" : `FAILS: ${broken.length}`,
  ]);
  const heading = [
    "seed",
    "store",
    "items",
    "acts",
    "faults",
    "starts",
    "decided",
    "healed",
    "took",
    "rules",
  ];
  const failed = results.filter(({ broken }) => broken.length > 0).length;
  const totals = `${results.length} rounds, ${failed} failed; faults: ${tally(results)}`;
  return `${table([heading, ...rows])}\n${LEGEND}\n\n${totals}`;
}

const LEGEND =
  "acts: what people did. starts: of processes after the first ones. decided: decisions that were recorded; " +
  "a round may have none. healed: until everything was in order after the last fault. rules: whether all of them hold.";

/** Of one round, and only of faults that wait for requests: one that struck none has tried nothing. */
export function strikes({ struck }: Pick<RoundResult, "struck">): string {
  return [...struck].map(([fault, times]) => `${faultWords(fault)} × ${times}`).join(", ") || "none";
}

function tally(results: RoundResult[]): string {
  const counts = new Map<string, number>();
  for (const fault of results.flatMap(({ schedule }) => schedule.faults)) {
    const name = faultWords(fault).replace(/ [-+]?\d+ (s|ms late)$/, "");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, n]) => `${name} × ${n}`)
    .join(", ");
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function reportFailure({ schedule, broken }: RoundResult, narrowed?: Narrowed): string {
  const text = quoted(JSON.stringify(narrowed?.schedule ?? schedule));
  const isSure = narrowed === undefined || narrowed.failures === narrowed.repeats;
  const options = [
    ...(isSure ? [] : ["--rounds 10"]),
    ...(narrowed?.isMinimal ? ["--shrink-seconds 0"] : []),
  ];
  return [
    `Seed ${schedule.seed} failed:`,
    ...broken.map((one) => `- ${one}`),
    narrowed === undefined ? "The whole schedule again:" : howNarrowed(narrowed),
    ["npm run faults --", ...options, "--schedule", text].join(" "),
  ].join("\n");
}

function howNarrowed({ runs, isMinimal, repeats, failures }: Narrowed): string {
  const ending = isMinimal ? "" : " (out of time)";
  return `The shortest schedule that failed in ${runs} further runs${ending}, and in ${failures} of ${repeats} repeats; again:`;
}

/** One word for a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The file with everything that the processes logged and what was seen; its path. */
export function saveLogs(folder: string, { schedule, processes, snapshot, broken }: RoundResult): string {
  mkdirSync(folder, { recursive: true });
  const lines = processes.flatMap((bot) => bot.lines.map((line) => ({ pid: bot.pid, ...line })));
  const sorted = lines.toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  const path = join(folder, `seed-${schedule.seed}.jsonl`);
  const head = { broken, snapshot, noise: processes.map((bot) => bot.noise) };
  writeFileSync(path, [head, ...sorted].map((line) => JSON.stringify(line)).join("\n"));
  return path;
}
