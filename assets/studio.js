// What the page does by itself: copy buttons, and the choice between light and dark (kept in this browser).
() => {
  const KEY = "lineas-theme";
  const wanted = localStorage.getItem(KEY);
  if (wanted) document.body.classList.toggle("dark", wanted === "dark");

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea"); // over plain http from another computer there is no clipboard API
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy], [data-theme-toggle]");
    if (!button) return;
    if (button.hasAttribute("data-theme-toggle")) {
      const dark = document.body.classList.toggle("dark");
      localStorage.setItem(KEY, dark ? "dark" : "light");
      return;
    }
    await copy(button.closest(".ls-answer").querySelector(".ls-text").textContent);
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 1500);
  });
};
