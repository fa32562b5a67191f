/**
 * kill -9 while somebody takes a decision back or makes it anew, and time that goes by while nobody is there: reminders,
 * escalation and expiry that fell due meanwhile.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { FEW_OF_ALL, morePolls, stepRuns } from "../fixtures/bot-process.ts";
import { auditedDeeds, workLeft } from "../fixtures/engine-rows.ts";
import { createMortalBot, type MortalBot } from "../fixtures/mortal-bot.ts";
import { type Bot, buttonsOf, cell, eventually, userId } from "../flows/bot.ts";
import { storiesOf } from "../flows/stories.ts";

vi.setConfig({ testTimeout: 120_000 });

const HOUR_MS = 3_600_000;
const PAGES = "POST /v1/pages";
/** Long enough to click twice on a busy machine. */
const UNDO = { UNDO_SECONDS: "60" };

let bot: MortalBot;
const stories = storiesOf(() => ({ world: bot.world }) as Bot);
const { cardsAbout, click, now, put, rowsAbout, submit, tasksOf, thread, trainingRows } = stories;

beforeAll(async () => {
  bot = await createMortalBot({
    DECISION_TTL_HOURS: "48",
    REVIEW_AFTER_DAYS: "off",
    SLACK_ESCALATION: "U0LEE00001",
  });
});

afterAll(() => bot.close());

const until = <T>(look: () => T | undefined | null | false, what: string) =>
  eventually(bot.world, look, what, 30_000);

async function putAndPost(...teams: string[]): Promise<SlackMessage[]> {
  for (const team of teams)
    put(
      `Should we move the weekly meeting of the ${team} team to Tuesdays?`,
      `Whether to move the meeting of ${team}.`,
    );
  await until(() => teams.every((team) => cardsAbout(team).length > 0), "a card for each");
  return teams.map((team) => cardsAbout(team)[0] as SlackMessage);
}

const offers = (card: SlackMessage, action: string) => () => buttonsOf(now(card)).includes(action);
const shows = (card: SlackMessage, action: string) => until(offers(card, action), action);
const outcomes = (team: string) => trainingRows(team).map((row) => cell(row, "Outcome"));
const pipesOf = (team: string) => rowsAbout("Action Pipes", team);
const statuses = (team: string) => pipesOf(team).map((row) => cell(row, "Approval_Status"));
const ids = (team: string) => pipesOf(team).map(({ id }) => id);
const isReminder = ({ metadata }: SlackMessage) => JSON.stringify(metadata ?? {}).includes('"remind:');
const reminders = (team: string) =>
  cardsAbout(team).flatMap((card) => thread(card).filter((reply) => isReminder(reply)));

describe("a decision that is taken back", () => {
  it("stays open, although the process dies as it takes that, or before the window ends", async () => {
    await bot.start(UNDO);
    const [oslo, malmo] = (await putAndPost("Oslo", "Malmo")) as [SlackMessage, SlackMessage];
    for (const card of [oslo, malmo]) {
      await click("dana", card, "decision_approve");
      await shows(card, "decision_undo");
    }
    await click("dana", malmo, "decision_undo");
    await shows(malmo, "decision_approve");
    const dying = bot.killInStep((step) => step === `undo:${ids("Oslo")[0]}`);
    await click("dana", oslo, "decision_undo");
    await dying;
    bot.later(120_000);
    const next = await bot.start(UNDO);
    await shows(oslo, "decision_approve");
    await morePolls(next, 2);
    for (const team of ["Oslo", "Malmo"])
      expect([team, outcomes(team), tasksOf(team).length, statuses(team)]).toEqual([
        team,
        [],
        0,
        ["Pending"],
      ]);
    await click("dana", malmo, "decision_approve");
    await shows(malmo, "decision_undo");
    await bot.kill();
  });

  it("is carried out once, when nobody took it back and the window ended while nobody was there", async () => {
    bot.later(120_000);
    await bot.start();
    const [malmo] = cardsAbout("Malmo") as [SlackMessage];
    await shows(malmo, "decision_reopen");
    expect(outcomes("Malmo")).toEqual(["approved"]);
    expect(outcomes("Oslo")).toEqual([]);
  });
});

describe("a decision that is made anew", () => {
  it("has one new card with the reason, although the process dies with the first and the last record of it", async () => {
    const [malmo] = cardsAbout("Malmo") as [SlackMessage];
    const tasks = tasksOf("Malmo").length;
    await click("sam", malmo, "decision_reopen");
    const made = bot.killAfterWrite(PAGES);
    await submit("sam", { reopen_reason: "Tuesdays turned out to be full." });
    await made;
    const logged = bot.killAfterWrite(PAGES);
    await bot.start();
    await logged;
    await bot.start();
    const again = await until(() => cardsAbout("Malmo")[1], "the new card");
    await until(() => JSON.stringify(now(malmo).blocks).includes("the new card"), "the link to it");
    await click("dana", again, "decision_approve");
    await shows(again, "decision_reopen");
    expect(cardsAbout("Malmo")).toHaveLength(2);
    expect(outcomes("Malmo")).toEqual(["approved", "approved"]);
    expect(statuses("Malmo")).toEqual(["Approved", "Approved"]);
    expect(tasksOf("Malmo")).toHaveLength(tasks);
    const entries = rowsAbout("Execution Log", "Malmo").map((row) => cell(row, "Log_Entry_Title"));
    expect(entries.filter((title) => title.startsWith("Decision reopened"))).toHaveLength(1);
  });
});

describe("what falls due while nobody is there", () => {
  const open = ["Oslo", "Faro"];

  it("is said once: the last reminder, which stands for the one before it, and who else may decide now", async () => {
    await putAndPost("Faro");
    await bot.kill();
    bot.later(45 * HOUR_MS);
    const said = bot.killAfterPost(() => open.some((team) => reminders(team).length > 0), "a reminder");
    await bot.start();
    await said;
    const next = await bot.start();
    await until(() => open.every((team) => reminders(team).length > 0), "reminders");
    await morePolls(next, 2);
    for (const team of open) expect([team, reminders(team).length]).toEqual([team, 1]);
    expect(reminders("Faro")[0]?.text).toContain(userId(bot.world, "lee"));
    await bot.kill();
  });

  it("is over once: closed as expired, without a word about what should have been said before", async () => {
    bot.later(24 * HOUR_MS);
    const recorded = bot.killAfterWrite(PAGES, 1);
    await bot.start();
    await recorded;
    const next = await bot.start();
    const cards = open.flatMap((team) => cardsAbout(team));
    await until(() => open.every((team) => statuses(team).join() === "Expired"), "both expired");
    await until(() => cards.every(offersNothing), "cards that are closed");
    await morePolls(next, 2);
    for (const team of open) {
      expect([team, outcomes(team), tasksOf(team).length]).toEqual([team, ["expired"], 0]);
      expect([team, reminders(team).length]).toEqual([team, 1]);
    }
  });
});

const offersNothing = (card: SlackMessage) => !buttonsOf(now(card)).includes("decision_approve");

describe("over all of it", () => {
  it("everything is in the audit once, and nothing was left undone", async () => {
    expect(await bot.processes.at(-1)?.end("SIGTERM")).toMatchObject({ code: 0 });
    const done = async (id: string | undefined) => auditedDeeds(bot, id ?? "");
    const [malmo, malmoAgain] = ids("Malmo");
    const [oslo, faro] = [ids("Oslo")[0], ids("Faro")[0]];
    expect(await done(malmo)).toEqual({
      "decision.approved": 2,
      "decision.undone": 1,
      "decision.reopened": 1,
    });
    expect(await done(malmoAgain)).toEqual({ "decision.approved": 1 });
    const due = { "decision.escalated": 1, "decision.reminded": 1, "decision.expired": 1 };
    expect(await done(oslo)).toEqual({ "decision.approved": 1, "decision.undone": 1, ...due });
    expect(await done(faro)).toEqual(due);
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(bot.processes);
    console.log(`${steps} steps in ${bot.processes.length} processes: ${repeatedUnfinished.length} repeated`);
    expect(repeatedFinished.length / steps).toBeLessThan(FEW_OF_ALL);
    expect(await workLeft(bot, bot.start)).toEqual([]);
  });
});
