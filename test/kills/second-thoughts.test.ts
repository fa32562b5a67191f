/**
 * The process is killed again and again while people take back, withdraw, ask, have all three heard, name deputies and
 * decide again. They do what people do: look, and click once more when nothing came of it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { NotionRow, SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import {
  type BotProcess,
  childEnv,
  FEW_OF_ALL,
  morePolls,
  startBot,
  stepRuns,
} from "../fixtures/bot-process.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { workLeft } from "../fixtures/engine-rows.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { type Bot, buttonsOf, cell, DECISIONS, emptyInbox, userId, wordsOf } from "../flows/bot.ts";
import { storiesOf } from "../flows/stories.ts";

vi.setConfig({ testTimeout: 240_000 });

const random = seededRandom();
console.log(`second-thoughts.test.ts: SEED=${random.seed}`);

const KILLS = 4;
/** Of life between two kills. */
const LIFE_MS = [700, 5_000] as const;
/** Longer than a start: some decisions are taken back, some are carried out before anybody is there to. */
const UNDO_SECONDS = 6;
const DAY_MS = 86_400_000;

let world: World;
let dataDir: string;
let bot: BotProcess;
let isOver = false;
const processes: BotProcess[] = [];

async function start(): Promise<BotProcess> {
  bot = await startBot({
    env: childEnv(world, { DATA_DIR: dataDir, UNDO_SECONDS: String(UNDO_SECONDS) }),
  });
  processes.push(bot);
  world.slack.deliverTo(`${bot.url}/slack/events`);
  return bot;
}

beforeAll(async () => {
  dataDir = preparedDataFolder();
  world = await createWorld({ claudeLatencyMs: 200 });
  world.notion.requestsPerMinute = null;
  world.slack.hasRateLimits = false;
  emptyInbox(world);
});

afterAll(async () => {
  isOver = true;
  if (bot?.isRunning()) await bot.end("SIGKILL");
  await world.close();
  removeDataFolder(dataDir);
});

const stories = storiesOf(() => ({ world }) as Bot);
const { cardsAbout, click, emm, modalOf, now, pipeOf, put, rowsAbout, submit, thread, trainingRows } =
  stories;

/** `act`, and again after a while, until it is `done`. What fails while nobody is there to answer is tried again. */
async function surely(what: string, done: () => boolean, act: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + 150_000; !done() && !isOver; ) {
    if (Date.now() > end) throw new Error(`did not happen: ${what}`);
    await Promise.race([act().catch(() => undefined), sleep(5_000)]);
    for (let look = 0; look < 30 && !done(); look += 1) await sleep(100);
  }
}

const shows = (card: SlackMessage, action: string) => buttonsOf(now(card)).includes(action);
const isSettled = (card: SlackMessage) => shows(card, "decision_reopen");
const clickUntil = (handle: string, card: SlackMessage, actionId: string, done: () => boolean) =>
  surely(`${actionId} by ${handle}`, done, () => click(handle, card, actionId));
const inForm = (handle: string, open: () => Promise<unknown>, fields: Record<string, string>) => async () => {
  await world.slack.closeModal(userId(world, handle));
  await open();
  await submit(handle, fields);
};
const choose = (handle: string, card: SlackMessage, letter: "w" | "d") => () => {
  const value = new RegExp(`"value":"(${letter} [^"]+)"`).exec(wordsOf(now(card)))?.[1] ?? "";
  const on = { user: userId(world, handle), channel: card.channel, ts: card.ts };
  return world.slack.click({ ...on, actionId: "decision_more", selected: value });
};
const said = (card: SlackMessage, words: RegExp) =>
  thread(card).filter(({ text }) => words.test(text)).length;

/** Small enough for one adviser and one approval. */
async function smallCard(team: string, by = ""): Promise<SlackMessage> {
  const title = `Should we move the weekly meeting of the ${team} team to Tuesdays?`;
  if (by === "") put(title, `Whether to move the weekly meeting of ${team}.`);
  else
    await surely(
      "asked",
      () => rowsAbout("System Inbox", team).length > 0,
      () => emm(by, `add ${title}`),
    );
  await surely(
    `a card about ${team}`,
    () => cardsAbout(team).length > 0,
    async () => {},
  );
  return cardsAbout(team)[0] as SlackMessage;
}

async function approve(card: SlackMessage, handle = "dana"): Promise<void> {
  const isTaken = () => shows(card, "decision_undo") || isSettled(card);
  await clickUntil(handle, card, "decision_approve", isTaken);
}

const reject = (handle: string, card: SlackMessage) =>
  surely(
    `rejected by ${handle}`,
    () => shows(card, "decision_undo") || isSettled(card),
    inForm(handle, () => click(handle, card, "decision_reject"), { reject_reason: "No." }),
  );

const people: Record<string, () => Promise<void>> = {
  async undo() {
    const card = await smallCard("Oslo");
    await approve(card);
    const isOpen = () => shows(card, "decision_approve");
    await clickUntil("dana", card, "decision_undo", () => isOpen() || isSettled(card));
    if (isOpen()) await reject("sam", card);
  },
  async withdraw() {
    const card = await smallCard("Malmo", "lee");
    const isTaken = () => shows(card, "decision_undo") || isSettled(card);
    await surely("withdrawn", isTaken, inForm("lee", choose("lee", card, "w"), { withdraw_reason: "Done." }));
  },
  async reopen() {
    const card = await smallCard("Lisbon");
    await approve(card);
    const isReopened = () => cardsAbout("Lisbon").length > 1;
    await surely(
      "recorded",
      () => isSettled(card),
      async () => {},
    );
    const asked = inForm("sam", () => click("sam", card, "decision_reopen"), { reopen_reason: "Again." });
    await surely("reopened", isReopened, asked);
    await reject("sam", cardsAbout("Lisbon")[1] as SlackMessage);
  },
  async question() {
    const card = await smallCard("Madrid", "lee");
    const ask = async () => {
      await world.slack.closeModal(userId(world, "dana"));
      await click("dana", card, "decision_more_info");
      for (let look = 0; look < 40 && !modalOf("dana"); look += 1) await sleep(50);
      const form = modalOf("dana");
      const found = JSON.stringify(form?.view).match(/"options":(\[.*?\])(?=,"initial_option"|\})/);
      const options = JSON.parse(found?.[1] ?? "[]") as { text: { text: string }; value: string }[];
      const selected = options.find(({ text }) => text.text.startsWith("The Quant"));
      const values = {
        question_text: { text: { type: "plain_text_input", value: "What does it cost?" } },
        question_to: { to: { type: "static_select", selected_option: selected ?? null } },
      };
      await world.slack.submit({ user: userId(world, "dana"), viewId: form?.id ?? "", values });
    };
    await surely("asked", () => wordsOf(now(card)).includes("What does it cost?"), ask);
    await surely(
      "answered",
      () => said(card, /The Quant\* answers/) > 0,
      async () => {},
    );
    await approve(card, "sam");
  },
  async dialectic() {
    const card = await smallCard("Prague");
    const isHeard = () => cardsAbout("Prague").length > 1;
    await surely("heard", () => said(card, /[Aa]ll three/) > 0 || isHeard(), choose("sam", card, "d"));
    await surely("a new card", isHeard, async () => {});
    await approve(cardsAbout("Prague")[1] as SlackMessage, "sam");
  },
  async deputy() {
    const card = await smallCard("Vienna");
    const until = new Date(Date.now() + 5 * DAY_MS).toISOString().slice(0, 10);
    const isNamed = () => toldDirectly("lee", /stand in|deputy/i).length > 0;
    await surely("named", isNamed, () => emm("dana", `deputy @lee until ${until}`));
    await approve(card, "lee");
  },
};

const toldDirectly = (handle: string, words: RegExp) =>
  world.slack
    .messages(world.slack.directMessage(userId(world, handle)))
    .filter(({ text }) => words.test(text));

/** Every Action Pipe that was settled has what it must have, once. */
function flaws(): string[] {
  const found: string[] = [];
  const must = (what: string, are: unknown, should: unknown) => {
    if (are !== should) found.push(`${what}: ${String(are)} instead of ${String(should)}`);
  };
  const status = (row: NotionRow | undefined) => cell(row, "Approval_Status");
  /** `adviceUnder`: how many messages of advice each card has in its thread, in the order of the cards. */
  const once = (team: string, ...adviceUnder: number[]) => {
    const rows = adviceUnder.length;
    must(`${team}: pipes`, rowsAbout("Action Pipes", team).length, rows);
    must(`${team}: cards`, cardsAbout(team).length, rows);
    must(
      `${team}: advice`,
      cardsAbout(team)
        .map((card) => stories.advice(card).length)
        .join(),
      adviceUnder.join(),
    );
    const settled = rowsAbout("Action Pipes", team).filter((row) => status(row) !== "Superseded");
    must(`${team}: training rows`, trainingRows(team).length, settled.length);
    for (const task of new Set(taskNames(team))) must(`${team}: ${task}`, count(taskNames(team), task), 1);
    for (const reply of repliesUnder(team)) must(`${team}: "${reply}"`, count(repliesUnder(team), reply), 1);
  };
  const [fromOne, fromThree, elsewhere] = [2, 4, 1];
  for (const team of ["Oslo", "Malmo", "Madrid", "Vienna"]) once(team, fromOne);
  once("Lisbon", fromOne, elsewhere);
  once("Prague", fromOne, fromThree);
  const oslo = cell(trainingRows("Oslo")[0], "Outcome");
  must("Oslo", status(pipeOf("Oslo")), oslo === "rejected" ? "Rejected" : "Approved");
  must("Oslo: tasks", taskNames("Oslo").length > 0, oslo !== "rejected");
  must("Malmo", status(pipeOf("Malmo")), "Withdrawn");
  must("Lisbon", rowsAbout("Action Pipes", "Lisbon").map(status).toSorted().join(), "Approved,Rejected");
  must("Prague", rowsAbout("Action Pipes", "Prague").map(status).toSorted().join(), "Approved,Superseded");
  must("Vienna", status(pipeOf("Vienna")), "Approved");
  must("Vienna: by", /Lee Park.* for Dana/.test(cell(pipeOf("Vienna"), "Decided_By")), true);
  must("Lee is told", new Set(toldDirectly("lee", /deputy|stand in/i).map(({ ts }) => ts)).size > 0, true);
  return found;
}

const count = <T>(all: T[], one: T) => all.filter((other) => other === one).length;
const taskNames = (team: string) => stories.tasksOf(team).map((row) => cell(row, "Name"));
/** By the name that each post has of its own. */
const repliesUnder = (team: string) =>
  cardsAbout(team).flatMap(({ ts }) =>
    world.slack
      .messages(DECISIONS)
      .filter((one) => one.threadTs === ts && one.metadata !== null)
      .map(({ metadata }) => JSON.stringify(metadata)),
  );

describe("kill -9 while people have second thoughts", () => {
  it("loses nothing that was taken, and does nothing twice", async () => {
    await start();
    const ways = Object.entries(people).map(async ([name, way]) => {
      await sleep(random.between(0, 1_500));
      await way().catch((error: unknown) => Promise.reject(new Error(`${name}: ${String(error)}`)));
    });
    const all = Promise.all(ways);
    const killing = (async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await sleep(random.between(...LIFE_MS));
        await bot.end("SIGKILL");
        await start();
      }
    })();
    await Promise.all([all, killing]);
    for (let look = 0; look < 300 && flaws().length > 0; look += 1) await sleep(200);
    expect(flaws()).toEqual([]);
    await morePolls(bot, 2);
    expect(flaws()).toEqual([]);
    expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it("left nothing undone in the engine", async () => {
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(processes);
    console.log(`${steps} steps in ${processes.length} processes: ${repeatedUnfinished.length} repeated`);
    expect(repeatedFinished.length / steps).toBeLessThan(FEW_OF_ALL);
    expect(await workLeft({ dataDir }, start)).toEqual([]);
  });
});
