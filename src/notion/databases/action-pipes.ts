/** Action Pipes: the proposal people decide on. Its text properties are what an approval is bound to. */
import {
  alsoOlder,
  checkbox,
  date,
  number,
  relation,
  required,
  select,
  text,
  title,
  url,
} from "./property-table.ts";

export const actionPipes = {
  Action_Title: title(),
  Scenario_Options: required(text()),
  Risk_Assessment: required(text()),
  Required_Resources: required(text()),
  Task_Generation_Template: required(text()),
  AI_Raw_Output: text(),
  /** Older workspaces have "Option A"; their own option is used when it is there. */
  Recommended_Option: required(
    alsoOlder(select("A", "B", "C", "D"), "Option A", "Option B", "Option C", "Option D"),
  ),
  Approval_Status: required(select("Pending", "Approved", "Rejected", "Expired", "Withdrawn", "Superseded")),
  Approved_Date: date(),
  Intent: required(relation("EXECUTIVE_INTENTS", "Related_Actions")),
  Agent: relation("AGENT_REGISTRY"),
  Diff_Logged: checkbox(),
  Decided_By: text(),
  Decision_Reason: text(),
  Slack_Message: url(),
  Cost_USD: number(),
  Key: text(),
};
