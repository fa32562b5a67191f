/** Tasks and projects: what follows from an approval, and from an operational item. */
import type { CreateOptions, NewTask, PageRef } from "../workflows/ports.ts";
import { paragraph } from "./blocks.ts";
import { projects as projectTable } from "./databases/projects.ts";
import type { tasks as taskTable } from "./databases/tasks.ts";
import type { Table } from "./table.ts";

const CONTEXT_PROPERTIES = ["Context", "Description", "Notes"] as const;

interface FollowUpDeps {
  tasks: Table<typeof taskTable>;
  projects: Table<typeof projectTable>;
}

interface NewProject {
  title: string;
  context: string;
  intentId: string;
  areaId: string | null;
}

export function createFollowUps({ tasks, projects }: FollowUpDeps) {
  return {
    async createTask(task: NewTask, options: CreateOptions): Promise<PageRef> {
      const { properties } = await tasks.bound();
      const room = CONTEXT_PROPERTIES.find((name) => properties.has(name));
      const body = room === undefined ? paragraph(task.context) : null;
      const values = {
        Name: task.title,
        Status: "Not started",
        "Auto Generated": true,
        ...(room !== undefined && { [room]: task.context }),
        ...link("Source Intent", task.intentId),
        ...link("DB_System_Inbox", task.itemId),
        ...link("Area", task.areaId),
        ...link("Projects", task.projectId),
      };
      const { id, url } = await tasks.create(options, () => values, body === null ? [] : [body]);
      return { id, url };
    },

    async createProject(project: NewProject, options: CreateOptions): Promise<PageRef> {
      const { id, url } = await projects.create(options, () => ({
        Name: project.title,
        Status: projectTable.Status.options,
        Context: project.context,
        "Source Intent": [project.intentId],
        ...link("Area", project.areaId),
      }));
      return { id, url };
    },
  };
}

function link(property: string, id: string | null): Record<string, string[]> {
  return id === null ? {} : { [property]: [id] };
}
