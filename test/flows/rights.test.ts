/** Who may decide, on every way that leads to a decision: the table of docs/deciding.md, tried cell by cell. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { ALERTS, type Bot, bootBot, cell, emptyInbox, eventually, userId, wordsOf } from "./bot.ts";
import { forgerOf } from "./forged.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

/** One decision for each click that may count; on the shared one none does. */
const SUBJECTS = ["Austria", "Belgium", "Croatia", "Estonia", "Greece", "Ireland", "Kenya", "Norway"];
const SHARED = "Peru";
const OWN = "Malta";

beforeAll(async () => {
  // Sam through the group, so that a right can be taken away while a form is open.
  bot = await bootBot({
    env: { SLACK_APPROVERS: `${people.dana},S0LEADERS1`, SELF_APPROVAL: "forbid", TIMEZONE: "Europe/Berlin" },
  });
  emptyInbox(bot.world);
  // So little is at stake that one adviser is enough.
  for (const subject of [...SUBJECTS, SHARED])
    put(`Should we hold the next offsite in ${subject}?`, "One team would go there for a weekend.");
  await settle();
  await emm("dana", `add Should we hold the summer party in ${OWN}?`);
  await eventually(bot.world, () => cardsAbout(OWN)[0], "her own request");
  await bot.idle();
});

afterAll(() => bot.stop());

const stories = storiesOf(() => bot);
const { put, cardsAbout, click, emm, modalOf, now, pipeOf, settle, submit, trainingRows } = stories;
const forged = forgerOf(() => bot);

/** As the documentation prints them; the form comes last, because a right ends there. */
const PATHS = ["card", "Home", "form", "Notion"] as const;
const TRIED = ["card", "Home", "Notion", "form"] as const;
type Path = (typeof PATHS)[number];

const cardOf = (subject: string): SlackMessage => {
  const [card] = cardsAbout(subject);
  if (!card) throw new Error(`no card about ${subject}`);
  return card;
};
const valueOn = (subject: string): string =>
  /"action_id":"decision_approve"[^}]*?"value":"((?:[^"\\]|\\.)*)"/
    .exec(wordsOf(now(cardOf(subject))).replace(/"text":\{[^}]*\},/g, ""))?.[1]
    ?.replaceAll('\\"', '"') ?? "{}";

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const text = (value: string) => ({ type: "plain_text_input", value });
const EMPTY_EDIT = { edit_reason: { reason: text("I am sure") } };

/** How much there was to read about somebody's attempts on a decision. */
const known = new Map<string, number>();

/** What was written about this decision and this person since, as `/emm audit` hands it out. */
async function newlyAudited(subject: string, actor: string): Promise<string> {
  const before = bot.world.slack.files().length;
  await emm("dana", `audit ${pipeOf(subject)?.id} file`);
  await eventually(bot.world, () => bot.world.slack.files().length > before, "the file");
  await bot.idle();
  const lines = (bot.world.slack.files().at(-1)?.content ?? "").trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Record<string, string>);
  const tried = events.filter(
    (event) => event["actor"] === actor && /^decision\./.test(event["action"] ?? ""),
  );
  const place = `${subject} ${actor}`;
  const fresh = tried.slice(known.get(place) ?? 0);
  known.set(place, tried.length);
  // What the decision says of itself stands beside what was noted.
  const last = fresh.filter(({ action }) => action !== "decision.reason").at(-1);
  return `${last?.["action"]} ${last?.["outcome"]}: ${last?.["detail"]}`;
}

/** What a cell says of what happened. */
async function seen(subject: string, actor: string): Promise<string> {
  await bot.idle();
  const pipe = pipeOf(subject);
  const audited = await newlyAudited(subject, actor);
  if (cell(pipe, "Approval_Status") === "Approved") {
    expect(trainingRows(subject)).toHaveLength(1);
    expect(audited).toMatch(/^decision\.approved done: via (slack|notion)/);
    return `approved by ${cell(pipe, "Decided_By").replaceAll(/ \([UW][A-Z0-9]+\)/g, "")}`;
  }
  expect(cell(pipe, "Approval_Status")).toBe("Pending");
  expect(trainingRows(subject)).toEqual([]);
  const [, why = audited] = /^decision\.[a-z-]+ refused: (.*)$/.exec(audited) ?? [];
  return REFUSED[why] ?? why;
}

const REFUSED: Record<string, string> = {
  "not-listed": "refused: no approver",
  guest: "refused: a guest",
  "other-team": "refused: another workspace",
  bot: "refused: an app",
  "not-linked": "refused: nobody Slack knows",
  "self-approval-forbidden": "refused: own request",
};

/** The table as the documentation prints it. */
function documented(): Map<string, string[]> {
  const lines = readFileSync(new URL("../../docs/deciding.md", import.meta.url), "utf8").split("\n");
  const start = lines.findIndex((line) => /^\| who +\| on the card/.test(line));
  const rows = lines.slice(start + 2, lines.indexOf("", start));
  return new Map(
    rows.map((row) => {
      const [who = "", ...cells] = row
        .split("|")
        .slice(1, -1)
        .map((part) => part.trim());
      return [who, cells];
    }),
  );
}

async function compare(who: string, cells: Record<Path, () => Promise<string>>): Promise<void> {
  const found = new Map<Path, string>();
  for (const path of TRIED) found.set(path, await cells[path]());
  expect(PATHS.map((path) => found.get(path))).toEqual(documented().get(who));
}

async function fromHome(handle: string, subject: string): Promise<void> {
  const user = userId(bot.world, handle);
  await bot.world.slack.openHome(user);
  const { id } = JSON.parse(valueOn(subject)) as { id: string };
  /** An older tab may be there, from when this person had no right. */
  const shown = () => {
    const home = bot.world.slack.home(user);
    const blocks = (home?.view["blocks"] ?? []) as { block_id: string; elements?: object[] }[];
    const isIt = (element: object) =>
      JSON.stringify(element).includes('"decision_approve"') && JSON.stringify(element).includes(id);
    const block = blocks.find(({ elements = [] }) => elements.some(isIt));
    return home && block ? { viewId: home.id, blockId: block.block_id } : null;
  };
  const place = await eventually(bot.world, shown, `${subject} in the Home tab of ${handle}`);
  const click = { user, actionId: "decision_approve", ...place };
  expect(await bot.world.slack.clickInView(click)).toMatchObject({ status: 200, error: null });
}

async function inNotion(user: string, subject: string): Promise<void> {
  const { users } = bot.world.notion;
  const editor = users.find(({ email }) => email.startsWith(`${user}@`))?.id ?? user;
  bot.world.notion.edit({
    user: editor,
    pageId: pipeOf(subject)?.id ?? "",
    values: { Approval_Status: "Approved" },
  });
  await bot.poll();
}

const group = () => bot.world.slack.seed.groups.find(({ id }) => id === "S0LEADERS1");

const glassForm = () =>
  eventually(bot.world, () => JSON.stringify(modalOf("dana") ?? "").includes("break the glass"), "the form");

/** Somebody without any right, on the decision on which nothing counts. */
function outsider(user: string, editor: string, editorInAudit = user): Record<Path, () => Promise<string>> {
  const card = cardOf(SHARED);
  const value = valueOn(SHARED);
  return {
    card: async () => {
      await forged.click({ user, actionId: "decision_approve", value, card });
      return seen(SHARED, user);
    },
    Home: async () => {
      await forged.click({ user, actionId: "decision_approve", value, card: null });
      return seen(SHARED, user);
    },
    form: async () => {
      await forged.submit({ user, callbackId: "decision_edit_view", metadata: value, values: EMPTY_EDIT });
      return seen(SHARED, user);
    },
    Notion: async () => {
      await inNotion(editor, SHARED);
      return seen(SHARED, editorInAudit);
    },
  };
}

describe("who × way", () => {
  it("a member who is no approver", () => compare("a member", outsider(people.lee, "lee")));
  it("a guest", () => compare("a guest", outsider(people.guest, "gale")));
  it("somebody of another workspace", () => {
    const robin = bot.world.notion.users.find(({ email }) => email.startsWith("robin@"))?.id ?? "";
    return compare("another workspace", outsider(people.stranger, robin, robin));
  });
  it("an app", async () => {
    const { bot: app } = bot.world.slack.seed;
    const integration = createWorkspaceSeed().bot.id;
    await compare("an app", outsider(app.userId, integration, integration));
  });

  it("an approver", () =>
    compare("an approver", {
      card: async () => {
        await click("sam", cardOf("Austria"), "decision_approve");
        return seen("Austria", people.sam);
      },
      Home: async () => {
        await fromHome("sam", "Belgium");
        return seen("Belgium", people.sam);
      },
      form: async () => {
        await click("sam", cardOf("Croatia"), "decision_edit");
        await eventually(bot.world, () => modalOf("sam"), "the form");
        const users = group()?.users ?? [];
        users.splice(users.indexOf(people.sam), 1);
        await submit("sam", { edit_reason: "Sure" });
        users.push(people.sam);
        return seen("Croatia", people.sam);
      },
      Notion: async () => {
        await inNotion("sam", "Estonia");
        return seen("Estonia", people.sam);
      },
    }));

  it("a deputy, until the right is taken back", async () => {
    await emm("dana", `deputy @lee until ${inDays(3)}`);
    await bot.idle();
    await compare("a deputy", {
      card: async () => {
        await click("lee", cardOf("Greece"), "decision_approve");
        return seen("Greece", people.lee);
      },
      Home: async () => {
        await fromHome("lee", "Ireland");
        return seen("Ireland", people.lee);
      },
      form: async () => {
        await click("lee", cardOf("Croatia"), "decision_edit");
        await eventually(bot.world, () => modalOf("lee"), "the form");
        await emm("dana", "deputy off");
        await bot.idle();
        await submit("lee", { edit_reason: "Sure" });
        const told = await seen("Croatia", people.lee);
        await emm("dana", `deputy @lee until ${inDays(60)}`);
        await bot.idle();
        return told;
      },
      Notion: async () => {
        await inNotion("lee", "Kenya");
        return seen("Kenya", people.lee);
      },
    });
  });

  it("the requester, where nobody may decide on their own request", () =>
    compare("the requester", {
      card: async () => {
        await click("dana", cardOf(OWN), "decision_approve");
        await glassForm();
        await bot.world.slack.closeModal(people.dana);
        return seen(OWN, people.dana);
      },
      Home: async () => {
        await fromHome("dana", OWN);
        await glassForm();
        await bot.world.slack.closeModal(people.dana);
        return seen(OWN, people.dana);
      },
      form: async () => {
        const metadata = valueOn(OWN);
        await forged.submit({
          user: people.dana,
          callbackId: "decision_edit_view",
          metadata,
          values: EMPTY_EDIT,
        });
        return seen(OWN, people.dana);
      },
      Notion: async () => {
        await inNotion("dana", OWN);
        return seen(OWN, people.dana);
      },
    }));
});

describe("broken glass", () => {
  it("is not for deputies of the requester", async () => {
    await click("lee", cardOf(OWN), "decision_approve");
    expect(await seen(OWN, people.lee)).toBe("refused: own request");
    const metadata = valueOn(OWN);
    const values = { "break-glass_reason": { reason: text("Dana said I could") } };
    await forged.submit({ user: people.lee, callbackId: "decision_break_glass_view", metadata, values });
    expect(await seen(OWN, people.lee)).toBe("refused: own request");
  });

  it("needs a reason, and then approves, sounds the alarm once and stays to be read", async () => {
    await click("dana", cardOf(OWN), "decision_approve");
    await glassForm();
    await submit("dana", { "break-glass_reason": "   no       " });
    expect(cell(pipeOf(OWN), "Approval_Status")).toBe("Pending");
    const reason = "Sam is on a plane <!channel> and the offer ends tonight";
    await submit("dana", { "break-glass_reason": reason });
    await bot.idle();
    const pipe = pipeOf(OWN);
    expect(cell(pipe, "Approval_Status")).toBe("Approved");
    expect(cell(pipe, "Decision_Reason")).toContain("Sam is on a plane");
    const alerts = () =>
      bot.world.slack.messages(ALERTS).filter((one) => wordsOf(one).includes("approved their own request"));
    await eventually(bot.world, () => alerts().length > 0, "the alert");
    await bot.restart();
    await settle();
    expect(alerts()).toHaveLength(1);
    const card = wordsOf(now(cardOf(OWN)));
    expect(card).toMatch(/broke|break|glass/i);
    expect(card).not.toContain("<!channel>");
    await emm("sam", `audit ${OWN}`);
    await bot.idle();
    expect(stories.whispersTo("sam").at(-1)?.text).toContain("broke the glass");
  });
});

describe("a deputyship", () => {
  it("is told to the deputy, ends by itself, and is no right to name another", async () => {
    const told = bot.world.slack
      .messages(`D0${people.lee.slice(2)}`)
      .map((message) => message.text.split(" until ")[0])
      .filter((words) => words?.includes("deputy"));
    expect(told).toEqual([
      `<@${people.dana}> made you their deputy`,
      expect.stringContaining("You are no longer the deputy"),
      `<@${people.dana}> made you their deputy`,
    ]);
    await emm("lee", `deputy @sam until ${inDays(9)}`);
    await bot.idle();
    expect(stories.whispersTo("lee").at(-1)?.text).toContain("a deputy cannot name another");
    await emm("sam", "deputy");
    await bot.idle();
    expect(stories.whispersTo("sam").at(-1)?.text).toContain(`<@${people.lee}> for <@${people.dana}>`);
    bot.moveClock(80 * DAY_MS);
    await click("lee", cardOf("Norway"), "decision_approve");
    expect(await seen("Norway", people.lee)).toBe("refused: no approver");
  });
});
