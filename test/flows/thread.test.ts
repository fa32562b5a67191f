/** The thread under a card as the record of its decision, and several decisions at once, on the whole bot. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { encodeOptionValue } from "../../src/slack/ids.ts";
import {
  type Bot,
  bootBot,
  buttonsOf,
  cell,
  DECISIONS,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
  wordsOf,
} from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ env: { APPROVALS_REQUIRED_HIGH: "2" } });
  emptyInbox(bot.world);
});

afterAll(() => bot.stop());

const stories = storiesOf(() => bot);
const { advice, cardAbout, cardsAbout, click, edit, emm, modalOf, now, pipeOf, put, settle } = stories;
const { tasksOf, thread, trainingRows } = stories;

const textsOf = (messages: SlackMessage[]) => messages.map(({ text }) => text);
const directTo = (handle: string) => {
  const { slack } = bot.world;
  return slack.messages(slack.directMessage(userId(bot.world, handle)));
};

describe("the advice", () => {
  let card: SlackMessage;

  it("stands under the card whole, once, also when the process stops and Slack's answer is lost", async () => {
    const { slack } = bot.world;
    // The answer to the first message under the card is lost.
    const stop = slack.onChange(() => {
      if (cardsAbout("Denmark").length === 0) return;
      stop();
      slack.faults.add({ route: "chat.postMessage", times: 1, effect: { kind: "reset", committed: true } });
    });
    card = await cardAbout("Denmark");
    await bot.restart();
    await settle();
    const said = advice(card);
    expect(textsOf(said)[0]).toBe("What the advisers say, in full.");
    expect(said).toHaveLength(4);
    expect(new Set(said.map(wordsOf)).size).toBe(4);
    const raw = JSON.parse(cell(pipeOf("Denmark"), "AI_Raw_Output")) as {
      advice: { adviser: string; scores: { pros: string[]; cons: string[] }[] }[];
    };
    expect(raw.advice).toHaveLength(3);
    for (const { adviser, scores } of raw.advice) {
      const own = said.find(({ text }) => text.startsWith(`${adviser} recommends`));
      for (const words of scores.flatMap(({ pros, cons }) => [...pros, ...cons]))
        expect(own && wordsOf(own)).toContain(JSON.stringify(words).slice(1, -1));
    }
  });

  it("is not repeated under the card that replaces it, which links to it", async () => {
    edit("dana", pipeOf("Denmark")?.id, { Required_Resources: "One lawyer" });
    await settle();
    const next = cardsAbout("Denmark").find(({ ts }) => ts !== card.ts);
    expect(next).toBeDefined();
    const said = next ? advice(next) : [];
    expect(textsOf(said)).toEqual([expect.stringContaining("The advisers were not asked again.")]);
    expect(said[0]?.text).toMatch(/<https?:[^|]+\|the first card>/);
    expect(advice(card)).toHaveLength(4);
  });
});

describe("a decision that needs two", () => {
  it("has every vote in its thread, the outcome with the ways to Notion, and whoever asked is told once", async () => {
    await emm(
      "lee",
      "add Should we expand to Finland? It would cost 3 million euros and changes the company.",
    );
    await settle();
    await settle();
    const card = await eventually(bot.world, () => cardsAbout("Finland")[0], "a card about Finland");
    const before = directTo("lee").length;
    await click("dana", card, "decision_approve");
    await bot.idle();
    await click("dana", now(card), "decision_undo");
    await bot.idle();
    await click("dana", now(card), "decision_approve");
    await bot.idle();
    expect(tasksOf("Finland")).toEqual([]);
    await click("sam", now(card), "decision_approve");
    await bot.idle();
    await settle();
    const said = textsOf(thread(card));
    expect(said.slice(0, 3)).toEqual([
      "Dana Reyes approved. That makes 1 of 2 approvals.",
      "Dana Reyes took their approval back.",
      "Dana Reyes approved. That makes 1 of 2 approvals.",
    ]);
    expect(said).toHaveLength(4);
    expect(said[3]).toMatch(/^.*Finland.*\n\*Approved\* by /);
    for (const page of ["Plan", "Intent", "Project"]) expect(said[3]).toContain(`|${page} in Notion>`);
    const told = directTo("lee").slice(before);
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain("*Approved* by ");
  });
});

describe("another option", () => {
  it("is what is approved, although the tasks were written for the recommended one", async () => {
    put("Should we move the weekly meeting to Tuesdays?", "Whether to move the weekly team meeting.");
    await settle();
    const card = await eventually(bot.world, () => cardsAbout("weekly meeting")[0], "the card");
    const pipe = pipeOf("weekly meeting");
    const [recommended, drawn] = [cell(pipe, "Recommended_Option"), buttonsOf(now(card))];
    const option = recommended === "B" ? "A" : "B";
    const { hash } = JSON.parse(
      /"value":"(\{\\"id.*?\})"/.exec(wordsOf(card))?.[1]?.replaceAll("\\", "") ?? "{}",
    );
    const blocks = wordsOf(card);
    await bot.world.slack.click({
      ...{ user: userId(bot.world, "dana"), channel: DECISIONS, ts: card.ts, actionId: "decision_option" },
      selected: encodeOptionValue({ option, id: pipe?.id ?? "", hash }),
    });
    const form = await eventually(bot.world, () => modalOf("dana"), "the form");
    expect(JSON.stringify(form.view)).toContain("were written for");
    await bot.idle();
    // The menu is drawn anew: Slack shows nothing as chosen.
    expect(wordsOf(now(card))).not.toBe(blocks);
    expect(buttonsOf(now(card))).toEqual(drawn);
    await stories.submit("dana", {});
    await bot.idle();
    expect(cell(rowTitled(bot.world, "Executive Intents", "weekly meeting"), "Decision_Made")).toContain(
      `option ${option}`,
    );
    expect(tasksOf("weekly meeting").length).toBeGreaterThan(0);
  });
});

describe("several decisions in one form", () => {
  it("are each recorded and audited by themselves", async () => {
    for (const subject of ["chairs", "lamps", "plants"])
      put(`Should we rent the ${subject}?`, `Whether to rent the ${subject} for the office.`);
    await settle();
    await emm("dana", "pending");
    const answer = await eventually(
      bot.world,
      () => stories.whispersTo("dana").findLast((one) => buttonsOf(one).includes("decisions_batch")),
      "the list with its button",
    );
    await click("dana", answer, "decisions_batch");
    const form = await eventually(
      bot.world,
      () =>
        [modalOf("dana")].find((one) => JSON.stringify(one?.view ?? null).includes("decisions_batch_view")),
      "the form",
    );
    const order = [...JSON.stringify(form.view).matchAll(/\*\d+\. <[^|]+\|[^>]*the (\w+)\?>/g)].map(
      ([, what]) => what,
    );
    expect(order.toSorted()).toEqual(["chairs", "lamps", "plants"]);
    const choice = { chairs: "approve", lamps: "reject", plants: "leave" } as Record<string, string>;
    const chosen = order.map((what = "", index) => [
      `batch_choice_${index}`,
      { choice: { type: "static_select", selected_option: { value: choice[what] } } },
    ]);
    await bot.world.slack.submit({
      ...{ user: userId(bot.world, "dana"), viewId: form.id },
      values: {
        ...Object.fromEntries(chosen),
        batch_reason: { reason: { type: "plain_text_input", value: "We have enough light." } },
      },
    });
    await bot.idle();
    const outcomes = (subject: string) => trainingRows(subject).map((row) => cell(row, "Outcome"));
    expect([outcomes("chairs"), outcomes("lamps"), outcomes("plants")]).toEqual([
      ["approved"],
      ["rejected"],
      [],
    ]);
    expect(trainingRows("lamps").map((row) => cell(row, "Reason"))).toEqual(["We have enough light."]);
    expect(cell(pipeOf("plants"), "Approval_Status")).toBe("Pending");
    await emm("sam", "audit chairs");
    const life = await eventually(
      bot.world,
      () => stories.whispersTo("sam").find(({ text }) => text.includes("chairs")),
      "the life of the chairs",
    );
    expect(life.text).toContain(`<@${userId(bot.world, "dana")}>: approved`);
  });
});
