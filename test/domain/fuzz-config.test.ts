/** Whatever stands in the environment: a configuration, or one error that names each variable and repeats no secret. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspectEnvironment, loggableConfig, parseConfig } from "../../src/config.ts";
import { EnvironmentSchema } from "../../src/config-variables.ts";
import { isAppError } from "../../src/errors.ts";
import { createScrub } from "../../src/scrub.ts";
import { MINIMAL, problemsWith } from "../fixtures/environment.ts";
import { awkwardText, FUZZ_PATIENCE_MS, fuzzed } from "../fixtures/fuzz.ts";

const NAMES = Object.keys(EnvironmentSchema.shape);

/** Nothing in it says what it is. */
const SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
/** As vendors make them; each is known again wherever it turns up. */
const tokens = fc.constantFrom(
  "xoxb-1111-canary-0123456789",
  "xapp-1-canary-0123456789",
  "sk-ant-canary-0123456789",
  "ntn_canary0123456789abcdef",
  "postgres://bot:canary-pass-0123456789@db.acme.com/emm",
  "https://canary0123456789abcdef@o1.ingest.sentry.io/1",
);
const plausible = fc.constantFrom(
  ...[
    "on",
    "off",
    "0",
    "1",
    "2",
    "60",
    "120",
    "7",
    "-1",
    "1e3",
    "0x10",
    "production",
    "prod",
    "warn",
    "DEBUG",
  ],
  ...["C0DECISIONS", "U0DANA0001,S0LEADERS1", "U1;U2", "Europe/Berlin", "Mars/Base", "+25:00", "0 8 * * 1-5"],
  ...["*/0 * * * *", "99 * * * *", "22:00-07:00", "25:00-7", "Mon-Fri 09:00-18:00", "Fri-Mon 18:00-9:00"],
  ...[
    "https://a.example/b/",
    "http://[::1]:80",
    "https://",
    "http://u:p@h",
    "postgres://u:%zz@h/db",
    "postgres://",
  ],
  ...["0123456789abcdef0123456789abcdef", "https://www.notion.so/x-0123456789abcdef0123456789abcdef?v=1"],
  ...[
    "claude-2",
    "claude-sonnet-5-5",
    "10.0.0.0/33",
    "::1/128",
    "1.2.3.4/8/9",
    "https://acme.com:99999",
    "a b",
  ],
  ...["30,90", "0,0", "1.5", "X-API-Key", "x".repeat(300), "__proto__", "$HOME", "xoxb-your-token", "…"],
);
const value = fc.oneof(
  { weight: 4, arbitrary: plausible },
  { weight: 3, arbitrary: awkwardText },
  { weight: 2, arbitrary: tokens },
  { weight: 1, arbitrary: fc.constant(SIGNING_SECRET) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, "", " ") },
);
/** Mostly sound: nothing is reached behind an environment of which everything is wrong. */
const environment = fc
  .dictionary(fc.constantFrom(...NAMES, "SLACK_BOT_TOKE", "NOTION_DB_TASK"), value, { maxKeys: 8 })
  .map((changes) => ({ ...MINIMAL, ...changes }));

const repeated = (said: string, env: Record<string, string | undefined>, secrets: readonly string[]) =>
  Object.entries(env).flatMap(([name, text = ""]) => {
    const isSecret = text.includes("canary") || secrets.includes(text);
    return isSecret && said.includes(text) ? [name] : [];
  });

describe("any environment", () => {
  test(
    "is a configuration that can be logged, or an error with a line for each variable",
    () => {
      fc.assert(
        fc.property(environment, (env) => {
          const { problems } = inspectEnvironment(env);
          const config = attempt(() => parseConfig(env));
          if (!(config instanceof Error)) {
            expect(problems).toEqual([]);
            const scrub = createScrub(config.secrets);
            const said = `${JSON.stringify(loggableConfig(config))}\n${config.warnings.join("\n")}`;
            expect(repeated(scrub(said), env, [])).toEqual([]);
            return;
          }
          expect(isAppError(config) && config.code).toBe("config_invalid");
          const [head, ...lines] = config.message.split("\n");
          expect(head).toMatch(/^The configuration has (1 problem|\d+ problems):$/);
          expect(lines.length).toBe(problems.length);
          for (const line of lines) {
            const [, name = ""] = /^- ([A-Z][A-Z0-9_]*) \S.{5,}$/.exec(line) ?? [];
            expect(NAMES).toContain(name);
          }
          expect(repeated(config.message, env, [SIGNING_SECRET])).toEqual([]);
          expect(config.message.length).toBeLessThan(20_000);
        }),
        fuzzed(50),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});

describe("what once fell", () => {
  test.each([
    ["a token in another variable", { LOG_LEVEL: "xoxb-1111-canary-0123456789" }, "looks like a secret"],
    [
      "a key without a prefix in another variable",
      { TIMEZONE: SIGNING_SECRET.replace("8f", "9f") },
      "looks like",
    ],
    [
      "the value of a secret beside it",
      { LOG_LEVEL: "xx8f742231b10e8888abcd99yyyzzz85a5" },
      "SLACK_SIGNING_SECRET",
    ],
  ])("is %s, which the error repeated", (_, changes, said) => {
    const [line = ""] = problemsWith(changes);
    expect(line).toContain(said);
    for (const value of Object.values(changes)) expect(line).not.toContain(value.slice(0, 20));
  });

  test("is a password that no driver can decode, which stopped the start before anything was logged", () => {
    const [line] = problemsWith({ DATABASE_URL: "postgres://bot:%zz-password@db.acme.com/emm" });
    expect(line).toBe(
      "- DATABASE_URL cannot be read: percent-encode special characters in the user name and password",
    );
    expect(createScrub(["https://%zz-very-secret@o1.acme.com/1"])("at %zz-very-secret")).toBe(
      "at [redacted]",
    );
  });
});

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
