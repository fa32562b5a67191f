/** One round: a world of its own, people and troubles at their times, then everything heals, and the rules are looked at. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, startBot, stepsInFlight } from "../fixtures/bot-process.ts";
import { emptyInbox } from "../flows/bot.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { brokenRules, flawsOf, isBeyondHealing } from "./invariants.ts";
import { readKept } from "./kept.ts";
import { createPeople, type People } from "./people.ts";
import { createPostman, type Postman } from "./postman.ts";
import type { Schedule } from "./schedule.ts";
import { type Behaviour, look, meantToBeDecided, type Snapshot } from "./snapshot.ts";
import type { Place, Stage } from "./stage.ts";
import { createTroubles, type Troubles } from "./troubles.ts";

export interface RoundResult {
  schedule: Schedule;
  /** What does not hold; [] = all is well. */
  broken: string[];
  /** One for each of `broken`: the same, whatever it is about. */
  rules: string[];
  seconds: number;
  /** From the end of the last fault to a world in order. */
  healSeconds: number;
  kills: number;
  /** Requests that each fault that waits for some has struck. */
  struck: Troubles["struck"];
  decided: number;
  /** Where the logs are, of a round that failed. */
  snapshot: Snapshot;
  processes: BotProcess[];
}

const CLOCK = new URL("../fixtures/shifted-clock.mjs", import.meta.url).href;
const CLICK_AGAIN_MS = 4_000;
const LOOK_MS = 250;
/** Failed work is taken up again after a minute, a step waits out an outage for about its length. */
const HEAL_LIMIT_MS = 150_000;
/** An answer that never comes is given up after 75 s by Notion's client and after 120 s by Claude's. */
const HANG_LIMIT_MS = 150_000;
const STAY_MS = 2_500;
/** Posts are a second apart. */
const QUIET_LIMIT_MS = 60_000;

interface Round {
  schedule: Schedule;
  world: World;
  fleet: Fleet;
  people: People;
  troubles: Troubles;
  place: Place;
}

export async function runRound(stage: Stage, schedule: Schedule): Promise<RoundResult> {
  const begun = Date.now();
  const place = await stage.openPlace(schedule);
  const world = await createWorld({ claudeLatencyMs: schedule.claudeMs });
  world.notion.latencyMs = schedule.notionMs;
  world.notion.requestsPerMinute = schedule.notionPerMinute;
  emptyInbox(world);
  const shiftFile = join(place.folder, "shift");
  writeFileSync(shiftFile, "0");
  const env = () => environment({ world, place, schedule, shiftFile });
  const { root, args } = stage.built;
  const fleet = createFleet(schedule.replicas, (signal) => startBot({ env: env(), root, args, signal }));
  const postman = await createPostman(fleet.addresses);
  world.slack.deliverTo(`${postman.url}/slack/events`);
  const people = createPeople(world, schedule.items);
  const { disk } = place;
  const troubles = createTroubles({ world, fleet, postman, postgres: stage.postgres, disk, shiftFile });
  const round = { schedule, world, fleet, people, troubles, place };
  let clearing: Promise<void> | null = null;
  const clear = () => (clearing ??= clearUp({ ...round, postman }).finally(() => stage.atEnd.delete(clear)));
  stage.atEnd.add(clear);
  try {
    stage.assertOpen();
    await fleet.start();
    const healedAt = await play(round);
    const snapshot = await finish(round);
    const now = Date.now();
    const flaws = flawsOf(snapshot);
    const broken = { broken: flaws.map(({ words }) => words), rules: flaws.map(({ rule }) => rule) };
    return {
      ...{ schedule, snapshot, ...broken, processes: fleet.processes },
      ...{ seconds: (now - begun) / 1_000, healSeconds: healedAt / 1_000 },
      ...{ struck: troubles.struck },
      kills: fleet.processes.length - schedule.replicas,
      decided: snapshot.seen.training.length,
    };
  } finally {
    await clear();
  }
}

async function clearUp(round: Round & { postman: Postman }): Promise<void> {
  const { troubles, fleet, world, place, postman } = round;
  await Promise.all([troubles.heal(), fleet.kill()]);
  await Promise.all([postman.close(), world.close()]);
  await place.remove();
}

interface Surroundings {
  world: World;
  place: Place;
  schedule: Schedule;
  shiftFile: string;
}

function environment({ world, place, schedule, shiftFile }: Surroundings): Record<string, string> {
  return childEnv(world, {
    ...place.env,
    NOTION_REQUESTS_PER_MINUTE: String(schedule.notionPerMinute),
    UNDO_SECONDS: String(schedule.undoSeconds),
    DIGEST_CRON: "off",
    WEEKLY_DIGEST_CRON: "off",
    SHIFTED_CLOCK: shiftFile,
    NODE_OPTIONS: `--no-deprecation --import ${CLOCK}`,
  });
}

/** Resolves when the world is in order, or nobody waits for that any longer; milliseconds since the last fault. */
async function play({ schedule, world, people, troubles, fleet }: Round): Promise<number> {
  const putting = schedule.items.map(async (item) => {
    await sleep(item.atMs);
    await people.put(item);
  });
  const acting = Promise.all(schedule.acts.map((act) => people.act(act)));
  await Promise.all(schedule.faults.map((fault) => troubles.happen(fault)));
  await Promise.all(putting);
  await troubles.heal();
  const healing = Date.now();
  const hangs = schedule.faults.some((fault) => fault.kind === "vendor" && fault.effect.kind === "hang");
  const patienceMs = HEAL_LIMIT_MS + (hangs ? HANG_LIMIT_MS : 0);
  // Whoever waits for a card gets it now.
  await Promise.race([acting, sleep(patienceMs, undefined, { ref: false })]);
  people.goHome();
  await acting;
  const broken = () => brokenRules(snapshotOf({ schedule, world, people, troubles }));
  // A busy machine is slow, not wrong: given up is only what no longer changes.
  const hopeFor = (flaws: string[]) => ({
    ...{ left: flaws.join(), since: Date.now() },
    patienceMs: flaws.some(isBeyondHealing) ? STAY_MS : patienceMs,
  });
  let known = hopeFor(broken());
  for (
    let clickedAt = 0;
    known.left !== "" && Date.now() < known.since + known.patienceMs;
    await sleep(LOOK_MS)
  ) {
    const flaws = broken();
    if (flaws.join() !== known.left) known = hopeFor(flaws);
    if (Date.now() - clickedAt < CLICK_AGAIN_MS || fleet.addresses().length === 0) continue;
    clickedAt = Date.now();
    await people.clickAgain(meantToBeDecided(schedule));
  }
  const healedAfter = Date.now() - healing;
  // Whatever would be done twice has been done after two more polls, and what is only said is said by then.
  const quietBy = Date.now() + QUIET_LIMIT_MS;
  for (let quietSince = Date.now(); Date.now() < quietSince + STAY_MS && Date.now() < quietBy; ) {
    await sleep(LOOK_MS);
    if (isBusy(fleet)) quietSince = Date.now();
  }
  return healedAfter;
}

const isBusy = (fleet: Fleet) =>
  fleet.processes.some(
    (bot) => bot.isRunning() && stepsInFlight([bot]).some((step) => !/^(poll|alert)/.test(step)),
  );

type Observed = Pick<Round, "schedule" | "world" | "people" | "troubles">;

function snapshotOf({ schedule, world, people, troubles }: Observed): Snapshot {
  return {
    ...{ schedule, rowsOf: people.rowsOf(), seen: look(world), kept: null, behaviour: null },
    ...{ deeds: people.deeds, troubles: troubles.spans },
  };
}

async function finish(round: Round): Promise<Snapshot> {
  const { fleet, place } = round;
  await fleet.stop();
  const kept = await readKept(place.store);
  return { ...snapshotOf(round), kept, behaviour: behaviourOf(round) };
}

function behaviourOf({ schedule, world, fleet, people, troubles }: Round): Behaviour {
  const { env } = world;
  const secrets = [
    ...SECRETS.map((name) => ({ name, text: env[name] ?? "" })),
    ...people.secrets().map((text) => ({ name: `"${text}"`, text })),
  ].filter(({ text }) => text !== "");
  const leaks = fleet.processes.flatMap((bot) =>
    [...bot.lines.map((line) => JSON.stringify(line)), ...bot.noise].flatMap((line) =>
      secrets.filter(({ text }) => line.includes(text)).map(({ name }) => `${name} in ${line.slice(0, 300)}`),
    ),
  );
  const overLimits = (["notion", "slack", "claude"] as const).flatMap((side) =>
    world[side].calls
      .filter((call) => call.status === 429)
      .filter(
        ({ at }) => !troubles.limited.some((one) => one.side === side && one.from <= at && at <= one.to),
      )
      .map((call) => `${side} ${call.route}`),
  );
  const brings = (kind: string) => schedule.faults.some((fault) => fault.kind === kind);
  return {
    noise: fleet.processes.flatMap((bot) => bot.noise),
    // A full disk ends a database; the platform starts the process again.
    deaths: brings("disk") ? [] : fleet.deaths,
    leaks: [...new Set(leaks)].slice(0, 5),
    overLimits,
  };
}

const SECRETS = [
  "SLACK_BOT_TOKEN",
  "SLACK_SIGNING_SECRET",
  "NOTION_API_KEY",
  "ANTHROPIC_API_KEY",
  "RAILWAY_TOKEN",
];
