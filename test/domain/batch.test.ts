/** Several decisions in one form: which, and that Slack takes the form whatever they hold. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH_AT_MOST, isForBatch } from "../../src/domain/batch.ts";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { validateView } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import {
  batchResultText,
  batchResultView,
  batchRow,
  batchView,
  readBatch,
} from "../../src/slack/cards/batch-view.ts";
import { textMessage } from "../../src/slack/cards/blocks.ts";
import { RIGHTS, refusalSentence } from "../../src/slack/cards/notes.ts";
import { pendingText } from "../../src/slack/cards/pending.ts";
import { decodeBatchValue } from "../../src/slack/ids.ts";
import { analysis, decision } from "../fixtures/decision.ts";
import { anyDecision, text } from "./arbitrary-decision.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const rated = (impact: number) => ({ ...analysis, triage: { ...analysis.triage, impact } });
const low = (change: Partial<DecisionRecord> = {}) => decision({ analysis: rated(7), ...change });
const forDana = (record: DecisionRecord, selfApproval: "warn" | "forbid" = "warn") =>
  isForBatch(record, "U0DANA0001", { selfApproval, now: NOW });

describe("a decision is for the form", () => {
  test("while it is open, with an impact below 8", () => {
    expect(forDana(low())).toBe(true);
    expect(forDana(low({ analysis: rated(8) }))).toBe(false);
    expect(forDana(low({ analysis: rated(Number.NaN) }))).toBe(false);
    expect(forDana(low({ expiresAt: null }))).toBe(true);
    expect(forDana(low({ expiresAt: NOW.toISOString() }))).toBe(false);
    expect(forDana(low({ state: { kind: "superseded", by: null, reason: "" } }))).toBe(false);
  });

  test("also one's own, unless nobody may approve their own request", () => {
    const own = low({ requestedBy: "U0DANA0001" });
    expect([forDana(own), forDana(own, "forbid")]).toEqual([true, false]);
    expect(forDana(low(), "forbid")).toBe(true);
  });
});

test("the way to the form is shown when there is more than one to decide in it", () => {
  expect([0, 1, 2].map((count) => batchRow(count).length)).toEqual([0, 0, 1]);
});

test("what was not chosen, or is no choice of ours, is left", () => {
  const chosen = (value: string) => ({ choice: { selected_option: { value } } });
  const values = {
    batch_choice_0: chosen("approve"),
    batch_choice_1: chosen("delete"),
    batch_choice_9: chosen("reject"),
  };
  expect(readBatch(values, 3)).toEqual(["approve", "leave", "leave"]);
});

describe("any decisions", () => {
  const many = fc
    .array(anyDecision, { minLength: 1, maxLength: 23 })
    .map((list) => list.map((one, index) => ({ ...one, id: `${index}`.padStart(36, "0") })));

  test("give a form that Slack takes, of at most twenty, which carries what was seen of each", () => {
    fc.assert(
      fc.property(many, (decisions) => {
        const view = batchView({ decisions, fromHome: true, now: NOW });
        expect(viewProblems(view)).toEqual([]);
        expect(validateView(view)).toEqual([]);
        const items = decodeBatchValue(view.private_metadata ?? "")?.items ?? [];
        expect(items.map(({ id }) => id)).toEqual(decisions.slice(0, BATCH_AT_MOST).map(({ id }) => id));
        expect(JSON.stringify(view).includes(`… and ${decisions.length - BATCH_AT_MOST} more`)).toBe(
          decisions.length > BATCH_AT_MOST,
        );
      }),
      { numRuns: 30 },
    );
  });

  test("mark what was reopened, and say how long a result can be taken back", () => {
    const [by, at] = [{ slackId: "U0DANA0001", name: "Dana Reyes" }, NOW.toISOString()];
    const earlier = { verdict: "rejected" as const, by, at, cardUrl: null, tasks: [], tasksUrl: null };
    const again = decision({ reopening: { of: "pipe-0", by, at, reason: "New figures", earlier } });
    const form = batchView({ decisions: [again, decision()], fromHome: false, now: NOW });
    expect(JSON.stringify(form).match(/\(reopened\)/g)).toHaveLength(1);
    expect(pendingText([again, decision()], NOW).match(/\(reopened\)/g)).toHaveLength(1);
    const done = { title: "Pay rent", url: null, choice: "approve" as const, sentence: null };
    const results = [
      { ...done, undoUntil: "2026-11-21T12:00:30.000Z" },
      { ...done, undoUntil: null },
    ];
    expect(batchResultText(results, 0).match(/\*Undo\* is on its card.*12:00:30 UTC/g)).toHaveLength(1);
  });

  test("give results that Slack takes", () => {
    const result = fc.record({
      title: text,
      url: fc.constantFrom(null, "https://www.notion.so/x", "javascript:alert(1)"),
      choice: fc.constantFrom("approve" as const, "reject" as const),
      sentence: fc.option(fc.constant("Already decided.")),
      undoUntil: fc.constantFrom(null, "2026-11-21T12:00:30.000Z", "soon <!channel>"),
    });
    fc.assert(
      fc.property(fc.array(result, { minLength: 1, maxLength: 20 }), (results) => {
        const view = batchResultView(results, 3);
        expect(viewProblems(view)).toEqual([]);
        expect(validateView(view)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

test("twenty refusals with long titles fit into one direct message, the rest counted", () => {
  const reason = refusalSentence(
    { kind: "not-listed" },
    { right: RIGHTS.decide, allowed: Array.from({ length: 9 }, (_, n) => `U0APPROVER${n}`) },
  );
  const results = Array.from({ length: BATCH_AT_MOST }, (_, n) => ({
    ...{ title: `${n}. ${"Long title ".repeat(20)}`, choice: "approve" as const, sentence: reason },
    ...{ url: `https://acme.slack.com/archives/C0LEADERS1/p17637200000000${n}`, undoUntil: null },
  }));
  const message = textMessage(batchResultText(results, 0));
  expect(messageProblems(message)).toEqual([]);
  expect(message.blocks.length).toBeGreaterThan(2);
  expect(JSON.stringify(message.blocks)).toMatch(/… and \d+ more/);
});
