// SPDX-License-Identifier: Apache-2.0
// Shows the latest public photos, without signing in.  Text from users becomes
// text of the page, never markup, and is isolated, so that direction controls in
// it do not reorder the text next to it.

const PAGE = 40;
const byId = id => document.getElementById(id);
const photos = [];  // In the order of the grid.
let nextPage = "";
let shown = -1;  // Index of the open photo in `photos`; -1: not in it.

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// A reviver for JSON.parse that names fields in camelCase, also if the server
// runs with --json-names proto.
function inCamelCase(_key, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) =>
    [name.replace(/_([a-z])/g, (_match, letter) => letter.toUpperCase()), inner]));
}

async function get(path) {
  const answer = await fetch(path, {credentials: "omit"});
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return JSON.parse(await answer.text(), inCamelCase);
}

const handleOf = name => "@" + name.split("/")[1];
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

function say(text) {
  byId("note").textContent = text;
  byId("note").className = "note bad";
  byId("note").hidden = text === "";
}

// The alternative text of a photo.
const describe = photo =>
  photo.altText || photo.caption || `Photo by ${handleOf(photo.owner)}`;

function tile(photo) {
  const ratio = Math.min(Math.max(photo.width / photo.height, .5), 2.6);
  const image = make("img", {alt: describe(photo), loading: "lazy"});
  // Renditions are at most 320 and 1080 pixels on the longer side.
  const width = longest =>
    Math.round(Math.min(1, longest / Math.max(photo.width, photo.height)) *
               photo.width);
  image.sizes = `${Math.round(240 * ratio)}px`;
  image.srcset = `v1/${photo.name}/thumbnail ${width(320)}w, ` +
                 `v1/${photo.name}/medium ${width(1080)}w`;
  image.addEventListener("load", () => image.classList.add("there"));
  const words = make("span", {className: "words"});
  if (photo.caption) words.append(make("span", {dir: "auto"}, photo.caption));
  words.append(make("span", {className: "who"}, handleOf(photo.owner)));
  const label = make("span", {className: "label"}, words);
  if (photo.likeCount) label.append(`♥ ${photo.likeCount}`);
  const button = make("button", {className: "tile", type: "button"},
                      image, label);
  button.style.setProperty("--ratio", ratio.toFixed(3));
  button.addEventListener("click", () => openPhoto(photo));
  return button;
}

async function loadPage() {
  byId("more").disabled = true;
  try {
    const page = await get(`v1/photos?pageSize=${PAGE}` +
      (nextPage ? `&pageToken=${encodeURIComponent(nextPage)}` : ""));
    const list = page.photos || [];
    photos.push(...list);
    byId("grid").append(...list.map(tile));
    nextPage = page.nextPageToken || "";
    byId("empty").hidden = photos.length > 0;
    say("");
  } catch (error) {
    say("The photos could not be loaded. Check whether the server is running.");
    byId("more").textContent = "Try again";
    byId("more").hidden = false;
    byId("more").disabled = false;
    return;
  }
  byId("more").textContent = "Show more";
  byId("more").hidden = nextPage === "";
  byId("more").disabled = false;
}

// The fragment of the URL names the open photo, so that it can be shared and the
// browser's Back button closes the photo.
function openPhoto(photo) {
  if (location.hash) location.replace("#" + photo.name);
  else location.hash = photo.name;
}

function turn(by) {
  const photo = photos[shown + by];
  if (shown >= 0 && photo) openPhoto(photo);
}

async function show(photo) {
  const picture = rendition => Object.assign(new Image(), {
    src: `v1/${photo.name}/${rendition}`, alt: describe(photo),
    width: photo.width, height: photo.height});
  const large = picture("large");
  const first = picture("thumbnail");
  byId("stage").replaceChildren(first);
  large.decode().then(() => {
    if (first.isConnected) first.replaceWith(large);
  }, () => {});  // It was deleted, or another photo was opened.
  byId("caption").textContent = photo.caption || "";
  const when = new Date(photo.createTime).toLocaleString(
    undefined, {dateStyle: "long", timeStyle: "short"});
  byId("by").replaceChildren(
    make("b", {}, handleOf(photo.owner)), ` · ${when}`, make("br"),
    `${count(photo.likeCount || 0, "like")} · ` +
    count(photo.commentCount || 0, "comment"));
  byId("comments").replaceChildren();
  byId("back").disabled = shown <= 0;
  byId("on").disabled = shown < 0 || shown + 1 >= photos.length;
  if (!byId("viewer").open) byId("viewer").showModal();
  if (!photo.commentCount) return;
  const {comments} = await get(`v1/${photo.name}/comments`);
  if (location.hash !== "#" + photo.name) return;
  byId("comments").replaceChildren(...(comments || []).map(comment =>
    make("li", {}, make("b", {}, handleOf(comment.author)),
         make("bdi", {}, comment.text))));
}

// Shows the photo that the URL names.
async function follow() {
  const name = decodeURIComponent(location.hash.slice(1));
  if (!/^photos\/[\w-]+$/.test(name)) {
    byId("viewer").close();
    return;
  }
  shown = photos.findIndex(photo => photo.name === name);
  try {
    await show(shown >= 0 ? photos[shown] : await get("v1/" + name));
  } catch (error) {
    byId("viewer").close();
    say("This photo does not exist or is not public.");
  }
}

async function showHealth() {
  const pill = byId("health");
  try {
    const ready = (await fetch("readyz")).ok;
    pill.className = ready ? "pill good" : "pill bad";
    pill.textContent = ready ? "Serving" : "Not serving";
  } catch (error) {
    pill.className = "pill bad";
    pill.textContent = "Not reachable";
  }
}

async function showVersion() {
  const {version} = await get("v1/serverInfo");
  byId("version").textContent = `, version ${version}`;
}

byId("more").addEventListener("click", loadPage);
byId("close").addEventListener("click", () => byId("viewer").close());
byId("back").addEventListener("click", () => turn(-1));
byId("on").addEventListener("click", () => turn(1));
byId("viewer").addEventListener("close", () => {
  history.replaceState(null, "", location.pathname + location.search);
});
byId("viewer").addEventListener("keydown", event => {
  if (event.key === "ArrowLeft") turn(-1);
  if (event.key === "ArrowRight") turn(1);
});
addEventListener("hashchange", follow);
showHealth();
setInterval(showHealth, 15000);
showVersion().catch(() => {});
await loadPage();
if (location.hash) follow();
