/** Everything that is looked after, connected to what it is about. */
import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { resolve } from "node:path";
import type { createCounsel } from "../agents/counsel.ts";
import { type Config, DATABASE_NAMES, type DatabaseName } from "../config.ts";
import type { Backlog } from "../domain/backlog.ts";
import type { Questions } from "../health/claude-probe.ts";
import { createHealthMonitor, type HealthMonitor, type Probe } from "../health/monitor.ts";
import { createProbes, GROUPS } from "../health/probes.ts";
import type { DiskSpace } from "../health/store-probes.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import type { Poller } from "../poller/poller.ts";
import type { Slack } from "../slack/slack.ts";
import type { Store } from "../store/store.ts";
import { createUndelivered } from "../store/undelivered.ts";

const PROBE_TIMEOUT_MS = 10_000;

interface HealthParts {
  store: Store;
  notion: NotionWorkspace;
  slack: Slack;
  counsel: ReturnType<typeof createCounsel>;
  questions: Questions;
  poller: Poller;
  backlog(): Promise<Backlog | null>;
  now: () => Date;
  diskSpace?: ((path: string) => Promise<DiskSpace>) | undefined;
  /** What other parts of the bot know about themselves. */
  others?: Probe[];
}

export function createHealth(config: Config, parts: HealthParts): HealthMonitor {
  const { store, notion, slack, counsel, questions, poller, backlog, now, others = [] } = parts;
  const probes = createProbes({
    ...{ store, counsel, questions, poller, backlog, now },
    intervalSeconds: config.poll.intervalSeconds,
    slack: slack.checks,
    notion: {
      databases: DATABASE_NAMES,
      check: (name) => notion.checkDatabase(name as DatabaseName),
    },
    dataDir: config.store.databaseUrl === null ? resolve(config.store.dataDir) : null,
    diskSpace: parts.diskSpace ?? readDiskSpace,
    undelivered: createUndelivered(store.db),
    process: processWords(config, now()),
  });
  return createHealthMonitor({
    probes: [...probes, ...others],
    groups: GROUPS,
    timeoutMs: PROBE_TIMEOUT_MS,
    now,
  });
}

async function readDiskSpace(path: string): Promise<DiskSpace> {
  const { bsize, bavail, blocks, bfree } = await statfs(path);
  // What is reserved for the administrator is neither free nor part of the whole.
  return { free: bavail * bsize, total: (blocks - bfree + bavail) * bsize };
}

/** Tells replicas, and the process before a restart from the one after it, apart. */
function processWords({ build, railway }: Config, startedAt: Date): string {
  const commit = build.commit === null ? "commit not known" : `commit ${build.commit.slice(0, 7)}`;
  const deployment = railway.deploymentId === null ? "" : `, deployment ${railway.deploymentId}`;
  const id = randomUUID().slice(0, 4);
  return `this answer comes from version ${build.version}, ${commit}${deployment}, running since ${startedAt.toISOString()} (process ${id})`;
}
