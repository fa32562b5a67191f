/**
 * `npm run faults`: rounds of items, clicks and faults, drawn from a seed, each in a world of its own, and what must hold
 * when it is over. Ends with 1 and a schedule as short as possible when something does not.
 */
import { readFileSync } from "node:fs";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { reportFailure, saveLogs, strikes, summary } from "./report.ts";
import { type RoundResult, runRound } from "./round.ts";
import { drawSchedule, faultWords, parseSchedule, type Schedule } from "./schedule.ts";
import { isSameFailure, shrink } from "./shrink.ts";
import { openStage, type Stage } from "./stage.ts";

/** A short schedule may need luck to fail. */
const REPEATS = 3;

const say = (words: string) => process.stdout.write(`${words}\n`);

function schedules(stage: Stage, { seeds, schedule, isQuick, undoSeconds }: Options): Schedule[] {
  if (schedule !== null) {
    const text = schedule.startsWith("@") ? readFileSync(schedule.slice(1), "utf8") : schedule;
    return seeds.map(() => parseSchedule(text));
  }
  const { hasSmallDisk } = stage;
  return seeds.map((seed) =>
    drawSchedule(seededRandom(seed), {
      ...{ seed, hasPostgres: stage.postgres !== null, hasSmallDisk, isQuick, undoSeconds },
    }),
  );
}

function words({ seed, store, replicas, items, acts, faults }: Schedule): string {
  const where = replicas > 1 ? `${store} × ${replicas}` : store;
  return `seed ${seed}, ${where}: ${items.length} items, ${acts.length} acts; ${faults.map(faultWords).join(", ") || "no faults"}`;
}

async function narrowDown(stage: Stage, failed: RoundResult, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  if (limitMs === 0) {
    say(reportFailure(failed));
    return;
  }
  say(`  narrowing it down, at most ${limitMs / 1_000} s`);
  const run = async (schedule: Schedule): Promise<string[]> => {
    const { broken, rules } = await runRound(stage, schedule);
    const { items, acts, faults } = schedule;
    const size = `${items.length} items, ${acts.length} acts, ${faults.length} faults`;
    const isOther = broken.length > 0 && !isSameFailure(failed.rules, rules);
    say(
      `    ${size}: ${isOther ? `fails otherwise: ${broken.join("; ")}` : broken.length > 0 ? "fails" : "holds"}`,
    );
    return rules;
  };
  const shrunk = await shrink(failed, { run, hasTime: () => Date.now() < end });
  let failures = 0;
  for (let nth = 0; nth < REPEATS; nth += 1)
    if (isSameFailure(failed.rules, await run(shrunk.schedule))) failures += 1;
  say(reportFailure(failed, { ...shrunk, repeats: REPEATS, failures }));
}

/** As shells say it. */
const INTERRUPTED = 130;

/** Terminals and package managers send a signal to each of their processes, and some of them send it on. */
function endOnSignals(opening: Promise<Stage>, results: readonly RoundResult[]): void {
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    const failed = results.filter(({ broken }) => broken.length > 0).length;
    say(`stopped after ${results.length} whole rounds, ${failed} failed; clearing up`);
    try {
      await (await opening).close();
    } finally {
      process.exit(INTERRUPTED);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end());
}

async function campaign(options: Options): Promise<number> {
  say("building the bot, making databases");
  const opening = openStage();
  const results: RoundResult[] = [];
  endOnSignals(opening, results);
  const stage = await opening;
  try {
    say(
      "Each round: a bot, items, people who act, and faults. Afterwards nothing may be lost, doubled or untrue.",
    );
    if (stage.postgres === null) say("PostgreSQL is not installed: every round runs on the embedded store");
    const all = schedules(stage, options);
    for (const [nth, schedule] of all.entries()) {
      say(`${nth + 1}/${all.length}  ${words(schedule)}`);
      const result = await runRound(stage, schedule);
      results.push(result);
      if (options.logs !== null) say(`  logs: ${saveLogs(options.logs, result)}`);
      const { broken, seconds, healSeconds, decided } = result;
      say(`  requests struck: ${strikes(result)}`);
      if (broken.length === 0) {
        say(
          `  holds: ${decided} decided, in order after ${healSeconds.toFixed(1)} s, ${seconds.toFixed(1)} s in all`,
        );
        continue;
      }
      say(`  FAILS after ${seconds.toFixed(1)} s\n${broken.map((one) => `    ${one}`).join("\n")}`);
      if (options.keepsGoing) continue;
      await narrowDown(stage, result, options.shrinkSeconds * 1_000);
      break;
    }
  } finally {
    await stage.close();
  }
  say(`\n${summary(results)}`);
  return results.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

async function main(): Promise<number> {
  let options: Options | null;
  try {
    options = readOptions(process.argv.slice(2), Math.floor(Math.random() * 1_000_000));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  if (options !== null) return campaign(options);
  say(USAGE);
  return 0;
}

process.exitCode = await main();
