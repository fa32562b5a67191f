/** Plans as fast-check makes them: with headings in summaries, bullets in tasks, blanks, emoji and foreign scripts. */
import fc from "fast-check";
import { OPTION_IDS, type Plan } from "../../src/domain/plan.ts";

const awkward = fc.constantFrom(
  "A. not a heading",
  "B) nor this",
  "- bullet",
  "1. first",
  "2026. A year",
  "• dot",
  "- [ ] box",
  "mañana 🚀",
  "שלום",
  "line\nB. broken",
  "a\r\nb",
  "  set in",
  "end  ",
  "",
  "A.",
);

const words = fc.oneof(fc.lorem({ maxCount: 6 }), fc.string({ unit: "grapheme", maxLength: 30 }), awkward);
const filled = words.filter((text) => text.trim() !== "");
const summary = fc.array(words, { maxLength: 3 }).map((lines) => lines.join("\n"));

export const arbitraryPlan: fc.Arbitrary<Plan> = fc
  .integer({ min: 2, max: OPTION_IDS.length })
  .chain((count) => {
    const ids = OPTION_IDS.slice(0, count);
    return fc.record({
      recommendedOption: fc.constantFrom(...ids),
      options: fc.tuple(...ids.map((id) => fc.record({ id: fc.constant(id), title: filled, summary }))),
      riskAssessment: summary,
      resources: fc.array(filled, { maxLength: 4 }),
      tasks: fc.array(filled, { maxLength: 6 }),
    });
  });

export const examplePlan: Plan = {
  recommendedOption: "A",
  options: [
    { id: "A", title: "Pilot with one team", summary: "Four weeks, one team.\nThen decide again." },
    { id: "B", title: "Roll out everywhere", summary: "All teams in January." },
  ],
  riskAssessment: "Low: the pilot can be stopped on any day.",
  resources: ["One engineer for four weeks", "2,000 USD for licences"],
  tasks: ["Choose the pilot team", "Sign the licence contract", "Agree on success numbers"],
};
