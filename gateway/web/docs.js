// SPDX-License-Identifier: Apache-2.0
// Builds the page docs.html from openapi.json.

"use strict";
const PREFIX = "#/components/schemas/";
let api;

// Creates an element: make("a", {href: "#x"}, "text", node, ...).
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child !== undefined));
  return element;
}

// The text `GET /path` becomes a link to that operation.
function code(text) {
  const [method, path] = text.split(" ");
  const operation = (api.paths[path] || {})[method.toLowerCase()];
  const element = make("code", {}, text);
  return operation ? make("a", {href: "#" + operation.operationId}, element)
                   : element;
}

// `code` in a line of Markdown.
function inline(text) {
  return text.split("`").map((part, i) => i % 2 ? code(part) : part);
}

function table(lines) {
  const cells = line => line.slice(1, -1).split("|").map(cell => cell.trim());
  const [head, , ...body] = lines;
  const rows = (tag, list) => list.map(line => make(
    "tr", {}, cells(line).map(cell => make(tag, {}, inline(cell)))));
  return make("table", {class: "wide"}, rows("th", [head]), rows("td", body));
}

// The Markdown of the document: paragraphs, lists and tables.
function prose(text) {
  return (text || "").split(/\n\n+/).filter(part => part).map(part => {
    const lines = part.split("\n");
    if (lines[0].startsWith("|")) return table(lines);
    const list = {"- ": "ul", "1.": "ol"}[lines[0].slice(0, 2)];
    if (!list) return make("p", {}, inline(part));
    return make(list, {}, lines.map(
      line => make("li", {}, inline(line.replace(/^(-|\d+\.) /, "")))));
  });
}

function schemaLink(ref) {
  const name = ref.slice(PREFIX.length);
  return make("a", {href: "#schema-" + name}, name);
}

// A short name for the type of a schema.
function kind(schema) {
  if (!schema) return [];
  if (schema.$ref) return [schemaLink(schema.$ref)];
  if (schema.type === "array") return ["list of ", ...kind(schema.items)];
  if (schema.type === "object" && schema.additionalProperties) {
    return ["map to ", ...kind(schema.additionalProperties)];
  }
  if (schema.anyOf) {
    return schema.anyOf.flatMap(
      (one, i) => i ? [" or ", ...kind(one)] : kind(one));
  }
  if (schema.enum) return [schema.enum.join(", ")];
  if (!schema.type) return ["any bytes"];
  const type = [].concat(schema.type).join(" or ");
  const more = schema.format || schema.contentEncoding;
  return [more && more !== type ? `${type} (${more})` : type];
}

function row(name, schema, notes, description) {
  return make("tr", {},
    make("td", {}, make("code", schema && schema.deprecated
                          ? {class: "old"} : {}, name),
         make("div", {class: "soft"}, notes.filter(note => note).join(", "))),
    make("td", {}, kind(schema)),
    make("td", {}, prose(description)));
}

function fields(schema) {
  const required = new Set(schema.required);
  return make("table", {}, Object.entries(schema.properties || {}).map(
    ([name, field]) => row(
      name, field,
      [required.has(name) && "required", field.readOnly && "read-only"],
      field.description)));
}

function who(operation) {
  const security = operation.security;
  if (security === undefined) return undefined;
  if (security.length === 0) return "no token";
  return security.some(one => Object.keys(one).length === 0)
    ? "token optional" : "token required";
}

function response(status, answer) {
  if (answer.$ref) {
    return make("tr", {}, make("td", {}, make("code", {}, "4xx, 5xx")),
                make("td", {}),
                make("td", {}, make("a", {href: "#errors"}, "An error.")));
  }
  const content = Object.entries(answer.content || {}).map(
    ([type, media]) => make("div", {}, make("code", {}, type), " ",
                            kind(media.schema)));
  return make("tr", {}, make("td", {}, make("code", {}, status)),
              make("td", {}, content),
              make("td", {}, prose(answer.description)));
}

// `paths` differ only in their text, for example in the size of a photo.
function card({method, paths, operation}) {
  const children = [
    make("h3", {}, make("span", {class: "verb " + method}, method),
         make("span", {class: "path" + (operation.deprecated ? " old" : "")},
              paths.flatMap((path, i) => i ? [make("br"), path] : [path])),
         who(operation) ? make("span", {class: "who"}, who(operation))
                        : undefined),
    ...prose(operation.description)];
  if (operation.parameters) {
    children.push(make("h4", {}, "Parameters"), make(
      "table", {}, operation.parameters.map(parameter => row(
        parameter.name, parameter.schema,
        [parameter.in, parameter.required && "required"],
        parameter.description))));
  }
  const body = operation.requestBody;
  if (body) {
    children.push(make("h4", {}, "Body"), ...prose(body.description));
    for (const [type, media] of Object.entries(body.content)) {
      const schema = media.schema;
      children.push(make("div", {}, make("code", {}, type), " ",
                         schema.properties ? "" : kind(schema)));
      if (schema.properties) children.push(fields(schema));
    }
  }
  children.push(make("h4", {}, "Responses"), make(
    "table", {}, Object.entries(operation.responses).map(
      ([code, answer]) => response(code, answer))));
  children.push(tryIt(method, paths, operation));
  return make("section", {class: "card", id: operation.operationId},
              ...children);
}

// The operations of a service.  The paths of one method (operations `X`, `X_2`,
// `X_3`) are one entry if they take the same parameters.
function entries(tag) {
  const found = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [key, operation] of Object.entries(item)) {
      if (!operation.tags || operation.tags[0] !== tag) continue;
      const names = (operation.parameters || []).map(({name}) => name);
      const id = operation.operationId.replace(/_\d+$/, "");
      const same = JSON.stringify([id, key, names]);
      if (found.has(same)) found.get(same).paths.push(path);
      else found.set(same, {method: key.toUpperCase(), paths: [path], operation});
    }
  }
  return [...found.values()];
}

function section(id, title, text) {
  return [make("h2", {id}, title), ...prose(text)];
}

function indexLink(id, method, name, title) {
  return make("li", {}, make("a", {href: "#" + id, title},
                             make("span", {class: "verb " + method}, method),
                             name));
}

function show() {
  document.title = `${api.info.title} API`;
  const main = [make("h1", {}, `${api.info.title} `,
                     make("span", {class: "soft"}, api.info.version)),
                ...prose(api.info.description),
                make("p", {}, make("a", {href: "openapi.json"},
                                   "openapi.json"))];
  const about = make("ul");
  const index = [about];
  const signIn = api.components.securitySchemes.session.description;
  if (signIn) {
    main.push(...section("sign-in", "Sign in", signIn), make("p", {},
      "The forms “Try it” on this page send the token from the field at the " +
      "top of the index. After a session was created with such a form, “Use " +
      "this token” fills that field."));
    about.append(indexLink("sign-in", "", "Sign in"));
  }
  for (const tag of api.tags) {
    main.push(...section("service-" + tag.name, tag.name, tag.description));
    const links = make("ul");
    for (const entry of entries(tag.name)) {
      const {method, paths, operation} = entry;
      main.push(card(entry));
      links.append(indexLink(
        operation.operationId, method,
        operation.operationId.replace(tag.name + "_", ""),
        `${method} ${paths.join(" ")}`));
    }
    index.push(make("strong", {}, tag.name), links);
  }
  main.push(...section("errors", "Errors",
                       api.components.responses.Error.description));
  about.append(indexLink("errors", "", "Errors"),
               indexLink("schemas", "", "Schemas"));
  main.push(make("h2", {id: "schemas"}, "Schemas"));
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    main.push(make("section", {class: "card", id: "schema-" + name},
                   make("h3", {}, name), ...prose(schema.description),
                   schema.properties ? fields(schema) : ""));
  }
  document.getElementById("main").replaceChildren(...main);
  document.getElementById("index").replaceChildren(...index);
  if (location.hash) location.replace(location.hash);
}

document.getElementById("find").addEventListener("input", event => {
  const words = event.target.value.toLowerCase();
  for (const line of document.querySelectorAll("#index li")) {
    const text = line.textContent + line.firstChild.title;
    line.hidden = !text.toLowerCase().includes(words);
  }
});

fetch("openapi.json").then(answer => {
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  return answer.json();
}).then(document => {
  api = document;
  show();
}).catch(error => {
  document.getElementById("main").replaceChildren(
    make("p", {class: "bad"}, String(error)));
});
