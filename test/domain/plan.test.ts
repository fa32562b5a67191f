import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contentHash,
  contentToPlan,
  linesOf,
  type PipeContent,
  type Plan,
  planToContent,
} from "../../src/domain/plan.ts";
import { arbitraryPlan, examplePlan } from "./arbitrary-plan.ts";

const content = planToContent("Pilot?", examplePlan);

function edited(changes: Partial<PipeContent>): Plan {
  return contentToPlan({ ...content, ...changes }, examplePlan);
}

describe("linesOf", () => {
  it.each([
    ["- one\n* two\n• three", ["one", "two", "three"]],
    ["1. one\n2) two\n10. ten", ["one", "two", "ten"]],
    ["- [ ] open\n- [x] done", ["open", "done"]],
    ["– en\n— em\n•tight", ["en", "em", "tight"]],
    ["one\r\n\r\n  two  \rthree", ["one", "two", "three"]],
    ["-\n- \n*", []],
    ["2026. A year\n3.5 percent\n-5 degrees\n1.dot", ["2026. A year", "3.5 percent", "-5 degrees", "1.dot"]],
    ["", []],
  ])("of %j are %j", (text, lines) => {
    expect(linesOf(text)).toEqual(lines);
  });
});

describe("a plan in Notion's columns", () => {
  it("reads as people would write it", () => {
    expect(content).toEqual({
      title: "Pilot?",
      recommendedOption: "A",
      scenarioOptions:
        "A. Pilot with one team\nFour weeks, one team.\nThen decide again.\n\nB. Roll out everywhere\nAll teams in January.",
      riskAssessment: "Low: the pilot can be stopped on any day.",
      requiredResources: "One engineer for four weeks\n2,000 USD for licences",
      tasks: "Choose the pilot team\nSign the licence contract\nAgree on success numbers",
    });
  });

  it("comes back as the very same plan when nobody touched it", () => {
    fc.assert(
      fc.property(arbitraryPlan, fc.string(), (plan, title) => {
        expect(contentToPlan(planToContent(title, plan), plan)).toEqual(plan);
      }),
    );
  });

  it("comes back the same after an editor changed only line ends and outer blanks", () => {
    const byEditor = (text: string) => `\r\n${text.replaceAll("\n", "  \r\n")}\n\n`;
    expect(
      edited({
        scenarioOptions: byEditor(content.scenarioOptions),
        riskAssessment: byEditor(content.riskAssessment),
        requiredResources: byEditor(content.requiredResources),
        tasks: byEditor(content.tasks),
      }),
    ).toEqual(examplePlan);
  });

  it("keeps every option apart when one summary was edited, whatever the summaries hold", () => {
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        const [first, ...others] = plan.options;
        if (!first) return;
        const changed = { ...plan, options: [{ ...first, title: "Rewritten by a person" }, ...others] };
        const read = contentToPlan(planToContent("t", changed), plan);
        expect(read.options.map((option) => option.id)).toEqual(plan.options.map((option) => option.id));
        expect(read.options[0]?.title).toBe("Rewritten by a person");
        expect(read.options.slice(1)).toEqual(others);
      }),
    );
  });
});

describe("an edit in Notion", () => {
  it("of one task changes that task alone, also beside tasks that begin like bullets", () => {
    const base = { ...examplePlan, tasks: ["1. Call the bank", "- Write\nit down", "Sign"] };
    const { tasks } = planToContent("t", base);
    const plan = contentToPlan({ ...content, tasks: tasks.replace("Sign", "Sign twice") }, base);
    expect(plan.tasks).toEqual(["1. Call the bank", "- Write\nit down", "Sign twice"]);
  });

  it("may add tasks as bullets and remove all resources", () => {
    const plan = edited({ tasks: `${content.tasks}\n- Tell everybody`, requiredResources: " " });
    expect(plan.tasks).toEqual([...examplePlan.tasks, "Tell everybody"]);
    expect(plan.resources).toEqual([]);
  });

  it("of an option's text keeps the others and their line breaks", () => {
    const plan = edited({ scenarioOptions: content.scenarioOptions.replace("in January", "in May") });
    expect(plan.options).toEqual([
      examplePlan.options[0],
      { id: "B", title: "Roll out everywhere", summary: "All teams in May." },
    ]);
  });

  it("without any heading keeps the options people saw", () => {
    expect(edited({ scenarioOptions: "Let us just do the pilot." }).options).toEqual(examplePlan.options);
  });

  it("never drops a line: not one above the headings, not a second heading of the same letter", () => {
    const plan = edited({ scenarioOptions: "Please read.\nA. One\nfirst\nA. Smith agrees\nB) Two" });
    expect(plan.options).toEqual([
      { id: "A", title: "One", summary: "Please read.\nfirst\nA. Smith agrees" },
      { id: "B", title: "Two", summary: "" },
    ]);
  });

  it.each([
    ["B", content.scenarioOptions, "B"],
    [null, content.scenarioOptions, "A"],
    ["D", content.scenarioOptions, "A"],
    ["A", "B. Roll out everywhere", "B"],
  ] as const)(
    "recommending %s with %j ends with %s, always one of the options",
    (wish, options, expected) => {
      const plan = edited({ recommendedOption: wish, scenarioOptions: options });
      expect(plan.recommendedOption).toBe(expected);
      expect(plan.options.map((option) => option.id)).toContain(expected);
    },
  );
});

describe("the content hash", () => {
  const fields = ["title", "scenarioOptions", "riskAssessment", "requiredResources", "tasks"] as const;

  it.each(fields)("ignores line ends and blanks at the edges of %s", (field) => {
    const text = `\n${content[field].replaceAll("\n", " \t\r\n")} \r\n\r\n`;
    expect(contentHash({ ...content, [field]: text })).toBe(contentHash(content));
  });

  it.each(fields)("changes with every word of %s", (field) => {
    for (const word of content[field].split(/\s+/)) {
      const changed = { ...content, [field]: content[field].replace(word, `${word}s`) };
      expect(contentHash(changed)).not.toBe(contentHash(content));
    }
  });

  it("changes when a word moves to another column, a line is split or lines change places", () => {
    const hashes = [
      content,
      { ...content, tasks: "", requiredResources: `${content.requiredResources}\n${content.tasks}` },
      { ...content, tasks: content.tasks.replace("Choose ", "Choose\n") },
      { ...content, tasks: content.tasks.split("\n").reverse().join("\n") },
      { ...content, recommendedOption: "B" as const },
      { ...content, recommendedOption: null },
    ].map(contentHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("is the same for the same plan, and different for plans that read differently", () => {
    fc.assert(
      fc.property(arbitraryPlan, arbitraryPlan, (one, other) => {
        const [a, b] = [planToContent("t", one), planToContent("t", other)];
        expect(contentHash(planToContent("t", structuredClone(one)))).toBe(contentHash(a));
        const visible = (c: PipeContent) => JSON.stringify(c).replaceAll(/(\s|\\[rntvf]|\\u202[89])+/g, "");
        fc.pre(visible(a) !== visible(b));
        expect(contentHash(a)).not.toBe(contentHash(b));
      }),
    );
  });
});
