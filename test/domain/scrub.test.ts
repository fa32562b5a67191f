import { describe, expect, it } from "vitest";
import { createLog, moduleLog } from "../../src/log.ts";
import { createScrub } from "../../src/scrub.ts";

const scrub = createScrub([
  "s3cret-value",
  'quo"ted\\value',
  "postgresql://bot:pa%24sword@db.internal:5432/emm",
  "x",
]);

describe("known values", () => {
  it.each([
    ["as they are", "before s3cret-value after", "before [redacted] after"],
    ["twice in a line", "s3cret-value,s3cret-value", "[redacted],[redacted]"],
    ["inside JSON", JSON.stringify({ a: 'quo"ted\\value' }), '{"a":"[redacted]"}'],
    ["inside an address", `?token=${encodeURIComponent('quo"ted\\value')}`, "?token=[redacted]"],
    ["the password alone, as written", "password is pa%24sword", "password is [redacted]"],
    ["the password alone, as meant", "password is pa$sword", "password is [redacted]"],
    [
      "a whole database address",
      "to postgresql://bot:pa%24sword@db.internal:5432/emm now",
      "to [redacted] now",
    ],
  ])("%s", (_, text, clean) => expect(scrub(text)).toBe(clean));

  it("too short to tell from a word are left alone", () => {
    expect(scrub("example of an axis")).toBe("example of an axis");
  });
});

describe("what looks like a secret", () => {
  it.each([
    "xoxb-1234-5678-abcdef",
    "xapp-1-A0-1-abc",
    "sk-ant-api03-abc_def",
    "ntn_1234567890abcdefABCD",
    "dana@example.com",
    "T0/B0/XXXX",
  ])("%s", (secret) => {
    const text = secret.startsWith("T0")
      ? `POST https://hooks.slack.com/actions/${secret} failed`
      : `saw ${secret}.`;
    expect(scrub(text)).not.toContain(secret);
    expect(scrub(text)).toMatch(/^(saw|POST) .*(\.|failed)$/);
  });

  it("an authorization header and an address with a password", () => {
    expect(scrub("Authorization: Bearer abc.def-ghi")).toBe("Authorization: Bearer [redacted]");
    expect(scrub("Authorization: Basic dXNlcjpwYXNz")).toBe("Authorization: Basic [redacted]");
    expect(scrub("postgres://me:other@host/db")).toBe("postgres://[redacted]@host/db");
  });

  it("ordinary words, ids and addresses stay", () => {
    const text =
      'decision:1f2e-33 https://api.notion.com/v1/pages C0LEADERS1 Bearers of news, "Basic Information → App Credentials"';
    expect(scrub(text)).toBe(text);
  });
});

describe("an error in a log line", () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = moduleLog(
    createLog({ level: "INFO", json: true, secrets: ["s3cret-value"], destination }),
    "test",
  );

  it("shows class, code, stack and causes, and neither its words nor its own fields", () => {
    const cause = Object.assign(new Error("duplicate key (Dana's salary)"), {
      code: "23505",
      detail: "Dana's salary",
    });
    log.error({ err: new Error("line one Dana's salary\n    of s3cret-value", { cause }) }, "broke");
    const { err } = JSON.parse(lines.at(-1) ?? "") as { err: { stack: string; cause: { code: string } } };
    expect(lines.at(-1)).not.toMatch(/salary|s3cret/);
    expect(err.stack).toContain("scrub.test.ts");
    expect(err.cause.code).toBe("23505");
  });

  it("keeps the language's own words, which say what is wrong", () => {
    log.error({ err: new TypeError("x is not a function") }, "broke");
    expect(lines.at(-1)).toContain("x is not a function");
  });
});
