/** The ten databases by the name their environment variable ends in (`NOTION_DB_…`). */
import { actionPipes } from "./action-pipes.ts";
import { agentRegistry } from "./agent-registry.ts";
import { areas } from "./areas.ts";
import { executionLog } from "./execution-log.ts";
import { executiveIntents } from "./executive-intents.ts";
import { nodes } from "./nodes.ts";
import { projects } from "./projects.ts";
import type { DatabaseName, PropertyTable } from "./property-table.ts";
import { systemInbox } from "./system-inbox.ts";
import { tasks } from "./tasks.ts";
import { trainingData } from "./training-data.ts";

export const DATABASES = {
  SYSTEM_INBOX: { title: "System Inbox", properties: systemInbox },
  EXECUTIVE_INTENTS: { title: "Executive Intents", properties: executiveIntents },
  ACTION_PIPES: { title: "Action Pipes", properties: actionPipes },
  AGENT_REGISTRY: { title: "Agent Registry", properties: agentRegistry },
  EXECUTION_LOG: { title: "Execution Log", properties: executionLog },
  TRAINING_DATA: { title: "Training Data", properties: trainingData },
  TASKS: { title: "Tasks", properties: tasks },
  PROJECTS: { title: "Projects", properties: projects },
  AREAS: { title: "Areas", properties: areas },
  NODES: { title: "Nodes", properties: nodes },
} satisfies Record<DatabaseName, { title: string; properties: PropertyTable }>;

export type DatabaseTable<N extends DatabaseName> = (typeof DATABASES)[N]["properties"];
