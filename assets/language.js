// The page's language, for screen readers and hyphenation, and the buttons that choose another one, which this browser remembers.
() => {
  const YEAR = 365 * 24 * 3600;
  // a page in a frame of another site keeps its cookie only like this
  const where = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";

  window.lineasOnce("#ls-words").then(() => (document.documentElement.lang = window.lineasWords().language));

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-language]");
    if (!button) return;
    document.cookie = `lineas-language=${button.dataset.language}; path=/; max-age=${YEAR}; ${where}`;
    location.reload();
  });
};
