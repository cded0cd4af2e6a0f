// Keeps a page live: swaps in the pieces that the server sends, without disturbing who reads or types.
// Without this script every page works, and is as of its loading.

const line = document.getElementById("line");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const FLASH_MS = 2400;
const RETRY_MS_MAX = 30_000;

// Times ------------------------------------------------------------------------------------------------------------

// How far the reader's clock is from the server's, which tells it when the page is made.
const clockSkewMs = Number(document.documentElement.dataset.now) - Date.now();

function lasting(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

function told(time) {
  const seconds = Math.floor((Date.now() + clockSkewMs - Date.parse(time.dateTime)) / 1000);
  if (time.dataset.when === "lasting") return lasting(Math.max(seconds, 0));
  if (seconds < -1) return `in ${lasting(-seconds)}`;
  return seconds < 2 ? "just now" : `${lasting(seconds)} ago`;
}

function tellTimes(root) {
  for (const time of root.querySelectorAll("time[data-when]")) {
    const text = told(time);
    if (time.textContent !== text) time.textContent = text;
  }
}

// Pieces -----------------------------------------------------------------------------------------------------------

// Makes `old` what `fresh` is, node by node, so that focus, selection and open details stay as they are.
function become(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  copyAttributes(old, fresh);
  becomeChildren(old, fresh);
}

function copyAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);

function becomeChildren(old, fresh) {
  const keyed = new Map();
  for (const child of old.children) {
    const key = keyOf(child);
    if (key) keyed.set(key, child);
  }
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    const same = key ? keyed.get(key) : at && !keyOf(at) ? at : null;
    if (!same) {
      old.insertBefore(wanted, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    become(same, wanted);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// What a place says, times apart: they change by themselves.
function saying(place) {
  const copy = place.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent;
}

function sayings(root) {
  return new Map([...root.querySelectorAll("[data-key]")].map((place) => [place.dataset.key, saying(place)]));
}

function flash(root, before) {
  for (const place of root.querySelectorAll("[data-key]")) {
    const isRow = place.nodeName === "TR";
    const known = before.has(place.dataset.key);
    // A row that was there shows its change in its cells.
    if (place.nodeName === "BUTTON" || (isRow && known)) continue;
    if (!isRow && (!known || before.get(place.dataset.key) === saying(place))) continue;
    place.classList.remove("changed");
    void place.offsetWidth;
    place.classList.add("changed");
    setTimeout(() => place.classList.remove("changed"), still.matches ? FLASH_MS / 2 : FLASH_MS);
  }
}

const shown = new Set();

function swap({ id, html }) {
  const place = document.querySelector(`[data-live="${CSS.escape(id)}"]`);
  if (!place) return;
  const before = sayings(place);
  const draft = place.cloneNode(false);
  draft.innerHTML = html;
  tellTimes(draft);
  becomeChildren(place, draft);
  // The first round only brings the page up to the moment.
  if (shown.has(id)) flash(place, before);
  shown.add(id);
}

// The line ---------------------------------------------------------------------------------------------------------

let lostSince = 0;

function tellLine() {
  if (!lostSince) return;
  const seconds = Math.floor((Date.now() - lostSince) / 1000);
  line.textContent = `reconnecting for ${lasting(seconds)}`;
}

function isLive() {
  lostSince = 0;
  if (line.dataset.state === "live") return;
  line.dataset.state = "live";
  line.textContent = "live";
}

function isLost() {
  if (!lostSince) lostSince = Date.now();
  line.dataset.state = "lost";
  tellLine();
}

let source = null;
let retryMs = 1000;

function connect(address) {
  source = new EventSource(address);
  source.addEventListener("open", () => {
    retryMs = 1000;
    isLive();
  });
  source.addEventListener("build", ({ data }) => {
    // A new version is running: its pieces may not fit this page.
    if (data !== document.documentElement.dataset.build) location.reload();
  });
  source.addEventListener("piece", ({ data }) => swap(JSON.parse(data)));
  source.addEventListener("error", async () => {
    isLost();
    // The browser tries again by itself, unless it was turned away.
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isSignedOut(address)) {
      lostSince = 0;
      line.textContent = "signed out: as of then";
      return;
    }
    setTimeout(() => connect(address), retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  });
}

async function isSignedOut(address) {
  const answer = await fetch(address, { method: "HEAD" }).catch(() => null);
  return answer?.status === 401;
}

// Start ------------------------------------------------------------------------------------------------------------

const address = location.pathname + location.search;
const clean = new URL(location.href);
if (clean.searchParams.has("done")) {
  // Reloading shall not repeat what the last button said.
  clean.searchParams.delete("done");
  history.replaceState(null, "", clean);
}

document.addEventListener("submit", ({ target }) => {
  if (target.method === "post") for (const button of target.querySelectorAll("button")) button.disabled = true;
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
addEventListener("pagehide", () => source?.close());
setInterval(() => {
  tellTimes(document);
  tellLine();
}, 1000);
// On a narrow screen the navigation scrolls: where one is shall be in sight.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
connect(address);
