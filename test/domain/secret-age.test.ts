import { describe, expect, it } from "vitest";
import { ageSentence, secretAge } from "../../src/domain/secret-age.ts";

const day = (iso: string) => new Date(`${iso}T12:00:00Z`);

describe("the age of a secret", () => {
  it.each([
    ["2026-11-20", "2026-11-20", "first seen 2026-11-20, today; change it every 180", false],
    ["2026-11-19", "2026-11-20", "first seen 2026-11-19, 1 day ago; change it every 180", false],
    ["2026-05-01", "2026-10-27", "first seen 2026-05-01, 179 days ago; change it every 180", false],
    ["2026-05-01", "2026-10-28", "first seen 2026-05-01, 180 days ago; change it every 180", true],
    ["2026-11-21", "2026-11-20", "first seen 2026-11-21, today; change it every 180", false],
  ])("seen on %s and asked on %s: %s", (seen, now, sentence, isDue) => {
    const age = secretAge("API_KEY", day(seen), day(now));
    expect(ageSentence(age)).toBe(sentence);
    expect(age.isDue).toBe(isDue);
  });
});
