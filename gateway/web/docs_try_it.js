// SPDX-License-Identifier: Apache-2.0
// The forms "Try it" of docs.html.

// An example of a schema without read-only fields, as a body to start from.
function example(schema, depth = 0) {
  if (schema.$ref) {
    return example(api.components.schemas[schema.$ref.slice(PREFIX.length)],
                   depth);
  }
  if (schema.enum) return schema.enum[1] || schema.enum[0];
  if (schema.anyOf) return example(schema.anyOf[0], depth);
  const type = [].concat(schema.type)[0];
  if (type === "object") {
    const made = {};
    const required = new Set(schema.required);
    for (const [name, field] of Object.entries(schema.properties || {})) {
      if (field.readOnly || depth > 2) continue;
      if (required.size === 0 || required.has(name)) {
        made[name] = example(field, depth + 1);
      }
    }
    return made;
  }
  if (type === "array") return [];
  if (type === "integer" || type === "number") return 0;
  if (type === "boolean") return false;
  return schema.format === "int64" || schema.format === "uint64" ? "0" : "";
}

// A form that sends the request and shows the response while it arrives.
function tryIt(method, paths, operation) {
  const choice = make("select", {}, paths.map(path => make("option", {}, path)));
  const inputs = (operation.parameters || []).map(parameter => {
    const input = make("input", {
      placeholder: parameter.required ? "required" : ""});
    return {parameter, input, label: make("label", {},
      make("span", {}, `${parameter.name} (${parameter.in})`), input)};
  });
  const content = Object.keys((operation.requestBody || {}).content || {});
  const isText = content.some(type => type.includes("json"));
  const body = content.length === 0 ? undefined
    : isText ? make("textarea", {spellcheck: "false"})
    : make("input", {type: "file"});
  if (body && isText) {
    const media = operation.requestBody.content[content[0]];
    const indent = content[0].includes("ndjson") ? 0 : 2;
    body.value = JSON.stringify(example(media.schema), null, indent);
  }
  const output = make("div");
  let running;
  const stop = make("button", {disabled: "", onclick: () => running.abort()},
                    "Stop");
  const send = make("button", {onclick: async () => {
    running = new AbortController();
    send.disabled = true;
    stop.disabled = false;
    const status = make("p", {}, "…");
    const shown = make("pre");
    output.replaceChildren(status, shown);
    try {
      await run(running.signal, status, shown);
    } catch (error) {
      shown.append(String(error));
    }
    send.disabled = false;
    stop.disabled = true;
  }}, "Send");

  async function run(signal, status, shown) {
    const headers = {};
    const query = new URLSearchParams();
    let url = choice.value;
    for (const {parameter, input} of inputs) {
      const value = input.value;
      if (parameter.in === "path") {
        url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
      } else if (value !== "" && parameter.in === "header") {
        headers[parameter.name] = value;
      } else if (value !== "") {
        const list = parameter.schema.type === "array";
        for (const one of list ? value.split(",") : [value]) {
          query.append(parameter.name, one);
        }
      }
    }
    // Browsers before 2023 do not have `query.size`.
    if (query.toString()) url += "?" + query;
    const token = document.getElementById("token").value;
    if (token) headers.Authorization = "Bearer " + token;
    const request = {method, headers, signal, credentials: "omit"};
    if (body && isText) {
      headers["Content-Type"] = content[0];
      request.body = body.value;
    } else if (body && body.files[0]) {
      request.body = body.files[0];
    }
    const answer = await fetch("." + url, request);
    status.textContent = `${method} ${url} → ${answer.status}`;
    status.className = answer.ok ? "" : "bad";
    for (const [name, value] of answer.headers) {
      shown.append(`${name}: ${value}\n`);
    }
    shown.append("\n");
    const type = answer.headers.get("content-type") || "";
    if (type.startsWith("image/")) {
      const image = make("img", {alt: "The response"});
      image.src = URL.createObjectURL(await answer.blob());
      output.append(image);
    } else if (type === "application/json") {
      const value = await answer.json();
      shown.append(JSON.stringify(value, null, 2));
      if (typeof value.token === "string") {
        output.append(make("button", {onclick: () => {
          document.getElementById("token").value = value.token;
        }}, "Use this token"));
      }
    } else if (answer.body) {
      const decoder = new TextDecoder();
      for (const reader = answer.body.getReader(); ;) {
        const {done, value} = await reader.read();
        if (done) break;
        shown.append(decoder.decode(value, {stream: true}));
      }
    }
  }

  return make("details", {}, make("summary", {}, "Try it"),
              paths.length > 1
                ? make("label", {}, make("span", {}, "path"), choice)
                : undefined,
              inputs.map(({label}) => label),
              body ? make("label", {}, make("span", {}, "body"), body)
                   : undefined,
              send, stop, output);
}
