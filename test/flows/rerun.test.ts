/**
 * Every step runs at least once, and twice when the process dies between its effect and its checkpoint. Here each
 * step of each finished workflow is run again, with everything it does already done: nothing may change.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ITEM_QUEUE } from "../../src/workflows/engine.ts";
import { approveAll, flaws, isStrategic, type PutItem, putItems } from "../fixtures/mixed-items.ts";
import { type Bot, bootBot, cardsIn, cell, emptyInbox } from "./bot.ts";

let bot: Bot;
let items: PutItem[];
let strategic: PutItem[];

beforeAll(async () => {
  bot = await bootBot();
  const { world } = bot;
  emptyInbox(world);
  items = putItems(world, 4);
  strategic = items.filter(isStrategic);
  await bot.poll();
  await bot.idle();
  const to = () => `http://127.0.0.1:${bot.app.httpPort()}`;
  await approveAll(world, strategic, { to, limitMs: 20_000 });
  await bot.idle();
  expect(flaws(world, items, strategic)).toEqual([]);
});

afterAll(() => bot.stop());

/** Everything that people can read, names of pages aside. */
function everythingWritten(): Record<string, unknown> {
  const { world } = bot;
  const tables = world.notion.databases().map(({ title }) => {
    const rows = world.notion.rows(title);
    const names = Object.keys(rows[0]?.properties ?? {}).filter((name) => !/Date|Timestamp|time/i.test(name));
    return [title, rows.map((row) => names.map((name) => `${name}: ${cell(row, name)}`))];
  });
  return {
    ...Object.fromEntries(tables),
    cards: cardsIn(world).map(({ text, blocks }) => ({ text, blocks })),
  };
}

/** Finished workflows of this kind, with the number of their steps. */
async function finished(name: string): Promise<{ id: string; steps: number }[]> {
  const found = await DBOS.listWorkflows({ workflowName: name, status: "SUCCESS" });
  return Promise.all(
    found.map(async ({ workflowID }) => ({
      id: workflowID,
      steps: (await DBOS.listWorkflowSteps(workflowID))?.length ?? 0,
    })),
  );
}

it.each(["item", "card", "decide", "record", "say"])("every step of every %s", async (name) => {
  const before = everythingWritten();
  const workflows = await finished(name);
  const longest = Math.max(...workflows.map(({ steps }) => steps));
  expect(longest).toBeGreaterThan(0);
  for (let startStep = 0; startStep < longest; startStep += 1) {
    for (const { id, steps } of workflows) {
      if (startStep < steps) await DBOS.rewindWorkflow(id, { startStep, queueName: ITEM_QUEUE });
    }
    await bot.idle();
    expect(flaws(bot.world, items, strategic), `from step ${startStep}`).toEqual([]);
    expect(everythingWritten(), `from step ${startStep}`).toEqual(before);
  }
});

it("the post of a card, done and not noted, is still linked to its Action Pipe", async () => {
  const { world } = bot;
  const [pipe] = world.notion.rows("Action Pipes");
  const link = cell(pipe, "Slack_Message");
  const user = world.notion.users[0]?.id ?? "";
  world.notion.edit({ user, pageId: pipe?.id ?? "", values: { Slack_Message: null } });
  await DBOS.rewindWorkflow(`card:${pipe?.id}:posted`, { startStep: 0, queueName: ITEM_QUEUE });
  await bot.idle();
  expect(cell(world.notion.rows("Action Pipes")[0], "Slack_Message")).toBe(link);
});
