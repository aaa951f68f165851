// Opens a bundled page in headless Chromium, gives it inputs and prints what it computed:
// node web_page.mjs URL FEEDS.json [SCREENSHOT.png]; FEEDS is a list of {name: nested array}, a run for each.
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const [url, feeds, screenshot] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: process.env.ONNXWRIGHT_CHROMIUM, args: ["--no-sandbox"] });
const page = await browser.newPage();
const wrong = [];
const asked = new Set();
page.on("pageerror", (error) => wrong.push(error.message));
page.on("request", (request) => asked.add(new URL(request.url()).host));
await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2 });
await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
await page.goto(url);
const settled = (...states) =>
  page.waitForFunction((wanted) => wanted.includes(document.querySelector("#status").dataset.state), { timeout: 60000 }, states);
await settled("ready", "failed");
const status = await page.$eval("#status", (element) => element.textContent);
const results = [];
for (const given of JSON.parse(readFileSync(feeds))) {
  await page.evaluate((values) => {
    document.querySelector("#status").dataset.state = "ready";
    for (const [name, value] of Object.entries(values)) {
      const area = document.getElementById(`input-${name}`);
      area.value = JSON.stringify(value);
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    document.querySelector("#run").click();
  }, given);
  await settled("done", "failed");
  results.push(await page.$eval("#result", (element) => JSON.parse(element.textContent)));
}
if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
const width = await page.evaluate(() => document.documentElement.scrollWidth);
await browser.close();
console.log(JSON.stringify({ status, results, wrong, hosts: [...asked], width }));
