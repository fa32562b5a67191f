import { describe, expect, it } from "vitest";
import { MODELS, modelLifecycle, modelProblem, modelWarning } from "../../src/domain/models.ts";

describe("model life cycles", () => {
  it.each([
    "claude-3-haiku-20240307",
    "claude-3-5-sonnet-20241022",
    "claude-3-5-sonnet-20240620",
    "claude-3-7-sonnet-20250219",
    "claude-3-5-haiku-20241022",
    "claude-sonnet-4-20250514",
    "claude-opus-4-20250514",
    "claude-opus-4-1-20250805",
    "claude-opus-4-1",
    "claude-3-opus-20240229",
    "claude-2.1",
  ])("refuses the retired %s and names an active replacement", (id) => {
    const problem = modelProblem(id);
    expect(problem).toMatch(/was retired on \d{4}-\d{2}-\d{2}; use claude-\S+ instead\.$/);
    const replacement = modelLifecycle(id)?.replacement ?? "";
    expect(problem).toContain(replacement);
    expect(modelLifecycle(replacement)?.stage).toBe("active");
  });

  it("accepts the default models without a word", () => {
    for (const id of ["claude-sonnet-5-5", "claude-haiku-5-5"]) {
      expect([modelProblem(id), modelWarning(id)]).toEqual([null, null]);
    }
  });

  it("accepts a deprecated model with a warning that names date and replacement", () => {
    expect(modelProblem("claude-sonnet-4-5-20250929")).toBeNull();
    expect(modelWarning("claude-sonnet-4-5-20250929")).toContain("2026-11-30; move to claude-sonnet-5-5");
  });

  it("has nothing against a model that is newer than this table", () => {
    expect([modelProblem("claude-opus-9"), modelWarning("claude-opus-9")]).toEqual([null, null]);
  });

  it("knows an id whatever its case and blanks", () => {
    expect(modelProblem(" Claude-3-Haiku-20240307 ")).toContain("claude-haiku-5-5");
  });

  it("lists every id once, and a date and replacement for all that are not active", () => {
    expect(new Set(MODELS.map((m) => m.id)).size).toBe(MODELS.length);
    for (const model of MODELS.filter((m) => m.stage !== "active")) {
      expect(model.retiresOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(model.replacement).not.toBeNull();
    }
  });
});
