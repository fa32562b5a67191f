/** What the Slack side needs to show deployments and to go back to one. */
import type { Deployments, HostingPlan, PlatformAnswer } from "../domain/deployment.ts";
import type { Rollback, RollbackOrder, RollbackStart } from "../domain/rollback.ts";

export interface DeploymentDesk {
  /** Seconds old at most; `fresh` = as it is now. */
  deployments(how?: { fresh: boolean }): Promise<PlatformAnswer<Deployments>>;
  /** null = the platform does not tell. */
  plan(): Promise<HostingPlan | null>;
  /** The one that began last, under way or ended. */
  latestRollback(): Promise<Rollback | null>;
  /** Durable once it returns. Who may do it was checked before. */
  rollBack(order: RollbackOrder): Promise<RollbackStart>;
}
