// Draws every [data-spec] from its Vega-Lite spec. Colors come from the tokens when drawn; expressions run in Vega's
// interpreter, so the page needs no unsafe-eval. Draws again on theme change and after a fragment came in.
const here = document.getElementById("charts").dataset;
const de = document.documentElement.lang === "de";
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const resolve = (value) =>
  typeof value === "string" && /^--[a-z]/.test(value) ? token(value)
  : Array.isArray(value) ? value.map(resolve)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)])) : value;
const number = de ? { decimal: ",", thousands: ".", grouping: [3], currency: ["", "\u00a0€"], percent: "\u00a0%", minus: "−" }
  : { decimal: ".", thousands: ",", grouping: [3], currency: ["€", ""], minus: "−" };
const time = { dateTime: "%x, %X", date: de ? "%d.%m.%Y" : "%d %b %Y", time: "%H:%M:%S", periods: ["AM", "PM"],
  days: de ? ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"] : ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
  shortDays: de ? ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"] : ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
  months: de ? ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"] : ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
  shortMonths: de ? ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."] : ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] };
const config = () => resolve({
  background: "transparent", font: "Inter Variable, Inter, sans-serif", padding: { left: 0, top: 4, right: 6, bottom: 4 }, view: { stroke: null },
  axis: { labelColor: "--c-axis", titleColor: "--c-axis", gridColor: "--c-grid", domain: false, ticks: false, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400, labelPadding: 8, titlePadding: 10 },
  axisY: { titleAngle: 0, titleAlign: "left", titleAnchor: "start", titleY: -10 }, axisX: { grid: false, domain: true, domainColor: "--line-2" },
  text: { color: "--text-2", fontSize: 12 }, line: { color: "--c1", strokeWidth: 2 }, bar: { color: "--c1" }, rule: { color: "--line-2" }, point: { color: "--c1", filled: true }, area: { color: "--c1" },
});

const script = (address) => new Promise((done, failed) => {
  const element = Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed });
  document.head.append(element);
});
let library; // fetched when the first chart is on a page
const vega = () => (library ??= (async () => {
  await script(here.vega); await script(here.vegaLite); await script(here.vegaEmbed);
  return (await import(here.interpreter)).expressionInterpreter;
})());

async function draw(box) {
  const expr = await vega();
  if (!box.isConnected) return;
  const drawn = await vegaEmbed(box, { ...resolve(JSON.parse(box.dataset.spec)), config: config() },
    { actions: false, renderer: "svg", ast: true, expr, defaultStyle: false, tooltip: false, formatLocale: number, timeFormatLocale: time });
  box.querySelector("svg").setAttribute("aria-hidden", "true"); // the box carries role=img and the sentence
  box.querySelector("svg").removeAttribute("role");
  box.view = drawn.view;
}

async function draw_all(again) {
  const boxes = [...document.querySelectorAll("[data-spec]")].filter((box) => again || !box.view);
  await Promise.all(boxes.map(draw));
  document.documentElement.dataset.charts = "drawn";
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-png]");
  if (!button) return;
  const box = button.closest("section, .s-card").querySelector("[data-spec]");
  box.view.background(token("--surface"));
  const link = Object.assign(document.createElement("a"), { href: await box.view.toImageURL("png", 2), download: `${box.dataset.name}.png` });
  box.view.background("transparent");
  link.click();
});
document.addEventListener("themechange", () => draw_all(true));
document.addEventListener("htmx:afterSettle", () => draw_all(false));
draw_all(false);
