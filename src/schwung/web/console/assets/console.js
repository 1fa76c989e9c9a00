// Behavior of the shell: dialogs, toasts, theme, keys, copying. Pages work without it, except for charts.
const root = document.documentElement;
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];

function open_dialog(id) {
  const dialog = document.getElementById(id);
  document.querySelectorAll("dialog[open]").forEach((other) => other !== dialog && other.close());
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), a, button")?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) return open_dialog(opener.dataset.opens);
  const closer = event.target.closest("[data-closes]");
  if (closer) return (closer.closest("dialog")?.close(), closer.closest(".s-toast")?.remove());
  if (event.target.matches("dialog")) event.target.close(); // a click beside it
  const copier = event.target.closest("[data-copies]");
  if (copier) copy(copier);
  if (event.target.closest("[data-theme-switch]")) switch_theme();
  const menu = event.target.closest("details.s-menu");
  document.querySelectorAll("details.s-menu[open]").forEach((other) => other !== menu && (other.open = false));
});

async function copy(button) {
  await navigator.clipboard.writeText(button.parentElement.querySelector("pre, input").value ?? button.parentElement.querySelector("pre").textContent);
  const label = button.getAttribute("aria-label");
  button.setAttribute("aria-label", button.dataset.done);
  button.classList.add("s-done");
  setTimeout(() => (button.setAttribute("aria-label", label), button.classList.remove("s-done")), 1500);
}

function name_theme_switches() {
  const dark = root.dataset.bsTheme === "dark";
  for (const button of document.querySelectorAll("[data-theme-switch]"))
    button.setAttribute("aria-label", dark ? button.dataset.light : button.dataset.dark);
}

function switch_theme() {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  name_theme_switches();
  document.dispatchEvent(new CustomEvent("themechange"));
  fetch("/theme", { method: "POST", headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/x-www-form-urlencoded" }, body: `theme=${theme}` });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && document.getElementById("find")) {
    event.preventDefault();
    open_dialog("find");
  }
  if (event.key === "Escape") {
    const menu = document.querySelector("details.s-menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    else document.querySelector(".s-toast [data-closes]")?.click();
  }
  const results = event.target.closest?.("#find");
  if (results && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const stops = [...results.querySelectorAll("input[type=search], #find-results a")];
    const next = stops[stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); next.focus(); }
  }
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset.mustEqual !== undefined)
    field.form.querySelector("button:not([type=button])").disabled = field.value.trim() !== field.dataset.mustEqual;
  if (field.dataset.submits !== undefined) field.form.requestSubmit();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
});

// A form with a live button shows in a frame what it says, some time after the last change. A new frame each time: none is a step back.
let live = 0;
function show_live(form) {
  const button = form.querySelector("[data-live]"), frame = document.getElementsByName(button.formTarget)[0];
  if (!frame) return;
  frame.replaceWith(frame.cloneNode());
  form.requestSubmit(button);
}
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.querySelector("[data-live]")) return;
  clearTimeout(live);
  live = setTimeout(() => show_live(form), 600);
});

function start() {
  name_theme_switches();
  for (const toast of document.querySelectorAll(".s-toast[data-fades]:not([data-started])")) {
    toast.dataset.started = "";
    let timer = setTimeout(() => toast.remove(), 6000);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("focusin", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", () => (timer = setTimeout(() => toast.remove(), 3000)));
  }
}
start();
document.querySelectorAll("form:has([data-live])").forEach(show_live);
document.addEventListener("htmx:afterSettle", start);
