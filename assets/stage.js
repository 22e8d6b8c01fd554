// The stage view (Compare alone, in large type), and files that the browser makes.
() => {
  const words = () => JSON.parse(document.getElementById("ls-words").dataset.words);

  const once = (selector) =>
    new Promise((found) => {
      const look = () => {
        const element = document.querySelector(selector);
        if (element) found(element);
        else setTimeout(look, 50);
      };
      look();
    });

  Object.assign(window, { lineasOnce: once, lineasWords: words }); // for the tour

  for (const kind of ["pointerdown", "keydown"])
    addEventListener(kind, (event) => (window.lineasTouched ||= event.isTrusted), true);

  // ---- files

  window.lineasDownload = (file) => {
    if (!file) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file.text], { type: "text/plain;charset=utf-8" }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  // ---- the stage

  const address = (on) => {
    const url = new URL(location);
    if (on) url.searchParams.set("stage", "1");
    else url.searchParams.delete("stage");
    history.replaceState(history.state, "", url);
  };

  const onStage = () => document.body.classList.contains("ls-stage");

  // The type is as large as both answers allow: it shrinks while they grow, and starts large again with the next ones.
  const [LARGE, SMALL] = [() => Math.min(52, Math.max(20, innerWidth / 40)), 18];
  let [size, length] = [LARGE(), 0];
  const fit = () => {
    if (!onStage()) return;
    const texts = [...document.querySelectorAll("#answers .ls-text")];
    const now = texts.reduce((sum, text) => sum + text.textContent.length, 0);
    if (now < length) size = LARGE();
    length = now;
    const show = () => document.getElementById("answers")?.style.setProperty("--ls-stage-text", `${size}px`);
    show();
    while (size > SMALL && texts.some((text) => text.scrollHeight > text.clientHeight + 1)) {
      size = Math.max(SMALL, size * 0.95);
      show();
    }
  };
  const fitting = new MutationObserver(() => requestAnimationFrame(fit));
  addEventListener("resize", () => ((size = LARGE()), fit()));

  const enter = async () => {
    document.body.classList.add("ls-stage");
    address(true);
    (await once("#pages")).parentElement.classList.add("ls-stage");
    await once("#ls-words");
    if (!document.getElementById("ls-leave")) {
      const leave = document.createElement("button");
      Object.assign(leave, { id: "ls-leave", type: "button", textContent: "×", title: words().leave });
      leave.setAttribute("aria-label", words().leave);
      leave.addEventListener("click", quit);
      document.body.append(leave);
    }
    fitting.observe(await once("#answers"), { subtree: true, childList: true, characterData: true });
    fit();
    const live = await once("#live input"); // on a stage, moving the slider answers at once
    if (!live.checked) live.click();
    document.querySelector("#prompt textarea")?.focus();
  };

  const quit = () => {
    for (const element of document.querySelectorAll(".ls-stage")) element.classList.remove("ls-stage");
    document.getElementById("ls-leave")?.remove();
    fitting.disconnect();
    address(false);
    if (document.fullscreenElement) document.exitFullscreen();
  };

  if (!["", "0", null].includes(new URLSearchParams(location.search).get("stage"))) enter();

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-stage]")) return;
    document.documentElement.requestFullscreen?.().catch(() => {}); // without full screen, the window is large enough
    enter();
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && onStage()) quit();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && onStage()) quit();
  });
};
