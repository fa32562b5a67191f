import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optionIdOf } from "../../src/notion/decisions.ts";
import { bestMatch, normalName } from "../../src/notion/near-names.ts";
import {
  chunkText,
  decodeValue,
  encodeText,
  encodeValue,
  MAX_RUN_UNITS,
  MAX_RUNS,
  plainText,
  storableText,
  type WriteTarget,
} from "../../src/notion/properties.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 9000, size: "max" }),
  fc.string({ unit: "grapheme", maxLength: 3000, size: "max" }),
  fc.nat({ max: 4100 }).map((n) => "🧭".repeat(n)),
  fc.nat({ max: 4100 }).map((n) => `x${"👩‍👩‍👧‍👦é".repeat(Math.ceil(n / 12))}`),
);
const unlimited = () => ({ bytesLeft: Number.POSITIVE_INFINITY });
const asRead = (runs: { text: { content: string } }[]) =>
  runs.map((run) => ({ type: "text", plain_text: run.text.content, text: run.text }));

describe("long text", () => {
  it("comes back whole from runs that Notion accepts, whatever it consists of", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { runs, rest } = encodeText(text, unlimited());
        expect(plainText(asRead(runs)) + rest).toBe(storableText(text));
        expect(rest).toBe("");
        for (const { text: run } of runs) {
          expect(run.content.length).toBeLessThanOrEqual(MAX_RUN_UNITS);
          expect(run.content).not.toBe("");
          expect(run.content).not.toMatch(/[\ud800-\udfff]/u);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never splits a character, even in pieces of two units", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.integer({ min: 2, max: 9 }),
        (text, max) => {
          const chunks = chunkText(text, max);
          expect(chunks.join("")).toBe(text);
          for (const chunk of chunks) expect(chunk).not.toMatch(/[\ud800-\udfff]/u);
        },
      ),
    );
  });

  it("beyond what one property holds is handed back, not cut", () => {
    const text = "0123456789".repeat(25_000);
    const { runs, rest } = encodeText(text, unlimited());
    expect(runs).toHaveLength(MAX_RUNS);
    expect(rest).toHaveLength(50_000);
    expect(plainText(asRead(runs)) + rest).toBe(text);
  });

  it("stays inside the bytes of one request", () => {
    fc.assert(
      fc.property(fc.nat({ max: 30_000 }), fc.integer({ min: 0, max: 60_000 }), (length, bytesLeft) => {
        const text = "漢".repeat(length);
        const { runs, rest } = encodeText(text, { bytesLeft });
        expect(Buffer.byteLength(JSON.stringify(runs))).toBeLessThanOrEqual(bytesLeft + 2);
        expect(plainText(asRead(runs)) + rest).toBe(text);
      }),
      { numRuns: 40 },
    );
  });
});

describe("values", () => {
  const target = (over: Partial<WriteTarget>): WriteTarget => ({
    label: "Tasks, Status",
    type: "select",
    schemaOptions: [],
    ownOptions: null,
    ...over,
  });
  const encode = (over: Partial<WriteTarget>, value: unknown) =>
    encodeValue(target(over), value, unlimited()).json;

  it("read back as they were written", () => {
    const cases: [WriteTarget["type"], unknown][] = [
      ["number", 0],
      ["number", null],
      ["checkbox", true],
      ["date", "2026-11-21"],
      ["date", null],
      ["url", "https://example.com/a"],
      ["url", null],
      ["select", "High"],
      ["select", null],
      ["relation", ["a", "b"]],
      ["people", ["u1"]],
    ];
    for (const [type, value] of cases) expect(decodeValue(type, encode({ type }, value))).toEqual(value);
  });

  it("use the workspace's own spelling of an option", () => {
    expect(encode({ schemaOptions: ["slack"] }, "Slack")).toEqual({ select: { name: "slack" } });
    const conflict = ["Low", "Low - Minor Disagreement"];
    expect(encode({ schemaOptions: ["Low - Minor Disagreement"], ownOptions: conflict }, conflict)).toEqual({
      select: { name: "Low - Minor Disagreement" },
    });
    expect(encode({ ownOptions: conflict }, conflict)).toEqual({ select: { name: "Low" } });
  });

  it("refuse an option that is neither ours nor the workspace's", () => {
    expect(() => encode({ ownOptions: ["Approved"] }, "Aproved")).toThrow(/Tasks, Status.*Aproved/);
  });

  it("take the comma out of a free option name", () => {
    expect(encode({}, "E-mail, forwarded")).toEqual({ select: { name: "E-mail forwarded" } });
  });

  it("leave a status to its default when the workspace does not have the option", () => {
    expect(encode({ type: "status", schemaOptions: ["To do", "Done"] }, "Not started")).toBeNull();
    expect(encode({ type: "status", schemaOptions: ["Not Started"] }, "Not started")).toEqual({
      status: { name: "Not Started" },
    });
  });

  it("refuse more links than one request takes, by name", () => {
    const ids = Array.from({ length: 101 }, (_, i) => `p${i}`);
    expect(() => encode({ type: "relation", label: "Nodes, Links" }, ids)).toThrow(/Nodes, Links.*101/);
  });

  it("of Notion's own are never written", () => {
    expect(encode({ type: "created_time" }, "2026-11-21")).toBeNull();
  });
});

describe("option letters", () => {
  it("are read leniently", () => {
    const cases = {
      B: "B",
      "Option B": "B",
      "option c - wait": "C",
      "D.": "D",
      "": null,
      Build: null,
      Approve: null,
    };
    for (const [name, id] of Object.entries(cases)) expect([name, optionIdOf(name)]).toEqual([name, id]);
  });
});

describe("node names", () => {
  const known = ["Northwind Logistics GmbH", "Annual revenue plan 2025", "Customer retention programme"].map(
    (name) => ({
      name,
      normal: normalName(name),
    }),
  );
  const match = (name: string) => bestMatch(normalName(name), known)?.name ?? null;

  it("match exactly whatever their case and spacing", () => {
    expect(match("  northwind   LOGISTICS gmbh ")).toBe("Northwind Logistics GmbH");
  });

  it("match when 95 % of the letters agree, and not below", () => {
    expect(match("Customer retention program")).toBeNull();
    expect(match("Customer retention programms")).toBe("Customer retention programme");
  });

  it("never match across different numbers", () => {
    expect(match("Annual revenue plan 2026")).toBeNull();
  });
});
