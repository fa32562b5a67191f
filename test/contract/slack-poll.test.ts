/** `/emm poll` in Slack: looking now, with progress in one answer, and the pause. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError, type ErrorCode } from "../../src/errors.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { AT } from "./poll-desk.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
/** Everything that people saw in one answer, also what was replaced since. */
let seen: string[];
let stopWatching: () => void;

beforeEach(async () => {
  at = await openOffice();
  seen = [];
  stopWatching = at.slack.onChange(() => {
    const text = answers(people.sam).at(-1)?.text;
    if (text !== undefined && text !== seen.at(-1)) seen.push(text);
  });
});

afterEach(async () => {
  stopWatching();
  await at.close();
});

const answers = (user: string): SlackMessage[] =>
  at.slack.messages(channels.general).filter((one) => one.visibleTo === user);

/** The answer once nothing is at work any more. */
async function emm(text: string, user: string = people.sam): Promise<string> {
  await at.slack.command({ user, channel: channels.general, command: "/emm", text });
  await at.settled(() => at.bot.inFlight() === 0);
  return answers(user).at(-1)?.text ?? "";
}

const run = (pageId: string) => ({ pageId, attempt: 1 });
const atWork = { state: "at-work", reason: null } as const;
const done = { state: "done", reason: null } as const;

describe("/emm poll", () => {
  test("shows progress in one answer and ends with what became of each item, and why", async () => {
    at.books.poll.found = { found: 3, started: 3, runs: [run("a"), run("b"), run("c-c")] };
    const failed = { state: "failed", reason: "Claude refused <!channel>" } as const;
    at.books.poll.looks = [
      [atWork, atWork, atWork],
      [done, atWork, atWork],
      [done, done, failed],
    ];
    const told = await emm("poll");
    expect(seen).toEqual(["Looking into the inbox…", "3 found, 0 of 3 done…", told]);
    expect(answers(people.sam)).toHaveLength(1);
    expect(told).toContain("*3 found, 2 analysed, 1 failed.*");
    expect(told).toContain(
      "• <https://app.notion.com/p/cc|An item>: Claude refused &lt;!channel&gt;. I try again",
    );
    expect(at.books.audit).toMatchObject([
      {
        action: "poll.now",
        outcome: "done",
        detail: "found 3, started 3, done 2, failed 1, still at work 0",
      },
    ]);
  });

  test("does not wait for ever: it says what is still at work and where it will show", async () => {
    at.books.poll.found = { found: 2, started: 2, runs: [run("a"), run("b")] };
    at.books.poll.looks = [[done, atWork]];
    const told = await emm("poll");
    expect(told).toContain("*2 found, 1 analysed, 1 still at work.*");
    expect(told).toContain(`cards come to <#${channels.leadership}>`);
  });

  test("says why items were not started, given up, or put back", async () => {
    const waiting = [{ count: 4, reason: "the daily budget is reached" }];
    at.books.poll.found = { found: 6, started: 2, runs: [run("a"), run("b")], waiting, swept: 1 };
    at.books.poll.looks = [
      [
        { state: "given-up", reason: "Notion: 400" },
        { state: "waiting", reason: null },
      ],
    ];
    const told = await emm("poll now");
    expect(told).toContain("*6 found, 0 analysed, 1 failed, 1 put back.*");
    expect(told).toContain("I have given up; Retry is on its card");
    expect(told).toContain("• 4 not started: the daily budget is reached");
    expect(told).toContain("1 taken over from changes made in Notion.");
  });

  test("an empty inbox, and a poll that fails, are said as what they are", async () => {
    expect(await emm("poll")).toBe("Nothing waits in the inbox.");
    at.books.poll.found = new AppError(
      "Notion POST /v1/data_sources/:id/query: 503 service_unavailable: Please try again later, request 095cf657",
      { code: "notion_unavailable", retryable: true },
    );
    const told = await emm("poll");
    expect(told).toBe(
      "*The poll failed: Notion does not answer (503).* Nothing is lost; I try again at the next poll.",
    );
    expect(at.books.audit.at(-1)).toMatchObject({ outcome: "failed", detail: "notion_unavailable" });
  });

  test("a failure that needs a person names what to mend", async () => {
    const failing = (code: ErrorCode, message: string) => {
      at.books.poll.found = new AppError(message, { code, retryable: false });
      return emm("poll");
    };
    expect(await failing("notion_unauthorized", "Notion POST /v1: 401 unauthorized")).toContain(
      "*The poll failed.* Notion refuses my key.",
    );
    expect(await failing("notion_not_found", "Notion POST /v1: 404 object_not_found")).toContain(
      "Notion no longer shows me one of the databases.",
    );
    expect(await failing("notion_invalid", "Executive Inbox lacks the property Status")).toContain(
      "Executive Inbox lacks the property Status.",
    );
  });

  test("is for operators only, in all its forms, and every refusal is audited", async () => {
    for (const order of ["poll", "poll pause", "poll resume", "poll status"]) {
      expect(await emm(order, people.dana)).toContain("Operators:");
    }
    expect(at.books.poll.polls).toBe(0);
    expect(at.books.audit.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "poll.now refused",
      "poll.pause refused",
      "poll.resume refused",
      "poll.status refused",
    ]);
  });

  test("an order it does not know is explained", async () => {
    const told = await emm("poll stop`<!here>");
    expect(told).toContain("I do not know `/emm poll stop'");
    expect(told).not.toContain("<!here>");
    expect(told).toContain("`/emm poll pause [reason]`");
  });
});

describe("a pause", () => {
  test("holds polls back by name and reason until somebody resumes, which looks at once", async () => {
    const told = await emm("poll pause moving the <!channel> inbox");
    expect(told).toContain("Polling is paused by Sam Okafor since <!date^");
    expect(told).toMatch(/: moving the .*inbox/);
    expect(told).not.toContain("<!channel>");
    expect(await emm("poll")).toContain("I did not look. Polling is paused by Sam Okafor");
    expect(at.books.poll.polls).toBe(0);
    expect(await emm("poll pause again")).toContain("It stays so; nothing has changed.");
    expect(await emm("add Buy chairs", people.lee)).toContain("I look at it when polling goes on");
    expect(await emm("poll status")).toContain("*Polling is paused by Sam Okafor");
    at.books.poll.found = { found: 1, started: 0, waiting: [{ count: 1, reason: "just finished" }] };
    expect(await emm("poll resume")).toContain("*Polling goes on.*\n*1 found, 0 analysed.*");
    expect(at.books.poll.polls).toBe(1);
    expect(await emm("poll resume")).toContain("Polling is not paused");
    expect(await emm("add Buy tables", people.lee)).toContain("I look at it right away");
    expect(at.books.audit.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "poll.pause done",
      "poll.now refused",
      "poll.resume done",
      "poll.resume done",
    ]);
  });

  test("status says what is known and no more", async () => {
    const { poll } = at.books;
    expect(await emm("poll status")).toContain("• Waiting in the inbox: no data");
    poll.backlog = { at: new Date().toISOString(), count: 3, oldest: [{ id: "a", since: AT, begun: false }] };
    const told = await emm("poll status");
    expect(told).toContain("*Polling every 120 s.*");
    expect(told).toContain("• Last successful poll: none since this process started");
    expect(told).toMatch(/Waiting in the inbox: 3, the oldest for/);
    expect(told).toContain("• At work now: 2 items");
    poll.lastFailure = { at: AT, reason: "Notion: 503" };
    expect(await emm("poll status")).toMatch(
      /Last failure: .*Notion: 503\.\n• Waiting in the inbox: no data; 3 at/,
    );
  });
});

test("an answer that Slack would refuse is not sent half, and the person hears that something broke", async () => {
  at.books.poll.found = { found: 1, started: 0, waiting: [{ count: 1, reason: "x".repeat(20_000) }] };
  expect(await emm("poll")).toContain("1 not started: xxx");
});
