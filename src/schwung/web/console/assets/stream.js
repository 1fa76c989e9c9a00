// Server-sent events: new rows on top of [data-stream], a count beside it, and a button that holds them back.
function listen(target) {
  target.dataset.streams = "";
  const held = [];
  const source = new EventSource(target.dataset.stream);
  const show = (html) => {
    target.insertAdjacentHTML("afterbegin", html);
    while (target.children.length > Number(target.dataset.most || 200)) target.lastElementChild.remove();
  };
  source.addEventListener("message", (event) => (target.hasAttribute("data-held") ? held.push(event.data) : show(event.data)));
  source.addEventListener("count", (event) => (document.getElementById(target.dataset.count).textContent = event.data));
  target.addEventListener("release", () => held.splice(0).forEach(show));
  window.addEventListener("pagehide", () => source.close());
}

function follow() {
  document.querySelectorAll("[data-stream]:not([data-streams])").forEach(listen);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pauses]");
  if (!button) return;
  const target = document.getElementById(button.dataset.pauses);
  const holds = target.toggleAttribute("data-held");
  button.setAttribute("aria-pressed", String(holds));
  button.querySelector("span").textContent = holds ? button.dataset.on : button.dataset.off;
  if (!holds) target.dispatchEvent(new Event("release"));
});
follow();
document.addEventListener("htmx:afterSettle", follow);
