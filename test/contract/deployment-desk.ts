/** Deployments in memory, as the Slack side asks for them. */
import type { Deployment, Deployments, HostingPlan, PlatformAnswer } from "../../src/domain/deployment.ts";
import type { Rollback, RollbackOrder } from "../../src/domain/rollback.ts";
import type { DeploymentDesk } from "../../src/slack/rollback-ports.ts";
import { deploymentList, rollbackOf } from "../fixtures/deployments.ts";

export interface TestDeploymentDesk extends DeploymentDesk {
  answer: PlatformAnswer<Deployments>;
  hosting: HostingPlan | null;
  latest: Rollback | null;
  orders: RollbackOrder[];
  change(id: string, change: Partial<Deployment>): void;
}

export function createDeploymentDesk(): TestDeploymentDesk {
  const desk: TestDeploymentDesk = {
    answer: { ok: true, value: deploymentList() },
    hosting: "hobby",
    latest: null,
    orders: [],
    deployments: async () => desk.answer,
    plan: async () => desk.hosting,
    latestRollback: async () => desk.latest,
    async rollBack(order) {
      if (desk.latest !== null && desk.latest.state.kind !== "ended" && desk.latest.id !== order.key)
        return { kind: "busy", active: desk.latest };
      desk.orders.push(order);
      desk.latest = rollbackOf({ ...order, id: order.key });
      return { kind: "started", rollback: desk.latest };
    },
    change(id, change) {
      if (!desk.answer.ok) throw new Error("there is no list");
      const { list, activeIds } = desk.answer.value;
      const changed = list.map((one) => (one.id === id ? { ...one, ...change } : one));
      desk.answer = { ok: true, value: { list: changed, activeIds } };
    },
  };
  return desk;
}
