/** `/api/slo-dashboard`: numbers for machines, a page for people. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SloDashboard } from "../../src/http/slo-body.ts";
import { sloPage } from "../../src/http/slo-page.ts";
import { emptyReport } from "../fixtures/service-levels.ts";
import { type HttpSide, startHttp } from "./http-side.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
let side: HttpSide;

beforeAll(async () => {
  side = await startHttp();
});
afterAll(() => side.close());

const ask = (query = "", headers: Record<string, string> = {}) =>
  fetch(`${side.origin}/api/slo-dashboard${query}`, { headers });

describe("GET /api/slo-dashboard", () => {
  it("is JSON for whoever does not ask for a page", async () => {
    const asks = [ask(), ask("", { accept: "application/json" }), ask("?format=json", { accept: BROWSER })];
    for (const answer of await Promise.all(asks)) {
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect(answer.headers.get("vary")).toContain("Accept");
      const body = SloDashboard.parse(await answer.json());
      expect(body.objectives.map(({ key, state }) => `${key}: ${state}`)).toEqual([
        "click-acknowledged: ok",
        "item-to-card: broken",
        "poll-on-time: burning",
        "decision-recorded: ok",
        "availability: broken",
      ]);
      expect(body.objectives[1]).toMatchObject({ good: 234, total: 252, burn: { "1h": null, "6h": null } });
    }
  });

  it("is a page for browsers: no script, nothing from elsewhere, under a policy that allows its style alone", async () => {
    for (const answer of [await ask("", { accept: BROWSER }), await ask("?format=html")]) {
      const html = await answer.text();
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(answer.headers.get("content-type")).toContain("text/html");
      expect(html).not.toMatch(
        /<script|https?:\/\/|\son\w+=|style="|<link|<img|NaN|Infinity|undefined|null/i,
      );
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain("unsafe");
      const [, style = ""] = /<style>([\s\S]*)<\/style>/.exec(html) ?? [];
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
      expect(policy).toContain(`'sha256-${Buffer.from(digest).toString("base64")}'`);
      expect(html.match(/<svg /g)).toHaveLength(15);
      expect(html.match(/role="img" aria-label="[^"]{10,}"/g)).toHaveLength(15);
    }
  });

  it("calls the last day of a plot by its end, which is now", () => {
    const [first] = emptyReport().objectives;
    if (!first) throw new Error("no objective");
    const days = first.days.map((day, index) => ({
      ...day,
      from: new Date(Date.UTC(2027, 1, 1 + index, 11, 10)).toISOString(),
    }));
    const html = sloPage({ ...emptyReport(), objectives: [{ ...first, days }] });
    expect(html).toMatch(/>Feb 1<\/text><text[^>]*>Mar 1<\/text>/);
  });

  it("shows no data as no data", () => {
    const html = sloPage(emptyReport());
    expect(html).toContain("There are no records yet.");
    expect(html).not.toMatch(/class="(line|dot|bar)|\b100 %|NaN/);
    expect(html.match(/class="empty"/g)).toHaveLength(15);
  });

  it("refuses other formats, and answers 503 while there is no store to read", async () => {
    expect((await ask("?format=pdf")).status).toBe(400);
    expect((await ask("?format=html&format=json")).status).toBe(400);
    side.world.notReady = "store unreachable";
    const answer = await ask();
    side.world.notReady = null;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: "not_ready" });
  });

  it("stays a picture when a day is as bad as it can be", () => {
    const report = emptyReport();
    const [first] = report.objectives;
    if (!first) throw new Error("no objective");
    const days = first.days.map((day, index) => ({
      ...day,
      ...{ good: 0, total: index % 3 },
      ...(index % 3 === 0 ? {} : { attainment: 0, burn: 1_000, budgetLeft: -999 }),
    }));
    const html = sloPage({ ...report, objectives: [{ ...first, days }] });
    const numbers = [...html.matchAll(/\b(?:x|y|width|height|cx|cy|x1|x2|y1|y2)="([^"]+)"/g)].map(([, n]) =>
      Number(n),
    );
    expect(numbers.length).toBeGreaterThan(50);
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThanOrEqual(320);
    }
  });
});
