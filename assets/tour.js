// The tour of a first visit: the instant win on Compare, which it shows by itself, then the way to a concept of one's own.
() => {
  const TOUR_KEY = "lineas-tour";
  const SLIDE = 1.25; // the strength to which the slider moves by itself
  const [TICK, SCROLLED] = [120, 900]; // milliseconds of a step of its, and until the page has scrolled

  const tour = async () => {
    await window.lineasOnce("#train-button");
    await window.lineasOnce("#ls-words");
    if (document.body.classList.contains("ls-stage") || localStorage.getItem(TOUR_KEY)) return;
    localStorage.setItem(TOUR_KEY, "seen");
    const { label, next, skip, end, steps } = window.lineasWords();
    const before = document.activeElement;
    const card = document.createElement("div");
    card.id = "ls-tour";
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-label", label);
    card.innerHTML =
      '<p class="count"></p><h2></h2><p class="text" aria-live="polite"></p><div><button type="button" class="skip"></button><button type="button" class="next"></button></div>';
    const [count, title, text, skipping, going] = [".count", "h2", ".text", ".skip", ".next"].map((s) => card.querySelector(s));
    let at = -1;
    let target = null;
    let showing = 0; // the timer of what a step does by itself

    const onPhone = () => innerWidth <= 720; // there the card is at the bottom, near the thumb
    const showSteered = () => document.querySelector("#steered-output").scrollIntoView({ block: "start", behavior: "smooth" });
    const openTab = (number) => document.querySelectorAll("#pages [role=tab]")[number].click();

    // Presses Compare as soon as the model is there, which may take a minute at a first visit.
    const ask = () => {
      const button = document.querySelector("#compare-button");
      clearTimeout(showing);
      if (!button || button.disabled) return (showing = setTimeout(ask, TICK));
      button.click();
      if (onPhone()) showing = setTimeout(showSteered, SCROLLED); // the page has scrolled to the first answer by then
    };

    const slide = () => {
      const slider = document.querySelector("#strength input[type=range]");
      clearTimeout(showing);
      if (!slider || Number(slider.value) >= SLIDE) return ask();
      slider.value = String(Math.min(SLIDE, Number(slider.value) + 0.05));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      showing = setTimeout(slide, TICK);
    };

    const place = () => {
      if (!target) return;
      const box = target.getBoundingClientRect();
      const [width, height, gap] = [card.offsetWidth, card.offsetHeight, 16];
      const below = box.bottom + gap + height < innerHeight;
      const away = !target.checkVisibility(); // another tab is open: move into the corner
      const beside = box.left - gap - width >= gap; // leaves what stands below it, such as the steered answer
      const top = onPhone() || away ? innerHeight : beside ? box.top : below ? box.bottom + gap : box.top - gap - height;
      const left = away ? innerWidth : beside ? box.left - gap - width : box.left;
      card.style.top = `${Math.max(gap, Math.min(top, innerHeight - height - gap))}px`;
      card.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`;
    };
    const moved = new ResizeObserver(place); // also when its tab is hidden or shown

    const close = () => {
      clearTimeout(showing);
      target?.classList.remove("ls-tour-target");
      card.remove();
      moved.disconnect();
      removeEventListener("resize", place);
      removeEventListener("scroll", place, true);
      document.removeEventListener("keydown", keys);
      if (before?.isConnected) before.focus();
    };

    const go = async () => {
      target?.classList.remove("ls-tour-target");
      clearTimeout(showing);
      const step = steps[++at];
      if (!step) return close();
      openTab(step.tab);
      target = await window.lineasOnce(step.at);
      if (steps[at] !== step) return; // another step has begun since
      count.textContent = `${at + 1} / ${steps.length}`;
      title.textContent = steps[at].title;
      text.textContent = steps[at].text;
      going.textContent = at === steps.length - 1 ? end : next;
      skipping.hidden = at === steps.length - 1;
      target.classList.add("ls-tour-target");
      if (step.does === "ask") ask();
      if (step.does === "slide") slide();
      moved.disconnect();
      moved.observe(target);
      requestAnimationFrame(() => target.scrollIntoView({ block: onPhone() ? "start" : "nearest" }));
      place();
      going.focus({ preventScroll: true });
    };

    const keys = (event) => event.key === "Escape" && close();

    skipping.textContent = skip;
    skipping.addEventListener("click", close);
    going.addEventListener("click", go);
    document.addEventListener("keydown", keys);
    addEventListener("resize", place);
    addEventListener("scroll", place, true);
    document.body.append(card);
    go();
  };
  tour();
};
