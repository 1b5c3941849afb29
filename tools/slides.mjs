// Looks at slides in a browser without a window, and fails when something does not fit on one.
//
//   node tools/slides.mjs DECK.html… [--png FOLDER]    also draws each slide: FOLDER/deck-01.png
import { createRequire } from "node:module";
import { existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const require = createRequire(new URL("../slides/package.json", import.meta.url));
const puppeteer = require("puppeteer-core");

const { values: options, positionals: decks } = parseArgs({
  allowPositionals: true,
  options: { png: { type: "string" } },
});

function findBrowser() {
  const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
  const folders = process.env.PATH.split(":");
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (!found) throw new Error("There is no Chromium here. Run: tools/setup.sh check");
  return found;
}

// Runs in the page. For each slide, what sticks out of it or out of its own box.
function findOverflows() {
  const describe = (element) => {
    const text = element.textContent.trim().split("\n")[0].slice(0, 40);
    return `${element.tagName.toLowerCase()}${text && ` "${text}"`}`;
  };
  return [...document.querySelectorAll("section")].map((slide) => {
    const frame = slide.getBoundingClientRect();
    const scale = frame.width / slide.offsetWidth; // the deck is scaled to its window
    const found = [];
    const reported = [];
    const report = (element, what) => {
      if (reported.some((outer) => outer.contains(element))) return;
      reported.push(element);
      found.push(`${describe(element)} ${what}`);
    };
    for (const element of slide.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      const out = Math.max(frame.left - box.left, frame.top - box.top, box.right - frame.right,
                           box.bottom - frame.bottom) / scale;
      const wider = element.clientWidth && element.scrollWidth - element.clientWidth;
      if (out > 1) report(element, `sticks out by ${Math.round(out)} px`);
      if (wider > 1) report(element, `is ${wider} px too wide`);
      if (element.naturalWidth === 0) report(element, "is missing");
    }
    return found;
  });
}

const browser = await puppeteer.launch({
  executablePath: findBrowser(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
});
let troubles = 0;
const complain = (what) => { troubles += 1; console.log(what); };

for (const deck of decks) {
  const name = basename(deck, ".html");
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complain(`${name}: wants ${request.url()}`);
  });
  await page.goto(pathToFileURL(resolve(deck)).href, { waitUntil: "load" });
  const slides = await page.evaluate(findOverflows);
  slides.forEach((found, index) => {
    for (const what of found) complain(`${name}, slide ${index + 1}: ${what}`);
  });
  await page.addStyleTag({ content: ".bespoke-marp-osc { display: none !important }" });
  for (let number = 1; options.png && number <= slides.length; ++number) {
    mkdirSync(options.png, { recursive: true });
    await page.goto(`${pathToFileURL(resolve(deck)).href}#${number}`);
    const path = join(options.png, `${name}-${String(number).padStart(2, "0")}.png`);
    await page.screenshot({ path });
  }
  await page.close();
}
await browser.close();
process.exit(troubles ? 1 : 0);
