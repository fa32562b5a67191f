/** Two replicas, and the one that took an undo, or the form of several decisions, dies with it: the other one keeps its word. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, type LogLine, morePolls, startBot } from "../fixtures/bot-process.ts";
import { auditedDeeds } from "../fixtures/engine-rows.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { type Bot, buttonsOf, cell, emptyInbox, eventually, userId } from "../flows/bot.ts";
import { storiesOf } from "../flows/stories.ts";

let world: World;
let database: ThrowawayDatabase;
const everStarted: BotProcess[] = [];
/** Shorter than what the other one needs to notice a death. */
const UNDO_SECONDS = 6;

const stories = storiesOf(() => ({ world }) as Bot);
const { cardsAbout, click, emm, modalOf, now, pipeOf, put, tasksOf, trainingRows } = stories;

async function start(): Promise<BotProcess> {
  const env = { DATABASE_URL: database.url, UNDO_SECONDS: String(UNDO_SECONDS), DECISION_TTL_HOURS: "0" };
  const bot = await startBot({ env: childEnv(world, env) });
  everStarted.push(bot);
  return bot;
}

const until = <T>(look: () => T | undefined | null | false, what: string) =>
  eventually(world, look, what, 60_000);
const clicksGoTo = ({ url }: BotProcess) => world.slack.deliverTo(`${url}/slack/events`);
const outcomes = (team: string) => trainingRows(team).map((row) => cell(row, "Outcome"));
const offers = (card: SlackMessage, action: string) =>
  until(() => buttonsOf(now(card)).includes(action), `${action} on the card`);

/** Dies as soon as such a step begins. */
async function killIn(bot: BotProcess, fits: (line: LogLine) => boolean): Promise<void> {
  await bot.logged((line) => line.message === "step begins" && fits(line), "the step to die in");
  await bot.end("SIGKILL");
}

async function putAndPost(...teams: string[]): Promise<SlackMessage[]> {
  for (const team of teams)
    put(
      `Should we move the weekly meeting of the ${team} team to Tuesdays?`,
      `Whether to move the meeting of ${team}.`,
    );
  await until(() => teams.every((team) => cardsAbout(team).length > 0), "cards");
  return teams.map((team) => cardsAbout(team)[0] as SlackMessage);
}

beforeAll(async () => {
  database = await createThrowawayDatabase();
  world = await createWorld({ claudeLatencyMs: 50 });
  world.notion.requestsPerMinute = null;
  world.slack.hasRateLimits = false;
  emptyInbox(world);
});

afterAll(async () => {
  await Promise.all(everStarted.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGKILL")));
  await world.close();
  await database.drop();
});

it("what was taken back on one that died stays open, although the other one's time for it is over", async () => {
  const [first, second] = [await start(), await start()];
  clicksGoTo(second);
  const [card] = (await putAndPost("Oslo")) as [SlackMessage];
  const id = pipeOf("Oslo")?.id ?? "";
  await click("dana", card, "decision_approve");
  await offers(card, "decision_undo");
  clicksGoTo(first);
  const dying = killIn(first, ({ step }) => step === `undo:${id}`);
  await click("dana", card, "decision_undo");
  await dying;
  await offers(card, "decision_approve");
  await morePolls(second, 8);
  expect([outcomes("Oslo"), tasksOf("Oslo").length]).toEqual([[], 0]);
  expect(await auditedDeeds({ databaseUrl: database.directUrl }, id)).toEqual({
    "decision.approved": 1,
    "decision.undone": 1,
  });
});

it("a form of several decisions is carried out by the other one, beside what somebody decides there", async () => {
  const [second] = everStarted.filter((bot) => bot.isRunning()) as [BotProcess];
  const third = await start();
  const teams = ["Malmo", "Lisbon", "Porto", "Faro"];
  const cards = await putAndPost(...teams);
  clicksGoTo(third);
  await emm("dana", "pending");
  const hasButton = (one: SlackMessage) => buttonsOf(one).includes("decisions_batch");
  const list = await until(() => stories.whispersTo("dana").find(hasButton), "the list");
  await click("dana", list, "decisions_batch");
  const isForm = () => JSON.stringify(modalOf("dana")?.view ?? null).includes("decisions_batch_view");
  const form = await until(() => (isForm() ? modalOf("dana") : undefined), "the form");
  const listed = [...JSON.stringify(form.view).matchAll(/\*\d+\. <[^|]+\|[^>]*the (\w+) team/g)];
  const choice = (team = "") => (teams.includes(team) ? "approve" : "leave");
  const values = listed.map(([, team], index) => [
    `batch_choice_${index}`,
    { choice: { type: "static_select", selected_option: { value: choice(team) } } },
  ]);
  const [, , third3] = listed.flatMap(([, team = ""]) => (teams.includes(team) ? [team] : []));
  const dying = killIn(third, ({ step }) => step === `may:${pipeOf(third3 ?? "")?.id}`);
  const sent = world.slack.submit({
    ...{ user: userId(world, "dana"), viewId: form.id },
    values: Object.fromEntries(values),
  });
  await dying;
  expect((await sent).error).not.toBeNull();
  clicksGoTo(second);
  const faro = cards[3] as SlackMessage;
  await click("sam", faro, "decision_approve");
  await until(() => teams.every((team) => outcomes(team).length > 0), "all decided");
  const told = () =>
    world.slack
      .messages(world.slack.directMessage(userId(world, "dana")))
      .filter(({ text }) => / decided\*/.test(text));
  await until(() => told().length > 0, "the summary");
  await morePolls(second, 2);
  expect(told()).toHaveLength(1);
  for (const team of teams) {
    expect([team, outcomes(team)]).toEqual([team, ["approved"]]);
    const deeds = await auditedDeeds({ databaseUrl: database.directUrl }, pipeOf(team)?.id ?? "");
    expect([team, deeds["decision.approved"]]).toEqual([team, 1]);
  }
});
