/** Railway, the rollback workflow and what `/emm deploys` and `/emm rollback` look at, connected. */
import type { Config } from "../config.ts";
import type { HealthReport } from "../domain/health.ts";
import type { Face } from "../domain/rollback.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import { publicFace } from "../railway/public-face.ts";
import { createRailway } from "../railway/railway.ts";
import type { Slack } from "../slack/slack.ts";
import { createAuditTrail } from "../store/ledgers.ts";
import { createRollbackStore } from "../store/rollbacks.ts";
import type { Store } from "../store/store.ts";
import { registerRollback } from "../workflows/rollback.ts";
import type { AskFace } from "../workflows/rollback-ports.ts";

interface DeploymentParts {
  store: Store;
  notion: NotionWorkspace;
  slack: Slack;
  health(): HealthReport;
  whyNotReady(): Promise<string | null>;
  now: () => Date;
  lookEveryMs: number | undefined;
}

export function createDeployments(config: Config, parts: DeploymentParts) {
  const { store, notion, slack, now, lookEveryMs } = parts;
  const railway = createRailway(config.railway);
  const rollbacks = registerRollback({
    platform: railway,
    askFace: faceOf(config, parts),
    book: createRollbackStore(store.db),
    wall: slack.rollbackWall,
    records: notion.records,
    audit: createAuditTrail(store.db),
    exclusive: store.exclusive,
    now,
    ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
  });
  return {
    railway,
    desk: {
      deployments: railway.deployments,
      plan: railway.plan,
      latestRollback: rollbacks.latest,
      rollBack: rollbacks.start,
    },
  };
}

/** By its public address; a bot without one can still say how it is itself, once it is the new deployment. */
export function faceOf(
  { http, railway }: Pick<Config, "http" | "railway">,
  { health, whyNotReady }: Pick<DeploymentParts, "health" | "whyNotReady">,
): AskFace {
  return async ({ deploymentId, address }): Promise<Face> => {
    const url = http.publicUrl ?? address;
    if (url !== null) return publicFace(url);
    if (deploymentId === null || deploymentId !== railway.deploymentId) return { kind: "no-address" };
    const { status } = health();
    return {
      kind: "answers",
      deploymentId,
      commit: null,
      health: status,
      isHealthy: status !== "unhealthy",
      isReady: (await whyNotReady()) === null,
    };
  };
}
