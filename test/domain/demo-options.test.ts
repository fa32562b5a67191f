import { describe, expect, it } from "vitest";
import { demoOptions, HELP } from "../../src/sandbox/demo-options.ts";

describe("npm run demo", () => {
  it("takes the page's port from --port and the bot's from PORT, and has a default for each", () => {
    expect(demoOptions([], {})).toEqual({ isHelp: false, pagePort: 4400, botPort: 8000 });
    expect(demoOptions(["--port", "4410"], { PORT: "8010" })).toMatchObject({
      pagePort: 4410,
      botPort: 8010,
    });
    expect(demoOptions(["--port=0"], { PORT: "" })).toMatchObject({ pagePort: 0, botPort: 8000 });
  });

  it("explains itself when asked, whatever else is wrong", () => {
    expect(demoOptions(["--help"], { PORT: "abc" }).isHelp).toBe(true);
    expect(demoOptions(["-h"], {}).isHelp).toBe(true);
    expect(HELP).toMatch(/--port <number>.*page[\s\S]*PORT=<number>.*bot/);
  });

  it.each(["abc", "-1", "65536", "1.5", " "])("refuses PORT=%j by name, with the fix", (PORT) => {
    expect(() => demoOptions([], { PORT })).toThrow(/^PORT, .*0 to 65535.*leave it out/);
  });

  it("refuses a --port that is none, and an option that it does not know", () => {
    expect(() => demoOptions(["--port", "x"], {})).toThrow(/^--port .*"x".*leave it out/);
    expect(() => demoOptions(["--prot", "1"], {})).toThrow(/--prot'[\s\S]*Usage: /);
  });
});
