/** Short answers to commands and buttons: what is wrong, in one go. */
import { expect, test } from "vitest";
import { deputyProblem } from "../../src/slack/cards/deputy-answers.ts";
import { unknownText } from "../../src/slack/cards/help.ts";
import { startedWords } from "../../src/slack/cards/question-words.ts";

test("a missing person and a wrong day are told at once", () => {
  expect(deputyProblem("past", false)).toMatch(
    /^I need one person: .* That day is over\. Nothing was changed\./,
  );
  expect(deputyProblem("past", true)).toMatch(/^That day is over\. Nothing was changed\./);
});

test("an unknown command is answered in one line", () => {
  expect(unknownText("frobnicate")).toBe(
    "I do not know `/emm frobnicate`. `/emm help` shows everything I can do.",
  );
});

test("a question is quoted with its own end", () => {
  expect(startedWords("Should we move?")).toContain("asked about “Should we move?” A new card");
  expect(startedWords("Annual billing")).toContain("asked about “Annual billing.” A new card");
});
