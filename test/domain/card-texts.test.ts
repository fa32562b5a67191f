import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageProblems, textSize } from "../../src/slack/block-check.ts";
import { clip, escapeMrkdwn, inert, LIMITS, pieces, typedText } from "../../src/slack/limits.ts";
import { text } from "./arbitrary-decision.ts";

describe("text tools", () => {
  test("clip and inert stay within the limit and end with where the whole text is", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 500 }), (any, max) => {
        for (const cut of [clip(any, max, "see Notion"), inert(any, max, "see Notion")]) {
          expect(cut.length).toBeLessThanOrEqual(max);
        }
        const cut = inert(any, max);
        expect(cut).not.toMatch(/&(?!amp;|lt;|gt;)/);
        expect(cut).not.toMatch(/\p{Surrogate}/u);
      }),
    );
    expect(clip("word ".repeat(100), 50, "see Notion")).toMatch(/… \(see Notion\)$/);
  });

  test("clip never parts a joined emoji", () => {
    for (let max = 20; max < 60; max += 1)
      expect(clip("👩‍👩‍👧‍👦".repeat(20), max)).toMatch(/^(👩‍👩‍👧‍👦)*…$/u);
  });

  test("pieces joined are the text", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 50, max: 3000 }), (any, max) => {
        const parts = pieces(any, max);
        expect(parts.join("")).toBe(any);
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(max);
      }),
    );
  });

  test("escaped text holds nothing Slack reads as a mention or link", () => {
    expect(escapeMrkdwn("<!channel> <@U1> a & b")).toBe("&lt;!channel&gt; &lt;@U1&gt; a &amp; b");
  });

  test("what a person typed comes back as words", () => {
    expect(
      typedText("ask <@U1|dana> in <#C1|general> re <https://a.b/c|a.b> &lt;now&gt; &amp;c <!here>"),
    ).toBe("ask @dana in #general re https://a.b/c <now> &c @here");
  });

  test("our own limits check finds what Slack refuses", () => {
    const section = (words: string) => ({ type: "section", text: { type: "mrkdwn", text: words } });
    expect(messageProblems({ text: "", blocks: [] })).toHaveLength(1);
    expect(
      messageProblems({ text: "x", blocks: [section("x".repeat(LIMITS.sectionText + 1))] }),
    ).toHaveLength(1);
    expect(messageProblems({ text: "x", blocks: Array(51).fill(section("x")) })).toHaveLength(1);
    expect(messageProblems({ text: "x", blocks: Array(4).fill(section("x".repeat(2_900))) })).toHaveLength(1);
    expect(textSize([section("abc"), section("de")])).toBe(5);
  });
});
