/**
 * `npm run bench`: what the bot costs and how fast it is, beside its budget. All parts one after the other, those that
 * only wait for slow services side by side; or some of them by name. `--quick`: smaller numbers of the most
 * important ones, in about a minute.
 * `--cpu-prof`: every bot leaves a profile.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { atTheLimit, mixed, thousand } from "./backlog.ts";
import { calls } from "./calls.ts";
import { clicks } from "./clicks.ts";
import { faults } from "./faults.ts";
import { history } from "./history.ts";
import { type Lab, openLab } from "./lab.ts";
import { replicas } from "./replicas.ts";
import {
  budgetTable,
  type Findings,
  joined,
  machineWords,
  toTerminal,
  verdictWords,
  writeDocs,
} from "./report.ts";
import { startAndMemory } from "./start-memory.ts";
import { store } from "./store.ts";
import { wallTime } from "./wall-time.ts";

type Part = (lab: Lab) => Promise<Findings>;

/** Line after line; in a line side by side what keeps out of each other's way, one part of a chain after the other. */
const PLAN: Record<string, Part>[][] = [
  [{ calls }, { mixed }],
  [{ "backlog-rate": atTheLimit }, { "wall-time": wallTime, faults }],
  // The clicks some time after the backlog, which uses up what is allowed of Notion's minute.
  [{ backlog: thousand, "start-memory": startAndMemory, clicks, replicas, store, history }],
];

/** What `--quick` is content with, unless others are named. */
const QUICK = ["calls", "mixed", "backlog", "start-memory", "clicks"];

const names = PLAN.flat().flatMap((chain) => Object.keys(chain));

const USAGE = `npm run bench -- [options] [parts]

  --quick     smaller numbers of the most important parts: a look, no verdict
  --cpu-prof  every bot leaves a CPU profile
  --help      this

  parts: ${names.join(", ")}
  none named: all of them, and docs/BENCHMARKS.md is written`;

interface Options {
  isQuick: boolean;
  hasProfiles: boolean;
  chosen: string[];
}

/** null when help is asked for. Throws in words of one line. */
function readOptions(args: string[]): Options | null {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      "cpu-prof": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no part "${unknown.join('", "')}".`);
  const all = values.quick ? QUICK : names;
  return {
    isQuick: values.quick,
    hasProfiles: values["cpu-prof"],
    chosen: positionals.length > 0 ? positionals : all,
  };
}

async function bench({ isQuick, hasProfiles, chosen }: Options): Promise<void> {
  const begun = performance.now();
  const profiles = hasProfiles ? mkdtempSync(join(tmpdir(), "emm-bench-profiles-")) : null;
  const lab = await openLab({ isQuick, profiles });
  const found: Findings[] = [];
  endOnSignals(lab, found);
  try {
    await measure(lab, chosen, found);
    const minutes = (performance.now() - begun) / 60_000;
    const postgres = typeof lab.postgres === "string" ? lab.postgres : lab.postgres.words;
    const circumstances = { minutes, postgres, isQuick };
    const all = joined(found);
    tell(all, { isWhole: chosen === names });
    process.stdout.write(`\n${machineWords(circumstances)}\n\n${verdictWords(all)}\n`);
    // A page with half of the measurements would be taken for the whole.
    if (chosen === names && !isQuick) lab.say(`written: ${writeDocs(all, circumstances)}`);
  } finally {
    if (profiles !== null) lab.say(`profiles: ${profiles}`);
    await lab.close();
  }
}

function tell(all: Required<Findings>, { isWhole }: { isWhole: boolean }): void {
  for (const table of [...all.tables, budgetTable(all, { isWhole })])
    if (table.rows.length > 0) process.stdout.write(`${toTerminal(table)}\n`);
}

/** What was measured by then is told; what was being measured is not. */
function endOnSignals(lab: Lab, found: readonly Findings[]): void {
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    const whole = joined([...found]);
    try {
      await lab.close();
    } finally {
      tell(whole, { isWhole: false });
      process.stdout.write("\nStopped before the end.\n");
      process.exit(INTERRUPTED);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end());
}

/** As shells say it. */
const INTERRUPTED = 130;

async function measure(lab: Lab, chosen: string[], found: Findings[]): Promise<void> {
  const follow = async (chain: Record<string, Part>) => {
    for (const [name, part] of Object.entries(chain)) {
      if (chosen.includes(name)) found.push(await attempted(lab, name, part));
    }
  };
  for (const line of PLAN) await Promise.all(line.map(follow));
}

/** A part that fails is a line in the report; the others are measured all the same. */
async function attempted(lab: Lab, name: string, part: Part): Promise<Findings> {
  try {
    return await part(lab);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    lab.say(`${name} failed: ${reason}`);
    process.exitCode = 1;
    const [first = ""] = reason.split("\n");
    return { tables: [{ title: name, notes: [], columns: ["not measured"], rows: [[first]] }] };
  }
}

async function main(args: string[]): Promise<void> {
  let options: Options | null;
  try {
    options = readOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  if (options === null) process.stdout.write(`${USAGE}\n`);
  else await bench(options);
}

await main(process.argv.slice(2));
