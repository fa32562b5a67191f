import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DecisionState, shownPlan } from "../../src/domain/decision.ts";
import {
  areBlocksTooLong,
  validateBlocks,
  validateView,
} from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import { type Message, textMessage } from "../../src/slack/cards/blocks.ts";
import { deadLetterCard } from "../../src/slack/cards/dead-letter-card.ts";
import { decisionCard } from "../../src/slack/cards/decision-card.ts";
import { detailsView } from "../../src/slack/cards/details-view.ts";
import { editView, readEdits } from "../../src/slack/cards/edit-view.ts";
import { pendingText } from "../../src/slack/cards/pending.ts";
import { rejectView } from "../../src/slack/cards/reject-view.ts";
import { withdrawView } from "../../src/slack/cards/withdraw-view.ts";
import { analysis, decision, outcome, plan } from "../fixtures/decision.ts";
import { anyDecision, HOSTILE, text } from "./arbitrary-decision.ts";

const RUNS = { numRuns: 100 };

const anyVotes = fc.record({
  needed: fc.constantFrom(1, 2),
  who: fc.array(fc.constantFrom("U1", "W2", "S3", "not an id <!channel>"), { maxLength: 12 }),
});

function expectAccepted(message: Message): void {
  expect(messageProblems(message)).toEqual([]);
  expect(validateBlocks(message.blocks, "message")).toEqual([]);
  expect(areBlocksTooLong(message.blocks)).toBe(false);
  const shown = [message.text, ...parsedTexts(message.blocks)].join("\n");
  expect(shown).not.toMatch(/<!(channel|here|everyone)/);
  expect(shown).not.toContain("<@U123>");
  expect(shown).not.toContain("<https://evil.example");
}

/** Texts in which Slack looks for mentions and links; plain_text is shown as it is. */
function parsedTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("type" in value && value.type === "mrkdwn" && "text" in value) return [String(value.text)];
  return Object.values(value).flatMap(parsedTexts);
}

const wordsOf = (value: object): string => JSON.stringify(value);

describe("any decision, however hostile its texts", () => {
  test("gives a card that Slack accepts and that pings nobody", () => {
    fc.assert(
      fc.property(anyDecision, anyVotes, (any, votes) => expectAccepted(decisionCard(any, { votes }))),
      RUNS,
    );
  });

  test("gives details of which every page is accepted", () => {
    fc.assert(
      fc.property(anyDecision, fc.nat(40), (any, page) => {
        const view = detailsView(any, page);
        expect(viewProblems(view)).toEqual([]);
        expect(validateView(view)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("gives forms that are accepted, and that change nothing when submitted untouched", () => {
    fc.assert(
      fc.property(anyDecision, (any) => {
        for (const view of [editView(any), rejectView(any), withdrawView(any)]) {
          expect(viewProblems(view)).toEqual([]);
          expect(validateView(view)).toEqual([]);
        }
        const shown = shownPlan(any);
        const { edits } = readEdits(untouched(editView(any)), shown);
        expect(edits).toEqual({
          option: shown.recommendedOption,
          riskAssessment: shown.riskAssessment,
          resources: shown.resources,
          tasks: shown.tasks,
        });
      }),
      RUNS,
    );
  });
});

/** What Slack sends when a form is submitted as it was opened. */
function untouched(view: { blocks: object[] }) {
  const values: Record<
    string,
    Record<string, { value?: string | null; selected_option?: { value: string } }>
  > = {};
  for (const block of view.blocks as { type: string; block_id: string; element: Record<string, unknown> }[]) {
    if (block.type !== "input") continue;
    const { element } = block;
    const selected = element["initial_option"] as { value: string } | undefined;
    const initial = element["initial_value"] as string | undefined;
    values[block.block_id] = {
      [String(element["action_id"])]: selected ? { selected_option: selected } : { value: initial ?? null },
    };
  }
  return values;
}

describe("the pending card", () => {
  const card = decisionCard(decision());
  const words = wordsOf(card);

  test("says what is asked, what is recommended and why, and how risky it is", () => {
    for (const said of [
      "Should we move billing to annual plans this quarter?",
      "Recommended: A. Annual plans first",
      "Two advisers see the cash benefit",
      "*Risk* Medium · *Impact* 8 of 10",
    ]) {
      expect(words).toContain(said);
    }
  });

  test("says who agreed, who did not, who is missing and who vetoes", () => {
    expect(words).toContain("For it: The Quant");
    expect(words).toContain("Against: The Entrepreneur, who would choose C");
    expect(words).toContain("Not heard: The Auditor (did not answer in time)");
    expect(words).toContain("*Veto* by The Quant against C: Revenue cannot be forecast.");
  });

  test("says why one adviser was enough, and does not say it of one who is left of three", () => {
    const one = {
      ...analysis,
      triage: { ...analysis.triage, risk: "Low" as const, impact: 5 },
      advice: analysis.advice.slice(1),
      missing: [],
    };
    const because = "*Adviser* (one was asked, because neither impact nor risk is high)\\nFor it: The Quant";
    expect(wordsOf(decisionCard(decision({ analysis: one })))).toContain(because);
    const left = { ...one, triage: { ...one.triage, impact: 8 } };
    expect(wordsOf(decisionCard(decision({ analysis: left })))).toContain("*Advisers*\\nFor it: The Quant");
    expect(words).toContain("*Advisers*\\n");
  });

  test("its details give the question once when the title is the question", () => {
    const title = analysis.frame.question;
    const details = wordsOf(detailsView(decision({ title })));
    expect(details.split(title)).toHaveLength(2);
    expect(wordsOf(detailsView(decision()))).toContain(title);
  });

  test("shows each adviser's score per option, what an approval does, and the cost", () => {
    expect(words).toContain("Quant: impact 8, risk 2");
    expect(words).toContain("If approved: 3 tasks");
    expect(words).toContain("Write the refund policy");
    expect(words).toContain("Cost $0.04 · 2 calls");
    expect(words).toContain("<@U0LEE00001>");
    expect(words).toContain("<https://www.notion.so/pipe1|Plan in Notion>");
  });

  test("has the four buttons with words for a screen reader, carrying ids and hash only", () => {
    const last = card.blocks.at(-2);
    const buttons = last?.type === "actions" ? last.elements.filter((one) => one.type === "button") : [];
    expect(buttons.map((one) => one.action_id)).toEqual([
      "decision_approve",
      "decision_edit",
      "decision_reject",
      "decision_details",
    ]);
    expect(buttons.map((one) => one.accessibility_label)).toContain("Approve: Annual billing");
    for (const one of buttons)
      expect(JSON.parse(one.value ?? "")).toEqual({ id: "pipe-1", hash: decision().hash });
  });

  test("is one sentence for notifications", () => {
    expect(card.text).toBe(
      "Decision needed: Annual billing. Recommended: A. Annual plans first. Approve, edit or reject.",
    );
  });

  test("says what was changed in Notion after the advisers spoke", () => {
    const changed = decisionCard(
      decision({ proposal: { ...plan, recommendedOption: "B", tasks: ["Wait"] } }),
    );
    expect(wordsOf(changed)).toContain(
      "Changed in Notion after the advisers spoke: the recommended option, the tasks.",
    );
    expect(wordsOf(changed)).toContain("The advisers recommended A.");
  });

  test("says where the whole of a cut text is", () => {
    const long = decisionCard(decision({ proposal: { ...plan, riskAssessment: "risky ".repeat(500) } }));
    expect(wordsOf(long)).toContain("… (whole text under Details)");
  });
});

describe("the card of a decision that needs two approvals", () => {
  const DANA = { slackId: "U0DANA0001", name: "Dana Reyes" };
  const LEE = { slackId: "U0LEE00001", name: "Lee", for: { slackId: "U0SAM00001", name: "Sam" } };
  const at = "2026-11-21T12:00:00.000Z";
  const votes = { needed: 2, who: ["U0DANA0001", "U0SAM00001", "S0LEADERS1"] };

  test("counts them, and names whom it waits for: neither who voted nor for whom they did", () => {
    const none = wordsOf(decisionCard(decision(), { votes }));
    expect(none).toContain("*2 approvals are needed.* There is none yet.");
    const approvals = [{ by: LEE, at, planHash: decision().hash }];
    const one = wordsOf(decisionCard(decision({ approvals }), { votes }));
    expect(one).toContain(
      "*1 of 2 approvals*: Lee for Sam. Waiting for <@U0DANA0001> and <!subteam^S0LEADERS1>.",
    );
    expect(wordsOf(decisionCard(decision()))).not.toContain("approvals");
  });

  test("shows the plan as it was edited, by whom and why, and the approvals that no longer count", () => {
    const draft = {
      plan: { ...plan, tasks: ["Ask three customers"] },
      by: DANA,
      at,
      reason: "Smaller first",
    };
    const voided = { at, why: "The plan was changed." };
    const approvals = [{ by: LEE, at, planHash: decision().hash, voided }];
    const words = wordsOf(decisionCard(decision({ draft, approvals }), { votes }));
    for (const said of ["Ask three customers", "*As edited by Dana Reyes*", "Smaller first"])
      expect(words).toContain(said);
    expect(words).toContain("No longer counts: Lee for Sam's approval. The plan was changed.");
    expect(words).not.toContain("Write the refund policy");
  });

  test("names everybody whose decision it is, and what was unusual about it", () => {
    const one = { at, planHash: decision().hash };
    const glass = { reason: "Nobody else is there" };
    const approvals = [
      { ...one, by: DANA, breakGlass: glass },
      { ...one, by: LEE },
    ];
    const state: DecisionState = {
      kind: "undoable",
      outcome: outcome({ by: LEE, approvals, breakGlass: true, reason: "Nobody else is there" }),
      until: "2026-11-21T12:00:30.000Z",
    };
    const words = wordsOf(decisionCard(decision({ state }), { votes }));
    expect(words).toContain("*Approved* by Dana Reyes and Lee for Sam");
    expect(words).toContain("*Break-glass*: Dana Reyes approved their own request");
    expect(words).toContain(
      "<@U0LEE00001> can take this back until <!date^1795262430^{time_secs}|12:00:30 UTC>",
    );
  });
});

describe("the card after a click", () => {
  const buttonsOf = (message: Message) =>
    [...JSON.stringify(message.blocks).matchAll(/"action_id":"([^"]+)"/g)].map((match) => match[1]);
  const idsOf = (message: Message) => message.blocks.map((block) => block.block_id);

  test("has only Details left while it is recorded, and says whose decision it is", () => {
    const card = decisionCard(decision({ state: { kind: "recording", outcome: outcome() }, rev: 2 }));
    expect(buttonsOf(card)).toEqual(["decision_details"]);
    expect(wordsOf(card)).toContain("Recording Dana Reyes's approval…");
    const before = idsOf(decisionCard(decision()));
    for (const id of idsOf(card)) expect(before).not.toContain(id);
  });

  test.each(["undoable", "recording"] as const)("shows while %s the plan that is carried out", (kind) => {
    const final = { ...plan, tasks: ["Only this"], resources: ["One desk"] };
    const stateOf = (given: ReturnType<typeof outcome>): DecisionState => ({
      kind,
      outcome: given,
      until: "2026-11-21T12:00:30Z",
    });
    const edited = wordsOf(decisionCard(decision({ state: stateOf(outcome({ verdict: "edited", final })) })));
    expect(edited).toContain("What happens: 1 task*\\n• Only this");
    expect(edited).not.toContain("If approved");
    for (const verdict of ["rejected", "withdrawn"] as const) {
      const words = wordsOf(decisionCard(decision({ state: stateOf(outcome({ verdict, final: null })) })));
      expect(words).not.toMatch(/If approved|What happens|it is carried out/);
      if (kind === "undoable")
        expect(words).toMatch(/can take this back until .*; then the (rejection|withdrawal) is final/);
    }
  });

  test("names outcome, person, time, reason, tasks and project once it is recorded", () => {
    const state: DecisionState = {
      kind: "recorded",
      outcome: outcome({ verdict: "edited", reason: "Start small", selfApproved: true }),
      recordedAt: "2026-11-21T12:00:05.000Z",
      taskCount: 3,
      projectUrl: "https://www.notion.so/project",
      acceptanceRate: 0.8,
    };
    const card = decisionCard(decision({ state }));
    expect(buttonsOf(card)).toEqual(["decision_details", "decision_reopen"]);
    for (const said of [
      "*Approved with changes* by Dana Reyes",
      "|2026-11-21 12:00 UTC>",
      "Reason: Start small",
      "3 tasks created in <https://www.notion.so/project|the project>.",
      "80 % of what was proposed (option, risk, needs, tasks) was kept.",
      "Decided on their own request.",
    ]) {
      expect(wordsOf(card)).toContain(said);
    }
    expect(card.text).toContain("Approved with changes by Dana Reyes");
  });

  test("links the card that replaces it", () => {
    const state: DecisionState = { kind: "superseded", by: "pipe-2", reason: "The tasks were edited." };
    const card = decisionCard(decision({ state }), { replacementUrl: "https://acme.slack.com/p2" });
    expect(buttonsOf(card)).toEqual(["decision_details"]);
    expect(wordsOf(card)).toContain("Please decide on <https://acme.slack.com/p2|the new card>");
  });
});

test("the details lose no word, over however many pages", () => {
  const marked = Array.from({ length: 9_000 }, (_, n) => `w${n}w`);
  const rationale = marked.join(" ");
  const advice = [...analysis.advice, ...analysis.advice].map((one) => ({ ...one, rationale }));
  const long = decision({ analysis: { ...analysis, advice } });
  const last = detailsView(long, 10_000);
  const pageCount = Number(/of (\d+)/.exec(wordsOf(last))?.[1]);
  expect(pageCount).toBeGreaterThan(1);
  const seen = new Map<string, number>();
  for (let page = 0; page < pageCount; page += 1) {
    for (const [word] of wordsOf(detailsView(long, page)).matchAll(/w\d+w/g)) {
      seen.set(word, (seen.get(word) ?? 0) + 1);
    }
  }
  for (const word of marked) expect(seen.get(word)).toBe(advice.length);
});

test("a text too long for the form stays as it is and says so", () => {
  const risk = "r".repeat(3_500);
  const long = decision({ proposal: { ...plan, riskAssessment: risk } });
  const view = editView(long);
  expect(wordsOf(view)).toContain("so it stays as it is");
  expect(readEdits(untouched(view), long.proposal).edits.riskAssessment).toBe(risk);
});

test("edits are read as typed, without bullets and blank lines", () => {
  const values = {
    ...untouched(editView(decision())),
    edit_tasks: { tasks: { value: "- First\n\n2. Second\n" } },
    edit_option: { decision_option: { selected_option: { value: "B" } } },
    edit_risk: { risk: { value: null } },
    edit_reason: { reason: { value: " because " } },
  };
  expect(readEdits(values, plan)).toEqual({
    edits: { option: "B", riskAssessment: "", resources: plan.resources, tasks: ["First", "Second"] },
    reason: "because",
  });
});

test("any dead letter gives a card that Slack accepts", () => {
  const state = fc.constantFrom(
    { kind: "open" as const },
    { kind: "retried" as const, by: { slackId: "U1", name: HOSTILE[2] ?? "" }, at: "2026-11-21T12:00:00Z" },
  );
  fc.assert(
    fc.property(text, text, state, (title, reason, how) =>
      expectAccepted(
        deadLetterCard({
          itemId: "item-1",
          itemUrl: "https://www.notion.so/item",
          title,
          reason,
          attempts: 3,
          failedAt: "2026-11-21T12:00:00Z",
          state: how,
          card: null,
        }),
      ),
    ),
    RUNS,
  );
});

test("a long list of open decisions is still one acceptable message", () => {
  fc.assert(
    fc.property(fc.array(anyDecision, { maxLength: 30 }), (all) =>
      expectAccepted(textMessage(pendingText(all, new Date("2026-11-22T00:00:00Z")))),
    ),
    { numRuns: 20 },
  );
});
