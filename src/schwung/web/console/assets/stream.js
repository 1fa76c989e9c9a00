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

// A part that follows its state until the stream ends: [data-follows].
for (const part of document.querySelectorAll("[data-follows]")) {
  const source = new EventSource(part.dataset.follows);
  source.addEventListener("state", (event) => {
    const holds_focus = part.contains(document.activeElement);
    part.innerHTML = event.data;
    if (holds_focus) part.querySelector("[data-stays], button, a")?.focus();
  });
  source.addEventListener("end", () => source.close());
  window.addEventListener("pagehide", () => source.close());
}

// A field that takes a dropped file, says its name, and shows how far the upload is.
for (const drop of document.querySelectorAll("[data-drop]")) {
  const field = drop.querySelector("input[type=file]");
  const name = drop.querySelector("[data-drop-name]");
  field.addEventListener("change", () => field.files[0] && (name.textContent = field.files[0].name));
  for (const kind of ["dragover", "dragleave", "drop"])
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        field.files = event.dataTransfer.files;
        field.dispatchEvent(new Event("change"));
      }
    });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const bar = field.form.querySelector("[data-upload-progress]");
    const request = new XMLHttpRequest();
    bar.hidden = false;
    field.form.querySelector("button.s-main").disabled = true;
    request.upload.addEventListener("progress", (step) => step.lengthComputable && (bar.value = (100 * step.loaded) / step.total));
    request.addEventListener("load", () => {
      if (request.status < 400) return location.assign(request.responseURL);
      document.open();
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => field.form.submit());
    request.open("POST", field.form.action);
    request.send(new FormData(field.form));
  });
}

// On a phone, the tab that is open is in sight.
document.querySelector(".s-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
