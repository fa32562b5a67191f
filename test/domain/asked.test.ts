/** What the asker wrote stands first under Details: whole where there is room, cut honestly where not, and inert. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ASKED_CHARS, type Asked, askedOf } from "../../src/domain/asked.ts";
import { validateView } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { viewProblems } from "../../src/slack/block-check.ts";
import { detailsView } from "../../src/slack/cards/details-view.ts";
import { decision } from "../fixtures/decision.ts";
import { text } from "./arbitrary-decision.ts";

const URL = "https://www.notion.so/item1";
const TITLE = "Annual plans?";
const hostile = "<!channel> <@U123> <https://evil.example|click> *bold* & \u202Eturned\u0000 \uD800";

const asked = (content: string, title = TITLE): Asked => askedOf({ title, content, url: URL });
const view = (words: Asked | null, page = 0) => detailsView({ ...decision(), asked: words }, page);
/** Type and text of each block with one, from the top. */
const textsOf = (words: Asked | null, page = 0) =>
  view(words, page).blocks.flatMap((block) =>
    "text" in block && typeof block.text === "object"
      ? [{ type: block.text.type, text: block.text.text }]
      : [],
  );

describe("what was asked", () => {
  it("comes first, title and text as written, with the way to the row", () => {
    const words = "We lose cash.\n\nSam says: wait.  Until *when*?";
    expect(textsOf(asked(words)).slice(0, 4)).toEqual([
      { type: "mrkdwn", text: "*What was asked*" },
      { type: "plain_text", text: TITLE },
      { type: "plain_text", text: words },
      { type: "mrkdwn", text: "*Question*" },
    ]);
    expect(JSON.stringify(view(asked(words)))).toContain(`<${URL}|Inbox item in Notion>`);
  });

  it("says a title once that is only the beginning of the text", () => {
    const words = "Should we move billing to annual plans, and when?";
    for (const title of [words, "Should we move billing…"])
      expect(textsOf(asked(words, title)).slice(1, 3)).toEqual([
        { type: "plain_text", text: words },
        { type: "mrkdwn", text: "*Question*" },
      ]);
    expect(textsOf(asked("", "Only a title"))[1]).toEqual({ type: "plain_text", text: "Only a title" });
  });

  it("pings and links nobody, and can be kept as JSON in Postgres", () => {
    const kept = asked(hostile, hostile);
    expect(JSON.stringify(kept)).not.toMatch(/\\u0000|\\ud8/);
    expect(viewProblems(view(kept))).toEqual([]);
    const live = textsOf(kept).filter(({ type }) => type === "mrkdwn");
    expect(JSON.stringify(live)).not.toMatch(/channel|U123|evil/);
    const [, title] = textsOf(kept);
    expect(title).toEqual({
      type: "plain_text",
      text: "<!channel> <@U123> <https://evil.example|click> *bold* & turned \uFFFD",
    });
  });

  it("is whole with 20,000 characters", () => {
    const words = Array.from({ length: 3_300 }, (_, n) => `w${n}`).join(" ");
    const long = `${words} ${"&".repeat(20_000 - words.length - 1)}`;
    expect(long).toHaveLength(20_000);
    const shown = textsOf(asked(long)).map((one) => one.text);
    expect(shown.join("")).toContain(long);
    expect(viewProblems(view(asked(long)))).toEqual([]);
    expect(validateView(view(asked(long)))).toEqual([]);
    expect(JSON.stringify(view(asked(long)))).not.toContain("the rest is in Notion");
  });

  it("says where the rest is when there is more than is kept", () => {
    const kept = asked("word ".repeat(ASKED_CHARS));
    expect(kept.content.length).toBeLessThanOrEqual(ASKED_CHARS);
    expect(
      textsOf(kept)
        .map((one) => one.text)
        .join(""),
    ).toContain("word …*Question*");
    const notes = view(kept).blocks.filter((block) => block.type === "context");
    expect(JSON.stringify(notes[0])).toContain(`Only the beginning: <${URL}|the rest is in Notion>.`);
  });

  it("is left out where it was not kept", () => {
    expect(textsOf(null)[0]).toEqual({ type: "mrkdwn", text: "*Question*" });
    expect(JSON.stringify(view(null))).not.toContain("Inbox item");
  });
});

test("every page is accepted, whatever was asked", () => {
  const anyUrl = fc.constantFrom(URL, "javascript:alert(1)", "https://evil.example/a|b>c", "x".repeat(9_000));
  const anyAsked = fc.record({ title: text, content: text, url: anyUrl, isCut: fc.boolean() });
  fc.assert(
    fc.property(anyAsked, fc.nat(3), (any, page) => {
      expect(viewProblems(view(any, page))).toEqual([]);
      expect(validateView(view(any, page))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
