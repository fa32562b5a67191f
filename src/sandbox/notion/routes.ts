/** The map of the stand-in: every endpoint it serves. Anything else is Notion's "Invalid request URL." */
import type { ApiRequest } from "./api-request.ts";
import { appendChildren, deleteBlock, listChildren, retrieveBlock, updateBlock } from "./blocks.ts";
import {
  createDatabase,
  retrieveDatabase,
  retrieveDataSource,
  updateDatabase,
  updateDataSource,
} from "./databases.ts";
import { createPage, retrievePage, retrieveProperty, updatePage } from "./pages.ts";
import { queryDataSource } from "./queries.ts";
import { search } from "./search.ts";
import type { Json } from "./shape.ts";
import { listUsers, retrieveBot, retrieveUser } from "./users.ts";

export interface Route {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** ":page_id" and the like stand for an id, ":property_id" for a name or an id. */
  path: string;
  answer: (request: ApiRequest) => Json;
}

export const ROUTES: Route[] = [
  { method: "GET", path: "/v1/users/me", answer: retrieveBot },
  { method: "GET", path: "/v1/users", answer: listUsers },
  { method: "GET", path: "/v1/users/:user_id", answer: retrieveUser },
  { method: "POST", path: "/v1/databases", answer: createDatabase },
  { method: "GET", path: "/v1/databases/:database_id", answer: retrieveDatabase },
  { method: "PATCH", path: "/v1/databases/:database_id", answer: updateDatabase },
  { method: "GET", path: "/v1/data_sources/:data_source_id", answer: retrieveDataSource },
  { method: "PATCH", path: "/v1/data_sources/:data_source_id", answer: updateDataSource },
  { method: "POST", path: "/v1/data_sources/:data_source_id/query", answer: queryDataSource },
  { method: "POST", path: "/v1/pages", answer: createPage },
  { method: "GET", path: "/v1/pages/:page_id", answer: retrievePage },
  { method: "PATCH", path: "/v1/pages/:page_id", answer: updatePage },
  { method: "GET", path: "/v1/pages/:page_id/properties/:property_id", answer: retrieveProperty },
  { method: "GET", path: "/v1/blocks/:block_id/children", answer: listChildren },
  { method: "PATCH", path: "/v1/blocks/:block_id/children", answer: appendChildren },
  { method: "GET", path: "/v1/blocks/:block_id", answer: retrieveBlock },
  { method: "PATCH", path: "/v1/blocks/:block_id", answer: updateBlock },
  { method: "DELETE", path: "/v1/blocks/:block_id", answer: deleteBlock },
  { method: "POST", path: "/v1/search", answer: search },
];

export interface RouteMatch {
  route: Route;
  params: Record<string, string>;
  /** As faults and `calls` name it: "GET /v1/pages/:id/properties/:prop". */
  name: string;
}

export function matchRoute(method: string, pathname: string): RouteMatch | null {
  const parts = pathname.split("/");
  for (const route of ROUTES) {
    const pattern = route.path.split("/");
    if (route.method !== method || pattern.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((segment, index) => {
      const part = parts[index] ?? "";
      if (!segment.startsWith(":")) return segment === part;
      params[segment.slice(1)] = decoded(part);
      return part !== "";
    });
    if (fits) return { route, params, name: routeName(route) };
  }
  return null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function routeName(route: Route): string {
  const path = route.path.replace(":property_id", ":prop").replace(/:\w+_id/g, ":id");
  return `${route.method} ${path}`;
}
