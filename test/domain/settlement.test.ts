import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/domain/plan.ts";
import { settle } from "../../src/domain/settlement.ts";
import { arbitraryPlan, examplePlan } from "./arbitrary-plan.ts";

/** recommendedOption, 2 × (title, summary), riskAssessment, 2 resources, 3 tasks. */
const LEAVES = 11;

function settleEdited(changes: Partial<Plan>, proposal: Plan = examplePlan) {
  return settle(proposal, { ...proposal, ...changes }, "edited");
}

describe("an untouched plan", () => {
  it("is fully accepted, without modifications", () => {
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        expect(settle(plan, structuredClone(plan), "approved")).toEqual({
          acceptanceRate: 1,
          modifications: [],
        });
      }),
    );
  });
});

describe("a plan that will not be carried out", () => {
  it.each(["rejected", "expired"] as const)("is not accepted at all when %s", (verdict) => {
    const nothing = { acceptanceRate: 0, modifications: [] };
    expect(settle(examplePlan, null, verdict)).toEqual(nothing);
    expect(settle(examplePlan, examplePlan, verdict)).toEqual(nothing);
  });
});

describe("any other final plan", () => {
  it("has a rate from 0 to 1, which is 1 exactly when nothing was modified", () => {
    fc.assert(
      fc.property(arbitraryPlan, arbitraryPlan, (proposal, final) => {
        const { acceptanceRate, modifications } = settle(proposal, final, "edited");
        expect(acceptanceRate).toBeGreaterThanOrEqual(0);
        expect(acceptanceRate).toBeLessThanOrEqual(1);
        expect(acceptanceRate === 1).toBe(modifications.length === 0);
        expect(modifications.length === 0).toBe(JSON.stringify(proposal) === JSON.stringify(final));
      }),
    );
  });

  it("is not accepted at all when everything was replaced", () => {
    const replaced = (text: string) => `${text.length} quite other matters`;
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        const final: Plan = {
          recommendedOption: plan.recommendedOption === "A" ? "B" : "A",
          options: plan.options.map((o) => ({
            id: o.id,
            title: `${o.title} no`,
            summary: replaced(o.summary),
          })),
          riskAssessment: replaced(plan.riskAssessment),
          resources: plan.resources.map(replaced),
          tasks: plan.tasks.map(replaced),
        };
        expect(settle(plan, final, "edited").acceptanceRate).toBe(0);
      }),
    );
  });

  it("is accepted less with every further edit", () => {
    const final = structuredClone(examplePlan);
    const edits = [
      () => (final.riskAssessment = "High."),
      () => (final.recommendedOption = "B"),
      () => (final.tasks[0] = "Choose the pilot teams"),
      () => (final.resources[1] = "3,000 USD for licences"),
      () => (final.options[1] = { id: "B", title: "Roll out everywhere", summary: "All teams in May." }),
    ];
    const rates = edits.map((edit) => {
      edit();
      return settle(examplePlan, final, "edited").acceptanceRate;
    });
    rates.forEach((rate, index) => {
      expect(rate).toBeCloseTo(1 - (index + 1) / LEAVES);
    });
  });
});

describe("each kind of modification", () => {
  it("value: an edited text costs one leaf", () => {
    const { acceptanceRate, modifications } = settleEdited({ riskAssessment: "High." });
    expect(acceptanceRate).toBeCloseTo(1 - 1 / LEAVES);
    expect(modifications).toEqual([
      { path: "riskAssessment", kind: "value", before: examplePlan.riskAssessment, after: "High." },
    ]);
  });

  it("addition: one inserted task is one addition, at its place, and no other task is blamed", () => {
    const [first = "", ...others] = examplePlan.tasks;
    const { acceptanceRate, modifications } = settleEdited({ tasks: [first, "Book a room", ...others] });
    expect(modifications).toEqual([
      { path: "tasks[1]", kind: "addition", before: null, after: "Book a room" },
    ]);
    expect(acceptanceRate).toBeCloseTo(1 - 1.5 / (LEAVES + 1));
  });

  it("addition: holds for any list and any place", () => {
    fc.assert(
      fc.property(arbitraryPlan, fc.nat(), fc.lorem(), (plan, place, task) => {
        const tasks = plan.tasks.toSpliced(place % (plan.tasks.length + 1), 0, task);
        const { modifications } = settleEdited({ tasks }, plan);
        expect(modifications).toEqual([
          { path: expect.stringMatching(/^tasks\[\d+\]$/), kind: "addition", before: null, after: task },
        ]);
      }),
    );
  });

  it("removal: a removed task costs two leaves", () => {
    const { acceptanceRate, modifications } = settleEdited({ tasks: examplePlan.tasks.slice(0, 2) });
    expect(modifications).toEqual([
      { path: "tasks[2]", kind: "removal", before: "Agree on success numbers", after: null },
    ]);
    expect(acceptanceRate).toBeCloseTo(1 - 2 / LEAVES);
  });

  it("removal: an option counts each of its texts, its letter none", () => {
    const { acceptanceRate, modifications } = settleEdited({ options: examplePlan.options.slice(0, 1) });
    expect(modifications).toMatchObject([{ path: "options[B]", kind: "removal", after: null }]);
    expect(acceptanceRate).toBeCloseTo(1 - (2 * 2) / LEAVES);
  });

  it("type: a text that became something else costs two and a half leaves", () => {
    // Stored rows can be older than the type: a hand-written one holds a number where a text belongs.
    const final: Plan = { ...examplePlan, ...JSON.parse('{"riskAssessment": 5}') };
    const { acceptanceRate, modifications } = settle(examplePlan, final, "edited");
    expect(modifications).toMatchObject([{ path: "riskAssessment", kind: "type", after: 5 }]);
    expect(acceptanceRate).toBeCloseTo(1 - 2.5 / LEAVES);
  });
});

describe("lists", () => {
  it("see a reworded task as an edit, also when others came and went around it", () => {
    const { modifications } = settleEdited({
      tasks: ["Book a room", "Choose the pilot team", "Agree on the success numbers in writing"],
    });
    expect(modifications).toEqual([
      { path: "tasks[1]", kind: "removal", before: "Sign the licence contract", after: null },
      {
        path: "tasks[2]",
        kind: "value",
        before: "Agree on success numbers",
        after: "Agree on the success numbers in writing",
      },
      { path: "tasks[0]", kind: "addition", before: null, after: "Book a room" },
    ]);
  });

  it("see a moved task as one change of its position", () => {
    const [a = "", b = "", c = ""] = examplePlan.tasks;
    const { acceptanceRate, modifications } = settleEdited({ tasks: [c, a, b] });
    expect(modifications).toEqual([{ path: "tasks[0].position", kind: "value", before: 2, after: 0 }]);
    expect(acceptanceRate).toBeCloseTo(1 - 1 / LEAVES);
  });

  it("know options by their letter", () => {
    const [a, b] = examplePlan.options;
    if (!a || !b) throw new Error("the example has two options");
    expect(settleEdited({ options: [a, { ...b, summary: "Everything else." }] }).modifications).toEqual([
      { path: "options[B].summary", kind: "value", before: b.summary, after: "Everything else." },
    ]);
    expect(settleEdited({ options: [b, a] }).modifications).toHaveLength(1);
  });

  it("count each of two equal tasks", () => {
    const proposal = { ...examplePlan, tasks: ["Call", "Write", "Call"] };
    expect(settleEdited({ tasks: ["Write", "Call"] }, proposal).modifications).toEqual([
      { path: "tasks[0]", kind: "removal", before: "Call", after: null },
    ]);
  });
});
