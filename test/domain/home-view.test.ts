import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localDay } from "../../src/domain/calendar.ts";
import type { DecisionBrief } from "../../src/domain/figures.ts";
import { validateView } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { viewProblems } from "../../src/slack/block-check.ts";
import { decisionCard } from "../../src/slack/cards/decision-card.ts";
import { type HomeContent, homeView } from "../../src/slack/cards/home-view.ts";
import { pendingText } from "../../src/slack/cards/pending.ts";
import { decision, outcome } from "../fixtures/decision.ts";
import { anyDecision, HOSTILE, text } from "./arbitrary-decision.ts";

const NOW = new Date("2026-11-21T12:00:00.000Z");
const WELL = { status: "healthy", checks: [] } as const;

function content(change: Partial<HomeContent> = {}): HomeContent {
  return {
    ...{ isOperator: false, isApprover: true, doubt: null, maintenance: null, decided: [] },
    report: { ...WELL, checks: [] },
    decisions: [decision()],
    mayDecide: () => true,
    forBatch: 0,
    undoable: [],
    hasApproved: () => false,
    pipesUrl: "https://www.notion.so/pipes",
    now: NOW,
    ...change,
  };
}

function brief(change: Partial<DecisionBrief> = {}): DecisionBrief {
  return {
    ...{ id: "pipe-1", title: "Annual billing", cardUrl: null, pipeUrl: "https://www.notion.so/pipe1" },
    ...{ createdAt: "2026-11-20T09:00:00.000Z", expiresAt: null, impact: 8, state: "recorded" },
    outcome: { verdict: "approved", by: "Dana Reyes", at: "2026-11-21T10:00:00.000Z", chosen: "A" },
    ...{ votes: [], acceptanceRate: 1, taskCount: 3 },
    ...change,
  };
}

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => decision({ id: `pipe-${index}`, title: `Plan ${index}` }));
const blocksOf = (change?: Partial<HomeContent>) => homeView(content(change)).blocks;
const wordsOf = (change?: Partial<HomeContent>) => JSON.stringify(blocksOf(change));
const countOf = (words: string, part: string) => words.split(part).length - 1;
const actionsOf = (blocks: readonly object[]) =>
  blocks.flatMap((block) => ("type" in block && block.type === "actions" ? [block] : []));

test("today is the local day, also when the clocks change on it", () => {
  expect(localDay(NOW, "America/New_York")).toEqual({
    since: "2026-11-21T05:00:00.000Z",
    until: "2026-11-22T05:00:00.000Z",
  });
  expect(localDay(new Date("2026-10-24T23:30:00.000Z"), "Europe/Berlin")).toEqual({
    since: "2026-10-24T22:00:00.000Z",
    until: "2026-10-25T23:00:00.000Z",
  });
});

describe("the Home tab", () => {
  test("says which decision was made once before", () => {
    const [by, at] = [{ slackId: "U0DANA0001", name: "Dana Reyes" }, NOW.toISOString()];
    const earlier = { verdict: "rejected" as const, by, at, cardUrl: null, tasks: [], tasksUrl: null };
    const again = decision({
      id: "pipe-2",
      reopening: { of: "pipe-0", by, at, reason: "New figures", earlier },
    });
    expect(countOf(wordsOf({ decisions: [decision(), again] }), "(reopened)")).toBe(1);
  });

  test("lets the reader take back what they just decided, and their own approval", () => {
    const state = { kind: "undoable", outcome: outcome(), until: "2026-11-21T12:00:30.000Z" } as const;
    const [undo] = actionsOf(blocksOf({ undoable: [decision({ state })], decisions: [] })).slice(1);
    expect(JSON.stringify(undo)).toContain('"decision_undo"');
    expect(wordsOf({ undoable: [decision({ state })] })).toContain("take this back until <!date^1795262430^");
    const approvals = [{ by: outcome().by, at: outcome().at, planHash: decision().hash }];
    const voted = { decisions: [decision({ approvals })] };
    expect(wordsOf(voted)).toContain("Approved by Dana Reyes; somebody else has to approve as well.");
    expect(wordsOf(voted)).not.toContain("decision_undo");
    expect(wordsOf({ ...voted, hasApproved: () => true })).toContain("decision_undo");
  });

  test("offers the buttons of the card, with the same values", () => {
    const [onCard] = actionsOf(decisionCard(decision()).blocks);
    const [, inHome] = actionsOf(blocksOf());
    const elementsOf = (block: object | undefined) => (block && "elements" in block ? block.elements : null);
    expect(elementsOf(inHome)).toEqual(elementsOf(onCard));
    expect(elementsOf(inHome)).toHaveLength(4);
  });

  test("lists ten with buttons and counts the rest", () => {
    const words = wordsOf({ decisions: many(13) });
    expect(countOf(words, "decision_approve")).toBe(10);
    expect(words).toContain("… and 3 more: `/emm pending`");
    expect(wordsOf({ decisions: many(10) })).not.toContain("more:");
  });

  test("puts what was escalated to the reader first, and leaves the rest to the others", () => {
    const words = wordsOf({
      decisions: many(12),
      isApprover: false,
      mayDecide: (id) => id === "pipe-11",
    });
    expect(words.indexOf("Waiting for you")).toBeLessThan(words.indexOf("Plan 11"));
    expect(words.indexOf("Plan 11")).toBeLessThan(words.indexOf("Waiting for a decision"));
    expect(countOf(words, "decision_approve")).toBe(1);
    expect(countOf(words, "decision_details")).toBe(10);
    expect(words).toContain("… and 2 more");
  });

  test.each([
    ["2026-11-26T16:11:59.000Z", false, 1],
    ["2026-11-26T16:12:00.000Z", true, 1],
    ["2026-11-27T09:00:00.000Z", true, 0],
  ])("at %s overdue is %s, and it can be decided %i times", (now, isLate, buttons) => {
    const words = wordsOf({ now: new Date(now) });
    expect(words.includes("⏰ *Overdue*")).toBe(isLate);
    expect(countOf(words, "decision_approve")).toBe(buttons);
    const listed = pendingText([decision()], new Date(now));
    expect(listed.includes("⏰ Overdue: ")).toBe(isLate);
  });

  test("what has no deadline says so and is never overdue", () => {
    const words = wordsOf({ decisions: [decision({ expiresAt: null })], now: new Date("2030-01-01") });
    expect(words).toContain("without a deadline");
    expect(words).not.toContain("Overdue");
  });

  test("tells who decided today, and how", () => {
    const expired = { verdict: "expired", by: "", at: "2026-11-21T10:00:00.000Z", chosen: null } as const;
    const words = wordsOf({ decided: [brief(), brief({ title: "Chairs", outcome: expired })] });
    expect(words).toContain("<https://www.notion.so/pipe1|Annual billing>: approved by Dana Reyes, <!date^");
    expect(words).toContain("|Chairs>: expired, <!date^");
    expect(wordsOf({ decided: Array.from({ length: 14 }, () => brief()) })).toContain(
      "… and 4 more, in <https://www.notion.so/pipes|Action Pipes in Notion>",
    );
    expect(wordsOf()).toContain("Nothing yet.");
  });

  test("says when it is not known what the reader may do", () => {
    const words = wordsOf({ isApprover: false, mayDecide: () => false, doubt: "Slack did not answer me." });
    expect(words).toContain("Slack did not answer me.");
    expect(words).not.toContain("decision_approve");
  });

  test("offers a poll to operators alone", () => {
    expect(wordsOf()).not.toContain("home_poll");
    expect(wordsOf({ isOperator: true })).toContain("home_poll");
  });

  test("is accepted by Slack whatever it holds, and pings nobody", () => {
    const anyBrief = fc
      .record({
        title: text,
        by: text,
        pipeUrl: fc.constantFrom("https://www.notion.so/x", "x".repeat(9_000)),
      })
      .map(({ title, by, pipeUrl }) =>
        brief({ title, pipeUrl, outcome: { verdict: "rejected", by, at: "not a date", chosen: null } }),
      );
    const asked = {
      decisions: fc.array(anyDecision, { maxLength: 25 }),
      undoable: fc.array(anyDecision, { maxLength: 8 }),
      decided: fc.array(anyBrief, { maxLength: 25 }),
      ...{ isApprover: fc.boolean(), isOperator: fc.boolean() },
      may: fc.boolean(),
    };
    fc.assert(
      fc.property(fc.record(asked), ({ may, ...given }) => {
        const view = homeView(content({ ...given, mayDecide: () => may }));
        expect(viewProblems(view)).toEqual([]);
        expect(validateView(view)).toEqual([]);
        const words = JSON.stringify(view);
        expect(words).not.toMatch(/"text":"[^"]*<!(channel|here|everyone)[^"]*","verbatim"/);
      }),
      { numRuns: 40 },
    );
  });

  test.each(HOSTILE.map((title, index) => [index, title]))("hostile title %i fits", (_, title) => {
    const named = {
      decisions: [decision({ title: String(title) })],
      decided: [brief({ title: String(title) })],
    };
    expect(viewProblems(homeView(content(named)))).toEqual([]);
  });
});
