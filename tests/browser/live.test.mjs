// The live page in a real browser, over the demo: a sale in the simulated shop changes a figure without navigation, nothing
// reaches the console, axe finds nothing serious, and no page is wider than its screen.
//
// CROSSDOCK_BIN   the binary (target/debug/crossdock)
// CHROMIUM        the browser (/usr/bin/chromium)
// SCREENSHOTS     a folder for pictures; none are taken without it

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";

const here = import.meta.dirname;
const BIN = process.env.CROSSDOCK_BIN ?? path.join(here, "../../target/debug/crossdock");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SCREENSHOTS = process.env.SCREENSHOTS;
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SKU = "DEMO-001";
const LAUNCH = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const SCREENS = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const PAGES = ["/", "/stock", `/stock/${SKU}`, "/activity", "/activity/1", "/calls", "/orders", "/connections", "/connections/shop", "/connections/prep", "/inbounds", "/activity?shared=prep"];
const WAIT_MS = 20_000;

/** Starts the demo; its page, its shop, and how to end it. */
async function startDemo(dir) {
  const child = spawn(BIN, ["demo", "--seconds", "240", "--rate", "1", "--items", "30", "--dir", dir], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const ready = new Promise((resolve, reject) => {
    const read = (chunk) => {
      printed += chunk;
      const page = printed.match(/http:\/\/\S+\/sign-in\?token=\S+/);
      const shop = printed.match(/simulated shop\s+(http:\/\/\S+)/);
      if (page && shop) resolve({ signIn: page[0], shop: shop[1] });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    gone.then((code) => reject(new Error(`the demo ended with ${code}:\n${printed}`)));
    setTimeout(() => reject(new Error(`the demo did not start:\n${printed}`)), WAIT_MS).unref();
  });
  const stop = async () => {
    child.kill("SIGINT");
    const forced = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(forced);
  };
  try {
    return { ...(await ready), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

describe("the live page", { timeout: 220_000 }, () => {
  let dir, demo, browser, state, origin, told;
  const complaints = [];

  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "crossdock-browser-"));
    if (SCREENSHOTS) await mkdir(SCREENSHOTS, { recursive: true });
    demo = await startDemo(path.join(dir, "demo"));
    origin = new URL(demo.signIn).origin;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: LAUNCH });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(demo.signIn);
    assert.equal(new URL(page.url()).pathname, "/", "signing in leads to the overview");
    state = await context.storageState();
    await context.close();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  async function open(screen, colorScheme, address, prepare = () => {}) {
    const context = await browser.newContext({ viewport: SCREENS[screen], colorScheme, storageState: state });
    const page = await context.newPage();
    const complain = (text) => complaints.push(`${address} (${screen}, ${colorScheme}): ${text}`);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complain(message.text());
    });
    page.on("pageerror", (error) => complain(error.message));
    await prepare(page);
    await page.goto(origin + address);
    await page.waitForSelector('#line[data-state="live"]', { timeout: WAIT_MS });
    return { page, close: () => context.close() };
  }

  const sell = async (quantity) => {
    const response = await fetch(`${demo.shop}/_sandbox/sell`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sku: SKU, quantity }),
    });
    assert.ok(response.ok, `the shop did not sell: ${response.status} ${await response.text()}`);
  };

  test("a sale in the shop changes the figure without navigation", async () => {
    const { page, close } = await open("wide", "light", `/stock?search=${SKU}`);
    const figure = page.locator("table.stock tbody tr").first().locator('[data-label="Shows"]');
    await page.waitForFunction(() => /\d/.test(document.querySelector('[data-label="Shows"]')?.textContent ?? ""));
    await page.evaluate(() => { window.stayed = true; });
    await page.locator("#search").fill("typed and not sent");
    const before = Number(await figure.textContent());
    await sell(1);
    await page.waitForFunction(
      (old) => Number(document.querySelector('[data-label="Shows"]').textContent) < old,
      before,
      { timeout: WAIT_MS },
    );
    assert.equal(await page.evaluate(() => window.stayed), true, "the page was not loaded again");
    assert.equal(await page.inputValue("#search"), "typed and not sent", "what was typed is still there");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search", "the focus is where it was");
    await close();
  });

  test("a pressed button says what it did, once", async () => {
    const { page, close } = await open("wide", "light", `/stock/${SKU}`);
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.waitForSelector(".said");
    assert.match(await page.textContent(".said"), /Sync now/);
    await page.waitForFunction(() => !location.search.includes("done="));
    await page.reload();
    assert.equal(await page.locator(".said").count(), 0, "reloading does not say it again");
    await close();
  });

  test("without a script every page reads as it is", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, storageState: state });
    const page = await context.newPage();
    for (const address of PAGES) {
      await page.goto(origin + address);
      assert.ok((await page.textContent("h1")).trim().length > 0, address);
    }
    await context.close();
  });

  test("a page that is not live says so, and mends itself", async () => {
    const complained = complaints.length;
    const { close } = await open("wide", "light", "/activity", async (page) => {
      const turnAway = (route) => route.request().headers().accept?.includes("event-stream")
        ? route.fulfill({ status: 503, body: "" })
        : route.continue();
      await page.route("**/*", turnAway);
      page.waitForSelector('#line[data-state="lost"]', { timeout: WAIT_MS }).then(async () => {
        told = await page.textContent("#line");
        await page.unroute("**/*", turnAway);
      });
    });
    assert.match(told, /reconnecting for/);
    // The browser itself reports the 503 that this test made.
    complaints.splice(complained);
    await close();
  });

  test("who was signed out meanwhile is told so", async () => {
    const complained = complaints.length;
    const context = await browser.newContext({ storageState: state });
    const page = await context.newPage();
    await page.route("**/*", async (route) => {
      if (!route.request().headers().accept?.includes("event-stream")) return route.continue();
      await context.clearCookies();
      return route.fulfill({ status: 401, body: "" });
    });
    await page.goto(`${origin}/activity`);
    await page.waitForFunction(() => /signed out/.test(document.querySelector("#line").textContent));
    complaints.splice(complained);
    await context.close();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const screen of Object.keys(SCREENS)) {
      test(`pages are fit to be seen: ${colorScheme}, ${screen}`, async () => {
        for (const address of PAGES) {
          const { page, close } = await open(screen, colorScheme, address);
          await page.emulateMedia({ reducedMotion: "reduce" });
          // Not as a script tag: the page's policy lets none in.
          await page.evaluate(AXE);
          await assertFits(page, address);
          await assertAccessible(page, address);
          if (SCREENSHOTS) {
            const name = address.replace(/\W+/g, "-").replace(/^-|-$/g, "") || "overview";
            const file = path.join(SCREENSHOTS, `${name}-${colorScheme}-${screen}.png`);
            await page.screenshot({ path: file });
          }
          await close();
        }
      });
    }
  }

  const ask = async (method, address, body) => {
    const token = (await readFile(path.join(dir, "demo/admin.token"), "utf8")).trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(origin + address, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const shop = (verb) => ask("POST", `/api/v1/clients/main/connections/shop/${verb}`);

  /** Takes all that is for sale away from so many items, while trade goes on. */
  const takeAway = async (many) => {
    const { body } = await ask("GET", "/api/v1/clients/main/items?limit=500");
    let taken = 0;
    for (const { sku, b2c } of body.items) {
      if (taken === many) break;
      if (b2c < 3) continue;
      const address = `/api/v1/clients/main/items/${sku}/allocate`;
      const { status } = await ask("POST", address, { quantity: b2c, from: "b2c", to: "b2b" });
      taken += status === 200 ? 1 : 0;
    }
    assert.equal(taken, many, "there is enough to take away");
  };

  const picture = async (name, address) => {
    for (const colorScheme of SCREENSHOTS ? ["light", "dark"] : []) {
      for (const screen of Object.keys(SCREENS)) {
        const { page, close } = await open(screen, colorScheme, address);
        await page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${colorScheme}-${screen}.png`), fullPage: true });
        await close();
      }
    }
  };

  const fits = async (address) => {
    for (const screen of Object.keys(SCREENS)) {
      const { page, close } = await open(screen, "dark", address);
      await page.evaluate(AXE);
      await assertFits(page, address);
      await assertAccessible(page, address);
      await close();
    }
  };

  test("a person goes live and decides on the brake by its buttons", async () => {
    assert.equal((await shop("observe")).status, 200);
    await takeAway(12);
    await picture("observing", "/connections/shop");
    await picture("observing-connections", "/connections");
    await fits("/connections/shop");
    const { page, close } = await open("wide", "light", "/connections/shop");
    const stage = () => page.locator('[data-key="stage"]').textContent();
    assert.equal(await stage(), "only observing");
    // Trade goes on: if it has changed what the page showed, the hub says so and the page shows the new figures.
    for (let tries = 0; tries < 5 && (await stage()) !== "live"; tries += 1) {
      await page.getByRole("button", { name: /Go live/ }).click();
      await page.waitForSelector(".said");
    }
    assert.equal(await stage(), "live");

    // What was ordered meanwhile is written first: it would explain a part of what is taken away now.
    const calm = async () => (await ask("GET", "/api/v1/clients/main/connections/shop/plan")).body.totals.writes === 0;
    for (const end = Date.now() + WAIT_MS; !(await calm()) && Date.now() < end;) await new Promise((r) => setTimeout(r, 50));
    await shop("pause");
    await takeAway(12);
    await shop("resume");
    await page.getByText("The brake is on: nothing is written").waitFor({ timeout: WAIT_MS });
    await picture("braked", "/connections/shop");
    await picture("braked-overview", "/");
    await fits("/connections/shop");
    await page.getByRole("button", { name: "Reject" }).click();
    await page.waitForSelector(".said");
    assert.match(await page.textContent(".said"), /only observes/);
    assert.equal(await stage(), "only observing");
    await close();
  });

  test("nothing reached the console", () => assert.deepEqual(complaints, []));
});

async function assertFits(page, address) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${address} is ${over} pixels wider than its screen`);
}

async function assertAccessible(page, address) {
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => ["serious", "critical"].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`);
  });
  assert.deepEqual(violations, [], address);
}
