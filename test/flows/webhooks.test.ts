/** Outside systems report, and people see it: items from forms, alerts of others, deployments, changes in Notion. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RailwayDeployment, SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { samplesIn, sumOf } from "../fixtures/exposition.ts";
import {
  alertmanagerMessage,
  HOOK_SECRETS,
  notionEvent,
  railwayEvent,
  type Signed,
  sentryIssue,
  sentryIssueAlert,
  signed,
} from "../fixtures/webhook-samples.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  cardsIn,
  cell,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
  wordsOf,
} from "./bot.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({
    env: {
      API_KEY: HOOK_SECRETS.apiKey,
      WEBHOOK_SECRET_NOTION: HOOK_SECRETS.notion,
      WEBHOOK_SECRET_ALERTMANAGER: HOOK_SECRETS.alertmanager,
      WEBHOOK_SECRET_RAILWAY: HOOK_SECRETS.railway,
      WEBHOOK_SECRET_SENTRY: HOOK_SECRETS.sentry,
    },
  });
  emptyInbox(bot.world);
  await bot.idle();
});

afterAll(() => bot.stop());

async function send({ path, headers, body }: Signed): Promise<number> {
  const address = `http://127.0.0.1:${bot.app.httpPort()}${path}`;
  return (await fetch(address, { method: "POST", headers, body })).status;
}

const alertsAbout = (title: string): SlackMessage[] =>
  bot.world.slack
    .messages(ALERTS)
    .filter((m) => m.threadTs === null && m.visibleTo === null && wordsOf(m).includes(title));
const isOver = (message: SlackMessage | undefined) => message?.text.startsWith("Over") === true;

async function deliveries(labels: Record<string, string>): Promise<number> {
  const scrape = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/metrics`);
  return sumOf(samplesIn(await scrape.text()), "webhook_deliveries_total", labels) ?? 0;
}

describe("an item from a form", () => {
  it("comes into Notion once and whole, though Notion is down, it is sent three times and the bot restarts", async () => {
    const { world } = bot;
    const content = `Expanding to Denmark would cost 3 million euros and changes the whole company. ${"Details. ".repeat(2_300)}<!channel>`;
    expect(content.length).toBeGreaterThan(20_000);
    const item = {
      title: "Should we expand to Denmark?",
      content,
      source: "E-mail",
      requested_by: "dana@acme.example",
      key: "<mail-1@acme.example>",
    };
    world.notion.faults.add({ route: /POST \/v1\/pages/, effect: { kind: "status", status: 503 } });
    expect(await send(signed("inbox", item))).toBe(202);
    expect(await send(signed("inbox", item))).toBe(202);
    await bot.restart();
    expect(await send(signed("inbox", item))).toBe(202);
    world.notion.faults.clear();

    const card = await eventually(world, () => cardsIn(world)[0], "the decision card");
    await bot.idle();
    expect(wordsOf(card)).toContain(`<@${userId(world, "dana")}>`);
    const rows = world.notion.rows("System Inbox").filter((row) => cell(row, "Input_Title") === item.title);
    expect(rows).toHaveLength(1);
    expect(cell(rows[0], "Content")).toBe(content);
    expect(cell(rows[0], "Source")).toBe("E-mail");
    expect(cell(rows[0], "Requested_By")).toBe(userId(world, "dana"));
    expect(cardsIn(world)).toHaveLength(1);
  });
});

describe("an alert of Alertmanager", () => {
  it("is one message, edited in place until it is resolved; what was under way brings nothing back, what fires on does", async () => {
    const firing = signed(
      "alertmanager",
      alertmanagerMessage([{}, { fingerprint: "beef", annotations: { summary: "Another disk" } }]),
    );
    expect(await send(firing)).toBe(202);
    const shown = await eventually(bot.world, () => alertsAbout("The disk of db-1 is full")[0], "the alert");
    await eventually(bot.world, () => alertsAbout("Another disk")[0], "the other alert of the group");
    expect(await send(firing)).toBe(202);
    expect(await send(signed("alertmanager", alertmanagerMessage([{ status: "resolved" }])))).toBe(202);
    const over = await eventually(
      bot.world,
      () => alertsAbout("The disk of db-1 is full").find(isOver),
      "the end",
    );
    expect(over.ts).toBe(shown.ts);

    const late = signed("alertmanager", alertmanagerMessage([{}], { receiver: "late" }));
    expect(await send(late)).toBe(202);
    await bot.idle();
    expect(isOver(alertsAbout("The disk of db-1 is full")[0])).toBe(true);
    expect(isOver(alertsAbout("Another disk")[0])).toBe(false);

    // Alertmanager had heard nothing of Prometheus for a while: the alert has the beginning it had before.
    bot.moveClock(11 * 60_000);
    expect(await send(firing)).toBe(202);
    const isBack = () => alertsAbout("The disk of db-1 is full").find((message) => !isOver(message));
    expect((await eventually(bot.world, isBack, "firing again")).ts).toBe(shown.ts);
    expect(alertsAbout("The disk of db-1 is full")).toHaveLength(1);
  });
});

describe("an issue of Sentry", () => {
  it("is told by its alert rule and over when somebody resolves it there", async () => {
    expect(await send(signed("sentry", sentryIssueAlert()))).toBe(202);
    const shown = await eventually(bot.world, () => alertsAbout("heck is not defined")[0], "the alert");
    expect(await send(signed("sentry", sentryIssue("resolved"), "issue"))).toBe(202);
    const over = await eventually(
      bot.world,
      () => alertsAbout("heck is not defined").find(isOver),
      "the end",
    );
    expect(over.ts).toBe(shown.ts);
  });
});

describe("a deployment on Railway", () => {
  const { ids } = { ids: () => bot.world.railway.ids };
  function tell(type: string, deploymentId: string): Promise<number> {
    const { project, environment, service } = ids();
    const event = railwayEvent(type, {
      deploymentId,
      project: { id: project },
      environment: { id: environment, isEphemeral: false },
      service: { id: service },
    });
    return send(signed("railway", event));
  }
  function deploy(turnsOut: "well" | "fails", message: string): RailwayDeployment {
    const { railway } = bot.world;
    railway.nextTurnsOut = turnsOut;
    const pushed = railway.push({ message, author: "lee" });
    for (let stage = 0; stage < 4; stage++) railway.step();
    return pushed;
  }

  it("that failed is told as Railway itself knows it, and over when a later one works", async () => {
    const { railway } = bot.world;
    const failed = deploy("fails", "Break <!channel> everything");
    railway.faults.add({ route: "deployment", times: 2, effect: { kind: "status", status: 503 } });
    expect(await tell("Deployment.deployed", failed.id)).toBe(202);
    const shown = await eventually(bot.world, () => alertsAbout("Deployment of")[0], "the alert");
    expect(wordsOf(shown)).toContain("Break &lt;!channel&gt; everything");
    const worked = deploy("well", "Mend everything");
    expect(await tell("Deployment.deployed", worked.id)).toBe(202);
    const over = await eventually(bot.world, () => alertsAbout("Deployment of").find(isOver), "the end");
    expect(over.ts).toBe(shown.ts);

    expect(await tell("Deployment.crashed", failed.id)).toBe(202);
    await bot.idle();
    expect(alertsAbout("Deployment of").every(isOver)).toBe(true);
  });

  it("that Railway does not know is told to nobody, and counted", async () => {
    const before = bot.world.slack.messages(ALERTS).length;
    expect(await tell("Deployment.failed", "00000000-0000-4000-8000-000000000000")).toBe(202);
    await bot.idle();
    expect(bot.world.slack.messages(ALERTS)).toHaveLength(before);
    expect(await deliveries({ sender: "railway", outcome: "unconfirmed" })).toBe(1);
  });
});

describe("a change in Notion", () => {
  const inbox = () => bot.world.notion.databases().find(({ title }) => title === "System Inbox")?.id ?? "";
  const polls = () =>
    bot.world.notion.calls.filter(({ route, status }) => /query/.test(route) && status === 200).length / 2;

  async function ownId(): Promise<string> {
    const { url, token } = bot.world.notion;
    const headers = { authorization: `Bearer ${token}`, "notion-version": "2026-03-11" };
    const me = (await (await fetch(`${url}/v1/users/me`, { headers })).json()) as { id: string };
    return me.id;
  }

  it("is looked at within seconds, once for a burst, and never because of our own hand", async () => {
    const { world } = bot;
    const own = await ownId();
    expect(own).toMatch(/^[0-9a-f-]{36}$/);
    world.notion.calls.length = 0;
    for (let n = 0; n < 10; n++) {
      const authors = [{ id: own, type: "bot" }];
      expect(await send(signed("notion", notionEvent({ id: `own-${n}`, database: inbox(), authors })))).toBe(
        202,
      );
    }
    await bot.idle();
    expect(polls()).toBe(0);
    expect(await deliveries({ sender: "notion", outcome: "echo" })).toBe(10);

    world.notion.create({
      user: world.notion.users[0]?.id ?? "",
      database: "System Inbox",
      values: {
        Input_Title: "Book the venue",
        Content: "A place for 40 people before 1 June.",
        Status: "Unprocessed",
      },
    });
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        send(signed("notion", notionEvent({ id: `burst-${n}`, database: inbox() }))),
      ),
    );
    await eventually(world, () => rowTitled(world, "Tasks", "venue"), "the task", 10_000);
    expect(performance.now() - begun).toBeLessThan(8_000);
    await bot.idle();
    // Posting the burst can take longer than the bot waits for the rest of it.
    expect(polls()).toBeGreaterThanOrEqual(1);
    expect(polls()).toBeLessThanOrEqual(2);
  });
});
