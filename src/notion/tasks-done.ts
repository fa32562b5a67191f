/** How many tasks people finished. One request, whatever the history: it counts to 100. */
import { AppError } from "../errors.ts";
import type { tasks as taskTable } from "./databases/tasks.ts";
import type { Gateway } from "./gateway.ts";
import { listAt, valueAt } from "./lenient-json.ts";
import type { BoundProperty } from "./schema.ts";
import type { Table } from "./table.ts";

export interface TasksDone {
  count: number;
  /** There are more than were counted. */
  isAtLeast: boolean;
}

interface TasksDoneDeps {
  gateway: Gateway;
  tasks: Table<typeof taskTable>;
}

/** Selects have no group of options that says so. */
const DONE = /^(done|completed?|finished|closed|resolved|erledigt|fertig|terminée?|hecho|completado)$/i;

/** Done now and changed since then (ISO 8601): Notion does not say when a task was done. */
export async function tasksDoneSince({ gateway, tasks }: TasksDoneDeps, since: string): Promise<TasksDone> {
  const { dataSourceId, properties } = await tasks.bound();
  const status = properties.get("Status");
  const done = status ? doneOptions(status) : [];
  if (!status || done.length === 0) {
    throw new AppError('Tasks: no option of "Status" says that a task is done', {
      code: "notion_invalid",
      retryable: false,
    });
  }
  const answer = await gateway.read({
    route: "POST /v1/data_sources/:id/query",
    method: "post",
    path: `data_sources/${dataSourceId}/query`,
    query: { filter_properties: [status.id] },
    body: {
      filter: {
        and: [
          { timestamp: "last_edited_time", last_edited_time: { on_or_after: since } },
          { or: done.map((name) => ({ property: status.id, [status.type]: { equals: name } })) },
        ],
      },
      page_size: 100,
    },
  });
  return { count: listAt(answer, "results").length, isAtLeast: valueAt(answer, "has_more") === true };
}

function doneOptions({ completeOptions, schemaOptions }: BoundProperty): string[] {
  return completeOptions.length > 0 ? [...completeOptions] : schemaOptions.filter((name) => DONE.test(name));
}
