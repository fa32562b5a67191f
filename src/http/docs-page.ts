/** `/docs`: the OpenAPI document as one page for people. No script, no other host; the style is allowed by its hash. */
import { createHash } from "node:crypto";
import type { OpenApiDocument } from "./openapi.ts";

export interface DocsPage {
  html: string;
  /** For the Content-Security-Policy of this page. */
  policy: string;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --get: #1a7f5a; --post: #a8501c; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { margin-bottom: 0; } h1 + p { margin-top: .25rem; opacity: .75; }
article { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; overflow: hidden; }
article > header { display: flex; gap: .75rem; align-items: baseline; padding: .6rem 1rem; background: var(--soft); }
article h2 { font: 600 1rem ui-monospace, monospace; margin: 0; }
.method { font: 700 .8rem ui-monospace, monospace; color: var(--get); } .method.post { color: var(--post); }
.access { margin-left: auto; font-size: .85rem; opacity: .75; }
article > p { margin: .75rem 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem; border-top: 1px solid var(--line); }
th { width: 3rem; font-family: ui-monospace, monospace; }
pre { background: var(--soft); padding: 1rem; border-radius: .5rem; overflow-x: auto; font-size: .85rem; }
code { font-family: ui-monospace, monospace; }
`;

export function docsPage(document: OpenApiDocument): DocsPage {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  const { info, paths = {}, components = {} } = document;
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => routeSection(path, method, operation)),
  );
  const schemas = Object.entries(components.schemas ?? {}).map(
    ([name, schema]) =>
      `<h3 id="${escaped(name)}">${escaped(name)}</h3><pre>${escaped(JSON.stringify(schema, null, 2))}</pre>`,
  );
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)}: HTTP</title><style>${STYLE}</style></head>
<body><h1>${escaped(info.title)}</h1>
<p>Version ${escaped(info.version)}. ${escaped(info.description ?? "")} For machines: <a href="/openapi.json">openapi.json</a>.</p>
<main>${routes.join("\n")}</main>
<section><h2>Bodies</h2>${schemas.join("\n")}</section></body></html>
`;
  return {
    html,
    policy: `default-src 'self'; style-src 'sha256-${hash}'; script-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

interface Operation {
  summary?: string;
  security?: Record<string, unknown>[];
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: object }> }>;
}

function routeSection(path: string, method: string, operation: Operation): string {
  const rows = Object.entries(operation.responses ?? {}).map(
    ([status, { description = "", content = {} }]) =>
      `<tr><th>${escaped(status)}</th><td>${escaped(description)}</td><td>${bodyName(content)}</td></tr>`,
  );
  const needed = (operation.security ?? []).flatMap((requirement) => Object.keys(requirement));
  return `<article><header><span class="method ${escaped(method)}">${escaped(method.toUpperCase())}</span>
<h2>${escaped(path)}</h2><span class="access">${needed.length > 0 ? escaped(needed.join(" or ")) : "public"}</span></header>
<p>${escaped(operation.summary ?? "")}</p><table>${rows.join("")}</table></article>`;
}

function bodyName(content: Record<string, { schema?: object }>): string {
  const [[mediaType, body] = []] = Object.entries(content);
  if (mediaType === undefined) return "";
  const reference = body?.schema && "$ref" in body.schema ? String(body.schema.$ref).split("/").at(-1) : null;
  const label = escaped(reference ?? mediaType);
  return reference === null ? `<code>${label}</code>` : `<a href="#${label}"><code>${label}</code></a>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
