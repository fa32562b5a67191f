import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHealthMonitor, type HealthMonitor, type Probe } from "../../src/health/monitor.ts";

const MINUTE = 60_000;
let monitor: HealthMonitor | null = null;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-21T10:00:00Z") });
});

afterEach(() => {
  monitor?.stop();
  vi.useRealTimers();
});

function watch(probes: Probe[]): HealthMonitor {
  monitor = createHealthMonitor({ probes, timeoutMs: 1_000, now: () => new Date() });
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
