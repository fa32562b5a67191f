/**
 * The ten databases of an Executive Mind Matrix workspace. Properties marked `isNew` are those that a workspace
 * made by the earlier version does not have; `newOptions` are options that it lacks.
 */
import type { SeedProperty } from "./seed.ts";

interface PropertySpec extends SeedProperty {
  isNew?: boolean;
  newOptions?: string[];
}

const title = (name: string): PropertySpec => ({ name, type: "title" });
const text = (name: string): PropertySpec => ({ name, type: "rich_text" });
const number = (name: string): PropertySpec => ({ name, type: "number" });
const date = (name: string): PropertySpec => ({ name, type: "date" });
const checkbox = (name: string): PropertySpec => ({ name, type: "checkbox" });
const select = (name: string, options: string[], newOptions: string[] = []): PropertySpec => ({
  name,
  type: "select",
  options,
  newOptions,
});
const oneWay = (name: string, to: string): PropertySpec => ({ name, type: "relation", relation: { to } });
const twoWay = (name: string, to: string, mirror: string): PropertySpec => ({
  name,
  type: "relation",
  relation: { to, mirror },
});
const added = (property: PropertySpec): PropertySpec => ({ ...property, isNew: true });

const KEY = added(text("Key"));
const RISK = ["Low", "Medium", "High"];
const ADVISERS = ["The Entrepreneur", "The Quant", "The Auditor"];

export const DATABASES: { title: string; properties: PropertySpec[] }[] = [
  {
    title: "System Inbox",
    properties: [
      title("Input_Title"),
      text("Content"),
      select(
        "Status",
        ["Unprocessed", "Processing", "Triaged_to_Intent", "Triaged_to_Task", "Triaged_to_Node"],
        ["Failed"],
      ),
      select("Source", ["Manual", "Slack", "Email", "Form", "Webhook"]),
      select("Triage_Destination", ["Strategic (Intent)", "Operational (Task)", "Reference (Node)"]),
      twoWay("Routed_to_Intent", "Executive Intents", "Source"),
      twoWay("Routed_to_Task", "Tasks", "DB_System_Inbox"),
      oneWay("Routed_to_Node", "Nodes"),
      twoWay("Related_Nodes", "Nodes", "Inbox_Items"),
      date("Received_Date"),
      number("Inbox_ID"),
      text("Auto_Tags"),
      added(text("Requested_By")),
      added(number("Attempts")),
      added(text("Last_Error")),
      KEY,
    ],
  },
  {
    title: "Executive Intents",
    properties: [
      title("Name"),
      select("Status", ["Pending_Approval", "Approved", "Rejected", "Expired"], ["Withdrawn"]),
      select("Priority", ["P0", "P1", "P2"]),
      select("Risk_Level", RISK),
      number("Projected_Impact"),
      select("Conflict_Level", ["None", ...RISK]),
      text("Description"),
      text("Success_Criteria"),
      text("Decision_Made"),
      number("Intent ID"),
      date("Created_Date"),
      date("Due_Date"),
      oneWay("Agent_Persona", "Agent Registry"),
      oneWay("Area", "Areas"),
      twoWay("Related_Nodes", "Nodes", "Intents"),
      twoWay("Related_Actions", "Action Pipes", "Intent"),
      twoWay("Source", "System Inbox", "Routed_to_Intent"),
      twoWay("Spawned Project", "Projects", "Source Intent"),
      twoWay("✅ Spawned tasks", "Tasks", "Source Intent"),
      KEY,
    ],
  },
  {
    title: "Action Pipes",
    properties: [
      title("Action_Title"),
      select("Approval_Status", ["Pending", "Approved", "Rejected"], ["Expired", "Withdrawn", "Superseded"]),
      select("Recommended_Option", ["A", "B", "C", "D"]),
      text("Scenario_Options"),
      text("Risk_Assessment"),
      text("Required_Resources"),
      text("Task_Generation_Template"),
      text("AI_Raw_Output"),
      date("Approved_Date"),
      twoWay("Intent", "Executive Intents", "Related_Actions"),
      oneWay("Agent", "Agent Registry"),
      checkbox("Diff_Logged"),
      added(text("Decided_By")),
      added(text("Decision_Reason")),
      added({ name: "Slack_Message", type: "url" }),
      added(number("Cost_USD")),
      KEY,
    ],
  },
  {
    title: "Agent Registry",
    properties: [title("Agent_Name"), text("System_Prompt"), checkbox("Active")],
  },
  {
    title: "Execution Log",
    properties: [
      title("Log_Entry_Title"),
      number("Log_ID"),
      text("Action_Taken"),
      date("Decision_Date"),
      oneWay("Intent", "Executive Intents"),
      added(text("Actor")),
      added(oneWay("Action", "Action Pipes")),
      KEY,
    ],
  },
  {
    title: "Training Data",
    properties: [
      title("Title"),
      text("Intent_ID"),
      date("Timestamp"),
      select("Agent_Name", ADVISERS),
      number("Acceptance_Rate"),
      number("Modifications_Count"),
      text("Modifications"),
      text("Original_Plan"),
      text("Final_Plan"),
      added(
        select("Outcome", [
          ...["approved", "edited", "rejected", "expired", "withdrawn"],
          ...["review: right", "review: partly", "review: wrong"],
        ]),
      ),
      added(text("Reason")),
      added(text("Decided_By")),
      added(text("Model")),
      KEY,
    ],
  },
  {
    title: "Tasks",
    properties: [
      title("Name"),
      { name: "Status", type: "status" },
      twoWay("Source Intent", "Executive Intents", "✅ Spawned tasks"),
      oneWay("Area", "Areas"),
      twoWay("Projects", "Projects", "Tasks"),
      twoWay("DB_System_Inbox", "System Inbox", "Routed_to_Task"),
      checkbox("Auto Generated"),
      KEY,
    ],
  },
  {
    title: "Projects",
    properties: [
      title("Name"),
      select("Status", ["Planning", "Active", "On Hold", "Completed"]),
      twoWay("Source Intent", "Executive Intents", "Spawned Project"),
      oneWay("Area", "Areas"),
      twoWay("Tasks", "Tasks", "Projects"),
      text("Context"),
      KEY,
    ],
  },
  { title: "Areas", properties: [title("Name")] },
  {
    title: "Nodes",
    properties: [
      title("Name"),
      select("Node_Type", ["Entity_Person", "Entity_Company", "Knowledge_Asset", "System_Component"]),
      text("Content"),
      twoWay("Inbox_Items", "System Inbox", "Related_Nodes"),
      twoWay("Intents", "Executive Intents", "Related_Nodes"),
      KEY,
    ],
  },
];

/** The properties of one database, with or without what is new. */
export function propertiesOf(specs: PropertySpec[], withoutNew: boolean): SeedProperty[] {
  return specs
    .filter((spec) => !(withoutNew && spec.isNew))
    .map(({ isNew: _isNew, newOptions = [], options, ...property }) =>
      options ? { ...property, options: withoutNew ? options : [...options, ...newOptions] } : property,
    );
}
