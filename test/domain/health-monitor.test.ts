import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createHealthMonitor,
  type HealthMonitor,
  type Probe,
  type ProbeGroup,
} from "../../src/health/monitor.ts";

const MINUTE = 60_000;
let monitor: HealthMonitor | null = null;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-21T10:00:00Z") });
});

afterEach(() => {
  monitor?.stop();
  vi.useRealTimers();
});

function watch(probes: Probe[], groups: ProbeGroup[] = []): HealthMonitor {
  monitor = createHealthMonitor({ probes, groups, timeoutMs: 1_000, now: () => new Date() });
  return monitor;
}

const probe = (run: Probe["run"], changes: Partial<Probe> = {}): Probe => ({
  name: "notion",
  critical: true,
  everyMs: 5 * MINUTE,
  run,
  ...changes,
});
const ok = async () => ({ status: "ok", detail: "fine" }) as const;

describe("health", () => {
  it("is never called healthy before anybody looked", () => {
    const report = watch([probe(ok)]).report();
    expect(report.status).toBe("degraded");
    expect(report.checks[0]).toMatchObject({ status: "unknown", checkedAt: null });
  });

  it("shows a probe that throws or hangs as down, and never waits for it", async () => {
    const hang = () => new Promise<never>(() => undefined);
    const broken = () => Promise.reject(new Error("token revoked"));
    const looked = watch([probe(hang), probe(broken, { name: "slack" })]).refresh();
    await vi.advanceTimersByTimeAsync(1_100);
    const report = await looked;
    expect(report.status).toBe("unhealthy");
    expect(report.checks.map((check) => check.detail)).toEqual([
      "did not answer within 1 s",
      "token revoked",
    ]);
  });

  it("is only degraded when a part that is not critical is down", async () => {
    const down = async () => ({ status: "down", detail: "no" }) as const;
    expect(
      (await watch([probe(ok), probe(down, { name: "claude", critical: false })]).refresh()).status,
    ).toBe("degraded");
  });

  it("turns green by itself soon after the fault is gone", async () => {
    let isDown = true;
    const run = async () => (isDown ? ({ status: "down", detail: "503" } as const) : ok());
    const health = watch([probe(run)]);
    health.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(health.report().status).toBe("unhealthy");
    isDown = false;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(health.report().status).toBe("healthy");
  });

  it("forgets what is too old to say anything about now", async () => {
    const health = watch([probe(ok)]);
    await health.refresh();
    expect(health.report().status).toBe("healthy");
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(health.report().checks[0]?.status).toBe("unknown");
  });
});

describe("a clock that jumps", () => {
  it("ahead: what was seen no longer counts, and is looked at again at once", async () => {
    let looks = 0;
    const run = async () => {
      looks += 1;
      return ok();
    };
    const health = watch([probe(run)]);
    health.start();
    await vi.advanceTimersByTimeAsync(10);
    vi.setSystemTime(Date.now() + 60 * MINUTE);
    expect(health.report().checks[0]?.status).toBe("unknown");
    await vi.advanceTimersByTimeAsync(1_100);
    expect(health.report().status).toBe("healthy");
    expect(looks).toBe(2);
  });

  it("back: an old finding does not stay young, and probes go on", async () => {
    let isDown = false;
    const run = async () => (isDown ? ({ status: "down", detail: "503" } as const) : ok());
    const health = watch([probe(run, { everyMs: MINUTE })]);
    health.start();
    await vi.advanceTimersByTimeAsync(10);
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    isDown = true;
    await vi.advanceTimersByTimeAsync(MINUTE + 1_100);
    expect(health.report().status).toBe("unhealthy");
    health.stop();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(health.report().checks[0]?.status).toBe("unknown");
  });
});

describe("a probe that could not look", () => {
  it("leaves what was seen before, for a while", async () => {
    let isBusy = false;
    const run = async () => (isBusy ? null : ok());
    const health = watch([probe(run, { everyMs: MINUTE })]);
    health.start();
    await vi.advanceTimersByTimeAsync(10);
    isBusy = true;
    await vi.advanceTimersByTimeAsync(MINUTE + 1_000);
    expect(health.report().status).toBe("healthy");
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(health.report().checks[0]).toMatchObject({
      status: "unknown",
      detail: expect.stringContaining("no data"),
    });
    isBusy = false;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(health.report().status).toBe("healthy");
  });
});

describe("a look at everything", () => {
  it("is granted fifteen times a minute; who asks more often gets what was seen last", async () => {
    let looks = 0;
    const run = async () => {
      looks += 1;
      return ok();
    };
    const health = watch([probe(run)]);
    for (let asked = 0; asked < 40; asked += 1) expect((await health.refresh()).status).toBe("healthy");
    expect(looks).toBe(15);
    await vi.advanceTimersByTimeAsync(MINUTE);
    await health.refresh();
    expect(looks).toBe(16);
  });
});

describe("a probe under suspicion", () => {
  it("is looked at soon, although it was well", async () => {
    let looks = 0;
    const run = async () => {
      looks += 1;
      return ok();
    };
    let isSuspect = false;
    const health = watch([probe(run, { isSuspect: () => isSuspect })]);
    health.start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(looks).toBe(1);
    isSuspect = true;
    await vi.advanceTimersByTimeAsync(1_100);
    expect(looks).toBe(2);
  });
});

describe("a group", () => {
  const groups = [{ name: "notion", critical: true, allWell: (count: number) => `${count} databases` }];
  const part = (name: string, run: Probe["run"]) => probe(run, { name, group: "notion", critical: false });
  const down = (detail: string) => async () => ({ status: "down", detail }) as const;
  const see = async (...probes: Probe[]) => {
    const { status, checks } = await watch(probes, groups).refresh();
    return {
      status,
      checks: checks.map(({ name, partOf, ...check }) => [name, partOf, check.status, check.detail]),
    };
  };

  it("stands before its parts and is as bad as the worst of them", async () => {
    expect(await see(part("tasks", ok), part("areas", ok))).toEqual({
      status: "healthy",
      checks: [
        ["notion", undefined, "ok", "2 databases"],
        ["notion_tasks", "notion", "ok", "fine"],
        ["notion_areas", "notion", "ok", "fine"],
      ],
    });
    const ill = await see(part("tasks", ok), part("areas", down("Areas is gone.")));
    expect(ill.status).toBe("unhealthy");
    expect(ill.checks[0]).toEqual(["notion", undefined, "down", "1 of 2: Areas is gone."]);
  });

  it("says once what all of them ail from, and is not well while one is not known", async () => {
    const outage = await see(part("tasks", down("503.")), part("areas", down("503.")));
    expect(outage.checks[0]).toEqual(["notion", undefined, "down", "503."]);
    const busy = await see(
      part("tasks", ok),
      part("areas", async () => null),
    );
    expect(busy).toMatchObject({ status: "degraded" });
    expect(busy.checks[0]?.[2]).toBe("unknown");
  });
});
