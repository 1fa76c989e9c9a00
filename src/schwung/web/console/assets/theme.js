// Runs before the first paint: follows the system's light or dark where no choice was made.
if ("followSystem" in document.documentElement.dataset && matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.bsTheme = "dark";
