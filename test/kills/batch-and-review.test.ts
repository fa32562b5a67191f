/** kill -9 while several decisions are made in one form, and while people are asked whether they were right, and say so. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { FEW_OF_ALL, morePolls, stepRuns } from "../fixtures/bot-process.ts";
import { auditedDeeds, workLeft } from "../fixtures/engine-rows.ts";
import { flawsAfter } from "../fixtures/mixed-items.ts";
import { createMortalBot, type MortalBot } from "../fixtures/mortal-bot.ts";
import { type Bot, buttonsOf, cell, eventually, userId } from "../flows/bot.ts";
import { storiesOf } from "../flows/stories.ts";

vi.setConfig({ testTimeout: 120_000 });

const DAY_MS = 86_400_000;
const PAGES = "POST /v1/pages";
type Choice = "approve" | "reject" | "leave";

let bot: MortalBot;
const stories = storiesOf(() => ({ world: bot.world }) as Bot);
const { cardsAbout, click, emm, modalOf, now, pipeOf, put, tasksOf, thread, trainingRows } = stories;

beforeAll(async () => {
  bot = await createMortalBot({ DECISION_TTL_HOURS: "0" });
});

afterAll(() => bot.close());

const until = <T>(look: () => T | undefined | null | false, what: string) =>
  eventually(bot.world, look, what, 30_000);
const toldDana = () =>
  bot.world.slack
    .messages(bot.world.slack.directMessage(userId(bot.world, "dana")))
    .filter(({ text }) => / decided\*/.test(text));
const formOf = (view: string) => {
  const form = modalOf("dana");
  return JSON.stringify(form?.view ?? null).includes(view) ? form : undefined;
};

async function putAndPost(teams: string[]): Promise<void> {
  for (const team of teams)
    put(
      `Should we move the weekly meeting of the ${team} team to Tuesdays?`,
      `Whether to move the meeting of ${team}.`,
    );
  await until(() => teams.every((team) => cardsAbout(team).length > 0), "a card for each");
}

/** Sends in the form of several decisions, after `then`; resolves with what was wrong with the answer. */
async function sendIn(chosen: Record<string, Choice>, then = () => {}): Promise<string | null> {
  await bot.world.slack.closeModal(userId(bot.world, "dana"));
  const before = stories.whispersTo("dana").length;
  await emm("dana", "pending");
  const offer = await until(
    () =>
      stories
        .whispersTo("dana")
        .slice(before)
        .find((one) => buttonsOf(one).includes("decisions_batch")),
    "the list with its button",
  );
  await click("dana", offer, "decisions_batch");
  const form = await until(() => formOf("decisions_batch_view"), "the form");
  const listed = [...JSON.stringify(form.view).matchAll(/\*\d+\. <[^|]+\|[^>]*the (\w+) team/g)];
  const choices = listed.map(([, team = ""], index) => [
    `batch_choice_${index}`,
    { choice: { type: "static_select", selected_option: { value: chosen[team] ?? "leave" } } },
  ]);
  then();
  const delivery = await bot.world.slack.submit({
    ...{ user: userId(bot.world, "dana"), viewId: form.id },
    values: {
      ...Object.fromEntries(choices),
      batch_reason: { reason: { type: "plain_text_input", value: "Tuesdays are full." } },
    },
  });
  return delivery.error;
}

const VERDICTS = { approve: "approved", reject: "rejected" } as const;

/** What is not there, or not once, of what was chosen. */
function flaws(chosen: Record<string, Choice>): string[] {
  return Object.entries(chosen).flatMap(([team, choice]) => {
    const outcomes = trainingRows(team).map((row) => cell(row, "Outcome"));
    const should = choice === "leave" ? [] : [VERDICTS[choice]];
    const tasks = tasksOf(team).map((row) => cell(row, "Name"));
    const status = cell(pipeOf(team), "Approval_Status");
    const statuses = { approve: "Approved", reject: "Rejected", leave: "Pending" };
    const decided = thread(cardsAbout(team)[0] as SlackMessage).filter(({ text }) =>
      /\*(Approved|Rejected)\* by/.test(text),
    );
    return [
      ...(outcomes.join() === should.join() ? [] : [`${team}: training ${outcomes.join()}`]),
      ...(status === statuses[choice] ? [] : [`${team}: ${status}`]),
      ...(new Set(tasks).size === tasks.length ? [] : [`${team}: tasks ${tasks.join()}`]),
      ...(choice === "approve" && tasks.length === 0 ? [`${team}: no tasks`] : []),
      ...(decided.length === should.length ? [] : [`${team}: said ${decided.length} times`]),
    ];
  });
}

async function once(chosen: Record<string, Choice>): Promise<void> {
  expect(await flawsAfter(() => flaws(chosen), 30_000)).toEqual([]);
}

const first: Record<string, Choice> = { Oslo: "approve", Malmo: "reject", Turku: "leave" };
const second: Record<string, Choice> = { Lisbon: "reject", Porto: "approve", Faro: "reject" };
const third: Record<string, Choice> = { Graz: "reject", Linz: "reject" };
/** What was approved is asked about later. */
const approved = ["Oslo", "Porto"];

describe("several decisions in one form", () => {
  it("that was acknowledged are all decided, although the process died before the first of them", async () => {
    await bot.start();
    await putAndPost(Object.keys(first));
    // Slack is asked who it is: the form has to wait, and says so.
    const delay = () =>
      bot.world.slack.faults.add({ route: "users.info", effect: { kind: "delay", ms: 4_000 } });
    expect(await sendIn(first, delay)).toBeNull();
    expect(JSON.stringify(modalOf("dana")?.view)).toContain("takes longer than usual");
    expect(trainingRows("Oslo")).toEqual([]);
    await bot.kill();
    // The summary is posted, and the process dies before it knows.
    bot.world.notion.latencyMs = 400;
    const summed = bot.killAfterPost(() => toldDana().length > 0, "the summary");
    await bot.start();
    await summed;
    bot.world.notion.latencyMs = 0;
    expect(toldDana()).toHaveLength(1);
    await bot.start();
    await once(first);
  });

  it("are each decided as chosen, once, when it dies between them, and while they are recorded", async () => {
    await putAndPost(Object.keys(second));
    const porto = pipeOf("Porto")?.id ?? "";
    const dying = bot.killInStep((step, workflow) => workflow.startsWith("batch:") && step.includes(porto));
    const sent = sendIn(second).catch(String);
    await dying;
    await sent;
    const recording = bot.killAfterWrite(PAGES, 1);
    await bot.start();
    await recording;
    await bot.start();
    await once(second);
    expect(toldDana()).toHaveLength(2);
  });

  it("whose summary the form showed are told of nowhere else, when it dies in their last write", async () => {
    await putAndPost(Object.keys(third));
    // A training row and a log entry for each.
    const dying = bot.killAfterWrite(PAGES, 3);
    expect(await sendIn(third)).toBeNull();
    expect(JSON.stringify(modalOf("dana")?.view)).toContain("*2 decided*");
    await dying;
    const last = await bot.start();
    await once({ ...first, ...second, ...third });
    await morePolls(last, 2);
    await once({ ...first, ...second, ...third });
    expect(toldDana()).toHaveLength(2);
  });
});

const isReview = ({ metadata }: SlackMessage) => JSON.stringify(metadata ?? {}).includes('"review:');
const questionsUnder = (team: string) =>
  cardsAbout(team).flatMap((card) => thread(card).filter((reply) => isReview(reply)));
const reviewRows = (team: string) =>
  trainingRows(team).filter((row) => cell(row, "Outcome").startsWith("review:"));

/** Says that it was `verdict`, in the form behind a button of the question. */
async function answer(team: string, verdict: "right" | "partly" | "wrong"): Promise<void> {
  await bot.world.slack.closeModal(userId(bot.world, "dana"));
  const [question] = questionsUnder(team);
  if (!question) throw new Error(`no question about ${team}`);
  await click("dana", question, `decision_review_${verdict}`);
  const form = await until(() => formOf("review"), "the form");
  await bot.world.slack.submit({
    ...{ user: userId(bot.world, "dana"), viewId: form.id },
    values: {
      review_verdict: { verdict: { type: "radio_buttons", selected_option: { value: verdict } } },
      review_note: { note: { type: "plain_text_input", value: `So it went in ${team}.` } },
    },
  });
}

describe("the question whether it was right", () => {
  it("is asked once about each, although the process dies when the first one is posted", async () => {
    await bot.kill();
    bot.later(30 * DAY_MS);
    const posted = bot.killAfterPost(
      () => approved.some((team) => questionsUnder(team).length > 0),
      "a question",
    );
    await bot.start();
    await posted;
    const last = await bot.start();
    const counts = () => approved.map((team) => questionsUnder(team).length);
    await until(() => counts().every((count) => count > 0), "both questions");
    await morePolls(last, 2);
    expect(counts()).toEqual([1, 1]);
    expect(questionsUnder("Malmo")).toEqual([]);
  });

  it("is answered once in Training Data, although the process dies as it is taken, or in that write", async () => {
    const dying = bot.killInStep(
      (step, workflow) => /^review-answer:/.test(workflow) && /^claim:/.test(step),
    );
    await answer("Oslo", "partly");
    await dying;
    await bot.start();
    const written = bot.killAfterWrite(PAGES);
    await answer("Porto", "wrong");
    await written;
    const last = await bot.start();
    const outcomes = () =>
      approved.map((team) =>
        reviewRows(team)
          .map((row) => cell(row, "Outcome"))
          .join(),
      );
    await until(() => outcomes().every((outcome) => outcome !== ""), "both answers");
    const isDrawn = (team: string) => buttonsOf(now(questionsUnder(team)[0] as SlackMessage)).length === 0;
    await until(() => approved.every(isDrawn), "the questions without buttons");
    await morePolls(last, 2);
    expect(outcomes()).toEqual(["review: partly", "review: wrong"]);
  });
});

describe("over all of it", () => {
  it("everything is in the audit once, and nothing was left undone", async () => {
    expect(await bot.processes.at(-1)?.end("SIGTERM")).toMatchObject({ code: 0 });
    for (const [team, choice] of Object.entries({ ...first, ...second, ...third })) {
      const deeds = await auditedDeeds(bot, pipeOf(team)?.id ?? "");
      const isAsked = approved.includes(team) ? 1 : undefined;
      expect([team, deeds["decision.approved"], deeds["decision.rejected"]]).toEqual([
        team,
        choice === "approve" ? 1 : undefined,
        choice === "reject" ? 1 : undefined,
      ]);
      expect([team, deeds["decision.review-asked"], deeds["decision.reviewed"]]).toEqual([
        team,
        isAsked,
        isAsked,
      ]);
    }
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(bot.processes);
    console.log(`${steps} steps in ${bot.processes.length} processes: ${repeatedUnfinished.length} repeated`);
    expect(repeatedFinished.length / steps).toBeLessThan(FEW_OF_ALL);
    expect(await workLeft(bot, bot.start)).toEqual([]);
  });
});
