/**
 * `npm run bench`: what the bot costs and how fast it is, beside its budget. All parts one after the other, those that
 * only wait for slow services side by side; or some of them by name. `--quick`: smaller numbers of the most
 * important ones, in about a minute.
 * `--cpu-prof`: every bot leaves a profile.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atTheLimit, mixed, thousand } from "./backlog.ts";
import { calls } from "./calls.ts";
import { clicks } from "./clicks.ts";
import { faults } from "./faults.ts";
import { history } from "./history.ts";
import { type Lab, openLab } from "./lab.ts";
import { replicas } from "./replicas.ts";
import { budgetTable, type Findings, joined, machineWords, toTerminal, writeDocs } from "./report.ts";
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

async function main(args: string[]): Promise<void> {
  const isQuick = args.includes("--quick");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const chosen = wanted.length > 0 ? wanted : isQuick ? QUICK : names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no part ${unknown.join(", ")}; there are: ${names.join(", ")}`);
  const begun = performance.now();
  const profiles = args.includes("--cpu-prof") ? mkdtempSync(join(tmpdir(), "emm-bench-profiles-")) : null;
  const lab = await openLab({ isQuick, profiles });
  const stop = () => void lab.close().finally(() => process.exit(1));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const found = joined(await measured(lab, chosen));
    const minutes = (performance.now() - begun) / 60_000;
    const postgres = typeof lab.postgres === "string" ? lab.postgres : lab.postgres.words;
    const circumstances = { minutes, postgres, isQuick };
    for (const table of [...found.tables, budgetTable(found, { isWhole: chosen === names })])
      process.stdout.write(`${toTerminal(table)}\n`);
    process.stdout.write(`\n${machineWords(circumstances)}\n`);
    // A page with half of the measurements would be taken for the whole.
    if (chosen === names && !isQuick) lab.say(`written: ${writeDocs(found, circumstances)}`);
  } finally {
    await lab.close();
    if (profiles !== null) lab.say(`profiles: ${profiles}`);
  }
}

async function measured(lab: Lab, chosen: string[]): Promise<Findings[]> {
  const found: Findings[] = [];
  const follow = async (chain: Record<string, Part>) => {
    for (const [name, part] of Object.entries(chain)) {
      if (chosen.includes(name)) found.push(await attempted(lab, name, part));
    }
  };
  for (const line of PLAN) await Promise.all(line.map(follow));
  return found;
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

await main(process.argv.slice(2));
