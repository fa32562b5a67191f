/**
 * `npm run faults`: rounds of items, clicks and faults, drawn from a seed, each in a world of its own, and what must hold
 * when it is over. Ends with 1 and a schedule as short as possible when something does not.
 *
 *   --rounds N          how many (10; of a given schedule 1)
 *   --seed S            of the first round; the next one's is one more (random). S,T,U: rounds of exactly these
 *   --quick             only faults that heal within seconds
 *   --undo N            UNDO_SECONDS of the bots (0)
 *   --schedule JSON     rounds of exactly this; @file reads it from a file
 *   --shrink-seconds N  how long a failure is narrowed down, and tried three times more (300; 0 = not at all)
 *   --keep-going        counts failures instead of ending at the first
 *   --logs FOLDER       where the logs of each round go
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { reportFailure, saveLogs, summary } from "./report.ts";
import { type RoundResult, runRound } from "./round.ts";
import { drawSchedule, faultWords, parseSchedule, type Schedule } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { openStage, type Stage } from "./stage.ts";

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    quick: { type: "boolean", default: false },
    undo: { type: "string", default: "0" },
    schedule: { type: "string" },
    "shrink-seconds": { type: "string", default: "300" },
    "keep-going": { type: "boolean", default: false },
    logs: { type: "string" },
  },
});

const ROUNDS = 10;
/** A short schedule may need luck to fail. */
const REPEATS = 3;

const say = (words: string) => process.stdout.write(`${words}\n`);

function schedules(stage: Stage): Schedule[] {
  if (given.schedule !== undefined) {
    const text = given.schedule.startsWith("@")
      ? readFileSync(given.schedule.slice(1), "utf8")
      : given.schedule;
    return Array.from({ length: Number(given.rounds ?? 1) }, () => parseSchedule(text));
  }
  return seeds().map((seed) =>
    drawSchedule(seededRandom(seed), {
      ...{ seed, hasPostgres: stage.postgres !== null, hasSmallDisk: stage.hasSmallDisk },
      ...{ isQuick: given.quick, undoSeconds: Number(given.undo) },
    }),
  );
}

function seeds(): number[] {
  const [first = 0, ...others] = given.seed.split(",").map(Number);
  if (others.length > 0) return [first, ...others];
  return Array.from({ length: Number(given.rounds ?? ROUNDS) }, (_, nth) => first + nth);
}

function words({ seed, store, replicas, items, acts, faults }: Schedule): string {
  const where = replicas > 1 ? `${store} × ${replicas}` : store;
  return `seed ${seed}, ${where}: ${items.length} items, ${acts.length} acts; ${faults.map(faultWords).join(", ") || "no faults"}`;
}

async function narrowDown(stage: Stage, failed: RoundResult): Promise<void> {
  const limitMs = Number(given["shrink-seconds"]) * 1_000;
  const end = Date.now() + limitMs;
  if (limitMs === 0) {
    say(reportFailure(failed));
    return;
  }
  say(`  narrowing it down, at most ${limitMs / 1_000} s`);
  const fails = async (schedule: Schedule) => {
    const { broken } = await runRound(stage, schedule);
    const { items, acts, faults } = schedule;
    const size = `${items.length} items, ${acts.length} acts, ${faults.length} faults`;
    say(`    ${size}: ${broken.length > 0 ? "fails" : "holds"}`);
    return broken.length > 0;
  };
  const shrunk = await shrink(failed.schedule, { fails, hasTime: () => Date.now() < end });
  let failures = 0;
  for (let nth = 0; nth < REPEATS; nth += 1) if (await fails(shrunk.schedule)) failures += 1;
  say(reportFailure(failed, { ...shrunk, repeats: REPEATS, failures }));
}

/** Terminals and package managers send a signal to each of their processes, and some of them send it on. */
function endOnSignals(opening: Promise<Stage>): void {
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    say("ending");
    try {
      await (await opening).close();
    } finally {
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end());
}

async function main(): Promise<number> {
  say("building the bot, making databases");
  const opening = openStage();
  endOnSignals(opening);
  const stage = await opening;
  const results: RoundResult[] = [];
  try {
    if (stage.postgres === null) say("PostgreSQL is not installed: every round runs on the embedded store");
    const all = schedules(stage);
    for (const [nth, schedule] of all.entries()) {
      say(`${nth + 1}/${all.length}  ${words(schedule)}`);
      const result = await runRound(stage, schedule);
      results.push(result);
      if (given.logs !== undefined) say(`  logs: ${saveLogs(given.logs, result)}`);
      const { broken, seconds, healSeconds, decided } = result;
      if (broken.length === 0) {
        say(
          `  holds: ${decided} decided, in order after ${healSeconds.toFixed(1)} s, ${seconds.toFixed(1)} s in all`,
        );
        continue;
      }
      say(`  FAILS after ${seconds.toFixed(1)} s\n${broken.map((one) => `    ${one}`).join("\n")}`);
      if (given["keep-going"]) continue;
      await narrowDown(stage, result);
      break;
    }
  } finally {
    await stage.close();
  }
  say(`\n${summary(results)}`);
  return results.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

process.exitCode = await main();
