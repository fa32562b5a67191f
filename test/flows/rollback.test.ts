/** Going back from Slack, on the whole bot: what people see from the command to the end, and what Railway was asked. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RailwayDeployment, SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { ALERTS, type Bot, bootBot, cell, DECISIONS, eventually, rowTitled, userId, wordsOf } from "./bot.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot();
}, 60_000);

afterAll(() => bot.stop());

beforeEach(() => {
  bot.world.railway.faults.clear();
});

const asks = () => bot.world.railway.calls.filter(({ route }) => route.includes("deploymentRollback")).length;
const cards = () =>
  bot.world.slack
    .messages(ALERTS)
    .filter((one) => one.threadTs === null && JSON.stringify(one.metadata ?? {}).includes("rollback:"));
const lastCard = () => cards().at(-1);
const repliesTo = (card: SlackMessage) =>
  bot.world.slack.messages(ALERTS).filter((one) => one.threadTs === card.ts && one.ts !== card.ts);

/** A new version goes live, so that there is something to go back from. */
function goLive(message: string): RailwayDeployment {
  const { railway } = bot.world;
  const pushed = railway.push({ message, author: "lee" });
  for (let stage = 0; stage < 4; stage += 1) railway.step();
  expect(railway.live()?.id).toBe(pushed.id);
  return pushed;
}

function hashOf({ meta }: RailwayDeployment): string {
  return String(meta["commitHash"]);
}

/** `/emm rollback to <short commit>` up to the open form. */
async function openForm(
  person: string,
  target: RailwayDeployment,
): Promise<{ user: string; viewId: string }> {
  const { slack } = bot.world;
  const user = userId(bot.world, person);
  const before = slack.modals(user).at(-1)?.id;
  await slack.command({
    user,
    channel: DECISIONS,
    command: "/emm",
    text: `rollback to ${hashOf(target).slice(0, 7)}`,
  });
  const view = await eventually(
    bot.world,
    () => {
      const top = slack.modals(user).at(-1);
      return top && top.id !== before && JSON.stringify(top.view).includes("rollback_confirm_view")
        ? top
        : null;
    },
    "the form is open",
  );
  return { user, viewId: view.id };
}

async function confirm({ user, viewId }: { user: string; viewId: string }, typed: string) {
  return bot.world.slack.submit({
    user,
    viewId,
    values: { rollback_name: { name: { type: "plain_text_input", value: typed } } },
  });
}

/** Takes the newest deployment on, stage by stage, each one seen by the bot first. */
async function letItGo(): Promise<void> {
  const { railway } = bot.world;
  for (const status of ["QUEUED", "INITIALIZING", "DEPLOYING"]) {
    await eventually(bot.world, () => railway.deployments()[0]?.status === status, `it is ${status}`);
    railway.step();
  }
}

const ended = (words: string) =>
  eventually(
    bot.world,
    () => {
      const card = lastCard();
      return card?.text.includes(words) === true ? card : null;
    },
    `the card says "${words}", not: ${lastCard()?.text}`,
  );

describe("a rollback", () => {
  it("is followed from the click to healthy, and written down", async () => {
    const { slack, railway } = bot.world;
    const target = railway.live();
    if (target === null) throw new Error("nothing is live");
    const from = goLive("A change that breaks things");
    const form = await openForm("dana", target);
    const shown = JSON.stringify(slack.modals(form.user).at(-1)?.view);
    expect(shown).toContain(hashOf(target).slice(0, 7));
    expect(shown).toContain(hashOf(from).slice(0, 7));
    expect(shown).toMatch(/all variables of that deployment/);
    expect(shown).toMatch(/No migration is undone/);

    await confirm(form, hashOf(target).slice(0, 7));
    await eventually(bot.world, () => lastCard()?.text.includes("Queued"), "the card follows");
    await letItGo();
    const card = await ended("Healthy");
    expect(wordsOf(card)).toContain("It answers and says healthy");
    await bot.idle();

    expect(asks()).toBe(1);
    expect(cards()).toHaveLength(1);
    expect(railway.live()?.meta["reason"]).toBe("rollback");
    const [reply] = repliesTo(card);
    expect(reply?.text).toContain(`<@${form.user}>`);
    const entry = rowTitled(bot.world, "Execution Log", `Rollback to ${hashOf(target).slice(0, 7)}: healthy`);
    expect(cell(entry, "Actor")).toContain("Dana");
    expect(cell(entry, "Action_Taken")).toContain(target.id);
  });

  it("that fails says why, and what is live instead", async () => {
    const { railway } = bot.world;
    const target = railway.live();
    if (target === null) throw new Error("nothing is live");
    const from = goLive("Another change");
    const before = asks();
    railway.nextTurnsOut = "fails";
    await confirm(await openForm("sam", target), hashOf(target).slice(0, 7));
    await eventually(bot.world, () => railway.deployments()[0]?.meta["reason"] === "rollback", "it began");
    await letItGo();
    const card = await ended("Failed");
    expect(wordsOf(card)).toContain("replicas never became healthy");
    expect(wordsOf(card)).toContain(`${hashOf(from).slice(0, 7)} is live`);
    expect(asks() - before).toBe(1);
    await bot.idle();
  });

  it("whose answer is lost is not asked for twice: the list tells that it happened", async () => {
    const { railway } = bot.world;
    const target = railway.live();
    if (target === null) throw new Error("nothing is live");
    goLive("One more change");
    const before = asks();
    railway.faults.add({
      route: "deploymentRollback",
      times: 1,
      effect: { kind: "committed-error", status: 502 },
    });
    await confirm(await openForm("dana", target), hashOf(target).slice(0, 7));
    const seen = await eventually(
      bot.world,
      () => (lastCard()?.text.includes("answer was lost, but it happened") ? lastCard() : null),
      "the card says that the answer was lost",
    );
    expect(seen?.text).toContain("Queued");
    await letItGo();
    await ended("Healthy");
    expect(asks() - before).toBe(1);
    await bot.idle();
  });

  it("is one at a time: of two operators who confirm at once, one is told who is first", async () => {
    const { slack, railway } = bot.world;
    const target = railway.live();
    if (target === null) throw new Error("nothing is live");
    goLive("A change that two people dislike");
    const before = asks();
    const forms = [await openForm("dana", target), await openForm("sam", target)];
    await Promise.all(forms.map((form) => confirm(form, hashOf(target).slice(0, 7))));
    const refused = await eventually(
      bot.world,
      () =>
        forms.find(({ user }) => JSON.stringify(slack.modals(user).at(-1)?.view).includes("One at a time")),
      "one of them is refused",
    );
    const winner = forms.find((form) => form !== refused);
    const words = JSON.stringify(slack.modals(refused.user).at(-1)?.view);
    expect(words).toContain(winner?.user === userId(bot.world, "dana") ? "Dana Reyes" : "Sam Okafor");
    await letItGo();
    await ended("Healthy");
    expect(asks() - before).toBe(1);
    await bot.idle();
  });

  it("that was cut off while Railway was asked is carried on after the restart, and not asked for again", async () => {
    const { railway } = bot.world;
    const target = railway.live();
    if (target === null) throw new Error("nothing is live");
    goLive("The last change");
    const before = asks();
    railway.faults.add({ route: "deploymentRollback", times: 1, effect: { kind: "hang", committed: true } });
    await confirm(await openForm("sam", target), hashOf(target).slice(0, 7));
    await eventually(bot.world, () => railway.deployments()[0]?.meta["reason"] === "rollback", "it began");
    await bot.restart();
    await eventually(bot.world, () => lastCard()?.text.includes("but it happened"), "it was seen");
    await letItGo();
    await ended("Healthy");
    expect(asks() - before).toBe(1);
    await bot.idle();
  });
});
