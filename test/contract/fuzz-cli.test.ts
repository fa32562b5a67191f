/** Whatever is typed after `npm run emm --`: done, or a sentence that says what is wrong, and the right exit code. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emm } from "../fixtures/cli.ts";
import { emptyFolder } from "../fixtures/data-folders.ts";
import { MINIMAL } from "../fixtures/environment.ts";
import { awkwardText, FUZZ_PATIENCE_MS, fuzzed } from "../fixtures/fuzz.ts";

/** Nothing that would ask a vendor: their addresses lead nowhere, and of those who ask only the refusals are looked at. */
const words = fc.oneof(
  fc.constantFrom("check-env", "check-env", "export", "smoke", "notion-webhook", "setup", "help", "chek-env"),
  fc.constantFrom(
    "--json",
    "--help",
    "--only",
    "sft",
    "--out",
    "--parent",
    "--header",
    "--dry-run",
    "--",
    "-",
    "--no",
  ),
  awkwardText.filter((text) => !text.includes("doctor") && !text.includes("predeploy")),
);
const line = fc.array(words, { maxLength: 6 });
const folder = emptyFolder();
/** The token is wrong on purpose: whatever needs the configuration is refused before it asks anybody. */
const env = { ...MINIMAL, SLACK_BOT_TOKEN: "canary-0123456789", NOTION_API_KEY: "two words" };

describe("any command line", () => {
  it(
    "ends with 0, 1 or 2 and says why, without a stack or a secret",
    async () => {
      await fc.assert(
        fc.asyncProperty(line, async (args) => {
          const { code, out, err } = await emm(args, { env, folder });
          expect([0, 1, 2]).toContain(code);
          if (code !== 0) expect(`${out}${err}`.trim()).not.toBe("");
          expect(`${out}${err}`).not.toMatch(/\n\s+at .*[/(]|undefined|\[object Object\]/);
          expect(`${out}${err}`).not.toContain("canary-0123456789");
          if (args[0] === "check-env" && args[1] === "--json" && args.length === 2) JSON.parse(out);
        }),
        fuzzed(60),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});
