/** The advice in the thread of a card: whole, inert, and within what Slack takes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Analysis } from "../../src/domain/analysis.ts";
import { areBlocksTooLong, validateBlocks } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import { analysisThread } from "../../src/slack/cards/analysis-thread.ts";
import { cleanText, oneLine } from "../../src/slack/limits.ts";
import { analysis } from "../fixtures/decision.ts";
import { anyAnalysis } from "./arbitrary-decision.ts";

/** What a reader sees of all messages, without the lines that say that it goes on, and without the blanks at which it is parted. */
function seen(of: Analysis): string {
  const texts = analysisThread(of).flatMap(({ blocks }) =>
    blocks
      .filter((block) => block.block_id !== "more")
      .map((block) => (block.type === "section" && block.text ? block.text : { type: "", text: "" })),
  );
  return bare(texts.map(({ type, text }) => (type === "mrkdwn" ? text.replace(/\*|_/g, "") : text)).join(""));
}

const bare = (text: string) => cleanText(text).replace(/\s+/g, "");

test("one message for what they say together and one for each adviser, with every score, pro, con and veto", () => {
  const messages = analysisThread(analysis);
  expect(messages.map(({ text }) => text)).toEqual([
    "What the advisers say, in full.",
    "The Entrepreneur recommends C. Usage pricing.",
    "The Quant recommends A. Annual plans first.",
  ]);
  const [together, entrepreneur, quant] = messages.map(({ blocks }) => JSON.stringify(blocks));
  expect(together).toContain("Success means: 30 % of new customers choose annual.");
  expect(together).toContain("Charge per seat and month of use.");
  expect(together).toContain("*Where they disagree* (medium)");
  expect(together).toContain("• Tell current customers");
  expect(together).toMatch(/Not heard: The Auditor\*.*did not answer in time/);
  expect(entrepreneur).toContain("*C. Usage pricing*\\nimpact 9 of 10, risk 4 of 5");
  expect(entrepreneur).toContain("Verdict on C\\n+ Predictable cash\\n− Refund work");
  expect(entrepreneur).not.toContain("Veto");
  expect(quant).toMatch(/\*Veto against C\. Usage pricing\*.*Revenue cannot be forecast\./);
});

test("an option that an adviser did not score is said to have no score", () => {
  const [advice] = analysis.advice;
  const half = { ...analysis, advice: advice ? [{ ...advice, scores: advice.scores.slice(0, 2) }] : [] };
  expect(JSON.stringify(analysisThread(half)[1])).toContain("*C. Usage pricing*\\nno score");
});

describe("any analysis, however hostile its texts", () => {
  test("gives messages that Slack accepts and that ping nobody", () => {
    fc.assert(
      fc.property(anyAnalysis, (any) => {
        for (const message of analysisThread(any)) {
          expect(messageProblems(message)).toEqual([]);
          expect(validateBlocks(message.blocks, "message")).toEqual([]);
          expect(areBlocksTooLong(message.blocks)).toBe(false);
          expect(message.text).not.toMatch(/<!(channel|here|everyone)|<@U123>|<https:/);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("is cut nowhere", () => {
    fc.assert(
      fc.property(anyAnalysis, (any) => {
        const all = seen(any);
        const { synthesis, frame, advice } = any;
        const whole = [
          ...[frame.question, frame.successCriteria, synthesis.rationale, synthesis.riskAssessment],
          ...[...synthesis.tasks, ...synthesis.requiredResources, ...synthesis.conflictPoints].map(oneLine),
          ...frame.options.flatMap(({ title, summary }) => [title, summary]),
          ...advice.flatMap((one) => [one.rationale, one.veto?.reason ?? ""]),
          ...advice.flatMap(({ scores }) =>
            scores
              .filter(({ option }, at) => scores.findIndex((score) => score.option === option) === at)
              .filter(({ option }) => frame.options.some(({ id }) => id === option))
              .flatMap(({ verdict, pros, cons }) => [verdict, ...pros, ...cons]),
          ),
        ];
        for (const text of whole) expect(all.includes(bare(text))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});
