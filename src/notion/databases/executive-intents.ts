/** Executive Intents: the question behind a decision, and how it was answered. */
import {
  alsoOlder,
  date,
  dateOrCreatedTime,
  number,
  relation,
  required,
  select,
  text,
  title,
  welcome,
} from "./property-table.ts";

export const executiveIntents = {
  Name: title(),
  Description: text(),
  Success_Criteria: text(),
  Decision_Made: text(),
  Status: required(select("Pending_Approval", "Approved", "Rejected", "Expired", "Withdrawn")),
  Risk_Level: select("Low", "Medium", "High"),
  Projected_Impact: number(),
  Priority: select("P0", "P1", "P2"),
  /** Older workspaces spell the levels out; their own option is used when it is there. */
  Conflict_Level: alsoOlder(
    select("None", "Low", "Medium", "High"),
    "None - Full Consensus",
    "Low - Minor Disagreement",
    "Medium - Split Opinion",
    "High - Major Conflict",
  ),
  "Intent ID": number(),
  Created_Date: dateOrCreatedTime(),
  Due_Date: date(),
  Agent_Persona: relation("AGENT_REGISTRY"),
  Area: relation("AREAS"),
  Related_Nodes: relation("NODES"),
  Related_Actions: welcome(relation("ACTION_PIPES")),
  Source: relation("SYSTEM_INBOX"),
  "Spawned Project": welcome(relation("PROJECTS")),
  "✅ Spawned tasks": welcome(relation("TASKS")),
  Key: text(),
};
