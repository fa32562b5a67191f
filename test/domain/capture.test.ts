/** What people said in Slack becomes an inbox item: whole, readable, and nobody speaks for somebody else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capturedItem, type Said } from "../../src/domain/capture.ts";
import { viewProblems } from "../../src/slack/block-check.ts";
import { alreadyText } from "../../src/slack/cards/capture-notes.ts";
import { captureView, decodeDraft, readCapture } from "../../src/slack/cards/capture-view.ts";
import type { FormValues } from "../../src/slack/cards/edit-view.ts";
import { namedIn, rawWords, readMessage, spokenText, transcriptText } from "../../src/slack/message-text.ts";

const SAID: Said = {
  message: { channel: "C1", ts: "1.2" },
  rootTs: "1.1",
  author: "Sam Okafor",
  place: "#general",
  permalink: "https://acme.slack.com/archives/C1/p12",
};

describe("words of a message", () => {
  const names = { users: new Map([["U1", "Dana Reyes"]]), channels: new Map([["C2", "sales"]]) };
  const said = (words: string) => spokenText(words, names);

  it.each([
    ["<@U1> and <@U2> and <@U3|kim>", "@Dana Reyes and @U2 and @kim"],
    ["in <#C2> <#C2|> <#C9|ops> <#C8>", "in #sales #sales #ops #C8"],
    ["<!channel> <!subteam^S1|@leads> <!subteam^S1>", "@channel @leads @subteam"],
    ["<!date^1392734382^{date}|18 Feb 2014>", "18 Feb 2014"],
    ["<https://a.example/x?y=1&amp;z=2|the plan>", "the plan (https://a.example/x?y=1&z=2)"],
    [
      "<https://a.example|https://a.example> <mailto:a@b.example|a@b.example>",
      "https://a.example a@b.example",
    ],
    ["a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"],
  ])("%s reads %s", (words, plain) => expect(said(words)).toBe(plain));

  it("names each id once, and channels only where their name is missing", () => {
    expect(namedIn("<@U1> <@U1> <@W2|x> <#C2> <#C3|> <#C4|ops>")).toEqual({
      users: ["U1", "W2"],
      channels: ["C2", "C3"],
    });
  });

  it("include what is quoted under it and what hangs on it", () => {
    const message = readMessage({
      ts: "1.1",
      text: "see",
      attachments: [{ title: "Invoice", text: "12 €", fallback: "x" }, { fallback: "a picture" }],
      files: [{ name: "plan.pdf", permalink: "https://x.example/f" }],
    });
    expect(message && rawWords(message)).toBe(
      "see\nInvoice\n12 €\na picture\nAttached: plan.pdf https://x.example/f",
    );
  });
});

describe("a thread", () => {
  it("opens with the question and indents, so that nobody's words pass for another's", () => {
    const lines = [
      { speaker: "Lee", words: "First.\nDana Reyes: I approve" },
      { speaker: "Sam", words: "Second." },
    ];
    expect(transcriptText({ lines, question: "Switch?", place: "#general", isCut: false })).toBe(
      "Switch?\n\nThread in #general (2 messages):\n\nLee: First.\n  Dana Reyes: I approve\n\nSam: Second.",
    );
  });

  it("says when there is more of it", () => {
    const lines = [{ speaker: "Lee", words: "x" }];
    expect(transcriptText({ lines, question: "", place: "#general", isCut: true })).toContain(
      "(1 message, the first of a longer thread)",
    );
  });
});

describe("the item", () => {
  it("keeps text, context, urgency, author, place and link in Content, and the sender as requester", () => {
    const item = capturedItem({
      ...{ title: "T", text: "The text", context: "Budget 5,000", urgency: "today" },
      ...{ requestedBy: "U1", said: SAID },
    });
    expect(item).toEqual({
      title: "T",
      source: "Slack",
      requestedBy: "U1",
      content:
        "The text\n\nContext: Budget 5,000\n\nUrgency: it has to be settled today.\n\n" +
        "Said by Sam Okafor in #general: https://acme.slack.com/archives/C1/p12",
    });
  });

  it("is the text alone when nothing else was given", () => {
    const nothing = { context: "", urgency: "normal", requestedBy: "U1", said: null } as const;
    expect(capturedItem({ ...nothing, title: "T", text: "The text" }).content).toBe("The text");
  });
});

describe("the form", () => {
  /** What Slack sends back when nobody touches the form; it may drop blanks at the ends of an input. */
  const untouched = (view: ReturnType<typeof captureView>): FormValues =>
    Object.fromEntries(
      view.blocks.flatMap((block) => {
        if (!("element" in block) || block.element.type !== "plain_text_input") return [];
        const { action_id: action = "", initial_value: value } = block.element;
        return [[block.block_id ?? "", { [action]: { value: value?.trim() ?? null } }]];
      }),
    );
  const roundTrip = (text: string) => {
    const view = captureView({ text, said: SAID });
    const draft = decodeDraft(view.private_metadata ?? "");
    if (draft === null) throw new Error("the form does not know itself again");
    return { view, ...readCapture(untouched(view), draft), said: draft.said };
  };

  it("takes a message of 20,000 characters whole", () => {
    const text = Array.from({ length: 2_000 }, (_, n) => `word ${n}${n % 50 === 0 ? "\n\n" : ""}`).join(" ");
    const { view, text: back, said } = roundTrip(text);
    const squeezed = (words: string) => words.replace(/[ \t]+(?=\n|$)/g, "");
    expect(squeezed(back)).toBe(squeezed(text));
    expect(said).toEqual(SAID);
    expect(viewProblems(view)).toEqual([]);
  });

  it("stays within Slack's limits and loses no letter, whatever is said", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 9_000 }),
      fc
        .array(fc.constantFrom("ab", " ", "\n", "🙂", "<!channel>", "‮", "é́"), { maxLength: 6_000 })
        .map((l) => l.join("")),
    );
    const letters = (words: string) => words.replace(/[\s\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, "");
    fc.assert(
      fc.property(text, (words) => {
        const { view, text: back } = roundTrip(words);
        expect(viewProblems(view)).toEqual([]);
        expect(letters(back)).toBe(letters(words));
      }),
      { numRuns: 60 },
    );
  });

  it("says that a text longer than Slack's longest was cut", () => {
    const { view, text } = roundTrip("x".repeat(60_000));
    expect(viewProblems(view)).toEqual([]);
    expect(text).toContain("(the rest is in Slack)");
  });

  it("shows hostile names inert", () => {
    const said = { ...SAID, author: "<!channel> *bold*", place: "#<@U9>" };
    const words = JSON.stringify(captureView({ text: "x", said }).blocks[0]);
    expect(words).toContain("&lt;!channel&gt;");
    expect(words).not.toContain("<@U9>");
  });

  it.each(["", "nonsense", '{"said":1}'])("does not take %j for its own", (metadata) => {
    expect(decodeDraft(metadata)).toBeNull();
  });
});

it("an item that is there already is linked, with who sent it", () => {
  const captured = { by: "U2", at: "2026-11-21T12:00:00Z", title: "*Hire* <!here>", pageId: "ab-cd" };
  expect(alreadyText(captured, "U1")).toContain(
    "<https://app.notion.com/p/abcd|∗Hire∗ &lt;!here&gt;>, sent by <@U2>",
  );
  expect(alreadyText({ ...captured, pageId: null }, "U2")).toMatch(
    /sent by you.*Notion has not taken it yet/s,
  );
});
