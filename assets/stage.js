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
    if (file.card) return window.lineasCard(file);
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

  // What the stage switches on; leaving it puts these switches back.
  const SWITCHES = ["live", "family-safe"];
  let switched = [];

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

  const enter = async (opening = false) => {
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
    for (const id of SWITCHES) {
      const input = await once(`#${id} input`);
      // a page that opens as a stage has them on from the studio, perhaps a moment later than now
      if (opening || !input.checked) switched.push(id);
      if (!opening && !input.checked) input.click();
    }
    fitting.observe(await once("#answers"), { subtree: true, childList: true, characterData: true });
    fit();
    document.activeElement?.blur(); // so that the keys of the stage work
  };

  const quit = () => {
    for (const element of document.querySelectorAll(".ls-stage")) element.classList.remove("ls-stage");
    document.getElementById("ls-leave")?.remove();
    fitting.disconnect();
    for (const id of switched) {
      const input = document.querySelector(`#${id} input`);
      if (input?.checked) input.click();
    }
    switched = [];
    address(false);
    if (document.fullscreenElement) document.exitFullscreen();
    document.querySelector("[data-stage]").focus({ preventScroll: true }); // where the keyboard was
  };

  if (!["", "0", null].includes(new URLSearchParams(location.search).get("stage"))) enter(true);

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-stage]")) return;
    document.documentElement.requestFullscreen?.().catch(() => {}); // without full screen, the window is large enough
    enter();
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && onStage()) quit();
  });
  // Arrow keys move the strength, number keys choose a question, wherever nobody writes.
  const move = (steps) => {
    const slider = document.querySelector("#strength input[type=range]");
    const value = Number(slider.value) + steps * Number(slider.step);
    slider.value = Math.min(Number(slider.max), Math.max(Number(slider.min), Math.round(value * 100) / 100));
    for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

  document.addEventListener("keydown", (event) => {
    if (!onStage()) return;
    if (event.key === "Escape") return quit();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
    if (event.key in STEPS) move(STEPS[event.key]);
    else if (/^[1-9]$/.test(event.key)) document.getElementById(`prompt-${event.key - 1}`)?.click();
    else return;
    event.preventDefault();
  });

  // On the stage a question that is chosen is asked.
  document.addEventListener("click", async (event) => {
    const chip = event.target.closest?.(".ls-prompts .ls-chip");
    if (!chip || !onStage()) return;
    const field = document.querySelector("#prompt textarea");
    for (let looks = 0; looks < 40 && field.value !== chip.textContent.trim(); looks++)
      await new Promise((done) => setTimeout(done, 25));
    document.getElementById("compare-button").click();
  });
};
