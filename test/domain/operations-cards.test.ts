/** Digest, budget, statistics and maintenance as people read them, within Slack's limits for any content. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetFigures } from "../../src/domain/budget.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { figuresOf } from "../../src/domain/figures.ts";
import { validateBlocks } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import type { Message } from "../../src/slack/cards/blocks.ts";
import { digestCard } from "../../src/slack/cards/digest-card.ts";
import { budgetMessage, statsMessage } from "../../src/slack/cards/figures.ts";
import {
  maintenanceBegun,
  maintenanceCard,
  maintenanceProblem,
  maintenanceStatus,
} from "../../src/slack/cards/maintenance-card.ts";
import { maintenanceSample, NOON } from "../contract/operations-desks.ts";
import { anyBrief, anyDigestFacts, brief, digestFacts, manyBriefs } from "./arbitrary-brief.ts";
import { text } from "./arbitrary-decision.ts";

const reader = { timezone: "Europe/Berlin", pipesUrl: "https://app.notion.com/p/abc" };

function expectSound(message: Message): void {
  expect(messageProblems(message)).toEqual([]);
  expect(validateBlocks(message.blocks, "message")).toEqual([]);
}

const wordsOf = (message: Message) => JSON.stringify(message.blocks);

describe("the digest", () => {
  it("is a payload that Slack takes, for any content and 500 decisions", () => {
    fc.assert(
      fc.property(anyDigestFacts, (facts) => {
        expectSound(digestCard(digestOf(facts), reader));
      }),
      { numRuns: 60 },
    );
  });

  it("says who decided what, what waits and until when, each linked to its card", () => {
    const decided = [
      brief({ taskCount: 3 }),
      brief({ title: "Office", outcome: { verdict: "expired", by: "bot", at: NOON, chosen: null } }),
    ];
    const pending = [
      brief({ title: "Hire", outcome: null, cardUrl: null, createdAt: "2026-11-17T08:00:00.000Z" }),
    ];
    const words = wordsOf(digestCard(digestOf(digestFacts({ decided, pending })), reader));
    expect(words).toContain("Daily digest: Friday 20 November 2026");
    expect(words).toContain("✅ *Decided: 2* (1 approved, 1 expired)");
    expect(words).toContain(
      "<https://acme.slack.com/archives/C1/p1|Annual billing>: approved by Dana Reyes, 3 tasks",
    );
    expect(words).toContain("Office>: expired, nobody decided");
    expect(words).toContain("<https://www.notion.so/p1|Hire>, open for 3 days, until <!date^");
    expect(words).not.toContain("Overdue");
  });

  it("counts what does not fit and says where it is", () => {
    const pending = Array.from({ length: 500 }, (_, index) =>
      brief({ title: `Question ${index}`, outcome: null }),
    );
    const words = wordsOf(digestCard(digestOf(digestFacts({ pending })), reader));
    const shown = [...words.matchAll(/Question \d+/g)].length;
    expect(shown).toBeGreaterThan(5);
    expect(words).toContain(
      `… and ${500 - shown} more, in <https://app.notion.com/p/abc|Action Pipes in Notion>`,
    );
  });

  it("says only that there is nothing, when there is nothing", () => {
    const message = digestCard(digestOf(digestFacts({ kind: "weekly" })), reader);
    expect(message.text).toBe("Weekly digest: nothing happened, nothing waits.");
    expect(wordsOf(message)).toContain("Nothing was decided this week");
    expect(wordsOf(message)).not.toContain("Claude");
  });

  it("names the ones nobody saw, and never takes silence for zero", () => {
    const missed = ["2026-11-18T08:00", "2026-11-19T08:00"];
    const words = wordsOf(digestCard(digestOf(digestFacts({ kind: "weekly", missed })), reader));
    expect(words).toContain("Not posted, because I was not running: 2026-11-18 08:00, 2026-11-19 08:00.");
    expect(words).toContain("done: no data (Notion did not tell)");
    expect(words).toContain("plans kept as proposed no data (0 decisions). Advice followed: no data");
  });

  it("says that the budget is reached also when no poll has counted what waits", () => {
    const items = { new: 0, tasks: 0, notes: 0, givenUp: 0, unpaid: null };
    const digest = digestOf(digestFacts({ items }));
    expect(digest.isQuiet).toBe(false);
    expect(wordsOf(digestCard(digest, reader))).toContain("The budget is reached: no data on how many");
  });

  it("has the day of the reader, not of UTC", () => {
    const late = digestFacts({ until: "2026-11-20T23:30:00.000Z" });
    expect(wordsOf(digestCard(digestOf(late), reader))).toContain("Daily digest: Saturday 21 November 2026");
  });
});

describe("budget and statistics", () => {
  const spendEntry = fc.record({
    day: fc.constantFrom("2026-11-20", "2026-11-19", "2026-11-12"),
    step: text,
    adviser: fc.option(text),
    kind: fc.constantFrom("strategic" as const, null),
    usd: fc.double({ min: 0, max: 1e9, noNaN: true }),
    calls: fc.nat(),
  });

  it("are payloads that Slack takes, for any content", () => {
    fc.assert(
      fc.property(fc.array(spendEntry, { maxLength: 40 }), manyBriefs, fc.nat(), (entries, decided, n) => {
        const money = {
          today: "2026-11-20",
          entries,
          firstDay: "2026-11-12",
          capUsd: n,
          isReached: true,
          waiting: n,
        };
        expectSound(budgetMessage(budgetFigures(money)));
        const counts = { pendingNow: n, created: n, superseded: n, tasks: n, notes: n, givenUp: n };
        expectSound(statsMessage([7, 30].map((days) => figuresOf({ days, decided, ...counts }))));
      }),
      { numRuns: 40 },
    );
  });

  it("say no data where nothing was measured", () => {
    const none = {
      today: "2026-11-20",
      entries: [],
      firstDay: null,
      capUsd: 0,
      isReached: false,
      waiting: null,
    };
    const budget = budgetMessage(budgetFigures(none));
    expect(budget.text).toBe(
      "Claude today: no data (Claude was not asked). No cap is set (`DAILY_BUDGET_USD`).",
    );
    expect(wordsOf(budget)).toContain("Whole month: no data yet");
    const counts = { decided: [], pendingNow: 0, created: 0, superseded: 0, tasks: 0, notes: 0, givenUp: 0 };
    const stats = wordsOf(statsMessage([7, 30].map((days) => figuresOf({ days, ...counts }))));
    expect(stats).toContain("Time to decide, median: no data / no data");
    expect(stats).toContain("Plans kept as proposed: no data / no data");
  });

  it("say what waits, and what to do about it", () => {
    const reached = {
      today: "2026-11-20",
      entries: [],
      firstDay: null,
      capUsd: 5,
      isReached: true,
      waiting: 3,
    };
    const words = wordsOf(budgetMessage(budgetFigures(reached)));
    expect(words).toContain(
      "3 items wait in the inbox; new analyses begin tomorrow, or when `DAILY_BUDGET_USD` is raised",
    );
    const unknown = wordsOf(budgetMessage(budgetFigures({ ...reached, waiting: null })));
    expect(unknown).toContain("How many items wait: no data");
  });

  it("show how often each adviser was followed, of how many", () => {
    const decided = Array.from({ length: 6 }, (_, index) => brief({ id: String(index) }));
    const counts = { pendingNow: 1, created: 6, superseded: 0, tasks: 2, notes: 0, givenUp: 1 };
    const spans = [
      figuresOf({ days: 7, decided: decided.slice(4), ...counts }),
      figuresOf({ days: 30, decided, ...counts }),
    ];
    const words = wordsOf(statsMessage(spans));
    expect(words).toContain("The Quant: no data / 100% of 6");
    expect(words).toContain("Approved: 2 / 6");
    expect(words).toContain("1 decision is open now.");
  });
});

describe("maintenance", () => {
  const samples = fc.record({ reason: text, by: fc.record({ slackId: fc.constant("U1"), name: text }) });

  it("is a card that Slack takes, whatever the reason and the name", () => {
    fc.assert(
      fc.property(samples, anyBrief, (change, { outcome }) => {
        const ended = outcome && { at: outcome.at, by: outcome.verdict === "expired" ? null : change.by };
        expectSound(maintenanceCard(maintenanceSample({ ...change, ended })));
      }),
    );
  });

  it("names end, reason and what it means; over, it says how it ended", () => {
    const words = wordsOf(maintenanceCard(maintenanceSample()));
    for (const part of [
      "*Until <!date^",
      "Sam Okafor",
      "moving the databases",
      "Cards can still be decided",
      "/emm maintenance off",
    ]) {
      expect(words).toContain(part);
    }
    const byClock = maintenanceCard(
      maintenanceSample({ ended: { at: "2026-11-20T12:30:00.000Z", by: null } }),
    );
    expect(byClock.text).toMatch(/^Maintenance is over\. It ended by itself, .*\. It had lasted 30 min\.$/);
    const dana = { slackId: "U0DANA0001", name: "Dana Reyes" };
    const byHand = maintenanceCard(
      maintenanceSample({ ended: { at: "2026-11-20T12:05:00.000Z", by: dana } }),
    );
    expect(byHand.text).toContain("Dana Reyes ended it");
  });

  it("answers what is, what was, and what was wrong with the order", () => {
    const now = new Date("2026-11-20T12:10:00Z");
    expect(maintenanceStatus(null, now)).toContain("there was none yet");
    expect(maintenanceStatus(maintenanceSample(), now)).toContain("Maintenance until <!date^");
    // Its time is up, though nobody has noted that yet.
    expect(maintenanceStatus(maintenanceSample(), new Date("2026-11-20T12:30:00Z"))).toContain(
      "There is no maintenance",
    );
    expect(maintenanceBegun({ maintenance: maintenanceSample(), isNew: false })).toContain(
      "now goes on until",
    );
    expect(maintenanceProblem('"30" has no unit: write 30m or 30h')).toContain(
      '"30" has no unit: write 30m or 30h',
    );
  });
});
